"""Binomial regression over several horizons under many normal priors at once, with Laplace evidence.

Parameters are the intercepts of the horizons, then the coefficients that they share:
``logit F(h_k | x) = alpha_k + z(x)' beta``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.log_odds import expit

MOST_STEPS = 60
MOST_HALVINGS = 40
TOLERANCE = 1e-9


@dataclass(frozen=True)
class NormalPriors:
    """Normal priors of the same parameters, one a row.

    Attributes
    ----------
    mean : ndarray of shape (n_priors, n_parameters)
    precision : ndarray of shape (n_priors, n_parameters, n_parameters)
    """

    mean: Values
    precision: Values

    def __len__(self) -> int:
        return len(self.mean)

    def take(self, which: Values | list[int]) -> NormalPriors:
        """Pick priors."""
        return NormalPriors(self.mean[which], self.precision[which])


@dataclass(frozen=True)
class Fits:
    """The most likely parameters under each prior.

    Attributes
    ----------
    parameters : ndarray of shape (n_priors, n_parameters)
    curvature : ndarray of shape (n_priors, n_parameters, n_parameters)
        Negative second derivative of the log posterior: its inverse is the covariance of the parameters.
    log_evidence : ndarray of shape (n_priors,)
        Laplace's approximation of the log marginal likelihood.
    """

    parameters: Values
    curvature: Values
    log_evidence: Values


def fit_priors(
    terms: Values, label: Values, weight: Values, priors: NormalPriors, *, start: Values | None = None
) -> Fits:
    """Maximise the weighted log likelihood plus the log prior, for every prior, by Newton steps.

    Each horizon's labels count by their weight over the number of horizons, so that an infusion counts once.

    Parameters
    ----------
    terms : ndarray of shape (n_infusions, n_terms)
        Centered, without NaN. May have no rows: the posterior is the prior.
    label, weight : ndarray of shape (n_infusions, n_horizons)
        0 or 1; 0 or more.
    priors : NormalPriors
        Of the intercepts, then the coefficients.
    start : ndarray of shape (n_priors, n_parameters), optional
        Where to start; the prior means by default.

    Returns
    -------
    fits : Fits

    Raises
    ------
    FloatingPointError
        If the steps do not settle, which proper priors preclude.

    References
    ----------
    Laplace's approximation: MacKay 2003, Information Theory, Inference and Learning Algorithms, chapter 27.

    Examples
    --------
    >>> terms = np.array([[-1.0], [0.0], [1.0], [2.0]])
    >>> label, weight = np.array([[0.0], [0.0], [1.0], [1.0]]), np.ones((4, 1))
    >>> priors = NormalPriors(np.zeros((2, 2)), np.stack([np.eye(2), 100 * np.eye(2)]))
    >>> fit_priors(terms, label, weight, priors).parameters[:, 1].round(2)
    array([0.91, 0.02])
    """
    shared = weight / label.shape[1]
    parameters = (priors.mean if start is None else start).copy()
    current = _log_posterior(terms, label, shared, priors, parameters)
    for _ in range(MOST_STEPS):
        gradient, curvature = _derivatives(terms, label, shared, priors, parameters)
        step = np.asarray(np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0], dtype=np.float64)
        parameters, current = _climbed(terms, label, shared, priors, parameters, current, step)
        if np.abs((gradient * step).sum(axis=1)).max(initial=0.0) < TOLERANCE:
            break
    else:
        message = f"Newton steps did not settle in {MOST_STEPS} rounds ({parameters.shape[1]} parameters)"
        raise FloatingPointError(message)
    _, curvature = _derivatives(terms, label, shared, priors, parameters)
    evidence = current + (_log_determinant(priors.precision) - _log_determinant(curvature)) / 2
    return Fits(parameters, curvature, evidence)


def _climbed(
    terms: Values,
    label: Values,
    shared: Values,
    priors: NormalPriors,
    parameters: Values,
    current: Values,
    step: Values,
) -> tuple[Values, Values]:
    """Step uphill, each prior by the largest of 1, 1/2, 1/4, ... of its step that does not lead down."""
    share = np.ones(len(parameters))
    for _ in range(MOST_HALVINGS):
        moved = parameters + share[:, None] * step
        reached = _log_posterior(terms, label, shared, priors, moved)
        down = ~(reached >= current - TOLERANCE)
        if not down.any():
            return moved, reached
        share = np.where(down, share / 2, share)
    kept = np.where(down[:, None], parameters, moved)
    return kept, _log_posterior(terms, label, shared, priors, kept)


def _log_odds(terms: Values, parameters: Values, n_horizons: int) -> Values:
    """Log-odds by prior, infusion and horizon."""
    shared = parameters[:, n_horizons:] @ terms.T
    return parameters[:, None, :n_horizons] + shared[:, :, None]


def _log_posterior(
    terms: Values, label: Values, shared: Values, priors: NormalPriors, parameters: Values
) -> Values:
    log_odds = _log_odds(terms, parameters, label.shape[1])
    likelihood = (shared * (label * log_odds - np.logaddexp(0.0, log_odds))).sum(axis=(1, 2))
    off = parameters - priors.mean
    return likelihood - np.einsum("ci,cij,cj->c", off, priors.precision, off) / 2


def _derivatives(
    terms: Values, label: Values, shared: Values, priors: NormalPriors, parameters: Values
) -> tuple[Values, Values]:
    """Gradient and negative second derivative of the log posterior."""
    n_horizons = label.shape[1]
    risk = expit(_log_odds(terms, parameters, n_horizons))
    pull, curve = shared * (label - risk), shared * risk * (1 - risk)
    off = np.einsum("cij,cj->ci", priors.precision, parameters - priors.mean)
    gradient = np.concatenate([pull.sum(axis=1), pull.sum(axis=2) @ terms], axis=1) - off
    curvature = priors.precision.copy()
    first = np.arange(n_horizons)
    curvature[:, first, first] += curve.sum(axis=1)
    across = np.matmul(curve.transpose(0, 2, 1), terms)
    curvature[:, :n_horizons, n_horizons:] += across
    curvature[:, n_horizons:, :n_horizons] += across.transpose(0, 2, 1)
    curvature[:, n_horizons:, n_horizons:] += np.matmul(terms.T * curve.sum(axis=2)[:, None, :], terms)
    return gradient, curvature


def _log_determinant(matrices: Values) -> Values:
    return np.asarray(np.linalg.slogdet(matrices)[1])
