"""Lists that come back: decisions, and lines that are not clear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from features.checking.cell_provenance import Origin
from features.corrections.cell_keys import CellKeys
from features.corrections.corrected_table import corrected
from features.corrections.decisions import Choice, as_text, from_text
from features.corrections.field_columns import table_columns
from features.corrections.fix_list import Fix, fix_list
from features.corrections.returned_list import Correction, ReturnedList
from features.files.raw_table import RawTable
from features.problem_codes import Code
from features.problems import DataError, Problem

TABLE = RawTable(
    "c.csv", "ab", ("patient_id", "ecog", "sex"), (("BMT-1", "7", "male"), ("BMT-2", "1", "x")), (2, 3)
)
KEYS = CellKeys(TABLE, ("patient_id",), secret="ab")


def correction(row: int, column: str, value: str = "", choice: Choice = Choice.CORRECT) -> Correction:
    """Make a decision about a cell of the table, as a list of it states it."""
    keys = KEYS.row(row), KEYS.cell(row, column)
    return Correction(2, row, column, choice, value, "", "outside_limits", *keys)


def returned(*corrections: Correction) -> ReturnedList:
    return ReturnedList("fixes.xlsx", "cd", "ab", corrections, 0)


def applied(*corrections: Correction, table: RawTable = TABLE) -> tuple[tuple[str, ...], ...]:
    return corrected(table, returned(*corrections), ("patient_id",)).rows


def refused(*corrections: Correction, table: RawTable = TABLE) -> list[Code]:
    with pytest.raises(DataError) as error:
        applied(*corrections, table=table)
    return [each.code for each in error.value.problems]


def test_a_correction_changes_one_cell() -> None:
    """All others stay."""
    assert applied(correction(2, "ecog", "1")) == (("BMT-1", "1", "male"), ("BMT-2", "1", "x"))


def test_a_cell_can_be_made_blank_or_left() -> None:
    """Left cells are confirmed, not changed."""
    blank, leave = correction(2, "ecog", choice=Choice.BLANK), correction(3, "sex", choice=Choice.LEAVE)
    assert applied(blank, leave) == (("BMT-1", "", "male"), ("BMT-2", "1", "x"))


def test_a_formula_is_text() -> None:
    """It reaches the check as it was typed."""
    assert applied(correction(2, "ecog", "=1+1"))[0][1] == "=1+1"


def test_a_cell_that_has_changed_since_is_refused() -> None:
    """Neither value is in the message."""
    newer = replace(TABLE, rows=(("BMT-1", "3", "male"), TABLE.rows[1]))
    with pytest.raises(DataError) as error:
        applied(correction(2, "ecog", "1"), table=newer)
    assert str(error.value) == (
        "fixes.xlsx: 1 problem\n  ecog in row 2 of the table has another value than in the list (row 2): "
        "write a new list with `cart-outcomes check --fix-list`"
    )


def test_a_row_that_is_gone_or_of_another_patient_is_refused() -> None:
    """Also where the value is the same by chance."""
    assert refused(
        correction(3, "sex", "male"), table=replace(TABLE, rows=TABLE.rows[:1], row_numbers=(2,))
    ) == [Code.CORRECTION_ROW_UNKNOWN]
    swapped = replace(TABLE, rows=(("BMT-2", "7", "male"), ("BMT-1", "1", "x")))
    assert refused(correction(2, "ecog", "1"), table=swapped) == [Code.CORRECTION_OUTDATED]


def test_a_change_elsewhere_does_not_matter() -> None:
    """What counts is the cell, not the digest of the file."""
    newer = replace(TABLE, sha256="ff", rows=(TABLE.rows[0], ("BMT-2", "0", "female")))
    assert applied(correction(2, "ecog", "1"), table=newer)[0] == ("BMT-1", "1", "male")


def test_two_decisions_about_a_cell_must_be_the_same() -> None:
    """One cell can be on several lines."""
    assert applied(correction(2, "ecog", "1"), correction(2, "ecog", "1"))[0][1] == "1"
    assert refused(correction(2, "ecog", "1"), correction(2, "ecog", "2")) == [Code.CORRECTION_UNCLEAR]


@pytest.mark.parametrize("text", ["=cmd", "+1", "-3", "@a", "'quoted", "'=x", "plain", "", "1,5"])
def test_a_text_returns_from_csv_unchanged(text: str) -> None:
    """And none starts so that a spreadsheet would run it."""
    assert from_text(as_text(text)) == text
    assert not as_text(text).startswith(("=", "+", "-", "@"))


def test_list_shows_no_identifier() -> None:
    """Neither in its own cell nor within another one."""
    table = replace(TABLE, columns=("patient_id", "ecog", "center"), rows=(("BMT-1", "see BMT-1", "x"),) * 2)
    known = table_columns(table, Origin())
    problems = [
        Problem(Code.NOT_A_NUMBER, "must be a number", "ecog", row=2, value_text="see BMT-1"),
        Problem(Code.NOT_PSEUDONYMOUS, "must not be a name", "patient_id", row=3),
    ]
    fixes = fix_list(table, known, problems, [])
    assert [fix.value for fix in fixes] == ["see (an identifier)", "(an identifier)"]
    assert "BMT-1" not in " ".join(str(vars(fix)) for fix in fixes)


def test_a_problem_of_several_rows_has_a_line_for_each() -> None:
    """A problem of no cell has a line without a key."""
    problems = [
        Problem(Code.SHARED_OUTCOME, "is shared", "ecog", rows=(2, 3)),
        Problem(Code.MISSING_COLUMN, "is required", "crs_grade"),
    ]
    fixes = fix_list(TABLE, table_columns(TABLE, Origin()), problems, [])
    assert [(fix.row, fix.column, bool(fix.cell_key)) for fix in fixes] == [
        (None, "", False),
        (2, "ecog", True),
        (3, "ecog", True),
    ]
    assert isinstance(fixes[0], Fix)
