"""From published studies to the prior of an outcome in a center that none of them saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from features.expected_terms import reference_profile
from features.outcomes import OUTCOMES
from features.problems import Refused
from features.products import PRODUCTS
from features.terms import LEVEL_TERMS, OWN_PRODUCT, TERMS, product_term
from training.evidence.base_rates import CohortRate, cohort_rates, published_rate
from training.evidence.contrasts import contrast_of
from training.evidence.evidence_set import Effect, Evidence
from training.evidence.prior import Prior, TermPrior
from training.evidence.product_levels import ConstructEffect, Levels
from training.evidence.risk_over_time import risk_at
from training.evidence.study_effects import study_effect, units_apart
from training.evidence.term_rows import TermRows, rows_of
from training.statistics.random_effects import Pooled, pool

SMALLEST_HETEROGENEITY = 0.25
"""Standard deviation of a log odds ratio between centers, at least: two or three studies cannot show that
there is none, and the center to come is another one."""

INDIRECT_ENDPOINT = 0.15
"""Standard deviation added where an effect was measured on another endpoint, such as event-free survival for
relapse: such endpoints share most of their events, so the effect moves by less than centers differ."""

INDIRECT_POPULATION = 0.15
"""Standard deviation added where an effect was measured in other patients, such as children or lymphoma: as
much as for another endpoint, since it is unknown which of the two matters more."""

EFFECT_SPREAD = 0.87
"""Standard deviation of true effects, log odds ratio between patients without and with, or two standard
deviations apart: the spread of the pooled estimates of effects.csv about no effect beyond their errors
(maximum likelihood; a test computes it). A single small study with a large effect is drawn toward it."""

CD28_TERM, SPLIT_TERM = "cd28_construct", "split_dose"
CONSTRUCTS = (CD28_TERM, SPLIT_TERM)
"""Terms of the product that studies also compare within themselves."""

FARTHEST_APART = 3.0
"""Standard deviation of the log-odds between patients that all effects together may come to: at it most risks
lie near 0 or 1; the literature that comes with the software stays below half of it."""

CONFLICT = 0.25
"""Standard deviation added where another cohort reports only a sign, and the opposite one: as much as
the smallest difference between centers once more."""

DIRECTION_MEAN = 0.2
"""Log odds ratio per contrast where only a sign is published: about an odds ratio of 1.2, for effects that
were seen and not reported are seldom large."""

DIRECTION_SPREAD = 0.4
"""Its standard deviation, twice the mean: the sign is right seven times in ten. Per contrast, or per standard
deviation of the term where that is more."""

NO_EVIDENCE_SPREAD = 0.25
"""Log odds ratio per standard deviation of a term that no study reports: plain shrinkage, by which an odds
ratio of 1.5 between typical patients is as large as is likely."""


def published_prior(outcome: str, horizons_days: tuple[int, ...], evidence: Evidence) -> Prior:
    """Turn evidence into the prior of an outcome's model.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    horizons_days : tuple of int
        For which base rates are stated.
    evidence : Evidence
        As `read_evidence` gives it. The order of its rows does not matter.

    Returns
    -------
    prior : Prior
        Every term, in the order of `TERMS`.

    Raises
    ------
    Refused
        If the outcome is unknown, a horizon lies outside its time course, a ratio is impossible at the risk
        it was seen at, or effects are larger than `training.evidence.study_effects.LARGEST_CONTRAST` or
        `FARTHEST_APART` allow.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> prior = published_prior("relapse", (365,), read_evidence())
    >>> burden = prior.terms[0]
    >>> burden.term, burden.basis, len(burden.studies)
    ('disease_burden', 'estimate', 2)
    >>> published_prior("survival", (365,), read_evidence())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    features.problems.Refused: survival is not an outcome: write severe_crs, severe_icans, ... or iec_hs
    """
    if outcome not in OUTCOMES:
        *others, last = OUTCOMES
        message = f"{outcome} is not an outcome: write {', '.join(others)} or {last}"
        raise Refused(message)
    rates = cohort_rates(outcome, evidence.base_rates)
    pooled = published_rate(rates)
    terms = tuple(_term_prior(term, rows_of(outcome, term, evidence), pooled) for term in TERMS)
    _refuse_too_far_apart(outcome, terms)
    constructs = tuple(_construct(term) for term in terms if _is_compared(term))
    return with_product_levels(
        Prior(
            outcome=outcome,
            horizons_days=horizons_days,
            base_rate=risk_at(outcome, pooled, horizons_days),
            base_sources=tuple(dict.fromkeys(source for rate in rates for source in rate.row.sources)),
            terms=terms,
            rates=rates,
            constructs=constructs,
        )
    )


def with_product_levels(prior: Prior) -> Prior:
    """State what published rates say of the terms of the product, and of an academic product's rate."""
    levels = prior.levels
    level_of_term = {name: 1 + position for position, name in enumerate(LEVEL_TERMS)}
    terms = tuple(_of_rates(term, levels, level_of_term, prior) for term in prior.terms)
    typical = prior.mean_risk(*levels.own)
    return replace(prior, terms=terms, base_rate=risk_at(prior.outcome, typical, prior.horizons_days))


def _of_rates(term: TermPrior, levels: Levels, level_of_term: Mapping[str, int], prior: Prior) -> TermPrior:
    if term.term not in level_of_term:
        return term
    at = level_of_term[term.term]
    compared = _is_compared(term)
    sources = [*term.sources] if compared else []
    sources += [source for rate in prior.rates if _speaks_of(rate, term.term) for source in rate.row.sources]
    return TermPrior(
        term.term,
        float(levels.mean[at]),
        float(np.sqrt(levels.covariance[at, at])),
        "rates" if sources else "none",
        tuple(dict.fromkeys(sources)),
        term.studies if compared else (),
    )


def _is_compared(term: TermPrior) -> bool:
    """Whether studies compare constructs or schedules: of products nothing else counts beside rates."""
    return term.term in CONSTRUCTS and bool(term.studies)


def _speaks_of(rate: CohortRate, term: str) -> bool:
    """Whether a rate is of the product, of an academic one, or of the construct, that a term stands for."""
    if term in CONSTRUCTS:
        return bool(rate.cd28 if term == CD28_TERM else rate.split_dose)
    if term == OWN_PRODUCT:
        return rate.product not in PRODUCTS
    return product_term(rate.product) == term


def _construct(term: TermPrior) -> ConstructEffect:
    of_cd28 = term.term == CD28_TERM
    return ConstructEffect(float(of_cd28), float(not of_cd28), term.mean, term.spread)


def _refuse_too_far_apart(outcome: str, terms: tuple[TermPrior, ...]) -> None:
    """Refuse effects that are possible one by one but not all together."""
    spread = reference_profile(tuple(TERMS)).spread
    apart = float(np.sqrt(sum((term.mean * each) ** 2 for term, each in zip(terms, spread, strict=True))))
    if apart <= FARTHEST_APART:
        return
    message = (
        f"{outcome}: the effects together give log-odds a standard deviation of {apart:.1f}; above "
        f"{FARTHEST_APART:g}, nearly every risk would be 0 or 1. "
        "Check the evidence with cart-outcomes evidence, or leave sources out with --exclude-source"
    )
    raise Refused(message)


def _term_prior(term: str, rows: TermRows, base_rate: float) -> TermPrior:
    if rows.pooled:
        return _estimated(term, rows, base_rate)
    if rows.signs:
        return _directed(term, rows.signs)
    return TermPrior(term, 0.0, NO_EVIDENCE_SPREAD / float(reference_profile((term,)).spread[0]), "none")


def _estimated(term: str, rows: TermRows, base_rate: float) -> TermPrior:
    studies = tuple(study_effect(row, base_rate) for row in rows.pooled)
    pooled = pool(
        np.array([study.log_odds for study in studies]), np.array([study.standard_error for study in studies])
    )
    against = _contradicting(rows.signs, pooled.mean)
    kept = _kept(term, pooled.standard_error)
    variance = (
        kept * pooled.standard_error**2
        + max(pooled.tau2, SMALLEST_HETEROGENEITY**2)
        + INDIRECT_ENDPOINT**2 * _weight(pooled, rows.pooled, lambda row: not row.endpoint_direct)
        + INDIRECT_POPULATION**2 * _weight(pooled, rows.pooled, lambda row: not row.population_direct)
        + (CONFLICT**2 if against else 0.0)
    )
    sources = _sources((*rows.pooled, *against))
    return TermPrior(term, kept * pooled.mean, float(np.sqrt(variance)), "estimate", sources, studies)


def _kept(term: str, error: float) -> float:
    """Share of a pooled estimate that is kept beside what effects usually are.

    Examples
    --------
    >>> round(_kept("tp53_altered", 1.2), 2), round(_kept("disease_burden", 0.2), 2)
    (0.34, 0.95)
    """
    usual = EFFECT_SPREAD / units_apart(term)
    return usual**2 / (usual**2 + error**2)


def _directed(term: str, signs: tuple[Effect, ...]) -> TermPrior:
    """Give the sign of the majority a small effect; more rows of one sign do not add."""
    # Where contrasts differ, the smallest gives the widest prior per unit.
    units = min(contrast_of(term, row.per).units for row in signs)
    # A doubling or a line is less than what lies between patients, so their spread bounds the prior too.
    between = float(reference_profile((term,)).spread[0])
    mean, spread = DIRECTION_MEAN * _majority(signs) / units, DIRECTION_SPREAD / max(units, between)
    return TermPrior(term, mean, spread, "direction", _sources(signs))


def _contradicting(signs: tuple[Effect, ...], mean: float) -> tuple[Effect, ...]:
    """Directions that say otherwise than the pooled sign; nothing contradicts no effect."""
    return tuple(row for row in signs if mean and row.direction != np.sign(mean))


def _weight(pooled: Pooled, rows: tuple[Effect, ...], indirect: Callable[[Effect], bool]) -> float:
    """Share of the pooled mean that rests on such rows."""
    return float(pooled.weights @ np.array([float(indirect(row)) for row in rows]))


def _majority(signs: tuple[Effect, ...]) -> int:
    """Sign that most rows report; 0 where there is no majority."""
    (first, count), *others = Counter(row.direction or 0 for row in signs).most_common()
    return 0 if others and others[0][1] == count else first


def _sources(rows: tuple[Effect, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for row in rows for source in row.sources))
