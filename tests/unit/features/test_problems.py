"""How problems are told."""

from __future__ import annotations

import pytest

from features.advice import Advice, plain
from features.problem_codes import Code
from features.problems import DataError, Problem, grouped, row_ranges, shortened


def test_problem_says_what_rule_found_where_and_fix():
    """Column, rule, finding, row, fix, in this order."""
    problem = Problem(
        Code.OUTSIDE_LIMITS,
        "must be 0 to 1",
        "dose",
        row=7,
        value_text="625000",
        advice=plain("cells, not millions? divide by 1e6"),
    )
    assert str(problem) == "dose must be 0 to 1, got 625000 (row 7): cells, not millions? divide by 1e6"


def test_problem_of_a_file_stands_alone():
    """Without column, finding and row only the rule is told."""
    assert str(Problem(Code.EMPTY_FILE, "the file is empty")) == "the file is empty"


def test_long_values_are_cut():
    """A value is shown up to 60 characters."""
    assert str(Problem(Code.TEXT_TOO_LONG, "must be short", "center", value_text="x" * 500)) == (
        f"center must be short, got {'x' * 60}... (500 characters)"
    )


def test_control_characters_are_written_out():
    """A value cannot move the cursor, color the terminal or break the line."""
    assert shortened("a\x1b[31mb\nc\u202ed") == "a\\x1b[31mb\\nc\\u202ed"


def test_error_counts_and_lists_all_problems():
    """One line for each, under the file's name."""
    error = DataError(
        [Problem(Code.EMPTY_FILE, "is empty"), Problem(Code.REQUIRED, "is required", "patient_id")],
        source="c.csv",
    )
    assert str(error) == "c.csv: 2 problems\n  is empty\n  patient_id is required"


def test_error_without_source():
    """A table that was no file has no name."""
    assert str(DataError([Problem(Code.EMPTY_FILE, "is empty")])) == "1 problem\n  is empty"


def test_row_ranges_join_runs():
    """Runs become ranges, whatever the order."""
    assert row_ranges([45, 2, 3, 4, 41]) == "2-4, 41, 45"


def alike(count: int) -> list[Problem]:
    """Repeat a mistake down a column."""
    return [
        Problem(Code.OUTSIDE_LIMITS, "must be 0 to 1", "dose", row=row, value_text=str(row))
        for row in range(2, count + 2)
    ]


def test_twenty_problems_alike_are_told_one_by_one():
    """Up to 20 rows nothing is grouped."""
    assert grouped(alike(20)) == alike(20)


def test_more_than_twenty_problems_alike_are_told_once():
    """All rows are named, the first values are shown."""
    told = grouped(alike(200))
    assert [str(problem) for problem in told] == [
        "dose must be 0 to 1, got 2, 3, 4 and 197 more (200 rows: 2-201)"
    ]


def test_group_stands_where_its_first_problem_stood():
    """Other problems keep their places."""
    other = Problem(Code.REQUIRED, "is required", "patient_id", row=3)
    told = grouped([*alike(30)[:1], other, *alike(30)[1:]])
    assert [problem.column for problem in told] == ["dose", "patient_id"]


def test_problems_are_grouped_by_code():
    """A different code is a different kind; a different text or number is not."""
    advice = [
        Problem(
            Code.NOT_A_NUMBER,
            "must be a number",
            "crp",
            row=row,
            value_text=f"{row},5",
            advice=Advice(f"write {row}.5"),
        )
        for row in range(30)
    ]
    texts = [Problem(Code.OUTSIDE_LIMITS, f"rule {row}", "crp", row=row) for row in range(30)]
    codes = [
        Problem(code, "must be a number", "crp", row=row)
        for row, code in enumerate([Code.UNIT_IN_CELL, Code.DECIMAL_COMMA] * 30)
    ]
    assert len(grouped(advice)) == 1
    assert len(grouped(texts)) == 1
    assert [problem.code for problem in grouped(codes)] == [Code.UNIT_IN_CELL, Code.DECIMAL_COMMA]


@pytest.mark.parametrize("count", [0, 1])
def test_grouping_little_changes_nothing(count):
    """Nothing in, nothing out."""
    assert grouped(alike(count)) == alike(count)


def test_the_same_value_is_told_once():
    """From its second row on; other values stay row by row."""
    problems = [
        Problem(Code.OUTSIDE_LIMITS, "must be 0 to 1", "dose", row=row, value_text=found)
        for row, found in ((2, "7"), (3, "8"), (4, "7"))
    ]
    assert [str(problem) for problem in grouped(problems)] == [
        "dose must be 0 to 1, got 7 (2 rows: 2, 4)",
        "dose must be 0 to 1, got 8 (row 3)",
    ]


def test_examples_are_cut_one_by_one():
    """The list of them is shown whole."""
    problems = [
        Problem(Code.TEXT_TOO_LONG, "must be short", "center", row=row, value_text=f"{row:02d}" * 40)
        for row in range(30)
    ]
    [problem] = grouped(problems)
    assert str(problem) == (
        f"center must be short, got {'00' * 30}... (80 characters), {'01' * 30}... (80 characters), "
        f"{'02' * 30}... (80 characters) and 27 more (30 rows: 0-29)"
    )


def test_a_blank_value_is_called_so():
    """And no sentence ends in the air."""
    assert (
        str(Problem(Code.REQUIRED, "is required", "center", value_text="")) == "center is required, got blank"
    )
