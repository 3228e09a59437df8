"""Which record an infusion takes: windows, the next infusion, ties, limits, units."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from features.problem_codes import Code
from training.omop.cell_counts import report
from training.omop.choice import chosen
from training.omop.chosen_cell import Chosen, Status
from training.omop.infusions import Infusion
from training.omop.recipe import ColumnRule, Source
from training.omop.records import Record
from training.omop.start_time import start_time

DAY = datetime.date(2021, 3, 4)
INFUSION = Infusion(1, 1, DAY, "", "", "", "", lymphodepletion=DAY - datetime.timedelta(days=5))
RULE = ColumnRule("ldh", Source(("measurement",), ("ldh",)), (-14, -1))


def on(day: int, number: str = "", *, hour: int | None = None, unit: str = "U/L", value: str = "") -> Record:
    """Make a record of a day from the infusion."""
    date = DAY + datetime.timedelta(days=day)
    time = None if hour is None else datetime.datetime.combine(date, datetime.time(hour))
    return Record(1, date, time, value, number, unit, "")


def cell(records: list[Record], infusion: Infusion = INFUSION, **keys: Any) -> Chosen:
    """Choose by a rule."""
    return chosen(replace(RULE, **keys), infusion, records)


@pytest.mark.parametrize(
    ("days", "status"),
    [([-15], Status.TOO_OLD), ([0], Status.ONLY_LATER), ([-15, 0], Status.TOO_OLD), ([], Status.NEVER)],
)
def test_outside_the_window(days, status):
    """The first and the last day count, others do not."""
    assert cell([on(day, "1") for day in days]) == Chosen("", status)
    assert cell([on(-14, "1"), on(-1, "2")]) == Chosen("2", Status.USED, "U/L")


def test_window_from_lymphodepletion():
    """Unknown where its day is."""
    records = [on(-6, "1"), on(-5, "2"), on(-4, "3")]
    keys: dict[str, Any] = {"anchor": "lymphodepletion", "window": (-14, 0)}
    assert cell(records, **keys).cell == "2"
    assert cell(records, replace(INFUSION, lymphodepletion=None), **keys).status is Status.NO_ANCHOR


BEGUN = replace(INFUSION, lymphodepletion_time=start_time([on(-5, hour=9)]))
BASELINE: dict[str, Any] = {"anchor": "lymphodepletion", "window": (-14, 0)}


def test_what_is_later_on_the_first_day_is_not_before():
    """A result of the evening is no baseline of a treatment that began in the morning."""
    morning, evening = on(-5, "1", hour=7), on(-5, "2", hour=18)
    assert cell([on(-6, "0"), morning, evening], BEGUN, **BASELINE) == Chosen("1", Status.USED, "U/L")
    assert cell([on(-6, "0"), evening, on(-5, "3", hour=9)], BEGUN, **BASELINE).cell == "0"
    assert cell([evening], BEGUN, **BASELINE) == Chosen("", Status.ONLY_LATER)
    assert cell([morning, evening], BEGUN, **BASELINE, same_day=True).cell == "2"


def test_a_time_that_is_not_known_counts_and_is_reported():
    """That of the record, or that of the beginning; not where the cell does not depend on it."""
    unknown = cell([on(-6, "0"), on(-5, "1")], BEGUN, **BASELINE)
    assert unknown == Chosen("1", Status.USED, "U/L", is_open=True)
    assert cell([on(-6, "0"), on(-5, "1", hour=18)], **BASELINE).is_open
    partly = replace(INFUSION, lymphodepletion_time=start_time([on(-5, hour=9), on(-5)]))
    assert cell([on(-5, "1", hour=7)], partly, **BASELINE).is_open
    assert cell([on(-5, "1", hour=18)], partly, **BASELINE).cell == ""
    assert not cell([on(-6, "1"), on(-5, "1")], BEGUN, **BASELINE).is_open
    assert report(replace(RULE, **BASELINE), [unknown]) == (
        "ldh: 1 used; 1 from the day of lymphodepletion, time of day unknown"
    )


def test_the_time_of_the_infusion_counts_too():
    """A dose after the cells is no prophylaxis."""
    given = replace(INFUSION, time=start_time([on(0, hour=11)]))
    keys: dict[str, Any] = {"give": "yes", "otherwise": "no", "window": (0, 0)}
    assert [cell([on(0, hour=hour)], given, **keys).cell for hour in (10, 17)] == ["yes", "no"]


def test_windows_from_a_column_of_dates():
    """They end before what the rule names; without the date there is no window."""
    keys: dict[str, Any] = {"give": "date", "take": "first", "anchor": "hsct", "window": (1, 9000)}
    rule = replace(RULE, **keys, until="infusion")
    transplanted = {"hsct": DAY - datetime.timedelta(days=100)}
    records = [on(-120), on(-100), on(-40), on(-30), on(3)]
    assert chosen(rule, INFUSION, records, transplanted).cell == "2021-01-23"
    assert chosen(rule, INFUSION, [on(0)], transplanted).status is Status.ONLY_LATER
    assert chosen(rule, INFUSION, records).status is Status.NO_ANCHOR
    assert report(rule, [chosen(rule, INFUSION, records)]) == "ldh: 1 without hsct or infusion"


def test_the_day_of_the_next_infusion():
    """It belongs to a window from day 1, and not to one from day 0, which is that of the next infusion."""
    twice = replace(INFUSION, next_day=DAY + datetime.timedelta(days=60))
    assert cell([on(60)], twice, give="date", window=(1, 900)).cell == "2021-05-03"
    assert cell([on(60)], twice, give="date", window=(0, 900)).status is Status.ONLY_LATER
    assert cell([on(61)], twice, give="date", window=(1, 900)).status is Status.ONLY_LATER


def test_time_of_day_decides_where_all_records_have_one():
    """Otherwise all of the day are at one time."""
    early, late = on(-2, "1", hour=6), on(-2, "2", hour=9)
    assert cell([late, early]).cell == "2"
    assert cell([late, early], take="first").cell == "1"
    assert cell([late, on(-2, "1")]).problem is Code.VALUES_AT_ONE_TIME
    assert cell([late, on(-2, "1")], tie="lowest").cell == "1"


def test_highest_and_lowest():
    """Below a limit is less than the limit; two units are not compared."""
    records = [on(-3, "5"), on(-2, "<5"), on(-1, "4")]
    assert cell(records, take="highest").cell == "5"
    assert cell([on(-3, "5"), on(-2, "<5")], take="lowest").cell == "<5"
    assert cell([on(-3, "5"), on(-2, ">5")], take="highest").cell == ">5"
    other = cell([on(-3, "5"), on(-2, "5", unit="ukat/L")], take="highest")
    assert (other.cell, other.problem) == ("", Code.VALUES_IN_SEVERAL_UNITS)
    assert cell([on(-3, "5"), on(-2, "6", unit="x")], ignore_units=("x",)).cell == "5"


def test_sums_of_daily_doses():
    """All records count; a dose without a number, in another unit or beyond a limit makes the sum unknown."""
    doses = [on(-5, "30"), on(-4, "30"), on(-3, "30.1")]
    assert cell(doses, take="sum") == Chosen("90.1", Status.USED, "U/L")
    assert cell([], take="sum", otherwise="0").cell == "0"
    assert cell([*doses, on(-2)], take="sum").status is Status.VALUE_UNKNOWN
    assert cell([*doses, on(-2, "1", unit="g")], take="sum").problem is Code.VALUES_IN_SEVERAL_UNITS
    assert cell([*doses, on(-2, "<1")], take="sum").problem is Code.BEYOND_DETECTION_LIMIT
    twice = cell([on(-5, "30"), on(-5, "30")], take="sum")
    assert twice == Chosen("60", Status.USED, "U/L", repeats=True)
    assert report(RULE, [twice]) == "ldh: 1 used; 1 with equal numbers at one time, all added"


def answered(day: int, answer: int = 0, text: str = "", number: str = "") -> Record:
    """Make a record of an answer."""
    return replace(on(day, number), answer=answer, text=text)


def test_meanings_of_answers():
    """By concept, text or number; what says nothing is passed over, what is not explained is refused."""
    codes = {"9191": "yes", "9189": "no", "neg": "no", "2": "cns2", "319": ""}
    keys: dict[str, Any] = {"give": "answer", "codes": codes}
    assert cell([answered(-3, 9191), answered(-2, 9189, "pos")], **keys).cell == "no"
    assert cell([answered(-3, text="NEG")], **keys).cell == "no"
    assert cell([answered(-3, number="2")], **keys).cell == "cns2"
    assert cell([answered(-3, 9191), answered(-2, 319), answered(-1)], **keys).cell == "yes"
    assert cell([answered(-3, 319)], **keys) == Chosen("", Status.VALUE_UNKNOWN)
    unknown = cell([answered(-3, 9191), answered(-2, 77), answered(-1, text="see report")], **keys)
    assert (unknown.problem, unknown.unexplained) == (Code.UNEXPLAINED_CODE, ("77", "see report"))
    assert cell([answered(-3, 77)], give="answer", codes={**codes, "*": ""}).status is Status.VALUE_UNKNOWN
    assert cell([answered(-99, 77)], **keys).status is Status.TOO_OLD


def test_values_of_the_concept_set():
    """The highest grade; a grade that is not known is not 0."""
    keys: dict[str, Any] = {"give": "value", "take": "highest", "window": (0, 30), "otherwise": "0"}
    assert cell([on(2, value="1"), on(3, value="3"), on(4, value="?")], **keys).cell == "3"
    assert cell([on(2, value="?")], **keys) == Chosen("", Status.VALUE_UNKNOWN)
    assert cell([], **keys) == Chosen("0", Status.NEVER)
    several = cell([on(2, value="a"), on(2, value="b")], **{**keys, "take": "last"})
    assert several.problem is Code.VALUES_AT_ONE_TIME
    assert cell([on(2, value="a"), on(3, value="b")], **{**keys, "take": "last"}).cell == "b"


def test_words_have_no_highest():
    """The rule is refused, not the program broken."""
    keys: dict[str, Any] = {"give": "value", "take": "highest", "window": (0, 30)}
    assert cell([on(2, value="academic")], **keys).problem is Code.NOT_A_NUMBER


def test_yes_dates_and_counts():
    """Days count once."""
    records = [on(-9), on(-9), on(-3)]
    assert cell(records, give="yes", otherwise="no").cell == "yes"
    assert cell([], give="yes", otherwise="no").cell == "no"
    assert cell(records, give="count").cell == "2"
    assert [cell(records, give="date", take=take).cell for take in ("first", "last")] == [
        "2021-02-23",
        "2021-03-01",
    ]


def test_report_counts_every_status():
    """In words."""
    cells = [Chosen(">9", Status.USED), *(Chosen("", status) for status in Status if status != Status.USED)]
    assert report(RULE, cells) == (
        "ldh: 1 used (1 beyond a limit), 1 only before the window, 1 only after the window, "
        "1 without infusion, 1 recorded without a value, 1 refused, 1 without record"
    )
