"""Conflicts and gaps of the evidence on an outcome: what disagrees, and what nobody has published."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from features.log_odds import expit, logit
from features.products import PRODUCTS
from features.terms import LEVEL_TERMS
from training.evidence.base_rates import CohortRate, sampling_error
from training.evidence.effect_rows import Effect
from training.evidence.evidence_set import Evidence
from training.evidence.prior import Prior, TermPrior

NINETY_FIVE = 1.96
"""A 95 % interval reaches this many standard deviations to each side."""


@dataclass(frozen=True)
class SignConflict:
    """Rows on one term whose signs disagree.

    Attributes
    ----------
    term : str
        Name in `TERMS`.
    raises, lowers, neither : tuple of Effect
        Rows by which the risk is higher, lower, or no different.
    """

    term: str
    raises: tuple[Effect, ...]
    lowers: tuple[Effect, ...]
    neither: tuple[Effect, ...]


@dataclass(frozen=True)
class EvidenceReview:
    """Conflicts and gaps.

    Attributes
    ----------
    conflicts : tuple of SignConflict
        In the order of the prior's terms.
    against_rates : tuple of Effect
        Rows that compare products or constructs and whose sign is not that of the published rates.
    apart : tuple of (CohortRate, CohortRate)
        Cohorts of one known product and schedule whose 95 % intervals do not overlap.
    terms_without_study : tuple of str
        Terms that rest on shrinkage alone.
    products_without_rate : tuple of str
        Of `PRODUCTS`.
    """

    conflicts: tuple[SignConflict, ...]
    against_rates: tuple[Effect, ...]
    apart: tuple[tuple[CohortRate, CohortRate], ...]
    terms_without_study: tuple[str, ...]
    products_without_rate: tuple[str, ...]


def review(prior: Prior, evidence: Evidence) -> EvidenceReview:
    """Look for conflicts and gaps.

    Parameters
    ----------
    prior : Prior
        Made of the evidence by `published_prior`.
    evidence : Evidence
        Rows of every use: one that is never pooled may contradict all the same.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> evidence = read_evidence()
    >>> found = review(published_prior("relapse", (365,), evidence), evidence)
    >>> [conflict.term for conflict in found.conflicts], found.products_without_rate
    (['extramedullary_disease'], ())
    """
    conflicts = (_conflict(term.term, prior.outcome, evidence) for term in prior.terms)
    seen = {rate.product for rate in prior.rates}
    return EvidenceReview(
        conflicts=tuple(conflict for conflict in conflicts if conflict),
        against_rates=tuple(row for term in prior.terms for row in _against_rates(term, prior, evidence)),
        apart=tuple(pair for pair in combinations(prior.rates, 2) if _are_apart(*pair)),
        terms_without_study=tuple(
            term.term for term in prior.terms if term.basis == "none" and term.term not in LEVEL_TERMS
        ),
        products_without_rate=tuple(product for product in PRODUCTS if product not in seen),
    )


def rate_interval(rate: CohortRate, *, error: float | None = None) -> tuple[float, float]:
    """State the 95 % interval of a cohort's rate.

    Parameters
    ----------
    rate : CohortRate
    error : float, optional
        Of its log-odds; that of sampling alone by default.

    Examples
    --------
    >>> from training.evidence.base_rates import cohort_rates
    >>> from training.evidence.evidence_set import read_evidence
    >>> first = cohort_rates("severe_crs", read_evidence().base_rates)[0]
    >>> [round(end, 2) for end in rate_interval(first)]
    [0.15, 0.37]
    """
    spread = sampling_error(rate.rate, rate.n) if error is None else error
    low, high = expit(logit(np.array([rate.rate])) + NINETY_FIVE * spread * np.array([-1.0, 1.0]))
    return float(low), float(high)


def _conflict(term: str, outcome: str, evidence: Evidence) -> SignConflict | None:
    rows = [row for row in evidence.effects if (row.outcome, row.term) == (outcome, term)]
    signed = sorted(((row, _sign(row)) for row in rows), key=lambda pair: pair[0].id)
    raises, lowers, neither = (tuple(row for row, sign in signed if sign == each) for each in (1, -1, 0))
    if len([group for group in (raises, lowers, neither) if group]) < 2:
        return None
    return SignConflict(term, raises, lowers, neither)


def _against_rates(term: TermPrior, prior: Prior, evidence: Evidence) -> list[Effect]:
    if term.basis != "rates" or term.studies:
        return []
    rows = [row for row in evidence.effects if (row.outcome, row.term) == (prior.outcome, term.term)]
    return [row for row in rows if (_sign(row) or 0) * term.mean < 0]


def _sign(row: Effect) -> int | None:
    """Sign that a row reports; None where it reports none."""
    if row.direction is not None or row.estimate is None:
        return row.direction
    return int(np.sign(np.log(row.estimate)))


def _are_apart(one: CohortRate, other: CohortRate) -> bool:
    """Whether two cohorts of one known product, given by one schedule, have rates that do not overlap."""
    if one.product not in PRODUCTS or (one.product, one.split_dose) != (other.product, other.split_dose):
        return False
    (low, high), (low_other, high_other) = rate_interval(one), rate_interval(other)
    return high < low_other or high_other < low
