"""The prior of levels: how far the published rates of products may hold in a new center.

The intercepts are the level of a new product in a new center, and the term of each known product is less it.
Levels are published rates first. A center may depart from them: all of it, its products, or both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from features.columns import Values
from features.log_odds import logit
from features.terms import LEVEL_TERMS
from training.evidence.base_rates import LOGISTIC_TO_PROBIT
from training.evidence.prior import Prior
from training.evidence.product_levels import Levels

CURVE_SPREAD = 0.2
"""Standard deviation by which each other horizon departs from the headline's, log-odds: the shape of the
curve differs less between centers than its height. Published rates are compared at the headline horizon, so
what centers differ by there is the spread between cohorts and nothing more."""

FAR_CENTER = 0.8
"""Standard deviation of the level of a center to which published rates do not apply, log-odds: an odds ratio
of 2.2 or more either way in one of three, as far apart as published series of severe CRS are."""

ANY_CENTER = 2.0
"""The same of a center of which anything may hold, as `TYPICAL_SPREAD` before any rate is seen: without it 60
patients of 60 without relapse still gave a mean risk of 7 to 8 %, and 4 % with it."""

FREE_PRODUCT = 0.8
"""The same of what CD28, a split dose and each known product add, where publications say nothing of it: as
much as the published ones differ by."""

ALIKE_SPREAD = 0.05
"""The same of products that do not differ: small enough to be none."""

CENTERS_DIFFER = 0.5
"""Standard deviation of the level between centers of one cohort where published rates do not apply to them,
log-odds, beyond what published cohorts differ by."""

Products = Literal["published", "free", "alike"]
"""They differ as their rates say; by `FREE_PRODUCT`, whatever rates say; not at all."""


@dataclass(frozen=True)
class Departure:
    """How a center's levels relate to published rates.

    Attributes
    ----------
    center : float
        Standard deviation by which the level of the whole center may be off, log-odds, beyond what published
        cohorts differ by.
    products : {"published", "free", "alike"}
        What becomes of the differences between products.
    """

    center: float
    products: Products

    @property
    def none(self) -> bool:
        """Whether levels are as published."""
        return self.center == 0 and self.products == "published"


def departed(levels: Levels, departure: Departure) -> Levels:
    """Let levels depart from published ones.

    Parameters
    ----------
    levels : Levels
        As rates have them.
    departure : Departure

    Returns
    -------
    levels : Levels
        The level of a new product in a new center keeps its mean; with products alike all share it.

    Examples
    --------
    >>> from training.evidence.product_levels import Level, fit_levels
    >>> seen = [Level(-3.7, 0.5, "obecabtagene", 0.0, 1.0), Level(-1.4, 0.1, "tisagenlecleucel", 0.0, 0.0)]
    >>> alike = departed(fit_levels(seen, typical=-1.8), Departure(0.0, "alike"))
    >>> alike.mean.round(2).tolist()
    [-1.76, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    mean, covariance = levels.mean.copy(), levels.covariance.copy()
    if departure.products == "free":
        known = np.arange(1, len(mean) - 1)
        mean[known], covariance[known], covariance[:, known] = 0.0, 0.0, 0.0
        covariance[known, known] = FREE_PRODUCT**2
    if departure.products == "alike":
        own, variance = levels.own
        mean = np.append(own, np.zeros(len(mean) - 1))
        covariance = ALIKE_SPREAD**2 * np.eye(len(mean))
        covariance[0, 0] = variance - levels.cohort_variance - ALIKE_SPREAD**2
    return Levels(mean, covariance, levels.cohort_variance + departure.center**2, levels.product_spread)


def typical_center(levels: Levels) -> Levels:
    """Leave what centers differ by out of levels: each center then has a level of its own beside them."""
    return replace(levels, cohort_variance=0.0)


def between_centers(levels: Levels, departure: Departure) -> float:
    """State how far centers of one cohort lie apart: the standard deviation of their levels, log-odds.

    Parameters
    ----------
    levels : Levels
        As rates have them.
    departure : Departure
    """
    added = CENTERS_DIFFER if departure.center else 0.0
    return float(np.sqrt(levels.cohort_variance + added**2))


@dataclass(frozen=True)
class LevelPrior:
    """Normal prior of the intercepts and of the terms of products.

    Attributes
    ----------
    mean : ndarray of shape (n_horizons + n_terms,)
        0 for all other terms.
    covariance : ndarray
        Of the same; 0 for all other terms.
    """

    mean: Values
    covariance: Values


def level_prior(prior: Prior, levels: Levels, course: Values) -> LevelPrior:
    """Put levels into the places of intercepts and terms.

    Parameters
    ----------
    prior : Prior
    levels : Levels
        From `departed`.
    course : ndarray of shape (n_horizons,)
        From `published_course`.
    """
    n_horizons, moves = len(prior.horizons_days), _moves(prior)
    mean = moves @ levels.mean
    mean[:n_horizons] += course
    covariance = moves @ levels.covariance @ moves.T
    covariance[:n_horizons, :n_horizons] += levels.cohort_variance + np.diag(_departures(n_horizons) ** 2)
    return LevelPrior(mean, covariance)


def with_drawn_levels(
    prior: Prior,
    drawn: Values,
    spread: Values,
    rng: np.random.Generator,
    departure: Departure,
    *,
    by_center: bool = False,
) -> Values:
    """Draw the levels of products anew for effects that were drawn.

    Published rates are facts whatever the effects are: where effects are drawn large, the reference patient
    is drawn at less risk, so that cohorts keep their rates.

    Parameters
    ----------
    prior : Prior
    drawn : ndarray of shape (n_horizons + n_terms,)
        Parameters drawn from a prior.
    spread : ndarray of shape (n_terms,)
        Standard deviation of each term in patients.
    rng : numpy.random.Generator
    departure : Departure
        By which levels depart in what is drawn.
    by_center : bool
        Whether every center of the cohort has a level of its own.

    Returns
    -------
    drawn : ndarray of shape (n_horizons + n_terms,)
    """
    n_horizons = len(prior.horizons_days)
    effects = np.where(prior.of_product, 0.0, drawn[n_horizons:])
    published = prior.levels_given(effects, np.zeros((len(effects), len(effects))))
    levels = departed(typical_center(published) if by_center else published, departure)
    root = np.linalg.cholesky(levels.covariance + 1e-9 * np.eye(len(levels.mean)))
    moved = _moves(prior) @ (levels.mean + root @ rng.normal(size=len(levels.mean)))
    moved[:n_horizons] += published_course(prior, effects**2, spread)
    moved[:n_horizons] += np.sqrt(levels.cohort_variance) * rng.normal()
    moved[:n_horizons] += _departures(n_horizons) * rng.normal(size=n_horizons)
    return np.where(np.append(np.ones(n_horizons, dtype=np.bool_), prior.of_product), moved, drawn)


def n_drawn_levels(prior: Prior) -> int:
    """Count the normal numbers that `with_drawn_levels` draws."""
    return _moves(prior).shape[1] + 1 + len(prior.horizons_days)


def published_course(prior: Prior, squared_effects: Values, spread: Values) -> Values:
    """Log-odds of each horizon less the headline's, for one patient: steeper than the published rates.

    A published rate is a mean over patients, and means of risks are nearer to one half than the risks.

    Parameters
    ----------
    prior : Prior
    squared_effects : ndarray of shape (n_terms,)
        Mean square of each coefficient; those of products have no part, since a cohort has one.
    spread : ndarray of shape (n_terms,)
        Standard deviation of each term in patients.

    Returns
    -------
    course : ndarray of shape (n_horizons,)

    Examples
    --------
    >>> prior = Prior("relapse", (365, 90), np.array([0.5, 0.3]), (), ())
    >>> published_course(prior, np.zeros(0), np.zeros(0)).round(3)
    array([ 0.   , -0.847])
    """
    log_odds = logit(prior.base_rate)
    among_patients = float((squared_effects * spread**2)[~prior.of_product].sum())
    return np.asarray((log_odds - log_odds[0]) * np.sqrt(1 + LOGISTIC_TO_PROBIT * among_patients))


def _departures(n_horizons: int) -> Values:
    """Give the standard deviation by which each horizon departs from the headline's, which is the first."""
    spread = np.full(n_horizons, CURVE_SPREAD)
    spread[:1] = 0.0
    return spread


def _moves(prior: Prior) -> Values:
    """Which parameters each level moves: the typical one and a new product every intercept, others a term."""
    n_horizons, names = len(prior.horizons_days), [term.term for term in prior.terms]
    moves = np.zeros((n_horizons + len(names), len(LEVEL_TERMS) + 1))
    moves[:n_horizons, [0, -1]] = 1.0
    for level, name in enumerate(LEVEL_TERMS, start=1):
        if name in names:
            moves[n_horizons + names.index(name), level] = 1.0
    return moves
