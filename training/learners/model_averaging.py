"""From fits under several priors to one coefficient vector, drawn in by what is not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.columns import Values
from training.statistics.laplace import MOST_PAIRED, Fits, products_of_pairs

NEGLIGIBLE = 1e-4
"""Candidates with less weight have no part."""
LOGISTIC_TO_PROBIT = np.pi / 8
"""Mean of a logistic over a normal: ``expit(m / sqrt(1 + pi v / 8))`` (MacKay 1992)."""
HOLD = 1e-4
"""Weight of an infusion at which the slope of the drawing in is held at 1, where patients do not differ."""
PATIENTS = 2048
"""Patients whose risks are averaged together."""
MANY = 30
"""Candidates from which on the products of all pairs of terms save time."""
MOST_STEPS = 50
MOST_HALVINGS = 60
SETTLED = 1e-10


@dataclass(frozen=True)
class Average:
    """One model out of many.

    Attributes
    ----------
    intercepts : ndarray of shape (n_horizons,)
    coefficients : ndarray of shape (n_terms,)
    weights : ndarray of shape (n_candidates,)
        Posterior probability of each candidate; sums to 1.
    """

    intercepts: Values
    coefficients: Values
    weights: Values


def posterior_weights(log_evidence: Values, mass: Values) -> Values:
    """Weigh candidates by prior mass times marginal likelihood; without mass there is no weight.

    Examples
    --------
    >>> posterior_weights(np.log([1.0, 4.0]), np.array([0.8, 0.2])).round(6)
    array([0.5, 0.5])
    """
    # What has no mass may have any evidence, and exceed the range of numbers.
    weights = mass * np.exp(np.minimum(log_evidence - log_evidence[mass > 0].max(), 0.0))
    return np.asarray(weights / weights.sum())


def averaged(
    fits: Fits,
    weights: Values,
    terms: Values,
    counted: Values,
    *,
    n_horizons: int,
    free: NDArray[np.bool_] | None = None,
) -> Average:
    """Average the fits, and draw the average in to the risk that all of them together expect.

    Coefficients are averaged first, which keeps the model one sum of terms. Log-odds of averaged coefficients
    are farther from even than the averaged risk, the more so the less is known; so the intercepts, one
    common factor of the coefficients, and each free coefficient are fitted to the posterior mean risk of the
    patients given.

    Parameters
    ----------
    fits : Fits
        Intercepts before coefficients.
    weights : ndarray of shape (n_candidates,)
        From `posterior_weights`.
    terms : ndarray of shape (n_patients, n_terms)
        Patients over whom the average is drawn in; centered, without NaN.
    counted : ndarray of shape (n_patients,)
        How much each of them counts; may be 0.
    n_horizons : int
    free : ndarray of bool, shape (n_terms,), optional
        Coefficients with a level of their own, such as those of products; none by default.

    Returns
    -------
    average : Average

    Examples
    --------
    >>> fits = Fits(np.array([[-2.0, 1.0]]), np.diag([4.0, 1e9])[None], np.zeros(1))
    >>> average = averaged(fits, np.ones(1), np.array([[-1.0], [1.0]]), np.ones(2), n_horizons=1)
    >>> average.intercepts.round(2), average.coefficients.round(2)
    (array([-1.91]), array([0.95]))
    """
    mean = weights @ fits.parameters
    intercepts, coefficients = mean[:n_horizons], mean[n_horizons:]
    apart = np.zeros(len(coefficients), dtype=np.bool_) if free is None else free
    shape = terms[:, ~apart] @ coefficients[~apart]
    expected = posterior_mean_risk(fits, weights, terms, n_horizons=n_horizons)
    start = np.concatenate([intercepts, [1.0], coefficients[apart]])
    drawn_in = _drawn_in(np.column_stack([shape, terms[:, apart]]), expected, counted, start)
    fitted = drawn_in[n_horizons] * coefficients
    fitted[apart] = drawn_in[n_horizons + 1 :]
    return Average(drawn_in[:n_horizons], fitted, weights)


def posterior_mean_risk(fits: Fits, weights: Values, terms: Values, *, n_horizons: int) -> Values:
    """Average the risk over candidates and over the uncertainty of each: shape (n_patients, n_horizons)."""
    kept = np.flatnonzero(weights > NEGLIGIBLE)
    covariance = np.asarray(np.linalg.inv(fits.curvature[kept]), dtype=np.float64)
    share = weights[kept] / weights[kept].sum()
    # The variance of every patient under every candidate at once would be gigabytes in a large cohort.
    parts = [
        np.tensordot(share, _risks(fits.parameters[kept], covariance, some, n_horizons=n_horizons), axes=1)
        for some in (terms[at : at + PATIENTS] for at in range(0, max(1, len(terms)), PATIENTS))
    ]
    return np.concatenate(parts)


def _risks(parameters: Values, covariance: Values, terms: Values, *, n_horizons: int) -> Values:
    """Risk over the uncertainty of each candidate: shape (n_candidates, n_patients, n_horizons)."""
    shared = covariance[:, n_horizons:, n_horizons:]
    across = np.matmul(terms, covariance[:, n_horizons:, :n_horizons])
    own = np.diagonal(covariance, axis1=1, axis2=2)[:, None, :n_horizons]
    quadratic = _by_pairs(shared, terms) if _many(shared) else (np.matmul(terms, shared) * terms).sum(axis=2)
    variance = quadratic[:, :, None] + 2 * across + own
    center = parameters[:, None, :n_horizons] + (parameters[:, n_horizons:] @ terms.T)[:, :, None]
    return np.asarray(expit(center / np.sqrt(1 + LOGISTIC_TO_PROBIT * np.maximum(variance, 0.0))))


def _many(matrices: Values) -> bool:
    """Whether products of all pairs of terms save time: with many candidates, and without many centers."""
    return len(matrices) >= MANY and matrices.shape[1] <= MOST_PAIRED


def _by_pairs(matrices: Values, terms: Values) -> Values:
    """Quadratic form of all patients by all matrices in one product: shape (n_matrices, n_patients)."""
    first, second = np.triu_indices(terms.shape[1])
    # Each pair of two terms stands for both orders.
    pairs = matrices[:, first, second] * np.where(first == second, 1.0, 2.0)
    return np.asarray(pairs @ products_of_pairs(terms).T)


def _drawn_in(columns: Values, expected: Values, counted: Values, start: Values) -> Values:
    """Fit ``expit(a_k + columns b)`` to expected risks by Newton steps: intercepts, then factors.

    Where a whole step would lead down, as from risks of nearly 0, it is halved until it does not.
    """
    n_horizons = expected.shape[1]
    parameters = start.copy()
    share = counted[:, None] / max(float(counted.sum()), 1e-12)
    hold = np.append(np.full(n_horizons, 1e-12), np.full(columns.shape[1], HOLD))

    def log_odds(at: Values) -> Values:
        return np.asarray(at[:n_horizons] + (columns @ at[n_horizons:])[:, None])

    def height(at: Values) -> float:
        reached = log_odds(at)
        fit = share * (expected * reached - np.logaddexp(0.0, reached))
        return float(fit.sum() - HOLD * ((at - start)[n_horizons:] ** 2).sum() / 2)

    for _ in range(MOST_STEPS):
        risk = expit(log_odds(parameters))
        pull, curve = share * (expected - risk), share * risk * (1 - risk)
        gradient = np.append(pull.sum(axis=0), pull.sum(axis=1) @ columns)
        gradient[n_horizons:] -= HOLD * (parameters - start)[n_horizons:]
        hessian = np.diag(hold)
        hessian[:n_horizons, :n_horizons] += np.diag(curve.sum(axis=0))
        hessian[n_horizons:, n_horizons:] += (columns.T * curve.sum(axis=1)) @ columns
        hessian[:n_horizons, n_horizons:] = curve.T @ columns
        hessian[n_horizons:, :n_horizons] = hessian[:n_horizons, n_horizons:].T
        step = np.linalg.solve(hessian, gradient)
        before = height(parameters)
        for _ in range(MOST_HALVINGS):
            if height(parameters + step) >= before - SETTLED:
                break
            step = step / 2
        parameters = parameters + step
        if np.abs(step).max() < SETTLED:
            break
    return parameters
