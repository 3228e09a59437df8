"""Priors and their candidates, worked out once by a process: many fits of a training use the same."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from features.expected_terms import reference_profile
from features.terms import LOCAL_TERMS, TERMS
from training.evidence.evidence_set import Evidence
from training.evidence.prior import Prior, TermPrior
from training.evidence.prior_from_studies import NO_EVIDENCE_SPREAD, published_prior
from training.learners.candidate_priors import Candidates, candidates

ALL_TERMS = (*TERMS, *LOCAL_TERMS)
MOST_PRIORS = 128
"""Priors that a process keeps: of all sources, and without each of them."""


@lru_cache(maxsize=MOST_PRIORS)
def kept_prior(outcome: str, horizons_days: tuple[int, ...], evidence: Evidence, scale: float) -> Prior:
    """Give the published prior of an outcome.

    Parameters
    ----------
    outcome : str
    horizons_days : tuple of int
    evidence : Evidence
    scale : float
        Factor of the spread of every effect, as `Prior.scaled` takes it.

    Returns
    -------
    prior : Prior
        Shared by all who ask: it is never changed.
    """
    return published_prior(outcome, horizons_days, evidence).scaled(scale)


@lru_cache(maxsize=MOST_PRIORS)
def whole_prior(outcome: str, horizons_days: tuple[int, ...], evidence: Evidence, scale: float) -> Prior:
    """Give the same prior with those terms that only local patients speak of, as terms without a study.

    Parameters
    ----------
    outcome, horizons_days, evidence, scale
        As for `kept_prior`.

    Returns
    -------
    prior : Prior
        Of `ALL_TERMS`.
    """
    prior = kept_prior(outcome, horizons_days, evidence, scale)
    spread = scale * NO_EVIDENCE_SPREAD / reference_profile(tuple(LOCAL_TERMS)).spread
    local = (
        TermPrior(name, 0.0, float(each), "none") for name, each in zip(LOCAL_TERMS, spread, strict=True)
    )
    return replace(prior, terms=(*prior.terms, *local))


@lru_cache(maxsize=MOST_PRIORS)
def kept_candidates(
    outcome: str, horizons_days: tuple[int, ...], evidence: Evidence, scale: float, *, by_center: bool
) -> Candidates:
    """Lay out the candidates of a prior: they rest on evidence and reference profile, not on patients.

    Parameters
    ----------
    outcome, horizons_days, evidence, scale
        As for `kept_prior`.
    by_center : bool
        Whether centers have levels of their own.

    Returns
    -------
    candidates : Candidates
    """
    prior = whole_prior(outcome, horizons_days, evidence, scale)
    return candidates(prior, reference_profile(ALL_TERMS).spread, by_center=by_center)
