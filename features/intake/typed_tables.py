"""Excel and Parquet become a grid of text cells, each value written one way."""

from __future__ import annotations

import datetime
import io
import math
import warnings
import zipfile
from collections.abc import Sequence
from typing import Any

from features.problems import DataError, Problem, grouped

MAX_UNPACKED_BYTES = 100_000_000
"""A workbook or Parquet file that unpacks to more is refused before it is unpacked."""

MAX_ROWS = 1_048_576
"""Rows of a table: what a spreadsheet can hold."""


def canonical_text(value: object) -> str:
    """Write one typed value as a cell.

    Parameters
    ----------
    value : object
        None, a boolean, number, date or text.

    Returns
    -------
    cell : str
        Blank for None; ``true`` or ``false``; whole numbers without ``.0``; dates as ``YYYY-MM-DD``.

    Examples
    --------
    >>> [canonical_text(value) for value in (None, True, 3.0, 0.1, "text")]
    ['', 'true', '3', '0.1', 'text']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return (
            str(int(value))
            if math.isfinite(value) and value.is_integer() and abs(value) < 1e15
            else repr(value)
        )
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def excel_grid(content: bytes, *, name: str, sheet: str | None = None) -> list[list[str]]:
    """Read the one sheet of an Excel workbook that has content.

    Parameters
    ----------
    content : bytes
        Of the whole .xlsx file.
    name : str
        Of the file, for messages.
    sheet : str, optional
        Which sheet, where several have content.

    Returns
    -------
    grid : list of list of str
        All rows are as long as the longest.

    Raises
    ------
    DataError
        If the workbook is damaged or too large, the sheet is in doubt, or a formula has no value.
    """
    _refuse_bomb(content, name)
    formulas = _sheets(content, name, values=False)
    chosen = _chosen_sheet(formulas, sheet, name)
    shown = _sheets(content, name, values=True)[chosen]
    problems = [
        Problem("a formula has no value", row=row, fix="open the file in Excel, calculate and save it")
        for row, (cells, sources) in enumerate(zip(shown, formulas[chosen], strict=True), start=1)
        if any(_is_formula(source) and cell is None for cell, source in zip(cells, sources, strict=False))
    ]
    if problems:
        raise DataError(grouped(problems), source=name)
    width = max(len(row) for row in shown)
    return [[*map(canonical_text, row), *[""] * (width - len(row))] for row in shown]


def parquet_grid(content: bytes, *, name: str) -> list[list[str]]:
    """Read a Parquet file.

    Parameters
    ----------
    content : bytes
        Of the whole file.
    name : str
        Of the file, for messages.

    Returns
    -------
    grid : list of list of str
        Headings first.

    Raises
    ------
    DataError
        If the file is damaged or too large, or a column holds lists, records or bytes.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        groups = (file.metadata.row_group(place) for place in range(file.metadata.num_row_groups))
        _refuse_large(sum(group.total_byte_size for group in groups), file.metadata.num_rows, name)
        table = file.read()
    except DataError:
        raise
    except Exception:  # pyarrow raises many kinds for damaged content; all mean the same to the user
        raise DataError([_damaged("Parquet file")], source=name) from None
    nested = [
        Problem("must hold one value a cell", field.name, found=str(field.type))
        for field in table.schema
        if pyarrow.types.is_nested(field.type) or "binary" in str(field.type)
    ]
    if nested:
        raise DataError(nested, source=name)
    return _parquet_cells(table, name)


def _parquet_cells(table: Any, name: str) -> list[list[str]]:
    try:
        columns = [[canonical_text(value) for value in column.to_pylist()] for column in table.columns]
    except Exception:  # text that is not UTF-8, times out of range
        raise DataError([_damaged("Parquet file")], source=name) from None
    return [list(map(str, table.column_names)), *(list(row) for row in zip(*columns, strict=True))]


def _refuse_bomb(content: bytes, name: str) -> None:
    """Refuse a workbook by what its directory says, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(item.file_size for item in archive.infolist())
            _refuse_large(size, 0, name)
            declared = any(
                b"<!DOCTYPE" in archive.open(item).read(1024)
                for item in archive.infolist()
                if item.filename.endswith((".xml", ".rels"))
            )
    except DataError:
        raise
    except Exception:  # zipfile raises many kinds for damaged content
        raise DataError([_damaged("Excel workbook")], source=name) from None
    if declared:
        raise DataError([Problem("the workbook declares XML entities, which no Excel does")], source=name)


def _refuse_large(size: int, rows: int, name: str) -> None:
    if size > MAX_UNPACKED_BYTES or rows > MAX_ROWS:
        most = f"at most {MAX_UNPACKED_BYTES // 1_000_000} MB and {MAX_ROWS} rows"
        found = f"{size // 1_000_000} MB" if size > MAX_UNPACKED_BYTES else f"{rows} rows"
        raise DataError([Problem(f"the file must unpack to {most}", found=found)], source=name)


def _sheets(content: bytes, name: str, *, values: bool) -> dict[str, list[Sequence[Any]]]:
    """Read the cells of every sheet: values as last calculated, or formulas."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            # Extensions and styles that openpyxl leaves out do not touch values.
            warnings.filterwarnings("ignore", module="openpyxl")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values)
            return {sheet.title: _sheet_rows(sheet) for sheet in book.worksheets}
    except Exception:  # openpyxl raises many kinds for damaged content; all mean the same to the user
        raise DataError([_damaged("Excel workbook")], source=name) from None


def _sheet_rows(sheet: Any) -> list[Sequence[Any]]:
    # The size that a sheet states can be wrong, and rows would be lost.
    sheet.reset_dimensions()
    return list(sheet.iter_rows(values_only=True))


def _chosen_sheet(sheets: dict[str, list[Sequence[Any]]], named: str | None, name: str) -> str:
    if named is not None and named not in sheets:
        missing = Problem(f"the workbook has no sheet {named}", fix=f"its sheets are {', '.join(sheets)}")
        raise DataError([missing], source=name)
    candidates = sheets if named is None else [named]
    filled = [
        title for title in candidates if any(cell not in (None, "") for row in sheets[title] for cell in row)
    ]
    if not filled:
        raise DataError([Problem("the workbook has no cell with content")], source=name)
    if len(filled) > 1:
        several = Problem(
            "the workbook must have one sheet with content",
            found=", ".join(filled),
            fix="delete the others, or name one in a mapping file",
        )
        raise DataError([several], source=name)
    return filled[0]


def _is_formula(value: object) -> bool:
    return isinstance(value, str) and value.startswith("=") or type(value).__name__.endswith("Formula")


def _damaged(kind: str) -> Problem:
    return Problem(
        f"the {kind} is damaged and cannot be read", fix="open it in its own program and save it again"
    )
