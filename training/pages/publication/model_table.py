"""Table of one outcome's model: odds ratios with intervals, their prior, and what each part contributed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.field import specs
from features.outcomes import OUTCOMES
from features.schema import Patient
from features.terms import KNOWN_TERMS, product_term
from serving.model.figure_text import fixed
from serving.model.linear_part import LinearPart
from serving.model.risk_model import RiskModel
from training.pages.publication.manuscript_table import NONE, ManuscriptTable
from training.pages.publication.variable_blocks import option_title

INTERVAL = (0.05, 0.95)
NINETY = 1.6448536269514722
"""A 90 % interval of a normal prior reaches this many standard deviations to each side."""
HEADINGS = (
    "Term",
    "Odds ratio (90 %)",
    "Prior odds ratio (90 %)",
    "Published part",
    "Cohort part",
    "Sources",
)
PARTS = (
    "Odds ratios are per unit of the term. Each is the product of its published part, which comes from the "
    "prior, and its cohort part, which local data and shrinkage changed; 1 means no part."
)
TREES = "Boosted trees add to the terms; the report lists them."
NO_REPLICATES = "The model has no replicates, so no interval."


@dataclass(frozen=True)
class TermRatio:
    """One term as odds ratios.

    Attributes
    ----------
    title : str
        What one unit of the term is.
    ratio, low, high : float
        Fitted, with its 90 % interval over the replicates; NaN without them.
    prior, prior_low, prior_high : float
        Prior with its 90 % interval.
    published, local : float
        Factors of which the fitted ratio is the product.
    sources : tuple of str
    """

    title: str
    ratio: float
    low: float
    high: float
    prior: float
    prior_low: float
    prior_high: float
    published: float
    local: float
    sources: tuple[str, ...]


def term_ratios(model: RiskModel) -> tuple[TermRatio, ...]:
    """Give the terms of a model as odds ratios, in the order of the model; none without a linear part.

    Parameters
    ----------
    model : RiskModel

    Returns
    -------
    ratios : tuple of TermRatio
    """
    linear = model.linear
    if linear is None:
        return ()
    low, high = _ends(model, linear)
    return tuple(
        TermRatio(
            title=term_title(name),
            ratio=math.exp(linear.coefficients[at]),
            low=math.exp(low[at]),
            high=math.exp(high[at]),
            prior=math.exp(linear.prior_mean[at]),
            prior_low=math.exp(linear.prior_mean[at] - NINETY * linear.prior_spread[at]),
            prior_high=math.exp(linear.prior_mean[at] + NINETY * linear.prior_spread[at]),
            published=math.exp(linear.published[at]),
            local=math.exp(linear.coefficients[at] - linear.published[at]),
            sources=linear.sources[at],
        )
        for at, name in enumerate(linear.terms)
    )


def term_title(name: str) -> str:
    """Name a unit of a term as the label of a row, with products as the page names them.

    Examples
    --------
    >>> term_title("prior_lines"), term_title("product_ari_0001")
    ('One more line of therapy', 'ARI-0001 (varnimcabtagene), against a typical product of its kind')
    """
    title = KNOWN_TERMS[name].title
    for option in specs(Patient)["product"].options:
        if name == product_term(option):
            title = title.replace(option, option_title("product", option), 1)
    return f"{title[:1].upper()}{title[1:]}"


def model_table(model: RiskModel) -> ManuscriptTable:
    """Write the table of a model.

    Parameters
    ----------
    model : RiskModel

    Returns
    -------
    table : ManuscriptTable
        Sources are numbered, and listed in the notes. No rows without a linear part.
    """
    ratios, outcome = term_ratios(model), OUTCOMES[model.outcome]
    numbers = _numbered(ratios)
    rows = [
        (
            each.title,
            _ratio_words(each.ratio, each.low, each.high),
            _ratio_words(each.prior, each.prior_low, each.prior_high),
            fixed(each.published, 2),
            fixed(each.local, 2),
            ", ".join(f"{numbers[source]}" for source in each.sources) or NONE,
        )
        for each in ratios
    ]
    return ManuscriptTable(
        name=f"table-3-model-{model.outcome}",
        title=f"Model of {outcome.title}",
        headings=HEADINGS,
        rows=tuple(rows),
        notes=tuple(_notes(model, numbers)),
    )


def _ends(model: RiskModel, linear: LinearPart) -> tuple[Values, Values]:
    """Give the ends of the interval of each coefficient, NaN without replicates."""
    if model.replicates is None or not len(model.replicates):
        return np.full(len(linear.terms), np.nan), np.full(len(linear.terms), np.nan)
    low, high = np.quantile(model.replicates.coefficients, INTERVAL, axis=0)
    return low, high


def _ratio_words(ratio: float, low: float, high: float) -> str:
    if math.isnan(low):
        return fixed(ratio, 2)
    return f"{fixed(ratio, 2)} ({fixed(low, 2)} to {fixed(high, 2)})"


def _numbered(ratios: Sequence[TermRatio]) -> Mapping[str, int]:
    sources = dict.fromkeys(source for each in ratios for source in each.sources)
    return {source: number for number, source in enumerate(sources, start=1)}


def _notes(model: RiskModel, numbers: Mapping[str, int]) -> Iterator[str]:
    outcome = OUTCOMES[model.outcome]
    days = zip(model.horizons_days, model.reference.tolist(), strict=True)
    intercepts = "; ".join(f"by day {day} {fixed(odds, 2).replace('-', '−')}" for day, odds in sorted(days))
    yield f"Log-odds of the reference patient: {intercepts}."
    if outcome.given is not None:
        yield f"The model is of {outcome.among}; the report states how the risk among all follows."
    yield f"{PARTS} Weight of the published effects: {fixed(model.evidence_weight, 0, times=100)} %."
    if model.trees is not None:
        yield TREES
    if model.replicates is None:
        yield NO_REPLICATES
    if numbers:
        yield f"Sources: {'; '.join(f'{number}, {_named(source)}' for source, number in numbers.items())}."


def _named(source: str) -> str:
    return f"doi:{source}" if source.startswith("10.") else source
