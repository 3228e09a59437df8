"""Excel and Parquet become a grid of text cells."""

from __future__ import annotations

import datetime
import io
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

from features.files.parquet_file import BATCH, parquet_grid
from features.files.sheet_layout import SHEET_COLUMNS, Merged
from features.files.stored_numbers import StoredNumber, StoredPercent
from features.files.typed_text import canonical_text
from features.files.unpacked_size import MAX_UNPACKED_BYTES
from features.files.workbook import excel_sheet
from features.problems import DataError


def workbook(**sheets: list[list[Any]]) -> bytes:
    """Write sheets of values."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parquet(**columns: Any) -> bytes:
    """Write columns of values."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def told(read: Any, content: bytes, **how: Any) -> str:
    """Say how a file is refused."""
    with pytest.raises(DataError) as refused:
        read(content, name="t", **how)
    assert len(refused.value.problems) == 1
    return str(refused.value.problems[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (0.1, "0.1"),
        (551930000.0, "551930000"),
        (1e22, "1e+22"),
        (float("nan"), "nan"),
        (Decimal("1.50"), "1.50"),
        (datetime.datetime(2021, 11, 3), "2021-11-03"),
        (datetime.datetime(2021, 11, 3, 10, 30), "2021-11-03 10:30:00"),
        (datetime.date(2021, 11, 3), "2021-11-03"),
        ("text", "text"),
    ],
)
def test_values_are_written_one_way(value, text):
    """A typed value has one text."""
    assert canonical_text(value) == text


def test_excel_values():
    """Numbers, booleans, dates, texts and blanks of the one sheet with content."""
    content = workbook(
        Data=[["a", "b", "c", "d"], [1, 2.5, True, None], ["x", datetime.date(2021, 11, 3), None, "y"]],
        Empty=[],
    )
    assert excel_sheet(content, name="t").grid == [
        ["a", "b", "c", "d"],
        ["1", "2.5", "true", ""],
        ["x", "2021-11-03", "", "y"],
    ]


def test_excel_sheets_in_doubt_are_listed():
    """Which of two sheets is the cohort is not guessed."""
    assert told(excel_sheet, workbook(A=[["a"]], B=[["b"]])) == (
        "the workbook must have one sheet with content, got A, B: "
        'delete the others, or set sheet = "..." under [table] of a mapping file'
    )


def test_excel_sheet_can_be_named():
    """A mapping file names the sheet."""
    content = workbook(A=[["a"]], B=[["b"]])
    assert excel_sheet(content, name="t", sheet="B").grid == [["b"]]
    assert told(excel_sheet, content, sheet="C") == "the workbook has no sheet C: its sheets are A, B"


def test_excel_with_too_many_sheets(monkeypatch):
    """Each would be looked through."""
    monkeypatch.setattr("features.files.workbook.MAX_SHEETS", 2)
    assert excel_sheet(workbook(A=[["a"]], B=[]), name="t").grid == [["a"]]
    content = workbook(A=[["a"]], B=[], C=[])
    assert told(excel_sheet, content) == "the workbook must have at most 2 sheets, got 3"


def test_excel_without_content():
    """An empty workbook is no table."""
    assert told(excel_sheet, workbook(A=[], B=[])) == "the workbook has no cell with content"


def test_excel_formula_without_value():
    """A formula that was never calculated would be read as blank."""
    assert told(excel_sheet, workbook(A=[["a"], [1], ["=1+1"]])) == (
        "a formula has no value (row 3): open the file in Excel, calculate and save it"
    )


def test_excel_size_as_the_sheet_states_it_is_not_believed():
    """A wrong dimension would cut rows off."""
    content = workbook(A=[["a", "b"], [1, 2], [3, 4]])
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for item in old.infolist():
            data = old.read(item).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A1"')
            new.writestr(item.filename, data)
    assert excel_sheet(changed.getvalue(), name="t").grid == [["a", "b"], ["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("content", [b"PK\x03\x04nonsense", workbook(A=[["a"]])[:-40]])
def test_damaged_workbook(content):
    """No traceback for content that is no workbook."""
    assert told(excel_sheet, content) == (
        "the Excel workbook is damaged and cannot be read: open it in its own program and save it again"
    )


def test_zip_that_is_no_workbook():
    """A zip archive of something else."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "the Excel workbook is damaged" in told(excel_sheet, file.getvalue())


def test_zip_bomb_is_refused_by_its_directory():
    """What unpacks to too much is not unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/a.xml", "w") as part:
        for _ in range(MAX_UNPACKED_BYTES // 10_000_000 + 1):
            part.write(b"\x00" * 10_000_000)
    assert told(excel_sheet, file.getvalue()) == (
        "the file must unpack to at most 100 MB and 1048576 rows, got 110 MB"
    )


def test_xml_entities_are_refused():
    """They can grow without bound, and Excel writes none."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert (
        told(excel_sheet, file.getvalue()) == "the workbook declares XML entities, which Excel never writes"
    )


def test_parquet_values():
    """Nulls are blank; whole floats lose their point."""
    categories = [pa.array(values).dictionary_encode() for values in (["x", "y"], [7, 8])]
    content = parquet(a=[1, None], b=[1.0, 2.5], c=[True, None], d=categories[0], e=categories[1])
    assert parquet_grid(content, name="t") == [
        ["a", "b", "c", "d", "e"],
        ["1", "1", "true", "x", "7"],
        ["", "2.5", "", "y", "8"],
    ]


def test_parquet_columns_of_many_different_values():
    """More than are read at a time; each cell stays in its row."""
    cells = [cell for (cell,) in parquet_grid(parquet(a=list(range(3 * BATCH))), name="t")[1:]]
    assert cells == [str(number) for number in range(3 * BATCH)]


def test_parquet_columns_of_lists_and_bytes():
    """One value a cell."""
    with pytest.raises(DataError) as refused:
        parquet_grid(parquet(a=[[1, 2]], b=[b"x"]), name="t")
    assert [str(problem) for problem in refused.value.problems] == [
        "a must hold one value a cell, got list<element: int64>",
        "b must hold one value a cell, got binary",
    ]


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"\x00" * 100 + b"PAR1", parquet(a=[1])[:-3]])
def test_damaged_parquet(content):
    """No traceback for content that is no Parquet."""
    assert told(parquet_grid, content) == (
        "the Parquet file is damaged and cannot be read: open it in its own program and save it again"
    )


def changed_sheet(content: bytes, *replaced: tuple[bytes, bytes]) -> bytes:
    """Change the XML of the first sheet."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            for before, after in replaced if item.filename.endswith("sheet1.xml") else ():
                assert before in data
                data = data.replace(before, after)
            new.writestr(item.filename, data)
    return changed.getvalue()


def saved(book: Any) -> bytes:
    """Write a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_stored_numbers_are_told_from_texts():
    """A number keeps its kind, a text of digits stays a text, a percentage knows how it is shown."""
    book = openpyxl.Workbook()
    book.active.append(["a", 1.5, "1.5", 0.62, True])
    book.active["D1"].number_format = "0%"
    kinds = [type(cell) for cell in excel_sheet(saved(book), name="t").grid[0]]
    assert kinds == [str, StoredNumber, str, StoredPercent, str]


def test_parquet_numbers_are_told_from_texts():
    """The same in Parquet."""
    [_, cells] = parquet_grid(parquet(a=[1.5], b=["1.5"], c=[Decimal("1.50")], d=[True]), name="t")
    assert [type(cell) for cell in cells] == [StoredNumber, str, StoredNumber, str]


def test_far_formats_are_no_content():
    """An empty cell that somebody colored at the far end does not make the table larger."""
    content = changed_sheet(
        workbook(A=[["a"], [1]]),
        (b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'),
    )
    assert excel_sheet(content, name="t").grid == [["a"], ["1"]]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (
            "A1048576",
            "a cell is far outside the table (A1048576): delete the rows below row 2",
        ),
        ("XFD3", "a cell is far outside the table (XFD3): delete the columns after A"),
    ],
)
def test_far_content_is_refused(cell, problem):
    """It is no part of the table, and would take long to read."""
    row = cell.lstrip("AXFD")
    more = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()
    content = changed_sheet(workbook(A=[["a"], [1]]), (b"</sheetData>", more))
    assert told(excel_sheet, content) == problem


def test_a_sheet_of_too_many_cells_is_refused():
    """One long row and many short ones are not made a rectangle of billions."""
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(3, 20_003))
    wide = '<row r="2"><c r="BXX2"><v>1</v></c></row>'
    more = f"{wide}{rows}</sheetData>".encode()
    content = changed_sheet(workbook(A=[["a"]]), (b"</sheetData>", more))
    assert told(excel_sheet, content) == (
        "the file must have at most 10 million cells, got 20002 rows of 2000 columns: is it a cohort? "
        "Keep one row per infusion, and the columns that are used"
    )


def test_a_row_of_more_cells_than_a_sheet_has_columns_is_refused():
    """No program writes it; cells without a name would go on to the right without end."""
    more = b'<row r="2">' + b"<c/>" * (SHEET_COLUMNS + 1) + b"</row></sheetData>"
    content = changed_sheet(workbook(A=[["a"]]), (b"</sheetData>", more))
    assert told(excel_sheet, content) == "a sheet has at most 16384 columns, got more cells (row 2)"


def test_what_is_hidden_is_noted():
    """Hidden rows and columns are read like any other, and told."""
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [3, 4], [5, 6]):
        book.active.append(row)
    for row in (2, 3, 90):
        book.active.row_dimensions[row].hidden = True
    book.active.column_dimensions["B"].hidden = True
    assert excel_sheet(saved(book), name="t").notes == (
        "2 hidden rows were read as well",
        "1 hidden column was read as well",
    )


def test_a_hidden_sheet_is_noted():
    """The one sheet with content may be hidden."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(A=[["a"]], B=[])))
    book["A"].sheet_state = "hidden"
    book.active = book["B"]
    assert excel_sheet(saved(book), name="t").notes == ("1 hidden sheet was read as well",)


def test_merged_cells_are_found():
    """With their place; what they mean for a column is said elsewhere."""
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    assert excel_sheet(saved(book), name="t").merged == (Merged(2, 3, 2, 2),)


def test_a_merge_of_one_cell_is_none():
    """Some programs write it."""
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    content = changed_sheet(saved(book), (b'ref="B2:B3"', b'ref="B2"'))
    assert excel_sheet(content, name="t").merged == ()
