"""What each source contributes to the prior of an outcome: its weight, and the prior without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from features.problems import Refused
from training.evidence.effect_rows import Effect
from training.evidence.evidence_set import Evidence
from training.evidence.excluded_sources import is_excluded
from training.evidence.prior import Prior, TermPrior
from training.evidence.prior_from_studies import published_prior
from training.evidence.product_rates import ProductRates, product_rates
from training.evidence.term_rows import rows_of
from training.statistics.random_effects import pool


@dataclass(frozen=True)
class StudyPart:
    """What one study contributes to the prior of a term.

    Attributes
    ----------
    term : str
        Name in `TERMS`.
    id, cohort : str
        Of the row of effects, and of its patients.
    sources : tuple of str
        Of the row.
    weight : float or None
        Share in the pooled effect; the shares of a term add up to 1. None where only the sign counts.
    without : TermPrior or None
        The prior of the term without these sources; None where there would be none.
    """

    term: str
    id: str
    cohort: str
    sources: tuple[str, ...]
    weight: float | None
    without: TermPrior | None


@dataclass(frozen=True)
class RatePart:
    """What the sources of rates contribute to the rates of products.

    Attributes
    ----------
    sources : tuple of str
        Of one or more rates.
    without : ProductRates or None
        The rates without these sources; None where there would be no prior.
    """

    sources: tuple[str, ...]
    without: ProductRates | None


@dataclass(frozen=True)
class Contributions:
    """What every source contributes to a prior.

    Attributes
    ----------
    effects : tuple of StudyPart
        By term in the order of the prior, each by weight, signs last.
    rates : tuple of RatePart
        In the order in which the prior names the sources.
    """

    effects: tuple[StudyPart, ...]
    rates: tuple[RatePart, ...]


def contributions(prior: Prior, evidence: Evidence) -> Contributions:
    """Leave out the sources of a prior, one study after the other.

    Parameters
    ----------
    prior : Prior
        Made of the evidence by `published_prior`.
    evidence : Evidence

    Returns
    -------
    contributions : Contributions
        A study that is left out takes all rows of its sources with it; another report of the same patients
        may then take its place.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> evidence = read_evidence()
    >>> parts = contributions(published_prior("relapse", (365,), evidence), evidence).effects
    >>> [(part.id, round(part.weight, 2)) for part in parts if part.term == "inotuzumab"]
    [('E022', 0.82), ('E041', 0.18)]
    """
    rows = [part for term in prior.terms for part in _weighted_rows(prior.outcome, term, evidence)]
    of_rates = tuple(dict.fromkeys(rate.row.sources for rate in prior.rates))
    left_out = dict.fromkeys((*(row.sources for row, _ in rows), *of_rates))
    without = {sources: prior_without(prior, evidence, sources) for sources in left_out}
    return Contributions(
        effects=tuple(
            StudyPart(
                term=row.term,
                id=row.id,
                cohort=row.cohort_group,
                sources=row.sources,
                weight=weight,
                without=_term(without[row.sources], row.term),
            )
            for row, weight in rows
        ),
        rates=tuple(RatePart(sources, _rates(without[sources])) for sources in of_rates),
    )


def prior_without(prior: Prior, evidence: Evidence, sources: Iterable[str]) -> Prior | None:
    """Make the prior without some sources.

    Parameters
    ----------
    prior : Prior
        With them.
    evidence : Evidence
    sources : iterable of str
        Every row goes that rests on any of them.

    Returns
    -------
    prior : Prior or None
        None where the rest makes no prior: without a rate, a ratio may be impossible.
    """
    named = tuple(sources)
    rest = replace(
        evidence,
        effects=tuple(row for row in evidence.effects if not is_excluded(row.sources, named)),
        base_rates=tuple(row for row in evidence.base_rates if not is_excluded(row.sources, named)),
    )
    try:
        return published_prior(prior.outcome, prior.horizons_days, rest)
    except Refused:
        return None


def _weighted_rows(outcome: str, term: TermPrior, evidence: Evidence) -> list[tuple[Effect, float | None]]:
    """Rows that have a part in the prior of a term, with their weights; signs, which have none, last."""
    rows = rows_of(outcome, term.term, evidence)
    weighted: list[tuple[Effect, float | None]] = []
    if term.studies:
        log_odds, errors = (
            np.array([getattr(study, name) for study in term.studies])
            for name in ("log_odds", "standard_error")
        )
        weighted += zip(rows.pooled, pool(log_odds, errors).weights.tolist(), strict=True)
        weighted.sort(key=lambda pair: -(pair[1] or 0.0))
    if term.basis != "rates":
        weighted += [(row, None) for row in rows.signs if set(row.sources) <= set(term.sources)]
    return weighted


def _term(prior: Prior | None, name: str) -> TermPrior | None:
    return next(term for term in prior.terms if term.term == name) if prior else None


def _rates(prior: Prior | None) -> ProductRates | None:
    return product_rates(prior) if prior else None
