"""Merged cells are named by their rows and columns."""

from __future__ import annotations

import pytest

from features.files.merged_cells import merged_problems
from features.files.raw_table import MergedRows, RawTable


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (
            MergedRows(2, 3, ("ldh",)),
            "rows 2-3 of ldh are merged: unmerge and fill every row, or name the column under fill_down",
        ),
        (
            MergedRows(3, 3, ("ldh", "crp")),
            "cells in row 3 of ldh, crp are merged: unmerge and fill every row",
        ),
    ],
)
def test_merged_cells_are_refused_with_their_rows_and_columns(cells, problem):
    """Only what lies in one column can be filled down."""
    table = RawTable("t.xlsx", "00", ("ldh", "crp"), (("1", "2"), ("3", "")), (2, 3), (cells,))
    assert [str(each) for each in merged_problems(table)] == [problem]


def test_one_line_for_a_column_and_one_list_for_several():
    """However many ranges there are; the columns stand in the order of the table."""
    ranges = tuple(
        MergedRows(row, row + 1, (column,)) for row in range(2, 12, 2) for column in ("crp", "ldh")
    )
    rows = tuple(("1", "2") if number % 2 else ("", "") for number in range(10))
    table = RawTable("t.xlsx", "00", ("ldh", "crp"), rows, tuple(range(2, 12)), ranges)
    assert [str(each) for each in merged_problems(table)] == [
        "2 columns have merged cells (10 ranges): unmerge and fill every row, "
        'or name them under fill_down: ["ldh", "crp"]'
    ]
    assert [str(each) for each in merged_problems(table, ["crp"])] == [
        "rows 2-3, 4-5, 6-7 and 2 further ranges of ldh are merged: unmerge and fill every row, or name the "
        "column under fill_down"
    ]
    assert '"age"' not in str(merged_problems(table, ["age"])[0])
    assert merged_problems(table, used=["age"]) == merged_problems(table, ["ldh", "crp"]) == []


def test_merged_cells_without_a_value_are_no_problem():
    """Nothing is lost."""
    table = RawTable("t.xlsx", "00", ("ldh",), (("",),), (2,), (MergedRows(2, 3, ("ldh",), blank=True),))
    assert merged_problems(table) == []
