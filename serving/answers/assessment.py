"""The verdict on a model for readers of its card: one rule over its status, its AUROC and its calibration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from features.measures import GAIN
from serving.model.group_results import CenterResult
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary, Status

CHANCE = 0.5
"""AUROC of a model that orders patients at random."""
IDEAL = 1.0
"""O:E and calibration slope of a calibrated model."""
UNKNOWN = Measured(None)


class Verdict(StrEnum):
    """What a reader may do with the risks of a model; none is a license for single patients."""

    PUBLISHED_EVIDENCE_ONLY = "published_evidence_only"
    """No local patient contributed, so nothing was measured here."""
    IMPLAUSIBLE_DATA = "implausible_data"
    """The data behind it are implausible, so that no metric counts."""
    NOT_VALIDATED = "not_validated"
    """There are no out-of-fold metrics."""
    NO_DISCRIMINATION = "no_discrimination"
    """No evidence that it tells patients apart better than the prevalence does."""
    MISCALIBRATED = "miscalibrated"
    """It tells patients apart, but its risks are wrong as numbers."""
    NOT_ESTABLISHED = "not_established"
    """Discrimination and calibration show no fault, but the model does not count as validated."""
    USE_WITH_CARE = "use_with_care"
    """Better than the prevalence, calibrated, internally validated."""


class Ground(StrEnum):
    """Why a verdict is what it is, and what limits it."""

    NO_AUROC = "no_auroc"
    SAME_RISK = "same_risk"
    """AUROC is 0.5 in every bootstrap sample: all patients get the same risk out of fold."""
    AUROC_BELOW_CHANCE = "auroc_below_chance"
    AUROC_INCLUDES_CHANCE = "auroc_includes_chance"
    NO_GAIN = "no_gain"
    """No lower log loss than the prevalence is shown."""
    TOO_FEW_EVENTS = "too_few_events"
    OBSERVED_EXPECTED = "observed_expected"
    """The interval of O:E excludes 1."""
    CALIBRATION_SLOPE = "calibration_slope"
    """The interval of the slope excludes 1, or includes 0."""
    STATUS = "status"
    """The reasons are those of the status."""
    VALIDATED = "validated"
    SMALL_COHORT = "small_cohort"
    """Smaller than Riley's criteria ask for."""
    WEAK_CENTER = "weak_center"
    """In at least one center the interval of the AUROC includes 0.5 or is below it."""


@dataclass(frozen=True, kw_only=True)
class WeakestCenters:
    """Centers, by number, in which internal-external validation is worst; None where it was not measured.

    Attributes
    ----------
    auroc : int, optional
        With the lowest AUROC.
    observed_expected : int, optional
        With the O:E farthest from 1, as a ratio.
    """

    auroc: int | None
    observed_expected: int | None


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Verdict on the model of an outcome.

    Attributes
    ----------
    verdict : Verdict
    grounds : tuple of Ground
        Those that led to the verdict first, then those that limit it.
    horizon_days : int, optional
        Of the metrics that were judged: the headline horizon, or the first horizon that has any; None without
        validation.
    n_events : int, optional
        Events by then; None where they are masked, or the bundle does not have them.
    weakest_centers : WeakestCenters
    """

    verdict: Verdict
    grounds: tuple[Ground, ...]
    horizon_days: int | None
    n_events: int | None
    weakest_centers: WeakestCenters


def assessment(summary: OutcomeSummary, horizons_days: Sequence[int]) -> Assessment:
    """Judge the model of an outcome by what its summary states.

    Parameters
    ----------
    summary : OutcomeSummary
    horizons_days : sequence of int
        Of the model, the headline horizon first.

    Returns
    -------
    assessment : Assessment
        A metric that could not be computed is never evidence for the model.

    Examples
    --------
    >>> summary = OutcomeSummary(
    ...     n_infusions=90, n_events=30, n_competing=0, cumulative_incidence={30: 0.3}, dropped_horizons={},
    ...     counts={}, grading="", censoring="", metrics={30: {"auroc": Measured(0.6, 0.45, 0.75)}},
    ... )
    >>> judged = assessment(summary, (30,))
    >>> str(judged.verdict), [str(ground) for ground in judged.grounds]
    ('no_discrimination', ['auroc_includes_chance', 'no_gain'])
    """
    days = next((each for each in horizons_days if summary.metrics.get(each)), None)
    verdict, grounds = _judged(summary, summary.metrics[days] if days is not None else {})
    counts = summary.horizon_counts.get(horizons_days[0] if days is None else days)
    return Assessment(
        verdict=verdict,
        grounds=tuple(grounds),
        horizon_days=days,
        n_events=None if counts is None else counts.events,
        weakest_centers=_weakest(summary.by_center),
    )


def _judged(summary: OutcomeSummary, metrics: Mapping[str, Measured]) -> tuple[Verdict, Sequence[Ground]]:
    if summary.doubts:
        return Verdict.IMPLAUSIBLE_DATA, ()
    if summary.status is Status.PUBLISHED_EVIDENCE_ONLY:
        return Verdict.PUBLISHED_EVIDENCE_ONLY, ()
    if not metrics:
        return Verdict.NOT_VALIDATED, ()
    few = [Ground.TOO_FEW_EVENTS] if _few_events(summary) else []
    if undiscriminating := list(_undiscriminating(metrics, summary.paired)):
        return Verdict.NO_DISCRIMINATION, [*undiscriminating, *few]
    if miscalibrated := list(_miscalibrated(metrics)):
        return Verdict.MISCALIBRATED, [*miscalibrated, *few]
    if summary.status is not Status.VALIDATED:
        return Verdict.NOT_ESTABLISHED, few or [Ground.STATUS]
    return Verdict.USE_WITH_CARE, [Ground.VALIDATED, *_limits(summary)]


def _undiscriminating(metrics: Mapping[str, Measured], paired: Mapping[str, Measured]) -> Iterator[Ground]:
    auroc = metrics.get("auroc", UNKNOWN)
    if auroc.low is None or auroc.high is None:
        yield Ground.NO_AUROC
    elif auroc.low == auroc.high == CHANCE:
        yield Ground.SAME_RISK
    elif auroc.high < CHANCE:
        yield Ground.AUROC_BELOW_CHANCE
    elif auroc.low <= CHANCE:
        yield Ground.AUROC_INCLUDES_CHANCE
    gain = metrics.get(GAIN) or paired.get("prevalence", UNKNOWN)
    if gain.low is None or gain.low <= 0:
        yield Ground.NO_GAIN


def _miscalibrated(metrics: Mapping[str, Measured]) -> Iterator[Ground]:
    observed_expected = metrics.get("observed_expected", UNKNOWN)
    slope = metrics.get("calibration_slope", UNKNOWN)
    if _excludes(observed_expected, IDEAL):
        yield Ground.OBSERVED_EXPECTED
    if _excludes(slope, IDEAL) or (slope.low is not None and not _excludes(slope, 0.0)):
        yield Ground.CALIBRATION_SLOPE


def _limits(summary: OutcomeSummary) -> Iterator[Ground]:
    if summary.sample_size is not None and not summary.sample_size.sufficient:
        yield Ground.SMALL_COHORT
    areas = [center.metrics.get("auroc", UNKNOWN) for center in summary.by_center.values()]
    if any(area.low is not None and area.low <= CHANCE for area in areas):
        yield Ground.WEAK_CENTER


def _few_events(summary: OutcomeSummary) -> bool:
    return any(fact.code == "few_events" for fact in summary.status_facts)


def _excludes(measured: Measured, target: float) -> bool:
    """Whether an interval is known and does not include a value."""
    if measured.low is None or measured.high is None:
        return False
    return not measured.low <= target <= measured.high


def _weakest(by_center: Mapping[int, CenterResult]) -> WeakestCenters:
    return WeakestCenters(
        auroc=_worst(by_center, "auroc", lambda value: -value),
        observed_expected=_worst(by_center, "observed_expected", _factor),
    )


def _worst(by_center: Mapping[int, CenterResult], name: str, badness: Callable[[float], float]) -> int | None:
    """Find the center with the worst value of a metric; the first of equals."""
    values = {
        number: value
        for number, center in by_center.items()
        if (value := center.metrics.get(name, UNKNOWN).value) is not None
    }
    return max(values, key=lambda number: badness(values[number]), default=None)


def _factor(ratio: float) -> float:
    """Distance of a ratio from 1, alike above and below."""
    return abs(math.log(ratio)) if ratio > 0 else math.inf
