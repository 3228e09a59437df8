"""Rules that join the rows of one patient: no infusion twice, no fact that changes."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from features.advice import Advice, plain
from features.problem_codes import Code
from features.rules import CORRECT_ONE

CONSTANT_FACTS = ("sex", "kmt2a_rearranged")
"""Columns that cannot differ between infusions of one patient."""

TWICE = plain("number the infusions 1, 2, ...; is a row repeated?")


class RowConflict(NamedTuple):
    """A row that contradicts another row of the same patient.

    Parameters
    ----------
    position, other : int
        Of the row and of the row that it contradicts, in the order given.
    column : str
        What contradicts.
    code : Code
        Kind of contradiction.
    rule : str
        What must hold.
    advice : Advice
        How to fix it.
    """

    position: int
    other: int
    column: str
    code: Code
    rule: str
    advice: Advice = CORRECT_ONE


def row_conflicts(rows: Sequence[Mapping[str, Any]]) -> list[RowConflict]:
    """Find what contradicts itself between rows of one patient.

    Parameters
    ----------
    rows : sequence of mapping
        Typed values by column, None or absent where missing; ``patient_id`` may be missing too.

    Returns
    -------
    conflicts : list of RowConflict
        By position.

    Examples
    --------
    >>> rows = [{"patient_id": "a", "sex": "female"}, {"patient_id": "a", "sex": "male"}]
    >>> [(conflict.position, conflict.column) for conflict in row_conflicts(rows)]
    [(1, 'infusion_number'), (1, 'sex')]
    """
    of_patient: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        if row.get("patient_id") is not None:
            of_patient[row["patient_id"]].append(position)
    several = [positions for positions in of_patient.values() if len(positions) > 1]
    conflicts = (conflict for positions in several for conflict in _conflicts(rows, positions))
    return sorted(conflicts, key=lambda conflict: conflict[:5])


def infusion_number(row: Mapping[str, Any]) -> int:
    """Give the number of the infusion; a blank one is 1."""
    return row.get("infusion_number") or 1


def _conflicts(rows: Sequence[Mapping[str, Any]], positions: list[int]) -> Iterator[RowConflict]:
    yield from _repeated(rows, positions)
    for column in CONSTANT_FACTS:
        known = [position for position in positions if rows[position].get(column) is not None]
        for position in known[1:]:
            if rows[position][column] != rows[known[0]][column]:
                yield RowConflict(
                    position,
                    known[0],
                    column,
                    Code.PATIENT_FACT_DIFFERS,
                    "must be the same in all rows of a patient",
                )
    aged = sorted(
        (position for position in positions if rows[position].get("age_years") is not None),
        key=lambda position: infusion_number(rows[position]),
    )
    for earlier, later in itertools.pairwise(aged):
        if rows[later]["age_years"] < rows[earlier]["age_years"]:
            yield RowConflict(
                later, earlier, "age_years", Code.AGE_FALLS, "must not fall from one infusion to the next"
            )


def _repeated(rows: Sequence[Mapping[str, Any]], positions: list[int]) -> Iterator[RowConflict]:
    first: dict[int, int] = {}
    for position in positions:
        number = infusion_number(rows[position])
        if number in first:
            rule = "must be unique among a patient's rows"
            yield RowConflict(position, first[number], "infusion_number", Code.INFUSION_REPEATED, rule, TWICE)
        first.setdefault(number, position)
