"""The candidate priors of an anchored model: how far the literature may hold in a new center.

Each candidate says of the coefficients ``beta = s m + e``: published means m times a slope s, and what
differs between centers e. None is chosen: the data weigh them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.log_odds import logit
from features.terms import LEVEL_TERMS
from training.evidence.base_rates import LOGISTIC_TO_PROBIT
from training.evidence.prior import Prior
from training.evidence.product_levels import Levels
from training.statistics.laplace import NormalPriors

CURVE_SPREAD = 0.2
"""Standard deviation of each horizon's own departure, log-odds: the shape of the curve differs less between
centers than its height."""

BETWEEN_CENTERS = ((0.25, 0.25, 0.25), (0.75, 0.25, 0.25), (0.75, 0.75, 0.50))
"""Candidate shares of the prior spread by which a center departs from an effect that is published and from
none where none is published, with their masses: half is on the widest, since too sure costs more."""

INTERVAL_SHARE = 0.85
"""Share of the prior spread under which replicates for the interval are drawn, whatever the candidate: an
interval has to hold the center whose effects differ most, an estimate only to be near on average."""

SLOPES = (
    (1.0, 0.0, 0.30),
    (1.0, 0.3, 0.20),
    (0.6, 0.3, 0.15),
    (0.3, 0.6, 0.05),
    (0.0, 1.0, 0.05),
)
"""Mean and standard deviation of the common slope s, and prior mass. Published effects as they stand;
nearly as they stand; overstated, as first reports are; overstated badly; of any slope, even reversed."""

SIZES = ((0.75, 1.0, 0.05), (0.25, 0.5, 0.05))
"""Share of the prior spread, share of the published mean, and prior mass of candidates that believe the
literature in how large an effect is and not in its sign: beta ~ N(0, (share m)^2 + ...)."""

NO_EFFECT_MASS = 0.15
NO_EFFECT_SPREAD = 0.005
"""Log odds ratio per standard deviation of a term in the candidate without any effect. Wider, and thousands
of patients without any effect would still be given chance ones."""


@dataclass(frozen=True)
class Candidates:
    """Candidate priors with their masses.

    Attributes
    ----------
    priors : NormalPriors
        Of the intercepts at the reference profile, then the coefficients.
    wide : NormalPriors
        The same as the interval draws from them.
    mass : ndarray of shape (n_candidates,)
        Sums to 1.
    """

    priors: NormalPriors
    wide: NormalPriors
    mass: Values


def candidates(prior: Prior, spread: Values) -> Candidates:
    """Lay out the candidates of an outcome.

    Parameters
    ----------
    prior : Prior
        Horizons as the model has them.
    spread : ndarray of shape (n_terms,)
        Standard deviation of each term in patients.

    Returns
    -------
    candidates : Candidates
        Without any published effect the candidates of slope and size say nothing of their own: plain
        shrinkage at two strengths, and no effect.

    Examples
    --------
    >>> from features.expected_terms import reference_profile
    >>> from features.terms import TERMS
    >>> from training.evidence.evidence_set import read_evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> profile = reference_profile(tuple(TERMS))
    >>> laid_out = candidates(published_prior("relapse", (365, 90), read_evidence()), profile.spread)
    >>> laid_out.priors.mean.shape, round(float(laid_out.mass.sum()), 12)
    ((18, 39), 1.0)
    """
    m = prior.effects
    published = m != 0
    means: list[Values] = []
    narrow: list[Values] = []
    wide: list[Values] = []
    mass: list[float] = []

    def add(mean: Values, common: Values, shares: tuple[float, float], weight: float) -> None:
        share = np.where(published, *shares)
        means.append(mean)
        narrow.append(common + np.diag((share * prior.spread) ** 2))
        wide.append(common + np.diag((np.maximum(share, INTERVAL_SHARE) * prior.spread) ** 2))
        mass.append(weight)

    for slope, slope_spread, weight in SLOPES:
        for *shares, part in BETWEEN_CENTERS:
            add(slope * m, slope_spread**2 * np.outer(m, m), (shares[0], shares[1]), weight * part)
    for share, size, weight in SIZES:
        add(0 * m, np.diag((size * m) ** 2), (share, share), weight)
    means.append(0 * m)
    narrow.append(np.diag((NO_EFFECT_SPREAD / spread) ** 2))
    wide.append(narrow[-1])
    mass.append(NO_EFFECT_MASS)
    levels = [
        prior.levels_given(mean, _of_effects(prior, covariance))
        for mean, covariance in zip(means, narrow, strict=True)
    ]
    courses = [
        published_course(prior, mean**2 + np.diag(covariance), spread)
        for mean, covariance in zip(means, narrow, strict=True)
    ]
    return Candidates(
        priors=_with_levels(prior, levels, courses, means, narrow),
        wide=_with_levels(prior, levels, courses, means, wide),
        mass=np.array(mass) / sum(mass),
    )


def _of_effects(prior: Prior, covariance: Values) -> Values:
    """Covariance of the effects alone: terms of the product are a matter of the levels."""
    effect = ~prior.of_product
    return np.asarray(covariance * np.outer(effect, effect), dtype=np.float64)


def _with_levels(
    prior: Prior,
    levels: list[Levels],
    courses: list[Values],
    means: list[Values],
    covariances: list[Values],
) -> NormalPriors:
    """Put the intercepts before the coefficients, and the levels of products in their places.

    Terms are centered at an academic product: the intercept is the level of a new one in a new center, and
    the term of each known product is less it.
    """
    n_horizons, n_terms = len(prior.horizons_days), len(prior.terms)
    moves = _moves(prior)
    all_means = np.zeros((len(means), n_horizons + n_terms))
    precision = np.zeros((len(means), n_horizons + n_terms, n_horizons + n_terms))
    for position, (fitted, course, mean, covariance) in enumerate(
        zip(levels, courses, means, covariances, strict=True)
    ):
        whole = moves @ fitted.covariance @ moves.T
        whole[:n_horizons, :n_horizons] += fitted.cohort_variance + np.diag(
            np.full(n_horizons, CURVE_SPREAD**2)
        )
        effect = np.flatnonzero(~prior.of_product)
        at = n_horizons + effect
        whole[np.ix_(at, at)] = covariance[np.ix_(effect, effect)]
        all_means[position] = moves @ fitted.mean
        all_means[position, :n_horizons] += course
        all_means[position, at] = mean[effect]
        precision[position] = np.linalg.inv(whole)
    return NormalPriors(all_means, precision)


def with_drawn_levels(prior: Prior, drawn: Values, spread: Values, rng: np.random.Generator) -> Values:
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

    Returns
    -------
    drawn : ndarray of shape (n_horizons + n_terms,)
    """
    n_horizons = len(prior.horizons_days)
    effects = np.where(prior.of_product, 0.0, drawn[n_horizons:])
    levels = prior.levels_given(effects, np.zeros((len(effects), len(effects))))
    root = np.linalg.cholesky(levels.covariance + 1e-9 * np.eye(len(levels.mean)))
    moved = _moves(prior) @ (levels.mean + root @ rng.normal(size=len(levels.mean)))
    moved[:n_horizons] += published_course(prior, effects**2, spread)
    moved[:n_horizons] += np.sqrt(levels.cohort_variance) * rng.normal()
    moved[:n_horizons] += CURVE_SPREAD * rng.normal(size=n_horizons)
    return np.where(np.append(np.ones(n_horizons, dtype=np.bool_), prior.of_product), moved, drawn)


def _moves(prior: Prior) -> Values:
    """Which parameters each level moves: the typical one and a new product every intercept, others a term."""
    n_horizons, names = len(prior.horizons_days), [term.term for term in prior.terms]
    moves = np.zeros((n_horizons + len(names), len(LEVEL_TERMS) + 1))
    moves[:n_horizons, [0, -1]] = 1.0
    for level, name in enumerate(LEVEL_TERMS, start=1):
        if name in names:
            moves[n_horizons + names.index(name), level] = 1.0
    return moves


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
