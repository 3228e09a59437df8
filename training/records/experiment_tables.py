"""The tables of an experiment's page: at a glance, a league per outcome, external validations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from features.measures import GAIN, decimals, short_title
from features.outcomes import OUTCOMES
from features.problems import counted
from serving.model.figure_text import fixed, measured
from serving.model.measured import Measured
from training.records.experiment_entry import OVERFITTED, Entry
from training.records.markdown_table import GAP, plain, table, unbroken
from training.records.run_differences import cohort_cell, differences_cell

MEASURED = (GAIN, "auroc")
CALIBRATION = ("calibration_slope", "observed_expected")
"""Measures of a row, in their order; between them is that of `OVERFITTED` in training."""
OF_VALIDATION = ("auroc", "calibration_slope", "observed_expected")
IN_TRAINING = f"{short_title(OVERFITTED)} in training"
GLANCE = (
    "outcome",
    "model",
    *(short_title(name) for name in MEASURED),
    IN_TRAINING,
    *(short_title(name) for name in CALIBRATION),
    "most gain",
)
AMONG = "(out-of-fold; most gain: among versions of the same cohort and estimand)"
LEAGUE = (
    "version",
    "model",
    *(short_title(name) for name in MEASURED),
    IN_TRAINING,
    short_title(CALIBRATION[0]),
    "status",
    "cohort",
)
DIFFERS = "differs from champion"
CHAMPION_MARK = " **champion**"
STATUS_LONGEST = 30
ROOM = GAP * 2
"""After a name that MLflow would otherwise break within."""


def ranked(entries: Sequence[Entry], outcome: str) -> list[Entry]:
    """Sort the trainings that have an outcome by the gain of its model; the newer first without any."""
    having = [each for each in entries if each.chosen(outcome)]
    return sorted(having, key=lambda each: -_value(each.measures(outcome).get(GAIN)))


def at_a_glance(entries: Sequence[Entry], champion: Entry | None) -> list[str]:
    """Write the champion's measures of every outcome, and which comparable version gains most."""
    shown = champion if champion is not None else (entries[0] if entries else None)
    if shown is None:
        return []
    same = [shown, *(each for each in entries if each is not shown and _comparable(each, shown))]
    rows = []
    for outcome in OUTCOMES:
        first = next(iter(ranked(same, outcome)), None)
        if first is not None:
            rows.append(_glance(shown, first, outcome))
    title = (
        f"**{'Champion' if champion is not None else 'Newest training'}, {shown.link}, at a glance** {AMONG}"
    )
    return [title, "", *table(GLANCE, rows)] if rows else []


def _glance(shown: Entry, first: Entry, outcome: str) -> tuple[str, ...]:
    if not shown.chosen(outcome):
        return (f"`{outcome}`", *["-"] * 6, _most_gain(first, outcome, shown))
    return (
        f"`{outcome}` day {shown.horizon_days(outcome)}",
        f"{plain(shown.chosen(outcome))}{ROOM}",
        *(_figure(shown.measures(outcome), name) for name in MEASURED),
        _apparent(shown, outcome),
        *(_figure(shown.measures(outcome), name) for name in CALIBRATION),
        _most_gain(first, outcome, shown),
    )


def outcome_table(entries: Sequence[Entry], outcome: str, champion: Entry | None, rows: int) -> list[str]:
    """Write the league table of one outcome; nothing where no training has it.

    Parameters
    ----------
    entries : sequence of Entry
    outcome : str
    champion : Entry or None
        Is in the table even if others gain more.
    rows : int
        At most.
    """
    every = ranked(entries, outcome)
    shown = every[:rows]
    if champion in every and champion not in shown and rows:
        shown = [*shown[:-1], champion] if champion is not None else shown
    lines = [_row(each, outcome, champion) for each in shown]
    headings = (*LEAGUE, DIFFERS) if champion is not None else LEAGUE
    known = OUTCOMES[outcome]
    named = f"**`{outcome}`** ({known.title}): {len(shown)} of {counted(len(every), 'version')}, by gain"
    return [named, "", *table(headings, lines)] if lines else []


def validation_table(validations: Sequence[Entry], rows: int) -> list[str]:
    """Write what versions were worth in other cohorts; nothing without a validation."""
    lines = [
        (
            plain(each.facts.tags.get("validated_version", "")),
            cohort_cell(each.facts),
            OUTCOMES[outcome].title,
            *(_figure(each.measures(outcome), name) for name in OF_VALIDATION),
            plain(each.facts.tags.get(f"update.{outcome}", "-")),
            f"[run]({each.page})",
        )
        for each in validations
        for outcome in OUTCOMES
        if each.measures(outcome)
    ][:rows]
    measures = (short_title(name) for name in OF_VALIDATION)
    headings = ("version", "cohort", "outcome", *measures, "update indicated", "")
    return ["**Measured in other cohorts**, newest first", "", *table(headings, lines)] if lines else []


def _row(entry: Entry, outcome: str, champion: Entry | None) -> tuple[str, ...]:
    is_champion = champion is not None and entry.run_id == champion.run_id
    cells = (
        f"[{entry.version or 'run'}]({entry.page}){CHAMPION_MARK if is_champion else ''}",
        f"{plain(entry.chosen(outcome))}{ROOM}",
        *(_figure(entry.measures(outcome), name) for name in MEASURED),
        _apparent(entry, outcome),
        _figure(entry.measures(outcome), CALIBRATION[0]),
        plain(entry.facts.tags.get(f"status.{outcome}", "-"), STATUS_LONGEST),
        cohort_cell(entry.facts),
    )
    if champion is None:
        return cells
    return (*cells, "-" if is_champion else differences_cell(entry.facts, champion.facts))


def _figure(measures: Mapping[str, Measured], name: str) -> str:
    value, opening, interval = measured(measures.get(name), digits=decimals(name)).partition(" (")
    return f"{value}{opening}{unbroken(interval)}"


def _apparent(entry: Entry, outcome: str) -> str:
    """Write the apparent AUROC with the optimism."""
    both = entry.optimism(outcome)
    if both is None:
        return "-"
    digits, (apparent, validated) = decimals(OVERFITTED), both
    difference = fixed(apparent - validated, digits)
    sign = "" if difference.startswith("-") else "+"
    return unbroken(f"{fixed(apparent, digits)} ({sign}{difference})")


def _comparable(one: Entry, other: Entry) -> bool:
    """Whether both were measured in the same patients, and of the same estimand."""
    same_patients = one.facts.tags.get("cohort_sha256") == other.facts.tags.get("cohort_sha256")
    return same_patients and one.facts.parameters.get("estimand") == other.facts.parameters.get("estimand")


def _most_gain(first: Entry, outcome: str, shown: Entry) -> str:
    """Name the version and the model that gain most, with the gain where it is another version's."""
    model = plain(first.chosen(outcome))
    if first.run_id == shown.run_id:
        return f"{first.title}, this one"
    gain = first.measures(outcome)[GAIN].value if GAIN in first.measures(outcome) else None
    return f"[version {first.version or '-'}]({first.page}): {model}, {measured(Measured(gain))}"


def _value(figure: Measured | None) -> float:
    return figure.value if figure is not None and figure.value is not None else float("-inf")
