"""Weighted logistic models of many bootstrap draws at once, each fitted or said not to exist."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from features.columns import Values

NEWTON_STEPS = 100
HALVINGS = 30
FURTHEST_MOVE = 4.0
"""Largest change of a log-odds in one Newton step."""
SETTLED_GAIN = 1e-10
TINY_PRECISION = 1e-6
"""On mean weights: keeps the intercept of a fold without events finite, and is nothing beside any data."""
LEAST_MISSED = 1e-3
"""Labels missed by less on average are separated: there is no finite fit."""


def logistic_fits(design: Values, label: Values, weight: Values, offset: Values | float = 0.0) -> Values:
    """Fit one weighted logistic model a draw.

    Newton steps on orthonormal columns, halved while the loss rises; a draw that has not settled, or whose
    labels are told apart without error, has no fit.

    Parameters
    ----------
    design : ndarray of shape (n_infusions, n_columns)
        Of full rank; a column of ones where an intercept is wanted.
    label : ndarray of shape (n_infusions,)
        0 or 1.
    weight : ndarray of shape (n_draws, n_infusions)
        One row a draw.
    offset : ndarray of shape (n_infusions,), optional
        Log-odds that are added as they are.

    Returns
    -------
    coefficients : ndarray of shape (n_draws, n_columns)
        NaN where a draw has no fit, as all have where there are fewer infusions than columns.

    Examples
    --------
    >>> label = np.array([0.0, 1.0, 1.0, 1.0])
    >>> logistic_fits(np.ones((4, 1)), label, np.ones((1, 4))).round(4)
    array([[1.0986]])
    """
    if len(design) < design.shape[1]:
        return np.full((len(weight), design.shape[1]), np.nan)
    basis, back = np.linalg.qr(design)
    basis, back = basis * np.sqrt(len(basis)), back / np.sqrt(len(basis))
    total = weight.sum(1, keepdims=True)
    share = np.divide(weight, total, out=np.zeros_like(weight, dtype=float), where=total > 0)
    coefficients = np.zeros((len(weight), design.shape[1]))
    settled = np.zeros(len(weight), dtype=bool)
    for _ in range(NEWTON_STEPS):
        moving = np.flatnonzero(~settled)
        step, gain = _newton_step(coefficients[moving], basis, label, share[moving], offset)
        settled[moving] = gain < SETTLED_GAIN
        if settled.all():
            break
        further = ~settled[moving]
        moving = moving[further]
        coefficients[moving] += _damped(
            step[further], coefficients[moving], basis, label, share[moving], offset
        )
    missed = (share * np.abs(label - expit(coefficients @ basis.T + offset))).sum(1)
    one_sided = np.minimum(weight @ label, weight @ (1 - label)) <= 0
    impossible = one_sided | ~settled | (missed < LEAST_MISSED)
    return np.where(impossible[:, None], np.nan, np.linalg.solve(back, coefficients.T).T)


def _newton_step(
    coefficients: Values, basis: Values, label: Values, share: Values, offset: Values | float
) -> tuple[Values, Values]:
    """Newton step of every draw, and the gain in loss that it promises."""
    n_columns = basis.shape[1]
    risk = expit(coefficients @ basis.T + offset)
    gradient = (share * (label - risk)) @ basis - TINY_PRECISION * coefficients
    pairs = np.einsum("ni,nj->nij", basis, basis).reshape(len(basis), -1)
    hessian = ((share * risk * (1 - risk)) @ pairs).reshape(-1, n_columns, n_columns)
    step = np.linalg.solve(hessian + TINY_PRECISION * np.eye(n_columns), gradient[..., None])[..., 0]
    return step, (gradient * step).sum(1)


def _damped(
    step: Values, coefficients: Values, basis: Values, label: Values, share: Values, offset: Values | float
) -> Values:
    """Shorten each draw's step until it moves no margin far and does not raise the loss."""
    furthest = (np.abs(step @ basis.T) * (share > 0)).max(axis=1)
    size = np.minimum(1.0, FURTHEST_MOVE / np.maximum(furthest, 1e-12))[:, None]
    before = _loss(coefficients, basis, label, share, offset)
    worse = np.arange(len(step))
    for _ in range(HALVINGS):
        tried = coefficients[worse] + size[worse] * step[worse]
        worse = worse[_loss(tried, basis, label, share[worse], offset) > before[worse]]
        if not len(worse):
            break
        size[worse] /= 2
    size[worse] = 0.0
    return size * step


def _loss(
    coefficients: Values, basis: Values, label: Values, share: Values, offset: Values | float
) -> Values:
    """Mean loss of every draw, held a little at 0; ``log(1 + exp(x))`` without overflow."""
    margin = coefficients @ basis.T + offset
    fit = np.log1p(np.exp(-np.abs(margin))) + np.maximum(margin, 0) - label * margin
    return np.asarray((share * fit).sum(1) + TINY_PRECISION * (coefficients**2).sum(1) / 2)
