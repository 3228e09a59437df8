"""Headings in several rows become one, by what is merged or by what is blank."""

from __future__ import annotations

import pytest

from features.files.heading_rows import joined_headings
from features.files.read_table import FileFormat, table_of_sheet
from features.files.sheet_layout import Merged
from features.files.workbook import Sheet
from features.mapping.file import file_format_of
from features.problems import DataError

GRID = [
    ["Patient", "Blood", "", "", "Outcome"],
    ["", "LDH", "", "CRP", "CRS"],
    ["", "value", "unit", "value", "grade"],
    ["a", "310", "U/L", "5", "1"],
]
JOINED = [
    "Patient",
    "Blood / LDH / value",
    "Blood / LDH / unit",
    "Blood / CRP / value",
    "Outcome / CRS / grade",
]


def test_blank_headings_take_the_one_to_their_left():
    """In a text file, which has no merged cells."""
    assert joined_headings(GRID, 1, 3) == JOINED


def test_merged_headings_count_for_all_their_columns():
    """And a blank heading that is not merged stays blank."""
    merged = (Merged(1, 3, 1, 1), Merged(1, 1, 2, 4), Merged(2, 2, 2, 3))
    assert joined_headings(GRID, 1, 3, merged) == JOINED
    assert joined_headings(GRID, 1, 3, merged[:1])[2] == "unit"


def test_a_group_does_not_reach_under_the_next():
    """The blank below Outcome is not that of Blood."""
    grid = [["Blood", "", "Outcome", ""], ["LDH", "", "", "CRS"], ["a", "b", "c", "d"]]
    assert joined_headings(grid, 1, 3) == [
        "Blood / LDH / a",
        "Blood / LDH / b",
        "Outcome / c",
        "Outcome / CRS / d",
    ]


def test_repeated_parts_count_once():
    """As where a cell is repeated instead of merged."""
    assert joined_headings([["ID", "x"], ["ID", "y"]], 1, 2) == ["ID", "x / y"]


def test_rows_keep_their_numbers():
    """The first row of data is row 4, as the spreadsheet shows."""
    table = table_of_sheet(Sheet(GRID), "t.csv", b"", FileFormat(heading_rows=3))
    assert (table.columns, table.row_numbers) == (tuple(JOINED), (4,))


@pytest.mark.parametrize("rows", [0, 11, 1.5])
def test_number_of_heading_rows_is_limited(rows):
    """More than ten rows are no heading."""
    with pytest.raises(DataError, match="heading_rows must be a whole number, 1 to 10"):
        file_format_of({"heading_rows": rows})
