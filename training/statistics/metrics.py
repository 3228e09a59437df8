"""Weighted measures of discrimination, calibration and use, for many weightings at once.

Every function takes ``risk`` and ``label`` of shape (n_infusions,) and ``weight`` of shape
(n_draws, n_infusions), one row a weighting (the cohort itself, or a bootstrap draw of it), and returns an
array of shape (n_draws,). A draw in which a measure does not exist gives NaN. scikit-learn's measures take
one weighting; with one they agree, which the tests check.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.log_odds import expit, logit
from features.measures import NET_BENEFIT_THRESHOLDS_PCT
from training.statistics.logistic_fits import logistic_fits

SMALLEST_RISK = 1e-12
NET_BENEFIT_THRESHOLDS = tuple(threshold / 100 for threshold in NET_BENEFIT_THRESHOLDS_PCT)
"""Risks at which a center might act, from prophylaxis to another treatment."""
SAME_LOG_ODDS = 1e-2
"""Log-odds that range over less are one risk: a slope on them would be noise a hundredfold."""

Metric = Callable[..., Values]
Folds = NDArray[np.int64]


def log_loss(risk: Values, label: Values, weight: Values) -> Values:
    """Mean negative log-likelihood.

    Examples
    --------
    >>> log_loss(np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.ones((1, 2))).round(4)
    array([0.6931])
    """
    kept = np.clip(risk, SMALLEST_RISK, 1 - SMALLEST_RISK)
    loss = -(label * np.log(kept) + (1 - label) * np.log1p(-kept))
    return _mean(loss, weight)


def brier(risk: Values, label: Values, weight: Values) -> Values:
    """Mean squared error; with censoring weights the IPCW Brier score (Graf 1999, PubMed 10474158)."""
    return _mean((risk - label) ** 2, weight)


def brier_scaled(risk: Values, label: Values, weight: Values) -> Values:
    """1 - Brier / Brier of the prevalence: 1 is perfect, 0 no better than the prevalence."""
    prevalence = _mean(label, weight)
    return 1 - _ratio(brier(risk, label, weight), prevalence * (1 - prevalence))


def auroc(risk: Values, label: Values, weight: Values, fold: Folds | None = None) -> Values:
    """Probability that an infusion with the event has the higher risk; ties count half.

    Out of fold, only infusions held out together are compared: a fold whose training set had few events is
    given low risks and has many, which would make a model that predicts nothing look worse than chance.

    Parameters
    ----------
    risk, label, weight : ndarray
        As for every measure.
    fold : ndarray of shape (n_infusions,), optional
        Compare within each; all with all by default.

    References
    ----------
    Airola et al. 2011, doi:10.1016/j.csda.2010.11.023 (bias of pooled cross-validation)

    Examples
    --------
    >>> auroc(np.array([0.1, 0.4, 0.4]), np.array([0.0, 0.0, 1.0]), np.ones((1, 3)))
    array([0.75])
    """
    together = (
        [np.arange(len(risk))] if fold is None else [np.flatnonzero(fold == k) for k in np.unique(fold)]
    )
    wins, pairs = np.sum([_pairs(risk[at], label[at], weight[:, at]) for at in together], axis=0)
    return _ratio(wins, pairs)


def observed_expected(risk: Values, label: Values, weight: Values) -> Values:
    """Observed over expected events (O:E)."""
    return _ratio(_mean(label, weight), _mean(risk, weight))


def calibration_in_the_large(risk: Values, label: Values, weight: Values) -> Values:
    """Intercept of the labels on logit(risk) as offset: 0 is right, above 0 the risks are too low.

    References
    ----------
    Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7
    """
    offset = _log_odds(risk)
    return logistic_fits(np.ones((len(risk), 1)), label, weight, offset=offset)[:, 0]


def calibration_slope(risk: Values, label: Values, weight: Values, fold: Folds | None = None) -> Values:
    """Coefficient of logit(risk) in a logistic model of the labels: 1 is right, below 1 too extreme.

    Out of fold every fold has an intercept of its own, for the reason told at `auroc`.

    Parameters
    ----------
    risk, label, weight : ndarray
        As for every measure.
    fold : ndarray of shape (n_infusions,), optional
        Folds; one intercept for all by default.

    References
    ----------
    Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7
    """
    x = _log_odds(risk)
    held = np.zeros(len(x)) if fold is None else fold
    columns = [(held == k).astype(float) for k in np.unique(held)]
    if max(np.ptp(x[column == 1]) for column in columns) < SAME_LOG_ODDS:
        return np.full(len(weight), np.nan)
    return logistic_fits(np.column_stack([x, *columns]), label, weight)[:, 0]


def ici(risk: Values, label: Values, weight: Values) -> Values:
    """Integrated calibration index: mean distance of the risks from a smooth calibration curve.

    The curve is a logistic model on a restricted cubic spline of logit(risk), knots at the 10th, 50th and
    90th percentile; a straight line where the risks are too alike for three knots. Chance alone makes it
    larger than 0: of risks that are right, .05 with 100 patients and .03 with 300 (`measured_distance`).

    References
    ----------
    Austin & Steyerberg 2019, doi:10.1002/sim.8281
    """
    smooth = smooth_calibration(risk, label, weight)
    return _ratio((weight * np.abs(smooth - risk)).sum(1), weight.sum(1))


def smooth_calibration(risk: Values, label: Values, weight: Values) -> Values:
    """Estimate the event share at each infusion's risk, the curve that `ici` measures.

    Parameters
    ----------
    risk, label, weight : ndarray
        As for every measure.

    Returns
    -------
    smooth : ndarray of shape (n_draws, n_infusions)
        In (0, 1); NaN in a draw in which the curve does not exist.
    """
    basis = _spline(_log_odds(risk))
    return expit(logistic_fits(basis, label, weight) @ basis.T)


def net_benefit(threshold: float) -> Metric:
    """Make the net benefit of acting on risks from a threshold on.

    Parameters
    ----------
    threshold : float
        Risk in (0, 1).

    Returns
    -------
    metric : callable
        True positives less false positives weighed by the odds of the threshold, per infusion.

    References
    ----------
    Vickers & Elkin 2006, doi:10.1177/0272989X06295361

    Examples
    --------
    >>> risk = np.array([.1, .2, .3, .4, .5, .6, .7, .8])
    >>> label = np.array([0, 0, 1, 0, 1, 0, 1, 1.])
    >>> net_benefit(0.25)(risk, label, np.ones((1, 8))).round(5)
    array([0.41667])
    """
    odds = threshold / (1 - threshold)

    def metric(risk: Values, label: Values, weight: Values) -> Values:
        treated = (risk >= threshold).astype(float)
        return _mean(treated * (label - odds * (1 - label)), weight)

    return metric


METRICS: dict[str, Metric] = {
    "log_loss": log_loss,
    "brier": brier,
    "brier_scaled": brier_scaled,
    "auroc": auroc,
    "observed_expected": observed_expected,
    "calibration_in_the_large": calibration_in_the_large,
    "calibration_slope": calibration_slope,
    "ici": ici,
    **{f"net_benefit_at_{100 * at:.0f}": net_benefit(at) for at in NET_BENEFIT_THRESHOLDS},
}
"""Every measure by the name under which it is logged, shown and stored."""


DISTANCES = ("ici",)
"""Measures that chance alone makes larger than 0, and every bootstrap draw larger still."""
WITHIN_FOLDS = ("auroc", "calibration_slope")
"""Measures that take ``fold``, since pooling over folds biases them."""


def _log_odds(risk: Values) -> Values:
    return logit(np.clip(risk, SMALLEST_RISK, 1 - SMALLEST_RISK))


def _mean(values: Values, weight: Values) -> Values:
    return _ratio(weight @ values, weight.sum(1))


def _ratio(above: Values, below: Values) -> Values:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def _pairs(risk: Values, label: Values, weight: Values) -> tuple[Values, Values]:
    """Weight of pairs of event and no event that the risk orders rightly, and of all such pairs."""
    order = np.argsort(risk, kind="stable")
    starts = np.flatnonzero(np.diff(risk[order], prepend=-1.0))
    cases = np.add.reduceat((weight * label)[:, order], starts, axis=1)
    controls = np.add.reduceat((weight * (1 - label))[:, order], starts, axis=1)
    below = np.cumsum(controls, axis=1) - controls / 2
    return (cases * below).sum(1), cases.sum(1) * controls.sum(1)


def _spline(x: Values) -> Values:
    """Columns 1, x and a restricted cubic spline in x with three knots (Harrell's basis)."""
    low, middle, high = np.quantile(x, [0.1, 0.5, 0.9])
    straight = np.column_stack([np.ones(len(x)), x])
    if min(middle - low, high - middle) < 1e-3:
        return straight if np.ptp(x) > 1e-9 else straight[:, :1]

    def cubed(knot: float) -> Values:
        return np.maximum(x - knot, 0.0) ** 3

    bend = cubed(low) - cubed(middle) * (high - low) / (high - middle)
    bend += cubed(high) * (middle - low) / (high - middle)
    return np.column_stack([straight, bend / (high - low) ** 2])
