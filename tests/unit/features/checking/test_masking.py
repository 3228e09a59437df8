"""No message repeats a patient's identifier."""

from __future__ import annotations

from features.advice import Advice
from features.checking.masking import masked
from features.problem_codes import Code
from features.problems import Problem


def test_identifiers_are_masked_wherever_they_stand():
    """In what was found, in the rule, in the column, in the fix."""
    problem = Problem(
        Code.UNKNOWN_COLUMN,
        "BMT-7 is no column",
        "BMT-7",
        row=2,
        value_text="see BMT-7, then",
        advice=Advice("drop BMT-7"),
    )
    assert str(*masked([problem], ["BMT-7"])) == (
        "(an identifier) (an identifier) is no column, got see (an identifier), then (row 2): "
        "drop (an identifier)"
    )


def test_identifiers_are_masked_in_examples_and_general_advice():
    """Of a problem that several rows share."""
    problem = Problem(
        Code.OUTSIDE_LIMITS,
        "r",
        rows=(2, 3),
        examples=("see BMT-7", "no"),
        advice=Advice("x", general="as BMT-7"),
    )
    hidden = masked([problem], ["BMT-7"])[0]
    assert hidden.examples == ("see (an identifier)", "no")
    assert str(hidden.without_values()) == "r (2 rows: 2-3): as (an identifier)"


def test_longer_identifiers_are_masked_first():
    """No rest of one remains."""
    problem = Problem(Code.TEXT_TOO_LONG, "must be short", "center", value_text="BMT-7-A")
    assert str(*masked([problem], ["BMT-7", "BMT-7-A"])) == "center must be short, got (an identifier)"


def test_words_that_hold_an_identifier_are_left():
    """A short code inside a word is no identifier."""
    problem = Problem(Code.TEXT_TOO_LONG, "must be short", "center", value_text="ABCD")
    assert masked([problem], ["ABC"]) == [problem]


def test_short_numbers_are_not_looked_for():
    """They would hide ages and grades; long ones are masked."""
    problem = Problem(Code.OUTSIDE_LIMITS, "must be 0 to 100 years", "age_years", value_text="310")
    assert masked([problem], ["310", "1"]) == [problem]
    assert (
        masked([Problem(Code.OUTSIDE_LIMITS, "must be", "x", value_text="100234")], ["100234"])[0].value_text
        == "(an identifier)"
    )


def test_many_identifiers_and_problems_take_no_time():
    """Whole words are still masked."""
    problems = [
        Problem(Code.OUTSIDE_LIMITS, "must be 0", "x", row=row, value_text=f"P-{row}") for row in range(5_000)
    ]
    told = masked(problems, [f"P-{row}" for row in range(5_000)])
    assert {item.value_text for item in told} == {"(an identifier)"}


def test_words_of_the_schema_are_not_masked():
    """Columns that slipped into each other must still be told in words."""
    problem = Problem(Code.NOT_AN_OPTION, "must be one of female, male", "sex", value_text="31")
    assert masked([problem], ["male", "female", "sex"]) == [problem]
