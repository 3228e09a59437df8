"""One point or comma with three digits after it is a decimal mark or not: the rest of the table decides."""

from __future__ import annotations

import pytest

from features.drafting.draft import draft_mapping
from features.drafting.number_marks import marks_of
from features.files.raw_table import RawTable
from features.files.stored_numbers import StoredNumber
from features.mapping.number_format import NumberFormat

PATIENTS = [f"p{number}" for number in range(1, 7)]


def drafted(**columns: list[str]) -> list[str]:
    """Draft a mapping of a table of six patients: its lines, without reasons."""
    named = {"Patient ID": PATIENTS, **columns}
    rows = tuple(zip(*named.values(), strict=True))
    table = RawTable("t.csv", "00", tuple(named), rows, tuple(range(2, 8)))
    return [line.partition("  # check")[0] for line in draft_mapping(table).text.splitlines()]


UG_L = "Ferritin (ug/L)"
FERRITIN = ["871", "1,233", "2,040", "640", "1,100", "1,904"]


def test_thousands_of_a_table_with_decimal_points():
    """1,233 is no 1.233 where other numbers have a decimal point."""
    lines = drafted(**{UG_L: FERRITIN}, CRP=["0.5", "12.5", "33", "4.5", "71", "12"])
    assert 'thousands = ","' in lines
    assert 'decimal = ","' not in lines
    assert 'ferritin_ug_l = "Ferritin (ug/L)"' in lines


def test_decimals_of_a_table_with_decimal_commas():
    """2,040 has three decimals where other numbers have a decimal comma."""
    lines = drafted(**{UG_L: FERRITIN}, CRP=["0,5", "12,5", "33", "4,5", "71", "12"])
    assert 'decimal = ","' in lines
    assert not [line for line in lines if line.startswith("thousands")]


def test_nothing_decides():
    """A field whose numbers may be read in two ways is a comment, and so is the separator."""
    lines = drafted(**{UG_L: FERRITIN}, CRP=["5", "12", "33", "4", "71", "12"])
    assert '# ferritin_ug_l = "Ferritin (ug/L)"' in lines
    assert '# thousands = "?"' in lines
    assert 'crp_mg_l = "CRP"' in lines


def test_columns_that_contradict_each_other():
    """A field of a table with both decimal marks is a comment if its own cells do not decide."""
    lines = drafted(**{UG_L: FERRITIN}, CRP=["0,5"] * 6, Hemoglobin=["9.5"] * 6)
    assert '# ferritin_ug_l = "Ferritin (ug/L)"' in lines


@pytest.mark.parametrize(
    ("cells", "decimal", "thousands"),
    [
        (["1,234.5"], ".", ","),
        (["1.234,5"], ",", "."),
        (["1.234.567", "1.234"], ",", "."),
        (["12 345", "1,234"], ",", " "),
        (["0.123", "1,234"], ".", ","),
        (["12", "7"], ".", ""),
    ],
)
def test_marks_that_are_clear(cells, decimal, thousands):
    """By a second group, a second mark, a leading zero, or the only mark that is left."""
    assert marks_of(cells).number_format == NumberFormat(decimal, thousands)


def test_a_stored_number_has_no_marks():
    """A workbook stores 1.234 as a number with decimals, however the site writes numbers."""
    assert marks_of([StoredNumber("1.234"), "0,5"]).number_format == NumberFormat(",")
