"""A grid of cells becomes a table."""

from __future__ import annotations

import pytest

from features.files.raw_table import UNNAMED, RawTable, table_of
from features.problems import DataError


def table(*rows: list[str], **how: object) -> RawTable:
    """Make a table of rows of cells."""
    return table_of(rows, name="t.csv", sha256="00", **how)  # type: ignore[arg-type]


def refusal(*rows: list[str], **how: object) -> list[str]:
    """Lines of the refusal of a grid, without its title."""
    with pytest.raises(DataError) as refused:
        table(*rows, **how)
    return [str(problem) for problem in refused.value.problems]


def test_rows_are_numbered_as_a_spreadsheet_does():
    """The heading is row 1."""
    assert table(["a"], ["1"], ["2"]).row_numbers == (2, 3)


def test_space_around_headings_and_cells_does_not_count():
    """Neither spaces nor no-break spaces."""
    got = table([" a ", "b"], ["\u00a01 ", "x y"])
    assert (got.columns, got.rows) == (("a", "b"), (("1", "x y"),))


def test_blank_rows_at_the_end_are_left_out():
    """Spreadsheets leave them behind, short or full of delimiters."""
    assert table(["a", "b"], ["1", "2"], ["", ""], [], [" "]).rows == (("1", "2"),)


def test_blank_rows_in_between_are_refused():
    """What follows them may have been forgotten or pasted."""
    assert refusal(["a"], ["1"], [], ["2"]) == [
        "a blank row is between rows with data (row 3): delete it, or set skip_blank_rows = true under "
        "[table] of a mapping file"
    ]


def test_blank_rows_in_between_can_be_skipped():
    """Where the mapping file says so; rows keep their numbers."""
    assert table(["a"], ["1"], [], ["2"], skip_blank_rows=True).row_numbers == (2, 4)


def test_columns_without_heading_and_content_are_left_out():
    """Trailing delimiters mean nothing."""
    assert table(["a", "", ""], ["1", "", ""]).columns == ("a",)


def test_heading_row_can_stand_lower():
    """Rows above it are left out, and numbers stay those of the file."""
    assert table(["Report 2021"], [], ["a", "b"], ["1", "2"], heading_row=3).row_numbers == (4,)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], ["row 1 must hold the headings of the columns, and is blank"]),
        ([["", " "], ["1", "2"]], ["row 1 must hold the headings of the columns, and is blank"]),
        ([["a", "b"]], ["the file has headings but no rows"]),
        ([["a", "b"], ["", ""], []], ["the file has headings but no rows"]),
        (
            [["a", "b", "a"], ["1", "2", "3"]],
            ["a is repeated in the heading: two columns cannot share a name: rename one"],
        ),
        ([["a", ""], ["1", "2"]], [f"column 2 has content but no heading: {UNNAMED}"]),
        (
            [["p-1", "1", "1"], ["p-2", "2", "2"]],
            ["the first row has numbers where headings should be: is the heading missing?"],
        ),
        (
            [["a", "b\x07c"], ["1", "2"]],
            ["b\\x07c must not have control characters in its name"],
        ),
        (
            [["a", "b"], ["1"], ["1", "2", "3"]],
            [
                "a row must have as many cells as the heading, 2, got 1 (row 2): "
                "is a delimiter or a quote missing?",
                "a row must have as many cells as the heading, 2, got 3 (row 3): "
                "is a delimiter inside a cell that is not quoted?",
            ],
        ),
        (
            [["a", "b"], ["1", "x" * 10_001]],
            ["b must have at most 10000 characters in a cell, got 10001 characters (row 2)"],
        ),
        (
            [[f"c{place}" for place in range(2001)], ["1"] * 2001],
            ["the file must have at most 2000 columns, got 2001"],
        ),
        (
            [["Record ID", "Sex", "Complete?", "Complete?"], ["1", "Male", "Complete", "Complete"]],
            [
                "the headings are labels of a REDCap export: export it again as "
                '"CSV / Microsoft Excel (raw data)", whose headings are variable names'
            ],
        ),
    ],
)
def test_grids_that_are_refused(rows, told):
    """Each refusal says what, where and how to mend it."""
    assert refusal(*rows) == told


def test_all_problems_of_a_grid_are_told():
    """Headings, blank rows and short rows at once."""
    assert len(refusal(["a", "a"], ["1", "2"], [], ["1"])) == 3


def test_column_gives_its_cells():
    """From the first row to the last."""
    assert table(["a", "b"], ["1", "2"], ["3", "4"]).column("b") == ["2", "4"]


def test_a_title_above_the_headings_is_told_once():
    """Not once for every row that is longer."""
    rows = [["Our patients", "", ""], ["id", "age", "sex"], ["1", "31", "male"]]
    assert refusal(*rows) == [
        "row 1 has one heading for 3 columns: is it a title? Then set heading_row = 2 "
        "under [table] of a mapping file"
    ]
    assert refusal(["Our patients"], *rows[1:]) == refusal(*rows)
