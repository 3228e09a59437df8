"""The tables of a site that a mapping file is drafted for, read without one: the first, and further ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from features.drafting.heading_block import likely_heading, own_heading
from features.drafting.repeats import FurtherTable
from features.drafting.toml_text import quoted
from features.files.raw_table import RawTable
from features.files.read_table import KINDS, FileFormat, read_sheet, read_table, table_of_sheet
from features.files.row_parts import row_parts
from features.files.workbook import Sheet
from features.problem_codes import Code
from features.problems import DataError

NOT_AS_FIRST = "# check: not as in the first sheet"


def first_table(raw: Path, stated: FileFormat) -> tuple[RawTable, FileFormat]:
    """Read the table with the infusions; its format is stated by a person, or shown by its first rows.

    Parameters
    ----------
    raw : Path
    stated : FileFormat

    Returns
    -------
    table : RawTable
    how : FileFormat
        The format that it has.

    Raises
    ------
    DataError
        If it cannot be read; advice names options of a command.
    """
    try:
        content, sheet = read_sheet(raw, stated)
        return _table_of(sheet, raw.name, content, likely_heading(sheet, stated))
    except DataError as error:
        raise _by_options(error) from None


def is_file(name: str) -> bool:
    """Say whether a further table is a file of its own, and not a sheet.

    Examples
    --------
    >>> is_file("labs.csv"), is_file("Labs")
    (True, False)
    """
    return Path(name).suffix.lower() in KINDS


def further_table(raw: Path, name: str, how: FileFormat) -> FurtherTable:
    """Read a further table.

    Parameters
    ----------
    raw : Path
        File of the first table.
    name : str
        A file, in UTF-8 or in the encoding of the first table; or a sheet of its workbook.
    how : FileFormat
        Of the first table.

    Returns
    -------
    further : FurtherTable
        The first rows of a long file.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    path, encoding = Path(name), how.encoding
    if not is_file(name):
        return _sheet(raw, name, how)
    source = f"file = {quoted(path.name)}"
    try:
        return FurtherTable(path.stem, source, next(iter(row_parts(path, FileFormat()).parts)))
    except DataError as error:
        if {problem.code for problem in error.problems} != {Code.NOT_UTF8}:
            raise
    try:
        table = read_table(path, FileFormat(encoding=encoding))
    except DataError as error:
        raise _by_options(error) from None
    return FurtherTable(path.stem, source, table, (f"encoding = {quoted(encoding)}",) if encoding else ())


def _sheet(raw: Path, name: str, how: FileFormat) -> FurtherTable:
    """Read a further sheet; problems name it."""
    first = replace(how, sheet=name)
    try:
        content, sheet = read_sheet(raw, first)
        table, own = _table_of(sheet, raw.name, content, own_heading(sheet, first))
    except DataError as error:
        raise DataError(_by_options(error).problems, source=f"sheet {name} of {raw.name}") from None
    return FurtherTable(name, f"sheet = {quoted(name)}", table, tuple(_settings(own, first)))


def _settings(own: FileFormat, first: FileFormat) -> list[str]:
    """State how a sheet is read, where not as the first one."""
    lines = []
    if own.heading_row != first.heading_row:
        lines.append(f"heading_row = {own.heading_row}  {NOT_AS_FIRST}")
    if own.heading_rows != first.heading_rows:
        lines.append(f"heading_rows = {own.heading_rows}  {NOT_AS_FIRST}")
    if own.skip_blank_rows != first.skip_blank_rows:
        lines.append(f"skip_blank_rows = true  {NOT_AS_FIRST}")
    return lines


def _table_of(sheet: Sheet, name: str, content: bytes, how: FileFormat) -> tuple[RawTable, FileFormat]:
    """Read a table; blank rows between its rows are for the person who finishes the draft."""
    try:
        return table_of_sheet(sheet, name, content, how), how
    except DataError as error:
        if {problem.code for problem in error.problems} != {Code.BLANK_ROW}:
            raise
        how = replace(how, skip_blank_rows=True)
        return table_of_sheet(sheet, name, content, how), how


def _by_options(error: DataError) -> DataError:
    """Advise options of the command instead of keys of a mapping file."""
    problems = [
        replace(problem, advice=problem.advice and problem.advice.for_options()) for problem in error.problems
    ]
    return DataError(problems, source=error.source)
