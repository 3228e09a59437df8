"""The candidate priors of an anchored model: how far the literature may hold in a new center.

Each candidate says of the coefficients ``beta = s m + e``: published means m times a slope s, and what
differs between centers e. None is chosen: the data weigh them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.log_odds import expit, logit
from training.evidence.prior import Prior
from training.statistics.laplace import NormalPriors

CENTER_SPREAD = 0.8
"""Standard deviation of a center's log-odds about the published base rate: rates of severe CRS lie between 2
and 21 %, a standard deviation of 0.9; relapse varies less."""

UNKNOWN_BASE_SPREAD = 2.0
"""The same where no base rate is published: any risk from 1 to 98 % stays likely."""

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

QUADRATURE = 15
"""Nodes of the Gauss-Hermite rule that averages a risk over patients."""


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
    >>> from features.terms import TERMS, reference_profile
    >>> from training.evidence.evidence_set import read_evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> profile = reference_profile(tuple(TERMS))
    >>> laid_out = candidates(published_prior("relapse", (365, 90), read_evidence()), profile.spread)
    >>> laid_out.priors.mean.shape, round(float(laid_out.mass.sum()), 12)
    ((18, 30), 1.0)
    """
    m, published = prior.mean, prior.mean != 0
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
    intercepts = _intercepts(prior, spread, means, narrow)
    return Candidates(
        priors=_with_intercepts(prior, intercepts, means, narrow),
        wide=_with_intercepts(prior, intercepts, means, wide),
        mass=np.array(mass) / sum(mass),
    )


def reference_log_odds(rate: Values, variance: float) -> Values:
    """Log-odds of the reference patient such that the mean risk over patients is a rate.

    Parameters
    ----------
    rate : ndarray of shape (n_horizons,)
        Cumulative incidence among all, in (0, 1).
    variance : float
        Variance of the log-odds between patients.

    Returns
    -------
    log_odds : ndarray of shape (n_horizons,)

    Examples
    --------
    >>> reference_log_odds(np.array([0.2, 0.5]), 1.0).round(3)
    array([-1.65,  0.  ])
    """
    node, share = np.polynomial.hermite_e.hermegauss(QUADRATURE)
    share = share / share.sum()
    farthest = np.sqrt(variance) * node.max()
    lowest, highest = logit(rate) - farthest, logit(rate) + farthest
    log_odds = logit(rate)
    for _ in range(100):
        risk = expit(log_odds[:, None] + np.sqrt(variance) * node)
        short = rate - risk @ share
        if np.abs(short).max() < 1e-12:
            break
        lowest, highest = np.where(short > 0, log_odds, lowest), np.where(short > 0, highest, log_odds)
        slope = risk * (1 - risk) @ share
        step = np.divide(short, slope, out=np.full_like(short, np.inf), where=slope > 1e-12)
        # Where patients differ so much that the slope says nothing, halving does.
        inside = (log_odds + step >= lowest) & (log_odds + step <= highest)
        log_odds = np.where(inside, log_odds + step, (lowest + highest) / 2)
    return log_odds


def _intercepts(prior: Prior, spread: Values, means: list[Values], covariances: list[Values]) -> list[Values]:
    """Place the intercepts so that the mean risk is the published rate.

    That is a mean over patients and centers, so it is kept over all that varies: patients, effects, heights.
    """
    between = CENTER_SPREAD**2 + CURVE_SPREAD**2 if prior.base_sources else 0.0
    return [
        reference_log_odds(prior.base_rate, between + float((mean**2 + np.diag(covariance)) @ spread**2))
        for mean, covariance in zip(means, covariances, strict=True)
    ]


def _with_intercepts(
    prior: Prior, intercepts: list[Values], means: list[Values], covariances: list[Values]
) -> NormalPriors:
    """Put the intercepts before the coefficients; they are independent a priori."""
    n_horizons, n_terms = len(prior.horizons_days), len(prior.terms)
    centre = CENTER_SPREAD if prior.base_sources else UNKNOWN_BASE_SPREAD
    heights = np.full((n_horizons, n_horizons), centre**2) + np.diag(np.full(n_horizons, CURVE_SPREAD**2))
    precision = np.zeros((len(means), n_horizons + n_terms, n_horizons + n_terms))
    precision[:, :n_horizons, :n_horizons] = np.linalg.inv(heights)
    precision[:, n_horizons:, n_horizons:] = np.linalg.inv(np.stack(covariances))
    return NormalPriors(np.column_stack([np.stack(intercepts), np.stack(means)]), precision)
