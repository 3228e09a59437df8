"""Sections on the data: from infusions to events, outcomes and estimand, predictors and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from features.decisions import decision_words
from features.field import specs
from features.problems import counted
from features.schema import Patient
from features.small_counts import count_cell
from serving.answers.card import OutcomeCard
from training.pages.html import Table, code
from training.pages.report.contents import Report
from training.pages.report.facts import event_words
from training.pages.report.numbers import NONE, percent, plain
from training.pages.report.predictor_rows import PredictorRow
from training.pages.report.tables import lines, soft, strong, text
from training.pages.svg import stacked

KEY = ("event", "competing event", "event-free", "censored")
"""Parts of a bar, in the order of the page's colors."""
FEW = "< 10"
"""In place of a count that was rounded down to none."""


@dataclass(frozen=True)
class FlowView:
    """From infusions to events of one outcome.

    Attributes
    ----------
    title : str
    not_observed : str
        Why there is no flow; empty where there is one, and then the rest is empty.
    steps, decisions : tuple of str
    drawing : Markup
        Empty for bundles of earlier trainings, which have no counts by horizon.
    horizons : Table or None
    """

    title: str
    not_observed: str = ""
    steps: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    drawing: Markup = Markup("")
    horizons: Table | None = None


@dataclass(frozen=True)
class DataView:
    """Size of the cohort, and the flow of each outcome."""

    size: str
    flows: tuple[FlowView, ...]
    key: tuple[str, ...] = KEY


def data_view(report: Report) -> DataView:
    """Describe participant flow, outcome by outcome."""
    cohort = report.card.cohort
    size = f"{counted(cohort.n_infusions, 'infusion')} of {counted(cohort.n_patients, 'patient')}"
    flows = tuple(_flow(outcome, report) for outcome in report.card.outcomes) if cohort.trained else ()
    return DataView(size, flows)


def outcomes_table(report: Report) -> Table:
    """List definitions, horizons, competing events and censoring."""
    rows = [
        [
            outcome.title,
            outcome.definition,
            text(", ".join(map(str, outcome.horizons_days))),
            outcome.competing or "none",
            lines(outcome.censoring or NONE, outcome.grading),
        ]
        for outcome in report.card.outcomes
    ]
    headings = ["Outcome", "Event", "Horizons, days", "Competing event", "Censoring"]
    return Table(headings, rows, caption="Outcomes")


def predictors_table(report: Report) -> Table:
    """List every predictor with its definition, its values in the cohort, and the terms made from it."""
    headings = ["Predictor", "Limits or options", "Known", "In the cohort", "Missing", "In the models"]
    rows = [_predictor(row) for row in report.predictors]
    return Table(headings, rows, caption="Predictors", kind="predictors")


def _flow(outcome: OutcomeCard, report: Report) -> FlowView:
    if not outcome.n_infusions:
        why = "; ".join(outcome.status_reasons)
        return FlowView(
            outcome.title, f"Not observed in this cohort; the model is published evidence: {why}."
        )
    update, cohort = report.updates.get(outcome.name), report.card.cohort
    first = (
        f"updated on {update.cohort}"
        if update
        else f"{counted(cohort.n_infusions, 'infusion')} in the cohort"
    )
    shown = outcome.competing and outcome.n_competing is not None
    competing = f", {outcome.n_competing} competing" if shown else ""
    last = f"{event_words(outcome)}{competing} by the last horizon"
    decisions = [f"{decision_words(code)}: {count}" for code, count in outcome.counts.items()]
    decisions += [f"day {days} was not evaluated: {why}" for days, why in outcome.dropped_horizons.items()]
    return FlowView(
        outcome.title,
        steps=(first, f"outcome known in {counted(outcome.n_infusions, 'infusion')}", last),
        decisions=tuple(decisions),
        drawing=_drawing(outcome),
        horizons=_horizons(outcome),
    )


def _drawing(outcome: OutcomeCard) -> Markup:
    by_day = sorted(outcome.horizon_counts.items())
    counts = {days: (n.events, n.competing, n.free, n.censored) for days, n in by_day}
    known = {days: [each for each in parts if each is not None] for days, parts in counts.items()}
    # A bar needs all of its parts.
    parts = [(f"by day {days}", each) for days, each in known.items() if len(each) == len(KEY)]
    infusions = counted(outcome.n_infusions, "infusion")
    return stacked(parts, title=f"{outcome.title}: what became of {infusions}") if parts else Markup("")


def _horizons(outcome: OutcomeCard) -> Table:
    """List the infusions at every horizon; bundles of earlier trainings have the incidence alone."""
    rows = []
    for days, incidence in sorted(outcome.cumulative_incidence.items()):
        known = outcome.horizon_counts.get(days)
        counts = (known.events, known.competing, known.free, known.censored) if known else ()
        numbers = [f"{count_cell(each)}" for each in counts] or [NONE] * len(KEY)
        rows.append([f"{days}", *numbers, percent(incidence)])
    caption = f"{outcome.title}: infusions by horizon; cumulative incidence weighted for censoring"
    return Table(["By day", *KEY, "Cumulative incidence"], rows, caption=caption)


def _predictor(row: PredictorRow) -> list[str]:
    if row.middle is not None:
        values = text(f"{plain(row.middle[0])} to {plain(row.middle[1])}")
    else:
        values = lines(*(f"{option} {count or FEW}" for option, count in row.options.items())) or text(NONE)
    used = [*map(code, row.terms)]
    used += [text(f"{counted(count, 'split')} ({name})") for name, count in row.splits.items()]
    return [
        lines(strong(row.title), code(row.name), soft(row.notes)),
        text(specs(Patient)[row.name].allowed),
        lines(row.known_when, "required" if row.required else ""),
        values,
        NONE if row.missing is None else f"{row.missing:.0%}",
        lines(*used) or NONE,
    ]
