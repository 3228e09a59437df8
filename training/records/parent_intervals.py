"""Intervals of the measures of several outcomes: one tag of a run, whose metrics stay few enough to read.

The runs of single models have the ends of their intervals as metrics. Earlier releases had them as metrics in
the runs of several outcomes too; `with_interval` leaves those as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from features.measures import GAIN
from serving.model.measured import Measured
from training.records.metric_names import GAINS

INTERVALS = "intervals"
"""Tag of a run of several outcomes: ends of the 90 % intervals by outcome and measure, as JSON."""
STATED = (GAIN, "auroc", "calibration_slope", "observed_expected", f"{GAINS}/champion")
"""Metrics whose intervals the page of the experiment shows or judges."""


def intervals_tag(figures: Mapping[str, Mapping[str, Measured]]) -> dict[str, str]:
    """Write the intervals of a run as a tag; none without an interval.

    Parameters
    ----------
    figures : mapping of str to mapping of str to Measured
        By outcome, then by name of the metric without the outcome; those of `STATED` are written.

    Returns
    -------
    tag : dict of str to str

    Examples
    --------
    >>> intervals_tag({"relapse": {"auroc": Measured(0.7, 0.6123, 0.8), "log_loss": Measured(0.6, 0.5, 0.7)}})
    {'intervals': '{"relapse":{"auroc":[0.6123,0.8]}}'}
    >>> intervals_tag({"relapse": {"auroc": Measured(0.7)}})
    {}
    """
    stated = {
        outcome: {
            name: [each.low, each.high]
            for name, each in measures.items()
            if name in STATED and (each.low, each.high) != (None, None)
        }
        for outcome, measures in figures.items()
    }
    intervals = {outcome: ends for outcome, ends in stated.items() if ends}
    return {INTERVALS: json.dumps(intervals, separators=(",", ":"))} if intervals else {}


def with_interval(figure: Measured, tags: Mapping[str, str], outcome: str, name: str) -> Measured:
    """Give a figure the interval that the tag of its run has; its own comes first.

    Parameters
    ----------
    figure : Measured
        With an interval where an earlier release recorded it.
    tags : mapping of str to str
        Of the run.
    outcome, name : str
        As in `intervals_tag`.

    Returns
    -------
    figure : Measured
        As it was where there is no such interval, or somebody has changed the tag.

    Examples
    --------
    >>> tags = intervals_tag({"relapse": {"auroc": Measured(0.7, 0.6, 0.8)}})
    >>> with_interval(Measured(0.7), tags, "relapse", "auroc")
    Measured(value=0.7, low=0.6, high=0.8)
    >>> with_interval(Measured(0.7), {"intervals": "see the report"}, "relapse", "auroc")
    Measured(value=0.7, low=None, high=None)
    """
    if figure.value is None or (figure.low, figure.high) != (None, None):
        return figure
    try:
        low, high = json.loads(tags[INTERVALS])[outcome][name]
    except (KeyError, TypeError, ValueError):
        return figure
    return Measured(figure.value, _number(low), _number(high))


def _number(end: Any) -> float | None:
    return float(end) if isinstance(end, int | float) else None
