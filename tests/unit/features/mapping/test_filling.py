"""Blank cells take the value above them, as far as it counts."""

from __future__ import annotations

import pytest

from features.files.raw_table import MergedRows, RawTable
from features.mapping.filling import Filling


def table(*rows: tuple[str, ...], merged: tuple[MergedRows, ...] = (), first: int = 2) -> RawTable:
    """Make a table of a patient and a value."""
    return RawTable("t.csv", "00", ("id", "x"), rows, tuple(range(first, first + len(rows))), merged)


def filled(given: RawTable, **how: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Fill patients and values."""
    return list(Filling("id", **{"columns": ("id", "x"), **how}).filled(given).rows)


def test_a_value_ends_where_the_patient_changes():
    """Also where the first patient comes again; a value of the new patient fills on."""
    rows = (("a", "1"), ("", ""), ("b", ""), ("a", ""), ("", "2"), ("", ""))
    assert [x for _, x in filled(table(*rows))] == ["1", "1", "", "", "2", "2"]
    assert [x for _, x in filled(table(*rows), columns=("id",), groups=("x",))] == ["1"] * 4 + ["2"] * 2


def test_the_patient_is_filled_only_where_the_mapping_says_so():
    """A row without an identifier is no row of the patient above."""
    assert filled(table(("a", "1"), ("", "")), columns=("x",)) == [("a", "1"), ("", "")]


@pytest.mark.parametrize(
    ("blank", "expected"),
    [
        (False, ["1", "1", "", "", "3"]),
        (True, ["1", "1", "", "", "3"]),
    ],
)
def test_merged_cells_are_filled_to_their_end(blank, expected):
    """Neither cells that are not merged nor merged cells without a value take the value above them."""
    merged = (MergedRows(2, 3, ("x",)), *([MergedRows(4, 5, ("x",), blank=True)] if blank else []))
    rows = (("a", "1"), ("a", ""), ("a", ""), ("a", ""), ("a", "3"))
    assert [x for _, x in filled(table(*rows, merged=merged))] == expected


def test_merged_cells_state_their_end_beyond_a_patient():
    """What the workbook shows in the rows of two patients counts for both."""
    rows = (("a", "1"), ("b", ""), ("b", ""))
    assert [x for _, x in filled(table(*rows, merged=(MergedRows(2, 3, ("x",)),)))] == ["1", "1", ""]


def test_a_table_that_is_read_in_parts():
    """The last value of a part is known in the next; rows and counts are kept."""
    filling = Filling("id", ("id", "x"))
    filling.filled(table(("a", "1"), ("", "")))
    assert filling.filled(table(("", ""), ("b", ""), first=4)).rows == (("a", "1"), ("b", ""))
    assert filling.sources == {3: {"id": 2, "x": 2}, 4: {"id": 2, "x": 2}}
    assert filling.notes == ["filled down: id 2 cells, x 2 cells"]


def test_cells_of_a_merged_range_beyond_the_last_row_cost_nothing():
    """A workbook may state a range of a million rows."""
    merged = (MergedRows(2, 1_048_576, ("x",)),)
    assert filled(table(("a", "1"), ("a", ""), merged=merged)) == [("a", "1"), ("a", "1")]
