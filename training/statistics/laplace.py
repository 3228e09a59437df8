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
"""Terms up to which the products of all pairs are used."""
BLOCK = 1024
"""Infusions whose log-odds and products of terms are computed together, so that memory does not grow with
the cohort, and a step reads from the cache and not from main memory."""


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
        step = np.asarray(np.linalg.solve(position.curvature, position.gradient[:, :, None])[:, :, 0])
        gain = (position.gradient * step).sum(axis=1)
        position = _climbed(likelihood, priors, position, step)
        if np.abs(gain).max(initial=0.0) < TOLERANCE:
            break
    else:
        message = f"Newton steps did not settle in {MOST_STEPS} rounds ({priors.mean.shape[1]} parameters)"
        raise FloatingPointError(message)
    determinants = _log_determinant(priors.precision) - _log_determinant(position.curvature)
    return Fits(position.parameters, position.curvature, position.log_posterior + determinants / 2)


@dataclass(frozen=True, repr=False)
class _Block(ShortRepr):
    """Some infusions of a fit, few enough that all of a step stays in the processor's cache.

    Attributes
    ----------
    terms : ndarray of shape (n_infusions, n_terms)
    label, weight : ndarray of shape (n_infusions, n_horizons)
        Weights that add up to one label an infusion.
    products : ndarray of shape (n_infusions, n_pairs), optional
        Product of every pair of terms, kept from step to step. None where other blocks would push them out of
        the cache: then each step makes them again.
    """

    terms: Values
    label: Values
    weight: Values
    products: Values | None = None

    def log_odds(self, parameters: Values, acting: Values) -> Values:
        """Log-odds by prior, infusion and horizon."""
        n_horizons = self.label.shape[1]
        shared = parameters[:, n_horizons:] @ self.terms.T
        return np.asarray(parameters[:, None, :n_horizons] + shared[:, :, None] * acting)

    def by_pairs(self, curve: Values, pair: NDArray[np.intp]) -> Values:
        """Curvature of the coefficients, of many priors: (n_priors, n_terms, n_terms)."""
        products = products_of_pairs(self.terms) if self.products is None else self.products
        return np.asarray((curve @ products)[:, pair])

    def by_priors(self, curve: Values) -> Values:
        """Curvature of the coefficients, one prior after the other."""
        return np.matmul(self.terms.T * curve[:, None, :], self.terms)


@dataclass(frozen=True, repr=False)
class _Likelihood(ShortRepr):
    """The data of a fit.

    Attributes
    ----------
    blocks : tuple of _Block
        At least one, which may be empty.
    acting : ndarray of shape (n_horizons,)
        Share of the coefficients that acts at each horizon.
    pair : ndarray of shape (n_terms, n_terms), optional
        Column of the products that holds a pair of terms: with many priors the curvature of all is one
        matrix product. None where each prior has its own.
    """

    blocks: tuple[_Block, ...]
    acting: Values
    pair: NDArray[np.intp] | None

    @classmethod
    def of(cls, terms: Values, label: Values, weight: Values, acting: Values, *, many: bool) -> _Likelihood:
        n_terms = terms.shape[1]
        first, second = np.triu_indices(n_terms)
        pair = np.zeros((n_terms, n_terms), dtype=np.intp)
        pair[first, second] = pair[second, first] = np.arange(len(first))
        paired = many and n_terms <= MOST_PAIRED
        kept = products_of_pairs(terms) if paired and len(terms) <= BLOCK else None
        blocks = tuple(
            _Block(terms[at : at + BLOCK], label[at : at + BLOCK], weight[at : at + BLOCK], kept)
            for at in range(0, max(1, len(terms)), BLOCK)
        )
        return cls(blocks, acting, pair if paired else None)

    def at(self, parameters: Values) -> tuple[Values, Values, Values]:
        """Sum over all infusions: log likelihood, its gradient and its negative second derivative."""
        sums = self._of_block(self.blocks[0], parameters)
        for block in self.blocks[1:]:
            for total, part in zip(sums, self._of_block(block, parameters), strict=True):
                total += part
        return sums

    def _of_block(self, block: _Block, parameters: Values) -> tuple[Values, Values, Values]:
        terms, label, weight = block.terms, block.label, block.weight
        log_odds = block.log_odds(parameters, self.acting)
        # log(1 + exp(x)) without overflow.
        softplus = np.maximum(log_odds, 0.0) + np.log1p(np.exp(-np.abs(log_odds)))
        risk = expit(log_odds)
        pull, curve = weight * (label - risk), weight * risk * (1 - risk)
        gradient = np.concatenate([pull.sum(axis=1), (pull @ self.acting) @ terms], axis=1)
        fit = (weight * (label * log_odds - softplus)).sum(axis=(1, 2))
        return fit, gradient, self._curvature(block, curve)

    def _curvature(self, block: _Block, curve: Values) -> Values:
        """Negative second derivative: intercepts, intercepts with coefficients, coefficients."""
        n_priors, _, n_horizons = curve.shape
        n_parameters = n_horizons + block.terms.shape[1]
        curvature, first = np.zeros((n_priors, n_parameters, n_parameters)), np.arange(n_horizons)
        curvature[:, first, first] = curve.sum(axis=1)
        across = np.matmul((curve * self.acting).transpose(0, 2, 1), block.terms)
        curvature[:, :n_horizons, n_horizons:] = across
        curvature[:, n_horizons:, :n_horizons] = across.transpose(0, 2, 1)
        shared = curve @ self.acting**2
        curvature[:, n_horizons:, n_horizons:] = (
            block.by_priors(shared) if self.pair is None else block.by_pairs(shared, self.pair)
        )
        return curvature


def products_of_pairs(terms: Values) -> Values:
    """Multiply the terms of every pair, in the order of `numpy.triu_indices`: shape (n_infusions, n_pairs).

    Examples
    --------
    >>> products_of_pairs(np.array([[2.0, 3.0]]))
    array([[4., 6., 9.]])
    """
    n_infusions, n_terms = terms.shape
    products, first = np.empty((n_infusions, n_terms * (n_terms + 1) // 2)), 0
    for term in range(n_terms):
        last = first + n_terms - term
        np.multiply(terms[:, term, None], terms[:, term:], out=products[:, first:last])
        first = last
    return products


@dataclass(frozen=True, repr=False)
class _Position(ShortRepr):
    """Parameters of every prior, and the log posterior there with its derivatives."""

    parameters: Values
    log_posterior: Values
    gradient: Values
    curvature: Values


def _position(likelihood: _Likelihood, priors: NormalPriors, parameters: Values) -> _Position:
    fit, gradient, curvature = likelihood.at(parameters)
    off = parameters - priors.mean
    drawn = _times(priors.precision, off)
    height = fit - (off * drawn).sum(axis=1) / 2
    return _Position(parameters, height, gradient - drawn, priors.precision + curvature)


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


def _times(matrices: Values, vectors: Values) -> Values:
    return np.asarray(np.matmul(matrices, vectors[:, :, None])[:, :, 0])


def _log_determinant(matrices: Values) -> Values:
    return np.asarray(np.linalg.slogdet(matrices)[1])
