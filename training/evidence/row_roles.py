"""What becomes of every row of the evidence: its role in the prior, and its figure on the model's scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features.problems import Refused
from features.terms import LEVEL_TERMS
from training.evidence.base_rates import CohortRate, cohort_rates, published_rate
from training.evidence.effect_rows import Effect
from training.evidence.evidence_set import Evidence
from training.evidence.prior import Prior, StudyEffect
from training.evidence.prior_from_studies import CONSTRUCTS
from training.evidence.rate_rows import BaseRate
from training.evidence.study_effects import study_effect
from training.evidence.term_rows import rows_of

EffectRole = Literal[
    "pooled",
    "sign",
    "contradicts",
    "agrees",
    "same_patients",
    "rates_decide",
    "no_term",
    "context",
    "upper_bound",
]
"""Pooled; its sign is the prior; another sign than the pooled effect; the same sign, which adds nothing;
another row of the same patients counts; products are compared by rates; no term; never used; a bound."""
RateRole = Literal["pooled", "same_patients", "context", "upper_bound"]
"""Pooled; another row of the same patients and schedule counts; never used; a bound."""


@dataclass(frozen=True)
class EffectInPrior:
    """A row of effects and what becomes of it.

    Attributes
    ----------
    row : Effect
    role : EffectRole
    study : StudyEffect or None
        The effect per unit of the term, converted and, if unadjusted, shrunk; None without an estimate.
    """

    row: Effect
    role: EffectRole
    study: StudyEffect | None


@dataclass(frozen=True)
class RateInPrior:
    """A row of rates and what becomes of it.

    Attributes
    ----------
    row : BaseRate
    role : RateRole
    rate : CohortRate or None
        Among those who can have the outcome at the headline horizon, where it is pooled.
    """

    row: BaseRate
    role: RateRole
    rate: CohortRate | None


def effects_in_prior(prior: Prior, evidence: Evidence) -> tuple[EffectInPrior, ...]:
    """Say of every row of effects of an outcome what becomes of it.

    Parameters
    ----------
    prior : Prior
        Made of the evidence by `published_prior`.
    evidence : Evidence

    Returns
    -------
    effects : tuple of EffectInPrior
        In the order of the prior's terms, then of the rows; rows without a term last.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> evidence = read_evidence()
    >>> rows = effects_in_prior(published_prior("relapse", (365,), evidence), evidence)
    >>> [(each.row.id, each.role) for each in rows if each.row.term == "disease_burden"]
    [('E001', 'same_patients'), ('E006', 'pooled'), ('E010', 'context'), ('E038', 'pooled')]
    """
    order = {term.term: position for position, term in enumerate(prior.terms)}
    rows = [row for row in evidence.effects if row.outcome == prior.outcome]
    rows.sort(key=lambda row: (order.get(row.term, len(order)), row.id))
    overall = published_rate(prior.rates)
    return tuple(EffectInPrior(row, _role(row, prior, evidence), _study(row, overall)) for row in rows)


def rates_in_prior(outcome: str, evidence: Evidence) -> tuple[RateInPrior, ...]:
    """Say of every row of rates of an outcome what becomes of it.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    evidence : Evidence

    Returns
    -------
    rates : tuple of RateInPrior
        By product, academic ones last, then by id.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> {each.role for each in rates_in_prior("relapse", read_evidence())} >= {"pooled", "upper_bound"}
    True
    """
    pooled = {rate.row.id: rate for rate in cohort_rates(outcome, evidence.base_rates)}
    rows = [row for row in evidence.base_rates if row.outcome == outcome]
    rows.sort(key=lambda row: (not row.product, row.product, row.id))
    return tuple(RateInPrior(row, _rate_role(row, pooled), pooled.get(row.id)) for row in rows)


def _rate_role(row: BaseRate, pooled: dict[str, CohortRate]) -> RateRole:
    if row.use != "estimate":
        return row.use
    return "pooled" if row.id in pooled else "same_patients"


def _role(row: Effect, prior: Prior, evidence: Evidence) -> EffectRole:
    if row.use in ("context", "upper_bound"):
        return row.use
    if not row.term:
        return "no_term"
    rows = rows_of(prior.outcome, row.term, evidence)
    if row.term in LEVEL_TERMS and not (row.term in CONSTRUCTS and row in rows.pooled):
        return "rates_decide"
    if row in rows.pooled:
        return "pooled"
    if row in rows.overlapping:
        return "same_patients"
    term = next(term for term in prior.terms if term.term == row.term)
    if term.basis == "direction":
        return "sign"
    # The prior names the sources of rows that contradict it, and not those of rows that agree.
    return "contradicts" if set(row.sources) <= set(term.sources) else "agrees"


def _study(row: Effect, overall: float) -> StudyEffect | None:
    """Convert an estimate; None of a row that has none, or that cannot be one."""
    if row.use != "estimate" or not row.term:
        return None
    try:
        return study_effect(row, overall)
    except Refused:
        return None
