"""Whether a model counts as internally validated, and what is missing if not."""

from __future__ import annotations

from collections.abc import Mapping

from features.problems import counted
from serving.model.measured import Measured
from serving.model.validation_summary import Reason, Status
from training.statistics.riley_sample_size import Verdict

FEWEST_EVENTS = 20
"""Below it, intervals of calibration are too wide to be informative."""
CALIBRATION_RANGE = (0.5, 2.0)
"""O:E beyond it is off by more than a factor of two, however wide its interval."""


EVEN_ORDER = 0.5
BACKWARDS = (
    "patients with the event had the lower out-of-fold risks (AUROC below 0.5), as an uninformative model "
    "gives in a small cohort: holding out an event lowers the mean of the others"
)


def validation_status(
    metrics: Mapping[str, Measured],
    gain: Measured,
    *,
    n_events: int,
    n_non_events: int,
    sample_size: Verdict | None = None,
) -> tuple[Status, tuple[Reason, ...]]:
    """Judge a model's out-of-fold performance at its headline horizon.

    Parameters
    ----------
    metrics : mapping of str to Measured
        At the headline horizon; empty without validation.
    gain : Measured
        Paired gain in log loss over the prevalence.
    n_events, n_non_events : int
        At the headline horizon: distinct events; event-free patients.
    sample_size : Verdict, optional
        By Riley's criteria.

    Returns
    -------
    status : Status
        Validated or not.
    reasons : tuple of Reason
        What is missing. Of a validated model, only that its cohort is below the recommended size; empty where
        it is not.

    Examples
    --------
    >>> status, reasons = validation_status({}, Measured(None), n_events=8, n_non_events=50)
    >>> str(status), reasons[0].text
    ('not validated locally', '8 distinct events and 50 event-free patients, at least 20 of each are needed')
    >>> reasons[0].code, reasons[0].figures
    ('few_events', {'events': 8, 'non_events': 50, 'needed': 20})
    """
    reasons: list[Reason] = []
    if min(n_events, n_non_events) < FEWEST_EVENTS:
        sizes = f"{counted(n_events, 'distinct event')} and {counted(n_non_events, 'event-free patient')}"
        words = f"{sizes}, at least {FEWEST_EVENTS} of each are needed"
        counts = {"events": n_events, "non_events": n_non_events, "needed": FEWEST_EVENTS}
        reasons.append(Reason("few_events", words, counts))
    if not metrics:
        return Status.NOT_VALIDATED, (*reasons, Reason("not_cross_validated", "not cross-validated"))
    if gain.low is None or gain.low <= 0:
        words = "no evidence of a lower log loss than the cohort's prevalence"
        reasons.append(Reason("not_better_than_prevalence", words))
    if not _includes(metrics["observed_expected"], 1.0, within=CALIBRATION_RANGE):
        words = "observed and expected events disagree (O:E)"
        reasons.append(Reason("observed_expected", words, _stated(metrics["observed_expected"])))
    slope = metrics["calibration_slope"]
    if not _includes(slope, 1.0) or _includes(slope, 0.0):
        words = "no evidence of a correct calibration slope: its interval excludes 1 or includes 0"
        reasons.append(Reason("calibration_slope", words, _stated(slope)))
    area = metrics.get("auroc", Measured(None))
    if area.high is not None and area.high < EVEN_ORDER:
        reasons.append(Reason("backwards", BACKWARDS))
    if reasons:
        return Status.NOT_VALIDATED, tuple(reasons)
    if sample_size is None or sample_size.sufficient:
        return Status.VALIDATED, ()
    size = {
        "n": sample_size.n,
        "events": sample_size.events,
        "n_needed": sample_size.n_needed,
        "events_needed": sample_size.events_needed,
        "parameters": sample_size.parameters,
    }
    return Status.VALIDATED, (Reason("below_recommended_size", sample_size.words, size),)


def _stated(measured: Measured) -> dict[str, float | str]:
    """Figures of a metric; none where one of them could not be computed."""
    value, low, high = measured.value, measured.low, measured.high
    if value is None or low is None or high is None:
        return {}
    return {"value": value, "low": low, "high": high}


def _includes(
    measured: Measured, target: float, *, within: tuple[float, float] = (-float("inf"), float("inf"))
) -> bool:
    if measured.value is None or measured.low is None or measured.high is None:
        return False
    return measured.low <= target <= measured.high and within[0] <= measured.value <= within[1]
