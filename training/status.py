"""Whether a model counts as internally validated, and what is missing if not."""

from __future__ import annotations

from collections.abc import Mapping

from serving.summary import Measured

FEWEST_EVENTS = 20
"""Below it intervals of calibration are too wide to tell anything."""
VALIDATED = "internally validated"
NOT_VALIDATED = "not validated locally"
CALIBRATION_RANGE = (0.5, 2.0)


def validation_status(
    metrics: Mapping[str, Measured], gain: Measured, *, n_events: int, n_non_events: int
) -> tuple[str, tuple[str, ...]]:
    """Judge a model's out-of-fold performance at its headline horizon.

    Parameters
    ----------
    metrics : mapping of str to Measured
        At the headline horizon; empty without validation.
    gain : Measured
        Paired gain in log loss over the prevalence.
    n_events, n_non_events : int
        At the headline horizon: distinct events; patients known to be free of it.

    Returns
    -------
    status : str
        ``internally validated`` or ``not validated locally``.
    reasons : tuple of str
        What is missing; empty where validated.

    Examples
    --------
    >>> validation_status({}, Measured(None), n_events=8, n_non_events=50)
    ('not validated locally', ('8 events and 50 non-events, 20 of each are needed', 'not cross-validated'))
    """
    reasons = []
    if min(n_events, n_non_events) < FEWEST_EVENTS:
        reasons.append(f"{n_events} events and {n_non_events} non-events, {FEWEST_EVENTS} of each are needed")
    if not metrics:
        return NOT_VALIDATED, (*reasons, "not cross-validated")
    if gain.low is None or gain.low <= 0:
        reasons.append("not shown to be better than the cohort's prevalence in log loss")
    if not _includes(metrics["observed_expected"], 1.0, within=CALIBRATION_RANGE):
        reasons.append("observed and expected events do not agree (O:E)")
    slope = metrics["calibration_slope"]
    if not _includes(slope, 1.0) or _includes(slope, 0.0):
        reasons.append("the interval of the calibration slope must include 1 and exclude 0")
    return (NOT_VALIDATED if reasons else VALIDATED), tuple(reasons)


def _includes(
    measured: Measured, target: float, *, within: tuple[float, float] = (-float("inf"), float("inf"))
) -> bool:
    if measured.value is None or measured.low is None or measured.high is None:
        return False
    return measured.low <= target <= measured.high and within[0] <= measured.value <= within[1]
