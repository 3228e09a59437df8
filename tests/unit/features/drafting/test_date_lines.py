"""What a draft says of dates, and what it leaves to a person."""

from __future__ import annotations

import pytest

from features.drafting.date_lines import date_lines
from features.drafting.values import values_of

MARK = "# check:"


def lines(*columns: list[str]) -> list[str]:
    """Say what a draft writes of columns of dates."""
    return date_lines([values_of(cells, list(map(str, range(len(cells))))) for cells in columns], mark=MARK)


def test_dates_of_the_standard_need_no_line():
    """They are always read."""
    assert lines(["2021-03-15", "2021-04-02"]) == []


def test_enough_dates_show_which_part_is_the_day():
    """The draft says how many."""
    assert lines(["13/04/2021", "25/12/2021", "03/04/2021"]) == [
        'dates = "DD/MM/YYYY"  # check: all dates fit this format; 2 dates of 3 decide which part is the day'
    ]


def test_one_date_of_many_does_not_decide():
    """It may be a mistake."""
    (line,) = lines(["13/04/2021", *(f"0{month}/05/2021" for month in range(1, 10))])
    assert line == (
        '# dates = "DD/MM/YYYY"  # check: all dates fit this format; 1 date of 10 decide which part is the '
        "day: too few"
    )


def test_no_date_decides():
    """A person has to say which part is the day."""
    assert lines(["03/04/2021", "05/06/2021"]) == [
        '# dates = "?"  # check: DD/MM/YYYY or MM/DD/YYYY; no cell decides, of 2 different dates; say which, '
        "here or in the fields"
    ]


def test_the_century_of_two_digits_is_left_open():
    """Both lines stay comments: one needs the other."""
    first, second = lines(["13.04.21", "25.12.21"])
    assert first == '# dates = "DD.MM.YY"  # check: all dates fit this format'
    assert second.startswith('# two_digit_years = "?"  # check: ')


def test_numbers_that_two_programs_may_have_stored():
    """The systems of Excel differ by four years."""
    assert lines(["44260", "44300"])[0].startswith(
        '# dates = "?"  # check: excel or excel_1904; no cell decides'
    )
    assert lines(["13834281600"]) == ['dates = "spss"  # check: all dates fit this format']


def test_partial_dates_and_time_zones_are_left_open():
    """With their number."""
    partial, zone = lines(["2021-03-15T22:00:00Z", "2021-04"])
    assert partial.startswith('# partial = "?"  # check: 1 date without a day: "first"')
    assert zone.startswith('# time_zone = "?"  # check: ')


@pytest.mark.parametrize("cells", [["2021", "2022"], ["03.2021"]])
def test_partial_dates_alone_are_no_dates(cells):
    """They may be years, or numbers; 2021-03 is a month."""
    assert values_of(cells, list("ab")[: len(cells)]).dates == ()
