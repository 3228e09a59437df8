"""Dates as sites write them: names of months, numbers, unknown days, years of two digits."""

from __future__ import annotations

import datetime

import pytest

from features.checking.date_advice import date_advice
from features.checking.dates import full_year, is_date_format, read_date
from features.checking.month_names import NAMES, month_number
from features.checking.partial_dates import PartialDate, read_partial
from features.checking.serial_dates import SERIALS, programs_of, serial_date


def test_no_name_means_two_months():
    """A name that is in two rows of the table would be read by chance."""
    names = [name for names in NAMES.values() for name in names.split()]
    assert len(names) == len(set(names))
    assert [month_number(names.split()[0]) for names in NAMES.values()] == list(range(1, 13))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("5 марта 2021", "DD MON YYYY"),
        ("05-Mar-2021", "DD-MON-YYYY"),
        ("5. März 2021", "DD. MON YYYY"),
        ("05MAR2021", "DDMONYYYY"),
        ("March 5, 2021", "MON DD, YYYY"),
        ("05.03.21", "DD.MM.YY"),
        ("20210305", "YYYYMMDD"),
    ],
)
def test_one_day_in_many_forms(cell, written):
    """Every form is a format of its own."""
    assert is_date_format(written)
    assert read_date(cell, written, pivot=30) == datetime.date(2021, 3, 5)


def test_two_digits_are_no_year_without_a_pivot():
    """The pivot is the last year of this century."""
    assert read_date("05.03.21", "DD.MM.YY") is None
    assert [full_year(digits, 30) for digits in ("00", "30", "31", "99")] == [2000, 2030, 1931, 1999]


@pytest.mark.parametrize("program", SERIALS)
def test_numbers_are_read_as_the_program_counts(program):
    """A day and a fraction of it, forward and back."""
    serial = SERIALS[program]
    day = datetime.date(2021, 3, 5)
    count = (day - serial.first).days * serial.per_day
    assert serial_date(str(count), program) == day
    assert serial_date(f"{count + serial.per_day // 2}", program) == day
    assert serial_date(f"{count},75", program) == day


def test_serials_of_excel_by_hand():
    """As Microsoft documents them: day 1 is 1 January 1900, and day 60 did not exist."""
    assert serial_date("1", "excel") == datetime.date(1900, 1, 1)
    assert serial_date("61", "excel") == datetime.date(1900, 3, 1)
    assert serial_date("39448", "excel") == serial_date("37986", "excel_1904") == datetime.date(2008, 1, 1)
    assert [serial_date(cell, "excel") for cell in ("0", "60", "-5")] == [None, None, None]


@pytest.mark.parametrize("cell", ["44.260", "44,260", "4.4e4", "-99", "", "x", "99999999999999"])
def test_numbers_that_are_no_date(cell):
    """44.260 may be a fraction or thousands; -99 is a code; and there are no such years."""
    assert serial_date(cell, "excel") is None


def test_a_column_of_numbers_names_its_programs():
    """Two programs count from the same day, so a person has to choose."""
    assert programs_of(["22344", "-5000"]) == ["stata", "sas"]
    assert programs_of([]) == []


@pytest.mark.parametrize(
    "cell", ["??.03.2021", "00.03.2021", "xx.3.2021", "UNK.03.2021", "03.2021", "2021-03"]
)
def test_a_day_may_be_unknown(cell):
    """In all the ways that sites write it."""
    assert read_partial(cell, "DD.MM.YYYY") == PartialDate(2021, 3)


@pytest.mark.parametrize("cell", ["2021", "??.??.2021", "2021-00-00"])
def test_a_month_may_be_unknown_too(cell):
    """Then only the year is known."""
    assert read_partial(cell, "DD.MM.YYYY") == PartialDate(2021, None)


@pytest.mark.parametrize("cell", ["13.2021", "12", "0300", "05.03.2021", "??.03.21", "05.??.2021"])
def test_what_is_no_partial_date(cell):
    """No such month or year, a complete date, or a day of an unknown month."""
    assert read_partial(cell, "DD.MM.YYYY") is None


def test_partial_dates_of_other_formats():
    """Months by name, and years of two digits with marks only."""
    assert read_partial("UNK-MAR-2021", "DD-MON-YYYY") == PartialDate(2021, 3)
    assert read_partial("Mär 2021", "DD MON YYYY") == PartialDate(2021, 3)
    assert read_partial("00/03/21", "DD/MM/YY", 30) == PartialDate(2021, 3)
    assert read_partial("03/21", "DD/MM/YY", 30) is None


@pytest.mark.parametrize(
    ("rule", "of_month", "of_year"),
    [
        ("first", datetime.date(2024, 2, 1), datetime.date(2024, 1, 1)),
        ("middle", datetime.date(2024, 2, 15), datetime.date(2024, 7, 1)),
        ("last", datetime.date(2024, 2, 29), datetime.date(2024, 12, 31)),
        ("unknown", None, None),
    ],
)
def test_rules_for_an_unknown_day(rule, of_month, of_year):
    """Worked by hand, with a leap year."""
    assert PartialDate(2024, 2).completed(rule) == of_month
    assert PartialDate(2024, None).completed(rule) == of_year


def test_advice_fits_the_format():
    """A day that does not exist is no question of digits."""
    assert str(date_advice("31.02.21", "DD.MM.YY")) == "the day does not exist: correct the cell"
    assert str(date_advice("21 | 3 | 5", "YYYY-MM-DD")).startswith("year, month and day make no date")
