"""Rows of a REDCap raw export come together to infusions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from features.advice import plain
from features.files.raw_table import RawTable
from features.mapping.blank_forms import blank_forms, blank_notes
from features.mapping.left_out import ignored_notes, unused_note
from features.mapping.redcap_definition import RedcapLayout
from features.mapping.redcap_layout import (
    EVENT,
    GROUP,
    SURVEY,
    SYSTEM_COLUMNS,
    SiteRow,
    is_ignored,
    is_infusion,
    is_linked,
    layout_problems,
)
from features.problem_codes import Code
from features.problems import Problem, counted
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class SiteRows(ShortRepr):
    """Infusions in the site's own columns.

    Parameters
    ----------
    rows : list of SiteRow
        In the order of the file.
    problems : list of Problem
        Why the rows cannot be joined.
    notes : list of str
        What was left out, in words.
    """

    rows: list[SiteRow]
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plain_rows(table: RawTable, filled: Mapping[int, Mapping[str, int]] | None = None) -> SiteRows:
    """Take every row of a table as an infusion.

    Parameters
    ----------
    table : RawTable
        Of the site.
    filled : mapping of int to mapping of str to int, optional
        By row and column, the row from which a blank cell was filled in.

    Returns
    -------
    rows : SiteRows
    """
    above = filled or {}
    numbered = zip(table.row_numbers, table.rows, strict=True)
    return SiteRows(
        [
            SiteRow(number, dict(zip(table.columns, cells, strict=True)), dict(above.get(number, {})))
            for number, cells in numbered
        ]
    )


def infusion_rows(
    table: RawTable,
    layout: RedcapLayout,
    *,
    record: str,
    used: Iterable[str],
    proof: Collection[str] | None = None,
) -> SiteRows:
    """Put the rows of a REDCap raw export together, one for each infusion.

    Parameters
    ----------
    table : RawTable
        The export.
    layout : RedcapLayout
        Which rows are infusions.
    record : str
        Column of the record identifier.
    used : iterable of str
        Columns that the mapping uses.
    proof : collection of str, optional
        Columns whose values show that a form that is not Complete holds an infusion; all that are used by
        default.

    Returns
    -------
    infusions : SiteRows
        Cells of an infusion's own row, and of its record's other rows for columns that only those have.

    Examples
    --------
    >>> columns = ("id", "redcap_repeat_instrument", "redcap_repeat_instance", "sex", "age")
    >>> table = RawTable("e.csv", "00", columns,
    ...                  (("7", "", "", "2", ""), ("7", "infusion", "1", "", "31")), (2, 3))
    >>> layout = RedcapLayout(infusion_instrument="infusion")
    >>> [row.cells["sex"] for row in infusion_rows(table, layout, record="id", used=["sex", "age"]).rows]
    ['2']
    """
    rows = plain_rows(table).rows
    problems = layout_problems(table, layout, rows)
    if problems:
        return SiteRows([], problems)
    kept_columns = (*SYSTEM_COLUMNS, GROUP, SURVEY, record)
    shared = [column for column in dict.fromkeys(used) if column not in (*SYSTEM_COLUMNS, record)]
    left_out = [row.cells for row in rows if is_ignored(row, layout)]
    notes = ignored_notes(left_out, used=shared, kept=kept_columns)
    kept = [row for row in rows if not is_ignored(row, layout) and not is_linked(row, layout)]
    infusions = [row for row in kept if is_infusion(row, layout)]
    others: dict[str, list[SiteRow]] = defaultdict(list)
    for row in kept:
        if not is_infusion(row, layout):
            others[row.cells[record]].append(row)
    one_each = not (layout.infusion_instrument or layout.infusion_events)
    if one_each:
        infusions = [of_record[0] for of_record in others.values()]
    forms = [_of_record(others[row.cells[record]]) if one_each else row.cells for row in infusions]
    kinds = blank_forms(
        forms,
        form=layout.infusion_instrument,
        questions=[name for name in table.columns if name not in kept_columns],
        proof=shared if proof is None else [name for name in proof if name in shared],
    )
    notes += blank_notes([row.number for row in infusions], kinds)
    infusions = [row for row, kind in zip(infusions, kinds, strict=True) if not kind]
    without = set(others) - {row.cells[record] for row in infusions}
    if without and not one_each:
        notes.append(f"{counted(len(without), 'record')} without an infusion left out")
    return _joined(infusions, others, layout, record=record, shared=shared, notes=notes)


def _of_record(rows: Sequence[SiteRow]) -> dict[str, str]:
    """Join the rows of a record that is one infusion."""
    return {name: next((row.cells[name] for row in rows if row.cells[name]), "") for name in rows[0].cells}


def _joined(
    infusions: Sequence[SiteRow],
    others: dict[str, list[SiteRow]],
    layout: RedcapLayout,
    *,
    record: str,
    shared: Sequence[str],
    notes: list[str],
) -> SiteRows:
    one_each = not (layout.infusion_instrument or layout.infusion_events)
    own = set() if one_each else {name for name in shared if any(row.cells[name] for row in infusions)}
    of_record = {name for name in shared if any(row.cells[name] for rows in others.values() for row in rows)}
    problems = [_doubt(name) for name in shared if name in own & of_record and not _settled(name, layout)]
    carried = [
        name
        for name in shared
        if name in of_record
        and name not in layout.from_infusion
        and (name not in own or name in layout.from_record)
    ]
    joined = []
    for row in infusions:
        cells, source_rows = dict(row.cells), dict(row.carried)
        for name in carried:
            given = _given(name, others[row.cells[record]], layout, row.cells.get(EVENT, ""))
            if len({other.cells[name] for other in given}) > 1:
                problems.append(_several(name, given))
            cells[name] = given[0].cells[name] if given else ""
            if given:
                source_rows[name] = given[0].number
        joined.append(SiteRow(row.number, cells, source_rows))
    notes += _not_taken(infusions, others, layout, own=own, of_record=of_record)
    return SiteRows(joined, list(dict.fromkeys(problems)), notes)


def _not_taken(
    infusions: Sequence[SiteRow],
    others: dict[str, list[SiteRow]],
    layout: RedcapLayout,
    *,
    own: Collection[str],
    of_record: Collection[str],
) -> list[str]:
    """Count the values that the layout leaves aside: of the record, of the infusions, of other events."""
    of_others = [row for rows in others.values() for row in rows]
    notes = []
    for name in sorted({*own} & {*of_record}):
        rows, where = (
            (of_others, "in other rows of the record")
            if name in layout.from_infusion
            else (infusions, "in rows of infusions")
        )
        notes += unused_note(name, (row.cells[name] for row in rows), where)
    for name, events in layout.from_event.items():
        named = set(events.values()) if isinstance(events, Mapping) else {events}
        cells = [row.cells.get(name, "") for row in of_others if row.cells.get(EVENT) not in named]
        notes += unused_note(name, cells, "in rows of other events")
    return notes


def _given(name: str, rows: Sequence[SiteRow], layout: RedcapLayout, infusion_event: str) -> list[SiteRow]:
    events = layout.from_event.get(name)
    event = events.get(infusion_event, "") if isinstance(events, Mapping) else events
    return [row for row in rows if row.cells[name] and event in (None, row.cells.get(EVENT))]


def _settled(name: str, layout: RedcapLayout) -> bool:
    return name in layout.from_record or name in layout.from_infusion


def _doubt(name: str) -> Problem:
    return Problem(
        Code.ON_TWO_FORMS,
        "has values in rows of infusions and in other rows of the record",
        name,
        advice=plain("name it under redcap.from_infusion or redcap.from_record"),
    )


def _several(name: str, given: Sequence[SiteRow]) -> Problem:
    return Problem(
        Code.SEVERAL_VALUES,
        "has different values in rows of one record",
        name,
        rows=tuple(row.number for row in given),
        advice=plain(
            "name the event that is meant under redcap.from_event, or the other under redcap.ignore_events"
        ),
    )
