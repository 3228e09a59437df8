"""The warning that a model does not know a listed product, with the rates published for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.field import specs
from features.outcomes import OUTCOMES
from features.schema import Patient
from features.terms import product_term
from serving.answers.product_rates import ALL_INFUSED, is_listed, published_rates
from serving.answers.schema import Caution, ProductRate
from serving.model.bundle import Bundle
from serving.model.risk_model import RiskModel

FIELD = "product"


def product_caution(bundle: Bundle, values: Mapping[str, Any]) -> list[Caution]:
    """Warn where a listed product was given that a model does not know.

    Parameters
    ----------
    bundle : Bundle
        The model that answers.
    values : mapping
        Values by column of `Patient`, None where not known.

    Returns
    -------
    warnings : list of Caution
        One; none where the product is not given, not listed, or known to every model. The details
        name the outcomes whose models do not know the product (``unaware``), every rate published for the
        product (``rates``), and the outcomes without such a rate (``without_rate``).
    """
    product: str | None = values.get(FIELD)
    if product is None or not is_listed(product):
        return []
    unaware = [name for name, model in bundle.models.items() if not knows_product(model, product)]
    if not unaware:
        return []
    rates = {name: published_rates(product, name) for name in bundle.models}
    without_rate = [name for name, outcome_rates in rates.items() if not outcome_rates]
    return [
        Caution(
            code="product_not_in_model",
            field=FIELD,
            message=_message(product, unaware, rates, everywhere=len(unaware) == len(bundle.models)),
            details={
                "product": product,
                "unaware": unaware,
                "rates": [rate for outcome_rates in rates.values() for rate in outcome_rates],
                "without_rate": without_rate,
            },
        )
    ]


def knows_product(model: RiskModel, product: str) -> bool:
    """Whether a model has a term of the product, so that it starts from its published rates, or splits on it.

    Parameters
    ----------
    model : RiskModel
    product : str
        Option of ``product``.

    Returns
    -------
    known : bool
    """
    if model.linear is not None and product_term(product) in model.linear.terms:
        return True
    if model.trees is None:
        return False
    code = specs(Patient)[FIELD].options.index(product)
    return any((column.field, column.code) == (FIELD, code) for column in model.trees.split_columns)


def _message(
    product: str, unaware: list[str], rates: Mapping[str, list[ProductRate]], *, everywhere: bool
) -> str:
    of_which = "" if everywhere else f" of {', '.join(OUTCOMES[name].title for name in unaware)}"
    published = " ".join(_published(name, outcome_rates) for name, outcome_rates in rates.items())
    return (
        f"The model{of_which} does not use the product and can rank products in the wrong order. "
        f"Published rates for {product}: {published}"
    )


def _published(outcome: str, rates: list[ProductRate]) -> str:
    """State every published rate of an outcome in one sentence.

    Examples
    --------
    >>> _published("severe_crs", published_rates("obecabtagene", "severe_crs")[:1])
    'severe CRS (grade 3 or higher) 2.4 % of 127 by day 30 (FELIX; 10.1056/NEJMoa2406526).'
    >>> _published("severe_crs", published_rates("obecabtagene", "severe_crs")[1:])
    'severe CRS (grade 3 or higher) 0 of 20 by day 30 (ALLCAR19; 10.1200/JCO.21.00917).'
    >>> _published("severe_icans", [])
    'severe ICANS (grade 3 or higher) no published rate.'
    """
    stated = ", ".join(map(_stated, rates)) or "no published rate"
    return f"{OUTCOMES[outcome].title} {stated}."


def _stated(rate: ProductRate) -> str:
    most = "at most " if rate.upper_bound else ""
    whom = "" if rate.among == ALL_INFUSED else f" {rate.among}"
    of_whom = f" of {rate.n}{whom}" if rate.n is not None else whom and f" of{whom}"
    by = f" by day {rate.horizon_days}" if rate.horizon_days is not None else ""
    share = "0" if rate.events == 0 else f"{100 * rate.rate:.3g} %"
    return f"{most}{share}{of_whom}{by} ({rate.cohort}; {rate.source})"
