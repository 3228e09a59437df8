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
