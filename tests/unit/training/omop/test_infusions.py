"""Records of infusions: parts, numbers, the next infusion, quantities, lymphodepletion."""

from __future__ import annotations

import datetime

import pytest

from training.omop.infusions import infusions_of, with_lymphodepletion
from training.omop.records import Record

DAY = datetime.date(2021, 3, 4)


def on(day: int, number: str = "", *, person: int = 1, value: str = "", unit: str = "") -> Record:
    """Make a record of a day."""
    return Record(person, DAY + datetime.timedelta(days=day), None, value, number, unit, "")


def test_parts_are_counted_from_the_first():
    """Not from one another, so that a chain of records does not grow without end."""
    infusions = infusions_of([on(0), on(10), on(20)], parts_within_days=14)
    assert [(each.number, (each.day - DAY).days) for each in infusions] == [(1, 0), (2, 20)]
    assert infusions[0].next_day == infusions[1].day
    assert infusions[1].next_day is None


def test_persons_are_apart():
    """Each has a first infusion, and none is next to that of another."""
    infusions = infusions_of([on(0), on(1, person=2)], parts_within_days=14)
    assert [(each.person, each.number, each.next_day) for each in infusions] == [(1, 1, None), (2, 1, None)]


@pytest.mark.parametrize(
    ("records", "quantity"),
    [
        ([on(0, "100", unit="u"), on(9, "310", unit="u")], ("410", "u")),
        ([on(0, "100"), on(9)], ("", "")),
        ([on(0, "100", unit="u"), on(9, "310", unit="v")], ("", "")),
        ([on(0, "50"), on(0, "50")], ("", "")),
        ([on(0, "50"), on(0)], ("50", "")),
        ([on(0)], ("", "")),
    ],
)
def test_quantities_are_added_where_they_are_sure(records, quantity):
    """Two of one day may be two bags or one record twice."""
    (infusion,) = infusions_of(records, parts_within_days=14)
    assert (infusion.quantity, infusion.unit) == quantity


@pytest.mark.parametrize(
    ("values", "product"),
    [(["a", "a"], "a"), (["a", ""], "a"), (["a", "?"], "a"), (["a", "b"], ""), ([""], "")],
)
def test_product_of_all_parts(values, product):
    """Blank where they contradict each other."""
    records = [on(index, value=value) for index, value in enumerate(values)]
    (infusion,) = infusions_of(records, parts_within_days=14)
    assert infusion.product == product


def test_lymphodepletion_is_the_first_day_of_the_window():
    """The day of the infusion and bridging before the window do not count."""
    infusions = infusions_of([on(0), on(60)], parts_within_days=14)
    given = [on(-40), on(-10), on(-4), on(0), on(49)]
    dated = with_lymphodepletion(infusions, given, within_days=10)
    assert [each.lymphodepletion for each in dated] == [DAY - datetime.timedelta(days=10), None]
