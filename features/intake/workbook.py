"""The one sheet of an Excel workbook that has content becomes a grid of text cells."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from features.advice import plain, quoting
from features.intake.sheet_layout import Merged, SheetLayout, sheet_layout
from features.intake.stored import stored_text
from features.intake.unpacking import damaged, refuse_large
from features.problems import DataError, Problem, counted, grouped

MAX_CELLS = 20_000_000
"""Of a sheet, counted as its longest row times its rows."""


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
        Its cells, and what lies behind them.

    Raises
    ------
    DataError
        If the workbook is damaged or too large, the sheet is in doubt, a cell lies far outside the table, or
        a formula has no value.
    """
    _refuse_bomb(content, name)
    book = _workbook(content, name, values=True)
    layouts = _layouts(book, name)
    chosen = _chosen_sheet(layouts, sheet, name)
    layout = layouts[chosen]
    if layout.last_row * layout.last_column > MAX_CELLS:
        most = f"a sheet must have at most {MAX_CELLS // 1_000_000} million cells"
        found = f"{layout.last_row} rows of {layout.last_column} columns"
        raise DataError([Problem(most, found=found)], source=name)
    grid = _rows(book, chosen, layout, name)
    _refuse_formulas(grid, _rows(_workbook(content, name, values=False), chosen, layout, name), name)
    texts = [[_text(cell) for cell in row] for row in grid]
    padded = [[*row, *[""] * (layout.last_column - len(row))] for row in texts]
    return Sheet(padded, tuple(layout.merged), _notes(book[chosen].sheet_state != "visible", layout))


def _refuse_bomb(content: bytes, name: str) -> None:
    """Refuse a workbook by what its directory says, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(item.file_size for item in archive.infolist())
            refuse_large(size, 0, name)
            declared = any(
                b"<!DOCTYPE" in archive.open(item).read(1024)
                for item in archive.infolist()
                if item.filename.endswith((".xml", ".rels"))
            )
    except DataError:
        raise
    except Exception:  # zipfile raises many kinds for damaged content
        raise DataError([damaged("Excel workbook")], source=name) from None
    if declared:
        raise DataError([Problem("the workbook declares XML entities, which no Excel does")], source=name)


def _workbook(content: bytes, name: str, *, values: bool) -> Any:
    """Open the workbook: values as last calculated, or formulas."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            # Extensions and styles that openpyxl leaves out do not touch values.
            warnings.filterwarnings("ignore", module="openpyxl")
            return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values)
    except Exception:  # openpyxl raises many kinds for damaged content; all mean the same to the user
        raise DataError([damaged("Excel workbook")], source=name) from None


def _layouts(book: Any, name: str) -> dict[str, SheetLayout]:
    layouts = {}
    for sheet in book.worksheets:
        try:
            with sheet._get_source() as source:
                layouts[sheet.title] = sheet_layout(source, name=name)
        except DataError:
            raise
        except Exception:
            raise DataError([damaged("Excel workbook")], source=name) from None
    return layouts


def _chosen_sheet(layouts: dict[str, SheetLayout], named: str | None, name: str) -> str:
    if named is not None and named not in layouts:
        missing = Problem(
            f"the workbook has no sheet {named}", fix=quoting(f"its sheets are {', '.join(layouts)}")
        )
        raise DataError([missing], source=name)
    candidates = layouts if named is None else [named]
    filled = [title for title in candidates if layouts[title].last_row]
    if not filled:
        raise DataError([Problem("the workbook has no cell with content")], source=name)
    if len(filled) > 1:
        several = Problem(
            "the workbook must have one sheet with content",
            found=", ".join(filled),
            fix=plain('delete the others, or name one with sheet = "..." under [table] of a mapping file'),
        )
        raise DataError([several], source=name)
    return filled[0]


def _rows(book: Any, title: str, layout: SheetLayout, name: str) -> list[Sequence[Any]]:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="openpyxl")
            sheet = book[title]
            # The size that a sheet states can be wrong, and rows would be lost.
            sheet.reset_dimensions()
            return list(sheet.iter_rows(max_row=layout.last_row, max_col=layout.last_column))
    except Exception:
        raise DataError([damaged("Excel workbook")], source=name) from None


def _refuse_formulas(shown: list[Sequence[Any]], sources: list[Sequence[Any]], name: str) -> None:
    """Refuse formulas that were never calculated."""
    problems = [
        Problem("a formula has no value", row=row, fix=plain("open the file in Excel, calculate and save it"))
        for row, (cells, formulas) in enumerate(zip(shown, sources, strict=True), start=1)
        if any(
            _is_formula(formula.value) and cell.value is None
            for cell, formula in zip(cells, formulas, strict=False)
        )
    ]
    if problems:
        raise DataError(grouped(problems), source=name)


def _is_formula(value: object) -> bool:
    return isinstance(value, str) and value.startswith("=") or type(value).__name__.endswith("Formula")


def _text(cell: Any) -> str:
    """Write a cell; only numbers are asked for their format, which takes time."""
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
