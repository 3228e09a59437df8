"""What the rows of a REDCap raw export are, by the columns that REDCap adds and the mapping's layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from features.advice import plain
from features.files.raw_table import RawTable
from features.mapping.redcap_definition import RedcapLayout
from features.problem_codes import Code
from features.problems import Problem
from features.short_repr import ShortRepr

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
SYSTEM_COLUMNS = (EVENT, INSTRUMENT, INSTANCE)
"""Columns that REDCap adds to say what a row is."""

GROUP, SURVEY = "redcap_data_access_group", "redcap_survey_identifier"


class ValueOverTime(NamedTuple):
    """One of several values over time, in the schema's terms.

    Parameters
    ----------
    cell : str
    row : int
        Of its table.
    shown : str
        The site's cell, for messages; of a date the shape.
    """

    cell: str
    row: int
    shown: str

    def __repr__(self) -> str:
        """Name the row, and no value."""
        return f"ValueOverTime(row={self.row})"


@dataclass(frozen=True, repr=False)
class SiteRow(ShortRepr):
    """One infusion in the site's own columns.

    Parameters
    ----------
    number : int
        Row of the file.
    cells : dict of str to str
        By column.
    carried : dict of str to int
        Columns whose cell is in another row of the file, and that row.
    over_time : dict of str to ValueOverTime
        By entry of the mapping file, the value that was chosen in a further table.
    joined : dict of str to (str, int)
        Columns of joined tables, and the table and row that hold their cell.
    """

    number: int
    cells: dict[str, str]
    carried: dict[str, int] = field(default_factory=dict)
    over_time: dict[str, ValueOverTime] = field(default_factory=dict)
    joined: dict[str, tuple[str, int]] = field(default_factory=dict)

    def row_of(self, column: str) -> int:
        """Row of the file that holds a column's cell."""
        return self.carried.get(column, self.number)

    def source_of(self, column: str) -> tuple[str, int]:
        """Table and row that hold a column's cell; the first table has no name."""
        return self.joined.get(column, ("", self.row_of(column)))


def is_ignored(row: SiteRow, layout: RedcapLayout) -> bool:
    """Say whether the mapping leaves a row out."""
    in_event = row.cells.get(EVENT, "") in layout.ignore_events and bool(row.cells.get(EVENT))
    return in_event or _instrument(row) in layout.ignore_instruments


def is_linked(row: SiteRow, layout: RedcapLayout) -> bool:
    """Say whether a row is of a repeating instrument that is a table of values over time."""
    return _instrument(row) in layout.linked_instruments


def is_infusion(row: SiteRow, layout: RedcapLayout) -> bool:
    """Say whether a row is an infusion."""
    if layout.infusion_instrument:
        return _instrument(row) == layout.infusion_instrument
    return row.cells.get(EVENT, "") in layout.infusion_events and not _instrument(row)


def _instrument(row: SiteRow) -> str:
    return row.cells.get(INSTRUMENT, "")


def layout_problems(table: RawTable, layout: RedcapLayout, rows: Sequence[SiteRow]) -> list[Problem]:
    """Find rows that the layout does not explain, and names that no row has."""
    instruments = {_instrument(row) for row in rows if row.cells.get(EVENT) not in layout.ignore_events} - {
        ""
    }
    events = {row.cells.get(EVENT, "") for row in rows} - {""}
    problems = []
    if layout.infusion_instrument and layout.infusion_instrument not in instruments:
        problems.append(
            _absent("redcap.infusion_instrument", layout.infusion_instrument, INSTRUMENT, instruments)
        )
    for instrument in layout.linked_instruments:
        if instrument not in instruments:
            problems.append(_absent("tables", instrument, INSTRUMENT, instruments))
    for event in layout.infusion_events:
        if event not in events:
            problems.append(_absent("redcap.infusion_events", event, EVENT, events))
    unexplained = instruments - {
        layout.infusion_instrument,
        *layout.ignore_instruments,
        *layout.linked_instruments,
    }
    if unexplained:
        problems.append(
            Problem(
                Code.UNEXPLAINED_INSTRUMENTS,
                "has repeating instruments that the mapping does not explain",
                INSTRUMENT,
                value_text=", ".join(sorted(unexplained)),
                advice=plain(
                    "one may be redcap.infusion_instrument, one with values over time a table: "
                    "[tables.NAME]; name the others under redcap.ignore_instruments"
                ),
            )
        )
    return problems


def _absent(part: str, name: str, column: str, known: set[str]) -> Problem:
    there = f"the table has {', '.join(sorted(known))}" if known else "the table has none"
    return Problem(
        Code.NAME_IN_NO_ROW, f"is in no row's {column}", part, value_text=name, advice=plain(there)
    )
