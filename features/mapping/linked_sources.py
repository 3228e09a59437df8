"""Where the rows of further tables are: in files beside the mapping, sheets, or the REDCap export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from features.advice import plain
from features.files.merged_cells import merged_problems
from features.files.raw_table import RawTable
from features.files.row_parts import RowParts, row_parts
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.linked_definition import LinkedTable
from features.mapping.redcap_layout import EVENT, INSTRUMENT
from features.mapping.site_values import Condition
from features.mapping.split_dates import split_date_problems, with_split_dates
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import DataError, Problem, counted, listed


def linked_rows(
    linked: LinkedTable, mapping: SiteMapping, table: RawTable, workbook: Path | None
) -> RowParts:
    """Open the rows of a further table.

    Parameters
    ----------
    linked : LinkedTable
        Which.
    mapping : SiteMapping
        Of the site, with the folder of its file.
    table : RawTable
        The first table.
    workbook : Path or None
        File of the first table, for a further sheet of it.

    Returns
    -------
    rows : RowParts

    Raises
    ------
    DataError
        If there is no such file, sheet, instrument or event, or it cannot be read as a table.
    """
    if linked.in_export:
        return _of_export(linked, table)
    if linked.file is not None:
        folder = mapping.folder or Path()
        return _of_file(folder / linked.file, linked)
    if workbook is None:
        nowhere = Problem(
            Code.REQUIRED,
            "is in the workbook of the first table, which is not a file",
            f"tables.{linked.name}",
        )
        raise DataError([nowhere], source=mapping.name)
    return _of_file(workbook, linked)


def _of_file(path: Path, linked: LinkedTable) -> RowParts:
    """Open a file; problems of a sheet name it."""
    sheet = linked.file_format.sheet
    try:
        rows = row_parts(path, linked.file_format)
    except DataError as error:
        if sheet is None:
            raise
        raise DataError(error.problems, source=_named(path.name, sheet)) from None
    return rows if sheet is None else replace(rows, name=_named(rows.name, sheet))


def _named(file: str, sheet: str) -> str:
    return f"sheet {sheet} of {file}"


def _of_export(linked: LinkedTable, table: RawTable) -> RowParts:
    """Take the rows of an instrument, of events, or of an instrument in some events."""
    tests = [(INSTRUMENT, linked.instruments or ("",)), (EVENT, linked.events)]
    problems = [
        Problem(Code.NAME_IN_NO_ROW, f"is in no row's {column}", f"tables.{linked.name}", value_text=name)
        for column, names in tests
        for name in names
        if name and (column not in table.columns or name not in table.column(column))
    ]
    if problems:
        raise DataError(problems, source=table.name)
    wanted = [
        (table.columns.index(column), names) for column, names in tests if names and column in table.columns
    ]
    numbered = [
        (number, cells)
        for number, cells in zip(table.row_numbers, table.rows, strict=True)
        if all(cells[index] in names for index, names in wanted)
    ]
    rows, numbers = tuple(cells for _, cells in numbered), tuple(number for number, _ in numbered)
    return RowParts(table.name, "", [RawTable(table.name, "", table.columns, rows, numbers)])


def unread_notes(mapping: SiteMapping, table: RawTable) -> list[str]:
    """Count the rows of instruments whose tables name events, in other events.

    Parameters
    ----------
    mapping : SiteMapping
        Of the site.
    table : RawTable
        The first table.

    Returns
    -------
    notes : list of str
        One for each instrument with such rows.
    """
    notes = []
    for instrument in mapping.redcap.linked_instruments if mapping.redcap else ():
        tables = [each for each in mapping.tables if instrument in each.instruments]
        if EVENT in table.columns and all(each.events for each in tables):
            read = {event for each in tables for event in each.events}
            pairs = zip(table.column(INSTRUMENT), table.column(EVENT), strict=True)
            unread = sum(kind == instrument and event not in read for kind, event in pairs)
            words = f"{counted(unread, 'row')} of {instrument} left out: in events that no table names"
            notes += [words] if unread else []
    return notes


def table_problems(linked: LinkedTable, used: Mapping[str, str], part: RawTable) -> list[Problem]:
    """Find columns that do not fit, and merged cells that are not filled down.

    Parameters
    ----------
    linked : LinkedTable
        The further table.
    used : mapping of str to str
        Columns of it that fields use, and the fields.
    part : RawTable
        Its first rows.

    Returns
    -------
    problems : list of Problem
    """
    filled = (*linked.fill_down, *linked.fill_down_groups)
    needed = {*linked.columns, *used, *(column for split in linked.split_dates for column in split.columns)}
    return [*column_problems(linked, used, part.columns), *merged_problems(part, filled, needed)]


def fields_of(entries: Iterable[FieldMapping]) -> dict[str, str]:
    """Name the columns of a further table that entries use, and their fields."""
    return {column: f"fields.{how.field}" for how in entries for column in columns_of(how)}


def column_problems(linked: LinkedTable, used: Mapping[str, str], columns: Sequence[str]) -> list[Problem]:
    """Find columns that a further table does not have, and those that are neither used nor ignored.

    Parameters
    ----------
    linked : LinkedTable
        The further table.
    used : mapping of str to str
        Columns of it that fields use, and the fields.
    columns : sequence of str
        Of its rows.

    Returns
    -------
    problems : list of Problem
    """
    here = f"tables.{linked.name}"
    made = [split.name for split in linked.split_dates]
    where = dict.fromkeys([each for each in linked.columns if each not in made], here)
    where |= {part: f"{here}.split_dates" for split in linked.split_dates for part in split.columns}
    where |= {column: field for column, field in used.items() if column not in (*where, *made)}
    problems = [
        _missing(key, column, linked, columns) for column, key in where.items() if column not in columns
    ]
    problems += split_date_problems(linked.split_dates, columns, where=f"{here}.split_dates")
    spare = [name for name in columns if name not in where and not _is_ignored(name, linked)]
    if spare and not linked.in_export:
        fix = (
            f"use them, or name them under ignore, or set ignore_others = true (under [tables.{linked.name}])"
        )
        problems.append(
            Problem(
                Code.UNUSED_COLUMNS,
                f"columns of {linked.name} are neither used nor ignored: {listed(spare)}",
                advice=plain(fix),
            )
        )
    return problems


def stays(linked: LinkedTable, cells: Mapping[str, str]) -> bool:
    """Say whether keep and drop of a further table leave a row in it.

    Raises
    ------
    CellError
        If a number is compared and the cell is none.
    """

    def any_of(tests: Sequence[Condition]) -> bool:
        return any(test.holds(cells, missing=linked.missing, numbers=linked.numbers) for test in tests)

    return (not linked.keep or any_of(linked.keep)) and not any_of(linked.drop)


def with_dates_of(linked: LinkedTable, part: RawTable) -> RawTable:
    """Add the dates that a further table makes of several columns to some of its rows."""
    pivot = linked.dates.two_digit_years
    return with_split_dates(
        linked.split_dates, part, missing=linked.missing, numbers=linked.numbers, pivot=pivot
    )


def columns_of(how: FieldMapping) -> tuple[str, ...]:
    """Name the columns of its further table that an entry uses."""
    unit = how.over_time.unit_column if how.over_time else None
    return (*how.columns, *((unit,) if unit else ()), *(how.only_if.columns if how.only_if else ()))


def _missing(key: str, column: str, linked: LinkedTable, columns: Sequence[str]) -> Problem:
    near = nearest(column, columns)
    fix = f"did you mean {near}?" if near else "is it spelled as in the heading?"
    rule = f"names a column that {linked.name} does not have"
    return Problem(Code.MISSING_SITE_COLUMN, rule, key, value_text=column, advice=plain(fix))


def _is_ignored(name: str, linked: LinkedTable) -> bool:
    patterns = (re.escape(pattern).replace(r"\*", ".*") for pattern in linked.ignore)
    return linked.ignore_others or any(re.fullmatch(pattern, name) for pattern in patterns)
