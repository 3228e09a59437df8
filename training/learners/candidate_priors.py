"""The candidate priors of an anchored model: how far the literature may hold in a new center.

Each candidate says of the coefficients ``beta = s m + e``, published means m times a slope s and what differs
between centers e, and of the levels of products how they depart from published rates. None is chosen: the
data weigh them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.terms import LOCAL_TERMS
from training.evidence.prior import Prior
from training.learners.level_priors import (
    ANY_CENTER,
    FAR_CENTER,
    Departure,
    LevelPrior,
    between_centers,
    departed,
    level_prior,
    published_course,
    typical_center,
)
from training.statistics.laplace import NormalPriors

OF_PUBLISHED, OF_OTHERS = 0.75, 0.25
"""Share of the prior spread by which a center departs from an effect that is published, and from none where
none is published: most of the spread is error that the studies share, and unreported effects are small."""

INTERVAL_SHARE = 1.0
"""Share of the prior spread under which replicates for the interval are drawn, whatever the candidate: an
interval has to hold the center whose effects differ most, an estimate only to be near on average."""

SLOPES = ((1.0, 0.0, 0.55), (0.0, 1.0, 0.12))
"""Mean and standard deviation of the common slope s, and prior mass: published effects as they stand; of any
slope, even reversed."""

SIZE_MASS = 0.08
"""Prior mass of the candidate that believes the literature in how large an effect is and not in its sign."""

OTHERS_MASS = 0.03
"""Prior mass of the candidate in which the literature names the wrong predictors: what it reports has no
effect, and all else may have one, by the whole of the prior spread."""

NO_EFFECT_MASS = 0.22
NO_EFFECT_SPREAD = 0.005
"""Log odds ratio per standard deviation of a term in the candidate without any effect. Wider, and thousands
of patients without any effect would still be given chance ones."""

DEPARTURES = (
    Departure(0.0, "published"),
    Departure(FAR_CENTER, "published"),
    Departure(ANY_CENTER, "published"),
    Departure(FAR_CENTER, "free"),
    Departure(0.0, "alike"),
)
"""Ways in which the levels of a center may depart from published rates: not at all; all of it, or by any
amount; products too; products do not differ."""

WHERE_EFFECTS_HOLD = (0.05, 0.50, 0.10, 0.15, 0.20)
WHERE_OTHERS_ACT = (0.10, 0.20, 0.05, 0.15, 0.50)
WHERE_NOTHING_ACTS = (0.02, 0.05, 0.02, 0.01, 0.90)
"""Masses of `DEPARTURES` given the candidate of the effects: of one that takes published effects for real, in
sign or in size; of one by which others act; of none. Where no published effect holds, products hardly differ
either. Replicates for the interval draw departures by the first whatever the candidate: an interval should
not be sure that nothing acts at all."""


@dataclass(frozen=True)
class EffectPrior:
    """One candidate of the effects.

    Attributes
    ----------
    mean : ndarray of shape (n_terms,)
    covariance, wide : ndarray of shape (n_terms, n_terms)
        Of the candidate, and as the interval draws from it.
    mass : float
    departures : tuple of float
        Masses of `DEPARTURES` given this candidate: they sum to 1.
    none : bool
        Whether nothing has an effect.
    """

    mean: Values
    covariance: Values
    wide: Values
    mass: float
    departures: tuple[float, ...]
    none: bool = False


@dataclass(frozen=True)
class Candidates:
    """Candidate priors with their masses.

    Attributes
    ----------
    priors : NormalPriors
        Of the intercepts at the reference profile, then the coefficients.
    wide : NormalPriors
        The same as the interval draws from them.
    mass, wide_mass : ndarray of shape (n_candidates,)
        Of the candidates, and as the interval draws them; each sums to 1.
    departures : tuple of Departure
        Of the levels, one a candidate.
    no_effect : ndarray of bool, shape (n_candidates,)
        Where nothing has an effect.
    between : ndarray of shape (n_candidates,), optional
        Standard deviation of the level between the centers of the cohort, log-odds. None where they have no
        levels of their own: the intercepts are then those of one center.
    """

    priors: NormalPriors
    wide: NormalPriors
    mass: Values
    wide_mass: Values
    departures: tuple[Departure, ...]
    no_effect: NDArray[np.bool_]
    between: Values | None = None

    @property
    def as_published(self) -> Values:
        """Masses before any patient is seen: levels are what rates say, none departs."""
        kept = self.wide_mass * np.array([departure.none for departure in self.departures])
        return np.asarray(kept / kept.sum())


def candidates(prior: Prior, spread: Values, *, by_center: bool = False) -> Candidates:
    """Lay out the candidates of an outcome.

    Parameters
    ----------
    prior : Prior
        Horizons as the model has them.
    spread : ndarray of shape (n_terms,)
        Standard deviation of each term in patients.
    by_center : bool
        Whether every center of the cohort has a level of its own.

    Returns
    -------
    candidates : Candidates
        Every candidate of the effects with every departure of the levels. Without any published effect those
        of slope and size say nothing of their own: plain shrinkage at two strengths, and no effect. Without
        any published rate levels cannot depart from it.

    Examples
    --------
    >>> from features.expected_terms import reference_profile
    >>> from features.terms import TERMS
    >>> from training.evidence.evidence_set import read_evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> profile = reference_profile(tuple(TERMS))
    >>> laid_out = candidates(published_prior("relapse", (365, 90), read_evidence()), profile.spread)
    >>> laid_out.priors.mean.shape, round(float(laid_out.mass.sum()), 12)
    ((25, 39), 1.0)
    """
    effects = list(effect_priors(prior, spread))
    if prior.rates:
        return combined(prior, spread, effects, DEPARTURES, WHERE_EFFECTS_HOLD, by_center=by_center)
    effects = [replace(effect, departures=(1.0,)) for effect in effects]
    return combined(prior, spread, effects, DEPARTURES[:1], (1.0,), by_center=by_center)


def combined(
    prior: Prior,
    spread: Values,
    effects: list[EffectPrior],
    departures: tuple[Departure, ...],
    of_interval: tuple[float, ...],
    *,
    by_center: bool = False,
) -> Candidates:
    """Put every candidate of the effects together with every departure of the levels.

    Parameters
    ----------
    prior : Prior
    spread : ndarray of shape (n_terms,)
    effects : list of EffectPrior
    departures : tuple of Departure
        As many as each candidate has masses for.
    of_interval : tuple of float
        Their masses in the interval, the same for all candidates.
    by_center : bool
    """
    narrow, wide, between = [], [], []
    for effect in effects:
        published = prior.levels_given(effect.mean, _of_effects(prior, effect.covariance))
        levels = typical_center(published) if by_center else published
        course = published_course(prior, effect.mean**2 + np.diag(effect.covariance), spread)
        for departure in departures:
            level = level_prior(prior, departed(levels, departure), course)
            narrow.append(_parameters(prior, level, effect.mean, effect.covariance))
            wide.append(_parameters(prior, level, effect.mean, effect.wide))
            between.append(between_centers(published, departure))
    of_effect = np.array([[effect.mass] for effect in effects])
    mass = of_effect * [effect.departures for effect in effects]
    wide_mass = of_effect * of_interval
    return Candidates(
        priors=_normal(narrow),
        wide=_normal(wide),
        mass=mass.ravel() / mass.sum(),
        wide_mass=wide_mass.ravel() / wide_mass.sum(),
        departures=departures * len(effects),
        no_effect=np.repeat([effect.none for effect in effects], len(departures)),
        between=np.array(between) if by_center else None,
    )


def effect_priors(prior: Prior, spread: Values) -> Iterator[EffectPrior]:
    """List the candidates of the effects: slopes, size, others, and no effect last.

    Parameters
    ----------
    prior : Prior
    spread : ndarray of shape (n_terms,)
        Standard deviation of each term in patients.

    Yields
    ------
    effect : EffectPrior
        Masses sum to 1.
    """
    m, published = prior.effects, prior.effects != 0
    usual = np.where(published, OF_PUBLISHED, OF_OTHERS)
    # A literature that errs in signs says no more of what no study speaks of than one that does not.
    of_size = np.where([term.term in LOCAL_TERMS for term in prior.terms], OF_OTHERS, OF_PUBLISHED)

    def of(mean: Values, common: Values, share: Values | float, mass: float) -> EffectPrior:
        widest = np.maximum(share, INTERVAL_SHARE)
        narrow, wide = (common + np.diag((each * prior.spread) ** 2) for each in (share, widest))
        return EffectPrior(mean, narrow, wide, mass, WHERE_EFFECTS_HOLD)

    for slope, slope_spread, mass in SLOPES:
        yield of(slope * m, slope_spread**2 * np.outer(m, m), usual, mass)
    yield of(0 * m, np.diag(m**2), of_size, SIZE_MASS)
    nothing = NO_EFFECT_SPREAD / spread
    others = np.diag(np.where(published, nothing, prior.spread) ** 2)
    yield EffectPrior(0 * m, others, others, OTHERS_MASS, WHERE_OTHERS_ACT)
    none = np.diag(nothing**2)
    yield EffectPrior(0 * m, none, none, NO_EFFECT_MASS, WHERE_NOTHING_ACTS, none=True)


def _of_effects(prior: Prior, covariance: Values) -> Values:
    """Covariance of the effects alone: terms of the product are a matter of the levels."""
    effect = ~prior.of_product
    return np.asarray(covariance * np.outer(effect, effect), dtype=np.float64)


def _parameters(prior: Prior, level: LevelPrior, mean: Values, covariance: Values) -> tuple[Values, Values]:
    """Mean and covariance of all parameters: effects at their places among intercepts and levels."""
    n_horizons, effect = len(prior.horizons_days), ~prior.of_product
    at = n_horizons + np.flatnonzero(effect)
    whole_mean, whole = level.mean.copy(), level.covariance.copy()
    whole_mean[at] = mean[effect]
    whole[np.ix_(at, at)] = covariance[np.ix_(effect, effect)]
    return whole_mean, whole


def _normal(parameters: list[tuple[Values, Values]]) -> NormalPriors:
    means, covariances = zip(*parameters, strict=True)
    return NormalPriors(np.stack(means), np.linalg.inv(np.stack(covariances)))
