"""What a version was worth in other cohorts, and its updates: a part of its description."""

from __future__ import annotations

from collections.abc import Sequence

from features.outcomes import OUTCOMES
from training.records.experiment_entry import Entry
from training.records.experiment_page import moment
from training.records.experiment_tables import validation_table
from training.records.marked_part import Marks, with_part
from training.records.run_differences import cohort_cell

MARKS = Marks("measured elsewhere")
HEADING = "## In other cohorts"
MOST_ROWS = 30
"""Rows of the table at most, the newest first."""


def described(description: str, validations: Sequence[Entry], updates: Sequence[Entry]) -> str:
    """Renew the part of a version's description; without validation and update it stays as it is.

    Parameters
    ----------
    description : str
        What people wrote around the part is kept.
    validations, updates : sequence of Entry
        Of this version, the newest first.

    Returns
    -------
    description : str
    """
    if not validations and not updates:
        return description
    made = [
        f"- Updated to {each.link} on {cohort_cell(each.facts)}, {moment(each.started)}: {_updated(each)}"
        for each in updates
    ]
    return with_part(
        description, "\n".join([HEADING, "", *validation_table(validations, MOST_ROWS), "", *made]), MARKS
    )


def _updated(entry: Entry) -> str:
    """Name the outcomes that were updated."""
    kinds = {name: entry.facts.tags.get(f"update.{name}") for name in OUTCOMES}
    return ", ".join(f"{OUTCOMES[name].title} ({kind})" for name, kind in kinds.items() if kind)
