"""Binomial regression over several horizons under many normal priors at once, with Laplace evidence.

Parameters are the intercepts of the horizons, then the coefficients that they share:
``logit F(h_k | x) = alpha_k + z(x)' beta``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.columns import Values
from features.short_repr import ShortRepr

MOST_STEPS = 60
MOST_HALVINGS = 40
TOLERANCE = 1e-9
FEW = 3
"""Priors up to which the products of all pairs of terms cost more than they save."""
MOST_PAIRED = 100
"""Terms up to which the products of all pairs are kept: of 4,000 infusions with 100 terms, 160 MB."""


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

    def beside(self, others: Fits) -> Fits:
        """Put fits of the same parameters after these."""
        return Fits(
            np.concatenate([self.parameters, others.parameters]),
            np.concatenate([self.curvature, others.curvature]),
            np.concatenate([self.log_evidence, others.log_evidence]),
        )


def fit_priors(
    terms: Values,
    label: Values,
    weight: Values,
    priors: NormalPriors,
    *,
    start: Values | None = None,
    acting: Values | None = None,
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
    acting : ndarray of shape (n_horizons,), optional
        Share of the coefficients that acts at each horizon; all of them by default.

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
    shares = np.ones(label.shape[1]) if acting is None else acting
    likelihood = _Likelihood.of(terms, label, weight / label.shape[1], shares, many=len(priors) > FEW)
    position = _position(likelihood, priors, (priors.mean if start is None else start).copy())
    for _ in range(MOST_STEPS):
        gradient, curvature = _derivatives(likelihood, priors, position)
        step = np.asarray(np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0], dtype=np.float64)
        position = _climbed(likelihood, priors, position, step)
        if np.abs((gradient * step).sum(axis=1)).max(initial=0.0) < TOLERANCE:
            break
    else:
        message = f"Newton steps did not settle in {MOST_STEPS} rounds ({priors.mean.shape[1]} parameters)"
        raise FloatingPointError(message)
    _, curvature = _derivatives(likelihood, priors, position)
    evidence = position.log_posterior + (_log_determinant(priors.precision) - _log_determinant(curvature)) / 2
    return Fits(position.parameters, curvature, evidence)


@dataclass(frozen=True, repr=False)
class _Likelihood(ShortRepr):
    """The data of a fit, and what every step needs of them.

    Attributes
    ----------
    terms : ndarray of shape (n_infusions, n_terms)
    label, weight : ndarray of shape (n_infusions, n_horizons)
        Weights that add up to one label an infusion.
    acting : ndarray of shape (n_horizons,)
        Share of the coefficients that acts at each horizon.
    products : ndarray of shape (n_infusions, n_pairs), optional
        Product of every pair of terms: with many priors the curvature of all is one matrix product.
    pair : ndarray of shape (n_terms, n_terms)
        Column of the products that holds a pair.
    """

    terms: Values
    label: Values
    weight: Values
    acting: Values
    products: Values | None
    pair: NDArray[np.intp]

    @classmethod
    def of(cls, terms: Values, label: Values, weight: Values, acting: Values, *, many: bool) -> _Likelihood:
        first, second = np.triu_indices(terms.shape[1])
        pair = np.zeros((terms.shape[1], terms.shape[1]), dtype=np.intp)
        pair[first, second] = pair[second, first] = np.arange(len(first))
        kept = many and terms.shape[1] <= MOST_PAIRED
        products = terms[:, first] * terms[:, second] if kept else None
        return cls(terms, label, weight, acting, products, pair)

    def log_odds(self, parameters: Values) -> Values:
        """Log-odds by prior, infusion and horizon."""
        n_horizons = self.label.shape[1]
        shared = parameters[:, n_horizons:] @ self.terms.T
        return np.asarray(parameters[:, None, :n_horizons] + shared[:, :, None] * self.acting)

    def of_coefficients(self, curve: Values) -> Values:
        """Curvature of the coefficients: (n_priors, n_terms, n_terms) of (n_priors, n_infusions)."""
        if self.products is None:
            return np.matmul(self.terms.T * curve[:, None, :], self.terms)
        return np.asarray((curve @ self.products)[:, self.pair])


@dataclass(frozen=True, repr=False)
class _Position(ShortRepr):
    """Parameters of every prior, with the log-odds and the log posterior that they give."""

    parameters: Values
    log_odds: Values
    log_posterior: Values


def _position(likelihood: _Likelihood, priors: NormalPriors, parameters: Values) -> _Position:
    log_odds = likelihood.log_odds(parameters)
    # log(1 + exp(x)) without overflow.
    softplus = np.maximum(log_odds, 0.0) + np.log1p(np.exp(-np.abs(log_odds)))
    fit = (likelihood.weight * (likelihood.label * log_odds - softplus)).sum(axis=(1, 2))
    off = parameters - priors.mean
    return _Position(parameters, log_odds, fit - (off * _times(priors.precision, off)).sum(axis=1) / 2)


def _climbed(likelihood: _Likelihood, priors: NormalPriors, position: _Position, step: Values) -> _Position:
    """Step uphill, each prior by the largest of 1, 1/2, 1/4, ... of its step that does not lead down."""
    share = np.ones(len(step))
    for _ in range(MOST_HALVINGS):
        reached = _position(likelihood, priors, position.parameters + share[:, None] * step)
        down = ~(reached.log_posterior >= position.log_posterior - TOLERANCE)
        if not down.any():
            return reached
        share = np.where(down, share / 2, share)
    return _position(likelihood, priors, np.where(down[:, None], position.parameters, reached.parameters))


def _derivatives(likelihood: _Likelihood, priors: NormalPriors, position: _Position) -> tuple[Values, Values]:
    """Gradient and negative second derivative of the log posterior."""
    terms, label, weight = likelihood.terms, likelihood.label, likelihood.weight
    n_horizons = label.shape[1]
    risk = expit(position.log_odds)
    pull, curve = weight * (label - risk), weight * risk * (1 - risk)
    off = _times(priors.precision, position.parameters - priors.mean)
    gradient = np.concatenate([pull.sum(axis=1), (pull @ likelihood.acting) @ terms], axis=1) - off
    curvature = priors.precision.copy()
    first = np.arange(n_horizons)
    curvature[:, first, first] += curve.sum(axis=1)
    across = np.matmul((curve * likelihood.acting).transpose(0, 2, 1), terms)
    curvature[:, :n_horizons, n_horizons:] += across
    curvature[:, n_horizons:, :n_horizons] += across.transpose(0, 2, 1)
    curvature[:, n_horizons:, n_horizons:] += likelihood.of_coefficients(curve @ likelihood.acting**2)
    return gradient, curvature


def _times(matrices: Values, vectors: Values) -> Values:
    return np.asarray(np.matmul(matrices, vectors[:, :, None])[:, :, 0])


def _log_determinant(matrices: Values) -> Values:
    return np.asarray(np.linalg.slogdet(matrices)[1])
