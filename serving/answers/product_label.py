"""Fields that a request leaves blank and the label of its listed product states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from features.products import BY_LABEL, PRODUCTS
from features.terms import KNOWN_TERMS
from serving.answers.contribution import Value
from serving.model.risk_model import RiskModel, all_models

PRODUCT = "product"


def fields_by_label(models: Iterable[RiskModel]) -> tuple[str, ...]:
    """Name the fields of which a label takes the place in every model.

    Parameters
    ----------
    models : iterable of RiskModel

    Returns
    -------
    fields : tuple of str
        Of `BY_LABEL`, without those that some model reads without the product: for it a blank is unknown.
    """
    unknown = {field for model in models for each in all_models(model) for field in _without_product(each)}
    return tuple(name for name in BY_LABEL if name not in unknown)


def label_values(patient: Mapping[str, Any], fields: Iterable[str] = BY_LABEL) -> dict[str, Value]:
    """State what the label of the patient's product says of blank fields.

    Parameters
    ----------
    patient : mapping
        Values by column of `Patient`, None or absent where not known.
    fields : iterable of str, optional
        Of `BY_LABEL`.

    Returns
    -------
    values : dict
        By field; empty where the product is not listed.

    Examples
    --------
    >>> label_values({"product": "obecabtagene", "target_antigen": "cd19"})
    {'costimulatory_domain': '4_1bb', 'split_dose': True}
    >>> label_values({"product": "academic"})
    {}
    """
    product = PRODUCTS.get(patient.get(PRODUCT) or "")
    if product is None:
        return {}
    return {name: getattr(product, name) for name in fields if patient.get(name) is None}


def _without_product(model: RiskModel) -> Iterator[str]:
    """Columns that terms and trees of a model read without a look at the product."""
    if model.linear is not None:
        for term in (KNOWN_TERMS[name] for name in model.linear.terms):
            if PRODUCT not in term.reads:
                yield from term.reads
    forest = model.replicates.forest if model.replicates is not None else None
    for trees in (model.trees, forest):
        if trees is not None:
            yield from (column.field for column in trees.split_columns if not column.term)
