"""Weighted logistic regression with a normal prior, and Firth's, by Newton steps."""

from __future__ import annotations

import numpy as np

from features.columns import Values
from features.log_odds import expit

NEWTON_STEPS = 60
FURTHEST_MOVE = 3.0
"""Largest change of a log-odds in one step."""
SETTLED = 1e-7
LEAST_CURVATURE = 1e-8


def logistic_map(
    design: Values,
    label: Values,
    weight: Values,
    *,
    mean: Values,
    precision: Values,
    start: Values | None = None,
) -> Values:
    """Maximize the weighted log-likelihood plus independent normal log priors.

    Parameters
    ----------
    design : ndarray of shape (n_rows, n_columns)
        With a column of ones where an intercept is wanted.
    label, weight : ndarray of shape (n_rows,)
    mean, precision : ndarray of shape (n_columns,)
        Of the priors; precision 0 for none.
    start : ndarray of shape (n_columns,), optional
        Where the steps start; the prior mean by default.

    Returns
    -------
    coefficients : ndarray of shape (n_columns,)

    Examples
    --------
    >>> ones, label = np.ones((4, 1)), np.array([0.0, 1.0, 1.0, 1.0])
    >>> logistic_map(ones, label, np.ones(4), mean=np.zeros(1), precision=np.zeros(1)).round(4)
    array([1.0986])
    """
    beta: Values = (mean if start is None else start).astype(np.float64)
    for _ in range(NEWTON_STEPS):
        risk = expit(design @ beta)
        gradient = np.asarray(design.T @ (weight * (label - risk)) - precision * (beta - mean), dtype=float)
        curvature = _curvature(design, weight * risk * (1 - risk), precision)
        step: Values = np.linalg.solve(curvature, gradient)
        beta = np.asarray(beta + _damped(step, design), dtype=np.float64)
        if np.abs(step).max() < SETTLED:
            break
    return beta


def firth(design: Values, label: Values, weight: Values) -> Values:
    """Maximize the likelihood with Jeffreys' prior, which stays finite where labels are separated.

    Parameters
    ----------
    design : ndarray of shape (n_rows, n_columns)
        Of full rank, with a column of ones.
    label, weight : ndarray of shape (n_rows,)

    Returns
    -------
    coefficients : ndarray of shape (n_columns,)

    References
    ----------
    Firth 1993, doi:10.1093/biomet/80.1.27; Heinze & Schemper 2002, doi:10.1002/sim.1047.

    Examples
    --------
    One of four, with half an event added on either side: 1.5 of 5.

    >>> firth(np.ones((4, 1)), np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4)).round(4)
    array([-0.8473])
    """
    beta: Values = np.zeros(design.shape[1])
    nothing = np.zeros(design.shape[1])
    for _ in range(NEWTON_STEPS):
        risk = expit(design @ beta)
        information = weight * risk * (1 - risk)
        curvature = _curvature(design, information, nothing)
        leverage = information * np.einsum("ij,ji->i", design, np.linalg.solve(curvature, design.T))
        gradient = design.T @ (weight * (label - risk) + leverage * (0.5 - risk))
        step: Values = np.linalg.solve(curvature, gradient)
        beta = np.asarray(beta + _damped(step, design), dtype=np.float64)
        if np.abs(step).max() < SETTLED:
            break
    return beta


def _curvature(design: Values, information: Values, precision: Values) -> Values:
    return np.asarray((design.T * information) @ design) + np.diag(precision + LEAST_CURVATURE)


def _damped(step: Values, design: Values) -> Values:
    return np.asarray(
        step * min(1.0, FURTHEST_MOVE / max(float(np.abs(design @ step).max()), 1e-12)), dtype=np.float64
    )
