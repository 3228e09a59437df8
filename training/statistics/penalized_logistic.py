"""Logistic regression over several horizons at once, with a normal prior on the shared coefficients.

scikit-learn's class has one label an infusion, one penalty for all coefficients and no prior mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.log_odds import logit
from training.statistics.laplace import NormalPriors, fit_priors

INTERCEPT_SPREAD = 2.0
"""Prior standard deviation of each intercept about the observed log-odds: so wide that it only keeps an
intercept finite where a fold has no event."""


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
        Centered, without NaN.
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
    observed = observed_log_odds(label, weight)
    prior_precision = np.zeros((n_horizons + n_terms, n_horizons + n_terms))
    prior_precision[:n_horizons, :n_horizons] = np.eye(n_horizons) / INTERCEPT_SPREAD**2
    prior_precision[n_horizons:, n_horizons:] = precision
    prior = NormalPriors(np.concatenate([observed, mean])[None], prior_precision[None])
    parameters = fit_priors(terms, label, weight, prior).parameters[0]
    return LogisticFit(never_falling(parameters[:n_horizons], horizons_days), parameters[n_horizons:])


def observed_log_odds(label: Values, weight: Values) -> Values:
    """State the log-odds of the weighted share of events, drawn in by a hundredth so that they stay finite.

    Parameters
    ----------
    label, weight : ndarray of shape (n_infusions, n_horizons)
        0 or 1; 0 or more.

    Returns
    -------
    log_odds : ndarray of shape (n_horizons,)
        A horizon of which nothing is known, as in a part of a small cohort, has the share of all others; one
        half where nothing is known of any.

    Examples
    --------
    >>> label = np.array([[1.0, 1.0], [0.0, 0.0]])
    >>> observed_log_odds(label, np.array([[3.0, 0.0], [1.0, 0.0]])).round(2)
    array([1.07, 1.07])
    >>> observed_log_odds(label, np.zeros((2, 2)))
    array([0., 0.])
    """
    events, total = (weight * label).sum(axis=0), weight.sum(axis=0)
    of_all = events.sum() / total.sum() if total.any() else 0.5
    share = np.divide(events, total, out=np.full_like(total, of_all), where=total > 0)
    return logit(0.98 * share + 0.01)


def never_falling(intercepts: Values, horizons_days: tuple[int, ...]) -> Values:
    """Keep the curve from crossing itself: a later horizon's intercept is at least the earlier one's.

    Parameters
    ----------
    intercepts : ndarray of shape (n_horizons,)
        Log-odds, in the order of ``horizons_days``.
    horizons_days : tuple of int

    Returns
    -------
    intercepts : ndarray of shape (n_horizons,)

    Examples
    --------
    >>> never_falling(np.array([0.5, -1.0, -1.2]), (365, 90, 180)).tolist()
    [0.5, -1.0, -1.0]
    """
    order = np.argsort(horizons_days)
    ordered = np.empty_like(intercepts)
    ordered[order] = np.maximum.accumulate(intercepts[order])
    return ordered
