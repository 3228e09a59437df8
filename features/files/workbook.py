"""The one sheet of an Excel workbook that has content becomes a grid of text cells."""

from __future__ import annotations

import io
import warnings
import zipfile
from dataclasses import dataclass
from typing import Any

from features.advice import plain, quoting, table_setting
from features.files.document_type import declares_document_type
from features.files.sheet_layout import Merged, SheetLayout, sheet_layout
from features.files.size_budget import Budget, bounded_memory
from features.files.stored_numbers import stored_text
from features.files.unpacked_size import damaged, refuse_large
from features.problem_codes import Code
from features.problems import DataError, Problem, counted, grouped

MAX_SHEETS = 200
"""Each is looked through for content."""


@dataclass(frozen=True)
class Sheet:
    """A sheet as text.

    Parameters
    ----------
    grid : list of list of str
        All rows are as long as the longest.
    merged : tuple of Merged
        Cells that are shown as one.
    notes : tuple of str
        What was read although the workbook hides it.
    """

    grid: list[list[str]]
    merged: tuple[Merged, ...] = ()
    notes: tuple[str, ...] = ()


def excel_sheet(content: bytes, *, name: str, sheet: str | None = None) -> Sheet:
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
    sheet : Sheet
        Its cells, and their notes.

    Raises
    ------
    DataError
        If the workbook is damaged or too large, the sheet is in doubt, a cell is far outside the table, or
        a formula has no value.
    """
    try:
        with bounded_memory(name):
            _refuse_bomb(content, name)
            return _sheet(_workbook(content), sheet, name)
    except (DataError, MemoryError):
        raise
    except Exception:  # zipfile and openpyxl raise many kinds for damaged content
        raise DataError([damaged("Excel workbook")], source=name) from None


def _refuse_bomb(content: bytes, name: str) -> None:
    """Refuse a workbook by what its directory and the head of each part state, before it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        refuse_large(sum(item.file_size for item in archive.infolist()), 0, name)
        for item in archive.infolist():
            with archive.open(item) as part:
                if declares_document_type(part):
                    entities = Problem(
                        Code.XML_ENTITIES, "the workbook declares XML entities, which Excel never writes"
                    )
                    raise DataError([entities], source=name)


def _workbook(content: bytes) -> Any:
    """Open the workbook, values as last calculated."""
    import openpyxl

    with warnings.catch_warnings():
        # Extensions and styles that openpyxl leaves out do not touch values.
        warnings.filterwarnings("ignore", module="openpyxl")
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)


def _sheet(book: Any, named: str | None, name: str) -> Sheet:
    layouts = _layouts(book, name)
    chosen = _chosen_sheet(layouts, named, name)
    layout = layouts[chosen]
    budget = Budget(name)
    budget.table(rows=layout.last_row, columns=layout.last_column)
    _refuse_formulas(layout, name)
    grid = _grid(book[chosen], layout, budget)
    return Sheet(grid, tuple(layout.merged), _notes(book[chosen].sheet_state != "visible", layout))


def _layouts(book: Any, name: str) -> dict[str, SheetLayout]:
    if len(book.worksheets) > MAX_SHEETS:
        most = f"the workbook must have at most {MAX_SHEETS} sheets"
        raise DataError(
            [Problem(Code.TOO_MANY_SHEETS, most, value_text=str(len(book.worksheets)))], source=name
        )
    layouts = {}
    for sheet in book.worksheets:
        with sheet._get_source() as source:
            layouts[sheet.title] = sheet_layout(source, name=name)
    return layouts


def _chosen_sheet(layouts: dict[str, SheetLayout], named: str | None, name: str) -> str:
    if named is not None and named not in layouts:
        missing = Problem(
            Code.UNKNOWN_SHEET,
            f"the workbook has no sheet {named}",
            advice=quoting(f"its sheets are {', '.join(layouts)}"),
        )
        raise DataError([missing], source=name)
    candidates = layouts if named is None else [named]
    filled = [title for title in candidates if layouts[title].last_row]
    if not filled:
        raise DataError([Problem(Code.EMPTY_FILE, "the workbook has no cell with content")], source=name)
    if len(filled) > 1:
        several = Problem(
            Code.SEVERAL_SHEETS,
            "the workbook must have one sheet with content",
            value_text=", ".join(filled),
            advice=table_setting("delete the others, or {setting}", "sheet", '"..."'),
        )
        raise DataError([several], source=name)
    return filled[0]


def _refuse_formulas(layout: SheetLayout, name: str) -> None:
    """Refuse formulas that were never calculated."""
    fix = plain("open the file in Excel, calculate and save it")
    problems = [
        Problem(Code.FORMULA_WITHOUT_VALUE, "a formula has no value", row=row, advice=fix)
        for row in layout.uncalculated_rows
    ]
    if problems:
        raise DataError(grouped(problems), source=name)


def _grid(sheet: Any, layout: SheetLayout, budget: Budget) -> list[list[str]]:
    """Write the cells as text, row by row, so that no more than one row is kept as cells."""
    grid = []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="openpyxl")
        # The size that a sheet states can be wrong, and rows would be lost.
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(max_row=layout.last_row, max_col=layout.last_column):
            texts = [_text(cell) for cell in cells]
            budget.row(texts)
            grid.append([*texts, *[""] * (layout.last_column - len(texts))])
    return grid


def _text(cell: Any) -> str:
    """Write a cell; only the format of numbers is read, which takes time."""
    value = cell.value
    percent = isinstance(value, int | float) and "%" in cell.number_format
    return stored_text(value, percent=percent)


def _notes(hidden: bool, layout: SheetLayout) -> tuple[str, ...]:
    counts = {"sheet": int(hidden), "row": len(layout.hidden_rows), "column": len(layout.hidden_columns)}
    return tuple(
        f"{counted(count, f'hidden {what}')} {'was' if count == 1 else 'were'} read as well"
        for what, count in counts.items()
        if count
    )
