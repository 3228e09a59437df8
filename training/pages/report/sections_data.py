"""Sections on the data: from infusions to events, outcomes and estimand, predictors and what is missing."""

from __future__ import annotations

from html import escape

from features.field import specs
from features.problems import counted
from features.schema import Patient
from serving.answers.card import OutcomeCard
from training.pages.html import Markup, items, paragraph
from training.pages.report.contents import Report
from training.pages.report.numbers import NONE, percent, plain
from training.pages.report.predictor_rows import PredictorRow
from training.pages.report.sections_front import heading, open_to_author
from training.pages.report.tables import code, headed_table, lines, soft, text
from training.pages.svg import stacked

KEY = ("event", "competing event", "known free", "censored before")
"""Parts of a bar, in the order of the page's colours."""


def data_section(report: Report) -> str:
    """Participant flow, outcome by outcome."""
    card, parts = report.card, [heading("data")]
    if not card.cohort.trained:
        return "\n".join([*parts, paragraph("No cohort: nobody was observed for these models.")])
    words = f"{card.cohort.name}: {counted(card.cohort.n_infusions, 'infusion')} of "
    words += (
        f"{counted(card.cohort.n_patients, 'patient')}. An infusion is the unit; patients can have several, "
    )
    words += (
        "and splits and resampling keep them together. Missing predictors are listed with the predictors."
    )
    parts += [paragraph(words), f"<p>{open_to_author('screening, exclusions, length of follow-up')}</p>"]
    swatches = "".join(f"<li>{_swatch(place)} {said}</li>" for place, said in enumerate(KEY))
    parts.append(f'<ul class="key">{swatches}</ul>')
    parts += [_flow(outcome, report) for outcome in card.outcomes]
    parts += [paragraph(f"{name} has no model: {why}.") for name, why in card.left_out.items()]
    return "\n".join(parts)


def outcomes_section(report: Report) -> str:
    """Definitions, horizons, competing events, the estimand and censoring."""
    card = report.card
    rows = [
        [
            outcome.title,
            outcome.definition,
            text(", ".join(map(str, outcome.horizons_days))),
            outcome.competing or "none",
            lines(outcome.censoring or NONE, outcome.grading),
        ]
        for outcome in card.outcomes
    ]
    table = headed_table(
        ["Outcome", "Event", "Horizons, days", "Competing", "Censoring"], rows, caption="Outcomes"
    )
    words = (
        "A risk is a cumulative incidence with the competing event competing, never 1 - Kaplan-Meier. "
        f"Estimand {card.estimand}: {card.estimand_means}."
    )
    return heading("outcomes") + paragraph(words) + table


FEW = "< 10"
"""In place of a count that was rounded down to none."""


def predictors_section(report: Report) -> str:
    """Every predictor with its definition, what the cohort holds, and which terms are made of it."""
    words = (
        "Ranges are the 2.5th to 97.5th percentile of the cohort, counts are rounded down to tens; both "
        "only where at least ten patients have a value. Total dose and weight only give the dose per kg "
        "where that is not stated."
    )
    headings = ["Predictor", "Limits or options", "Known", "In the cohort", "Missing", "In the models"]
    rows = [_predictor(row) for row in report.predictors]
    table = headed_table(headings, rows, caption="Predictors", kind="predictors")
    return heading("predictors") + (paragraph(words) if report.card.cohort.trained else "") + table


def _flow(outcome: OutcomeCard, report: Report) -> str:
    title = f"<h3>{escape(outcome.title)}</h3>"
    if not outcome.n_infusions:
        why = "; ".join(outcome.status_reasons)
        return title + paragraph(f"No infusion told of it; the model is published evidence: {why}.")
    update, cohort = report.updates.get(outcome.name), report.card.cohort
    first = (
        f"updated on {update.cohort}"
        if update
        else f"{counted(cohort.n_infusions, 'infusion')} in the cohort"
    )
    competing = f", {outcome.n_competing} competing" if outcome.competing else ""
    last = f"{counted(outcome.n_events, 'event')}{competing} by the last horizon"
    steps = [first, f"outcome known in {counted(outcome.n_infusions, 'infusion')}", last]
    listed = "".join(f"<li><span>{escape(step)}</span></li>" for step in steps)
    decisions = [f"{words}: {count}" for words, count in outcome.counts.items()]
    decisions += [f"day {days} is not judged: {why}" for days, why in outcome.dropped_horizons.items()]
    return f'{title}<ol class="flow">{listed}</ol>{items(decisions) if decisions else ""}{_horizons(outcome)}'


def _horizons(outcome: OutcomeCard) -> str:
    """Part the infusions at every horizon; bundles of earlier trainings have the incidence alone."""
    days = sorted(outcome.cumulative_incidence)
    counts = {at: outcome.horizon_counts[at] for at in days if at in outcome.horizon_counts}
    drawn = ""
    if counts:
        parts = [(f"by day {at}", (n.events, n.competing, n.free, n.censored)) for at, n in counts.items()]
        drawn = stacked(parts, title=f"{outcome.title}: what became of {outcome.n_infusions} infusions")
    rows = []
    for at in days:
        known = counts.get(at)
        numbers = (known.events, known.competing, known.free, known.censored) if known else (None,) * len(KEY)
        rows.append(
            [f"{at}", *(plain(number) for number in numbers), percent(outcome.cumulative_incidence[at])]
        )
    caption = f"{outcome.title}: infusions by horizon; the incidence is weighted for censoring"
    table = headed_table(["By day", *KEY, "Cumulative incidence"], rows, caption=caption)
    return f"<figure>{drawn}{table}</figure>"


def _swatch(place: int) -> str:
    drawn = f'<rect class="part part{place}" width="10" height="10"/>'
    return f'<svg viewBox="0 0 10 10" aria-hidden="true">{drawn}</svg>'


def _predictor(row: PredictorRow) -> list[str]:
    rule = specs(Patient)[row.name].allowed
    if row.middle is not None:
        seen = text(f"{plain(row.middle[0])} to {plain(row.middle[1])}")
    else:
        seen = lines(*(f"{option} {count or FEW}" for option, count in row.options.items())) or text(NONE)
    used = [code(name) for name in row.terms]
    used += [Markup(escape(f"{counted(count, 'split')} ({name})")) for name, count in row.splits.items()]
    return [
        lines(Markup(f"<strong>{escape(row.title)}</strong>"), code(row.name), soft(row.notes)),
        text(rule),
        lines(row.known_when, "required" if row.required else ""),
        seen,
        NONE if row.missing is None else f"{row.missing:.0%}",
        lines(*used) or NONE,
    ]
