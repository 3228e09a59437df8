"""A date with its time of day."""

from __future__ import annotations

import datetime

import pytest

from features.checking.moments import Moment
from features.checking.parse_cell import CellError
from features.mapping.date_rules import DateRules
from features.problem_codes import Code

IN_BERLIN = DateRules(("DD.MM.YYYY",), time_zone="Europe/Berlin")
DAY = datetime.date(2021, 11, 3).toordinal()


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("03.11.2021", (DAY, None)),
        ("2021-11-03 08:30", (DAY, 30_600)),
        ("03.11.2021 8:30:15", (DAY, 30_615)),
        ("03.11.2021 12:05 AM", (DAY, 300)),
        ("03.11.2021 01:05 pm", (DAY, 47_100)),
        ("2021-11-03T00:00:00", (DAY, None)),
        ("2021-11-02T23:30:00Z", (DAY, 1800)),
        ("2021-11-02T23:00:00Z", (DAY, None)),
        ("2021-11-03T01:00:00+05:00", (DAY - 1, 75_600)),
    ],
)
def test_the_day_and_the_second_at_the_center(cell, moment):
    """Midnight is no time: programs write it behind a date."""
    assert IN_BERLIN.required_moment(cell, "drawn") == moment


@pytest.mark.parametrize("cell", ["", "soon", "31.02.2021", "03.11.2021 25:00"])
def test_what_is_no_date(cell):
    """Nor one with a time that does not exist."""
    with pytest.raises(CellError) as refused:
        IN_BERLIN.required_moment(cell, "drawn")
    assert refused.value.code == Code.WRONG_DATE


def test_a_time_zone_needs_that_of_the_center():
    """The day could be another."""
    with pytest.raises(CellError) as refused:
        DateRules(("DD.MM.YYYY",)).required_moment("2021-11-02T23:30:00Z", "drawn")
    assert refused.value.code == Code.NO_TIME_ZONE


def test_a_day_that_is_left_out_has_no_moment():
    """As the rule for partial dates says."""
    assert DateRules(("DD.MM.YYYY",), partial="unknown").required_moment("11.2021", "drawn") is None


def test_order_within_a_day_needs_two_times():
    """Otherwise neither is after the other."""
    morning, evening, unknown = Moment(5, 100), Moment(5, 200), Moment(5)
    assert evening.is_after(morning)
    assert not morning.is_after(evening)
    assert not evening.is_after(unknown)
    assert not unknown.is_after(morning)
    assert Moment(6).is_after(evening)
