"""What to do about a cell that is no number."""

from __future__ import annotations

import pytest

from features.field import FieldSpec
from features.mapping.number_advice import number_advice
from features.mapping.number_format import NumberFormat

WEIGHT = FieldSpec("weight_kg", "number", "Weight", "kg", 3, 200)
DAY = FieldSpec("relapse_day", "integer", "Relapse", "days", 1, 20000)
GRADE = FieldSpec("crs_grade", "integer", "CRS grade", "", 0, 5)
AGE = FieldSpec("age_years", "number", "Age", "years", 0, 100)
POINT, COMMA = NumberFormat(), NumberFormat(",")
CORRECT = 'correct the cell, or, only if it means "unknown", add it to missing'


@pytest.mark.parametrize(
    ("cell", "numbers", "advice"),
    [
        ("12.345", COMMA, 'a thousands separator? set thousands = "." under [table]'),
        ("3.5", COMMA, "decimal point, where the mapping says decimal comma: write it with a comma"),
        ("3,5", POINT, 'decimal comma? set decimal = "," under [table]'),
        ("3,500", POINT, 'decimal comma or thousands separator? set decimal = "," or thousands = "," '
         "under [table]"),
        ("4 100", POINT, 'a thousands separator? set thousands = " " under [table]'),
        ("12.345,6", POINT, 'a thousands separator? set decimal = "," and thousands = "." under [table]'),
        ("12,345.6", POINT, 'a thousands separator? set thousands = "," under [table]'),
        ("0.012", NumberFormat(",", "."), "decimal mark? a group of thousands does not begin with 0"),
        ("62%", POINT, 'pattern = "([0-9.]+) ?%" reads 62 from it'),
        ("45,5 kg", COMMA, 'pattern = "([0-9,]+) ?kg" reads 45,5 from it'),
        ("#DIV/0!", POINT, f"a spreadsheet error: {CORRECT}"),
        ("n.d.", POINT, "add it to missing"),
        ("high", POINT, CORRECT),
        ("03.11.2021", POINT, "a date? correct the cell, or name another column"),
    ],
)  # fmt: skip
def test_advice(cell, numbers, advice):
    """A real value is never advised to be unknown."""
    assert str(number_advice(cell, WEIGHT, numbers)) == advice


def test_dates_in_number_fields():
    """Days and ages are made of dates by their own keys."""
    assert str(number_advice("2021-11-03", DAY, POINT)) == (
        "a date? use days_since with the column of the infusion date"
    )
    assert str(number_advice("2021-11-03", AGE, POINT)) == (
        "a date? read the infusion date and use years_since with the column of the birth date"
    )


def test_values_beyond_a_limit():
    """What the mapping leaves open, and what it says and cannot be read."""
    assert str(number_advice(">5", WEIGHT, POINT, beyond="unset")) == (
        'define its value: beyond_limit = "limit" or "blank"'
    )
    assert str(number_advice("> 5 000", WEIGHT, POINT, beyond="unread")) == (
        'the number after > is not understood: a thousands separator? set thousands = " " under [table]'
    )


@pytest.mark.parametrize("cell", ["G2", "III", "Grad 3", "severe"])
def test_a_grade_in_other_words_is_a_code(cell):
    """Roman numerals and letters are not guessed: the mapping file defines them."""
    advice = number_advice(cell, GRADE, POINT)
    assert str(advice) == (
        'define the value under codes, as in codes = { III = 3 }; if it means "unknown", add it to missing'
    )
    assert not advice.quotes_cell


@pytest.mark.parametrize("cell", ["#REF!", "n.d.", "3,5", "3-4"])
def test_other_mistakes_in_a_grade_keep_their_advice(cell):
    """What is no word of the site."""
    assert "codes" not in str(number_advice(cell, GRADE, POINT))
