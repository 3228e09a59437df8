"""Section on performance: every measure at every horizon, curves, baselines, centers, groups, sample size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from features.measures import in_order, measure_title
from features.small_counts import count_cell
from serving.answers.card import OutcomeCard
from serving.model.group_results import CenterResult, SubgroupResult
from serving.model.measured import Measured
from training.pages.html import Table
from training.pages.report.contents import Report
from training.pages.report.imputation_words import sensitivity_words
from training.pages.report.numbers import figure
from training.pages.report.plots import calibration_plot, decision_plot
from training.pages.report.words import BASELINES, group_title
from training.pages.svg import intervals
from training.validation.center_label import center_title

LEVEL = "calibration_in_the_large"
"""What the picture of groups shows."""
CALIBRATION = (
    "Calibration: smooth curve with its 90 % band; dots are groups of at least ten infusions; the histogram "
    "shows the predicted risks; the diagonal is perfect calibration."
)
DECISION = "Decision curve: the model (solid line), treating everyone (dashed), treating no one (dotted)."
IN_THE_LARGE = (
    "Calibration in the large by subgroup. Right of the line, predicted risks are too low; left of it, too "
    "high."
)
WIDTH = "Width of the 90 % interval of the headline risk over the cohort, median (quartiles)"


@dataclass(frozen=True)
class Captioned:
    """A drawing with its caption."""

    svg: Markup
    caption: str


@dataclass(frozen=True)
class OutcomePerformance:
    """Performance of one outcome's model; what was not measured is None or empty.

    Attributes
    ----------
    title, status : str
    lines : tuple of str
        Update and sample size.
    measures, paired, centers, subgroups : Table or None
        Nothing was measured where there are no measures.
    curves : tuple of Captioned
    center_notes : tuple of str
    level : Captioned or None
        Calibration in the large by subgroup.
    instability, imputation : str
    """

    title: str
    status: str
    lines: tuple[str, ...]
    measures: Table | None
    curves: tuple[Captioned, ...]
    paired: Table | None
    centers: Table | None
    center_notes: tuple[str, ...]
    level: Captioned | None
    subgroups: Table | None
    instability: str
    imputation: str


@dataclass(frozen=True)
class PerformanceView:
    """Whether anything was measured, and of every outcome what."""

    measured: bool
    outcomes: tuple[OutcomePerformance, ...]


def performance_view(report: Report) -> PerformanceView:
    """Show what was measured of every outcome."""
    outcomes = report.card.outcomes
    measured = any(outcome.metrics for outcome in outcomes)
    return PerformanceView(measured, tuple(_outcome(outcome, report) for outcome in outcomes))


def _outcome(outcome: OutcomeCard, report: Report) -> OutcomePerformance:
    groups = {
        group_title(field, result.title or code): result
        for field, results in outcome.by_subgroup.items()
        for code, result in results.items()
    }
    centers = {center_title(number): result for number, result in outcome.by_center.items()}
    held_out = f"{outcome.title}: each center predicted by a model of the others"
    return OutcomePerformance(
        title=outcome.title,
        status=outcome.status,
        lines=_lines(outcome, report),
        measures=_measures(outcome) if any(outcome.metrics.values()) else None,
        curves=_curves(outcome),
        paired=_paired(outcome) if outcome.paired else None,
        centers=_by_part("Center", centers, held_out) if centers else None,
        center_notes=tuple(f"{note}." for note in outcome.center_notes),
        level=_level(outcome, groups),
        subgroups=_by_part("Subgroup", groups, f"{outcome.title}: subgroups") if groups else None,
        instability=_instability(outcome),
        imputation=sensitivity_words(outcome.imputation_sensitivity),
    )


def _lines(outcome: OutcomeCard, report: Report) -> tuple[str, ...]:
    update, size = report.updates.get(outcome.name), outcome.sample_size
    updated = f"Updated ({update.kind}) on {update.cohort}: {'; '.join(update.tests)}." if update else ""
    verdict = f"Sample size: {size.verdict}." if size is not None else ""
    return tuple(line for line in (updated, verdict) if line)


def _measures(outcome: OutcomeCard) -> Table:
    days = sorted(outcome.metrics)
    names = in_order({name for metrics in outcome.metrics.values() for name in metrics})
    rows = [[measure_title(name), *(figure(outcome.metrics[at].get(name)) for at in days)] for name in names]
    headings = ["Measure", *(f"by day {at}" for at in days)]
    return Table(headings, rows, caption=f"{outcome.title}: performance", kind="figures")


def _curves(outcome: OutcomeCard) -> tuple[Captioned, ...]:
    drawn, by = [], f"by day {outcome.headline_days}, out of fold"
    if outcome.calibration is not None:
        title = f"{outcome.title}: observed against predicted risk {by}"
        drawn.append(Captioned(calibration_plot(outcome.calibration, title=title), CALIBRATION))
    if outcome.decision_curve is not None:
        title = f"{outcome.title}: net benefit by threshold {by}"
        drawn.append(Captioned(decision_plot(outcome.decision_curve, title=title), DECISION))
    return tuple(drawn)


def _paired(outcome: OutcomeCard) -> Table:
    rows = [[BASELINES.get(name, name), figure(gain)] for name, gain in outcome.paired.items()]
    caption = (
        f"{outcome.title}: gain in log loss over baselines in the same folds; above 0 the model is better"
    )
    return Table(["Compared with", "Gain"], rows, caption=caption, kind="figures")


def _level(outcome: OutcomeCard, groups: Mapping[str, SubgroupResult]) -> Captioned | None:
    """Draw whether the level of the risks is right in every group."""
    metrics = {label: result.metrics[LEVEL] for label, result in groups.items() if LEVEL in result.metrics}
    ends = {label: known for label, metric in metrics.items() if (known := _ends(metric)) is not None}
    if not ends:
        return None
    title = f"{outcome.title}: calibration in the large by subgroup"
    figures = [figure(metrics[label]) for label in ends]
    return Captioned(intervals(list(ends), list(ends.values()), figures, title=title), IN_THE_LARGE)


def _ends(metric: Measured) -> tuple[float, float, float] | None:
    if metric.value is None or metric.low is None or metric.high is None:
        return None
    return metric.value, metric.low, metric.high


def _by_part(first: str, parts: Mapping[str, CenterResult], caption: str) -> Table:
    names = in_order({name for part in parts.values() for name in part.metrics})
    rows = [
        [
            label,
            f"{part.n_infusions}",
            f"{count_cell(part.n_events)}",
            *(figure(part.metrics.get(name)) for name in names),
        ]
        for label, part in parts.items()
    ]
    return Table([first, "Infusions", "Events", *map(measure_title, names)], rows, caption, kind="figures")


def _instability(outcome: OutcomeCard) -> str:
    if outcome.instability is None or outcome.instability.value is None:
        return ""
    return f"{WIDTH}: {figure(outcome.instability)}."
