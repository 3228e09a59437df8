"""Logistic regression over several horizons at once, with a normal prior on the shared coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.log_odds import expit, logit

INTERCEPT_SPREAD = 2.0
"""Prior standard deviation of each intercept about the observed log-odds: so wide that it only keeps an
intercept finite where a fold has no event."""
MOST_STEPS = 60
TOLERANCE = 1e-10


@dataclass(frozen=True)
class LogisticFit:
    """Fitted intercepts and coefficients.

    Attributes
    ----------
    intercepts : ndarray of shape (n_horizons,)
        Log-odds at zero terms, never falling with time.
    coefficients : ndarray of shape (n_terms,)
    """

    intercepts: Values
    coefficients: Values


def penalized_logistic(
    terms: Values,
    label: Values,
    weight: Values,
    *,
    horizons_days: tuple[int, ...],
    mean: Values,
    precision: Values,
) -> LogisticFit:
    """Maximise the weighted log-likelihood plus the log prior by Newton steps.

    Each horizon's labels count by their weight over the number of horizons, so that an infusion counts once.

    Parameters
    ----------
    terms : ndarray of shape (n_infusions, n_terms)
        Centred, without NaN.
    label, weight : ndarray of shape (n_infusions, n_horizons)
        0 or 1; 0 or more.
    horizons_days : tuple of int
        Orders the intercepts.
    mean : ndarray of shape (n_terms,)
        Prior mean of the coefficients, log-odds per unit.
    precision : ndarray of shape (n_terms, n_terms)
        Prior precision of the coefficients.

    Returns
    -------
    fit : LogisticFit

    Raises
    ------
    FloatingPointError
        If the steps do not settle, which a proper prior precludes.

    Examples
    --------
    >>> terms = np.array([[-1.0], [0.0], [1.0], [2.0]])
    >>> label, weight = np.array([[0.0], [0.0], [1.0], [1.0]]), np.ones((4, 1))
    >>> fit = penalized_logistic(terms, label, weight, horizons_days=(30,),
    ...                          mean=np.zeros(1), precision=np.eye(1))
    >>> fit.coefficients.round(2)
    array([0.94])
    """
    n_horizons, n_terms = label.shape[1], terms.shape[1]
    shared = weight / n_horizons
    observed = _finite_log_odds((shared * label).sum(0) / shared.sum(0))
    intercepts, coefficients = observed.copy(), mean.astype(float).copy()
    loss = np.inf
    for _ in range(MOST_STEPS):
        risk = expit(intercepts + (terms @ coefficients)[:, None])
        pull = shared * (label - risk)
        curve = shared * risk * (1 - risk)
        gradient = np.concatenate(
            [
                pull.sum(0) - (intercepts - observed) / INTERCEPT_SPREAD**2,
                terms.T @ pull.sum(1) - precision @ (coefficients - mean),
            ]
        )
        cross = curve.T @ terms
        hessian = np.block(
            [
                [np.diag(curve.sum(0) + INTERCEPT_SPREAD**-2), cross],
                [cross.T, (terms.T * curve.sum(1)) @ terms + precision],
            ]
        )
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 2.0 / max(np.abs(terms @ step[n_horizons:]).max(initial=0.0), 1e-12))
        intercepts, coefficients = intercepts + step[:n_horizons], coefficients + step[n_horizons:]
        loss = float(gradient @ step)
        if loss < TOLERANCE:
            return LogisticFit(_never_falling(intercepts, horizons_days), coefficients)
    message = f"Newton steps did not settle in {MOST_STEPS} rounds (last gain {loss:.1e}, {n_terms} terms)"
    raise FloatingPointError(message)


def _finite_log_odds(share: Values) -> Values:
    """Log-odds of a share, drawn in by a hundredth so that none and all stay finite."""
    return logit(0.98 * share + 0.01)


def _never_falling(intercepts: Values, horizons_days: tuple[int, ...]) -> Values:
    """Keep the curve from crossing itself: a later horizon's intercept is at least the earlier one's."""
    order = np.argsort(horizons_days)
    ordered = np.empty_like(intercepts)
    ordered[order] = np.maximum.accumulate(intercepts[order])
    return ordered
