"""Regular expressions of a mapping file."""

from __future__ import annotations

import time

import pytest

from features.checking.parse_cell import CellError
from features.files.stored_numbers import StoredNumber
from features.mapping.patterns import LONGEST_CELL, matched_part, pattern_problem


@pytest.mark.parametrize(
    "pattern",
    [
        "([0-9.]+) ?%",
        r".*CRP ([0-9]+(?:,[0-9]+)?).*",
        r"\(([()+*]+)\)",
        "(?P<number>[0-9]{4})",
        "[^]+](a)?",
    ],
)
def test_usual_patterns_are_accepted(pattern):
    """What a site needs to take a number out of a text."""
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        ("(a+)+", "must not repeat a group: )+"),
        ("(?:a|a)*(b)", "must not repeat a group: )*"),
        ("(a){30}", "must not repeat a group: ){30}"),
        ("(a){2,}", "must not repeat a group: ){"),
        (".*.*.*.*.*(a)", "must have at most 4 of * + { }"),
        ("a?" * 9 + "(a)", "must have at most 8 of ? |"),
        ("(a", "is not a regular expression (missing ), unterminated subpattern at position 0)"),
        ("a", "must have one group in parentheses"),
    ],
)
def test_patterns_that_could_run_without_end_are_refused(pattern, rule):
    """The work grows without bound where repeats stand inside repeats."""
    assert pattern_problem(pattern) == rule


def test_the_work_of_a_pattern_is_bounded():
    """The worst that is accepted ends."""
    begun = time.monotonic()
    with pytest.raises(CellError):
        matched_part("a*a*a*a*(b)", "a" * LONGEST_CELL)
    assert time.monotonic() - begun < 20


def test_a_long_cell_is_not_held_against_a_pattern():
    """A document is no value."""
    with pytest.raises(CellError, match="must have at most 200 characters to match a pattern"):
        matched_part("(a+)", "a" * (LONGEST_CELL + 1))


def test_a_part_of_a_stored_number_stays_a_stored_number():
    """Its point is a decimal point."""
    assert isinstance(matched_part("([0-9.]+)", StoredNumber("7.125")), StoredNumber)


@pytest.mark.parametrize("cell", ["x", "%"])
def test_a_cell_must_match_and_hold_something(cell):
    """An empty group would be an unknown value that nobody declared."""
    with pytest.raises(CellError, match="must match its pattern"):
        matched_part("([0-9]*)%", cell)
