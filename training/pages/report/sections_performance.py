"""Section on performance: every measure at every horizon, curves, baselines, centres, groups, sample size."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from features.measures import in_order, measure_title
from serving.answers.card import OutcomeCard
from serving.answers.card_parts import CenterCard, MetricCard, SubgroupCard
from training.pages.html import paragraph
from training.pages.report.contents import Report
from training.pages.report.numbers import figure
from training.pages.report.plots import calibration_plot, decision_plot
from training.pages.report.sections_front import heading
from training.pages.report.tables import headed_table
from training.pages.report.words import BASELINES, field_title
from training.pages.svg import intervals

LEVEL = "calibration_in_the_large"
"""What the picture of groups shows."""


def performance_section(report: Report) -> str:
    """Show what was measured of every outcome."""
    words = (
        "All figures are out of fold: no risk is from a model that saw the patient. Figures have 90 % "
        "intervals over bootstrap draws of patients, and are weighted for censoring."
    )
    measured = any(outcome.metrics for outcome in report.card.outcomes)
    parts = [heading("performance"), *([paragraph(words)] if measured else [])]
    parts += [_outcome(outcome, report) for outcome in report.card.outcomes]
    return "\n".join(parts)


def _outcome(outcome: OutcomeCard, report: Report) -> str:
    parts = [f"<h3>{escape(outcome.title)}</h3>", paragraph(f"Status: {outcome.status}.")]
    update = report.updates.get(outcome.name)
    if update is not None:
        parts.append(paragraph(f"Updated ({update.kind}) on {update.cohort}: {'; '.join(update.tests)}."))
    if outcome.sample_size is not None:
        parts.append(paragraph(f"Sample size: {outcome.sample_size.verdict}."))
    if not outcome.metrics:
        return "\n".join([*parts, paragraph("Nothing was measured out of fold.")])
    parts += [_measures(outcome), _curves(outcome), _paired(outcome)]
    parts += [_centers(outcome), *_subgroups(outcome), _instability(outcome)]
    return "\n".join(part for part in parts if part)


def _measures(outcome: OutcomeCard) -> str:
    days = sorted(outcome.metrics)
    names = in_order({name for found in outcome.metrics.values() for name in found})
    rows = [[measure_title(name), *(figure(outcome.metrics[at].get(name)) for at in days)] for name in names]
    headings = ["Measure", *(f"by day {at}" for at in days)]
    return headed_table(headings, rows, caption=f"{outcome.title}: performance", kind="figures")


def _curves(outcome: OutcomeCard) -> str:
    drawn, by = [], f"by day {outcome.headline_days}, out of fold"
    if outcome.calibration is not None:
        title = f"{outcome.title}: observed against predicted risk {by}"
        said = (
            "Calibration: smooth curve with its 90 % band, groups of at least ten infusions as dots, the "
            "predicted risks along the foot. Right is the diagonal."
        )
        drawn.append(_figure(calibration_plot(outcome.calibration, title=title), said))
    if outcome.decision_curve is not None:
        title = f"{outcome.title}: net benefit by threshold {by}"
        said = (
            "Decision curve: the model (full line), acting on everybody (dashed), acting on nobody (dotted)."
        )
        drawn.append(_figure(decision_plot(outcome.decision_curve, title=title), said))
    return f'<div class="plots">{"".join(drawn)}</div>' if drawn else ""


def _figure(svg: str, said: str) -> str:
    return f"<figure>{svg}<figcaption>{escape(said)}</figcaption></figure>"


def _paired(outcome: OutcomeCard) -> str:
    if not outcome.paired:
        return ""
    rows = [[BASELINES.get(name, name), figure(gain)] for name, gain in outcome.paired.items()]
    caption = f"{outcome.title}: gain in log loss over others in the same folds; above 0 the model is better"
    return headed_table(["Compared with", "Gain"], rows, caption=caption, kind="figures")


def _centers(outcome: OutcomeCard) -> str:
    notes = "".join(paragraph(f"{note}.") for note in outcome.center_notes)
    if not outcome.by_center:
        return notes
    caption = f"{outcome.title}: every centre predicted by a model of the others"
    return f"{_parted('Centre', outcome.by_center, caption)}\n{notes}"


def _subgroups(outcome: OutcomeCard) -> list[str]:
    """Show the figures of each group, and one picture of whether the level of the risks is right in all."""
    if not outcome.by_subgroup:
        return []
    parts = [f"<h4>{escape(outcome.title)}: by group of patients</h4>"]
    words = (
        "Nothing is refitted: the out-of-fold risks of each group of at least twenty infusions of ten "
        "patients, with five events and five free of it, AUROC from ten and ten on; censoring is estimated "
        "in each group. Counts are rounded down to fives. Groups were not chosen by their figures, and many "
        "are looked at: single intervals off 0 are to be expected."
    )
    parts += [paragraph(words), _level(outcome)]
    found = {
        f"{field_title(field)}: {group}": result
        for field, groups in outcome.by_subgroup.items()
        for group, result in groups.items()
    }
    return [*parts, _parted("Group", found, f"{outcome.title}: by group of patients")]


def _level(outcome: OutcomeCard) -> str:
    found = {
        f"{field_title(field)}: {group}": result.metrics[LEVEL]
        for field, groups in outcome.by_subgroup.items()
        for group, result in groups.items()
        if LEVEL in result.metrics
    }
    known = {label: ends for label, metric in found.items() if (ends := _ends(metric)) is not None}
    if not known:
        return ""
    said = [figure(found[label]) for label in known]
    title = f"{outcome.title}: calibration in the large by group"
    drawn = intervals(list(known), list(known.values()), said, title=title)
    words = (
        "Calibration in the large by group: to the right of the line risks are too low, to the left too high."
    )
    return f'<div class="wide">{_figure(drawn, words)}</div>'


def _ends(metric: MetricCard) -> tuple[float, float, float] | None:
    if metric.value is None or metric.low is None or metric.high is None:
        return None
    return metric.value, metric.low, metric.high


def _parted(first: str, found: Mapping[str, CenterCard] | Mapping[str, SubgroupCard], caption: str) -> str:
    names = in_order({name for each in found.values() for name in each.metrics})
    rows = [
        [
            label,
            f"{each.n_infusions}",
            f"{each.n_events}",
            *(figure(each.metrics.get(name)) for name in names),
        ]
        for label, each in found.items()
    ]
    headings = [first, "Infusions", "Events", *map(measure_title, names)]
    return headed_table(headings, rows, caption=caption, kind="figures")


def _instability(outcome: OutcomeCard) -> str:
    if outcome.instability is None or outcome.instability.value is None:
        return ""
    words = "Width of the 90 % interval of the headline risk over the cohort, median (quartiles)"
    return paragraph(f"{words}: {figure(outcome.instability)}.")
