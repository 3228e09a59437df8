"""Codes, conditions and numbers of a site's table; dates, units and names besides."""

from __future__ import annotations

import datetime

import pytest

from features.checking.dates import days_between, is_date_format, read_date, years_between
from features.checking.parse_cell import CellError
from features.files.stored_numbers import StoredNumber
from features.known_units import units_of
from features.mapping.number_format import NumberFormat
from features.mapping.site_values import Condition, matching_code
from features.nearest_name import nearest
from features.schema import all_fields


@pytest.mark.parametrize(
    ("cell", "codes", "code"),
    [
        ("1", ["1", "01"], "1"),
        ("01", ["1", "01"], "01"),
        ("001", ["1"], "1"),
        ("1.0", ["1"], "1"),
        ("yes", ["YES"], "YES"),
        ("1", ["yes"], None),
        ("", ["1"], None),
        ("nan", ["nan"], "nan"),
    ],
)
def test_matching_code(cell, codes, code):
    """Same text, else same number, else same letters."""
    assert matching_code(cell, codes) == code


@pytest.mark.parametrize(
    ("accepted", "cell", "holds"),
    [
        (("1", "2"), "2", True),
        (("1", "2"), "3", False),
        (("*",), "x", True),
        (("*",), "", False),
        (("*",), "-99", False),
        (("",), "", True),
        (("",), "-99", True),
        (("-99",), "-99", True),
        (("> 0",), "2", True),
        (("> 0",), "0", False),
        ((">=0",), "0", True),
        (("< 5",), "4.9", True),
        (("<= 5",), "5.1", False),
        (("~ ino",), "Blina, Inotuzumab", True),
        (("~ ino",), "HSCT", False),
        (("> 0",), "", False),
    ],
)
def test_conditions(accepted, cell, holds):
    """Values, any, none, and comparisons; -99 is a missing code."""
    assert Condition((("a", accepted),)).holds({"a": cell}, missing=("-99",)) is holds


@pytest.mark.parametrize("cell", ["many", "2 x", "1,5"])
def test_a_comparison_with_what_is_no_number_is_refused(cell):
    """It would be false, and a relapse lost, without a word."""
    with pytest.raises(CellError) as refused:
        Condition((("tx", (">= 1",)),)).holds({"tx": cell}, missing=())
    assert (refused.value.column, refused.value.value_text) == ("tx", cell)


def test_comparisons_read_the_numbers_of_the_site():
    """A decimal comma is one in conditions too."""
    some = Condition((("months", ("> 0",)),))
    assert some.holds({"months": "1,5"}, missing=(), numbers=NumberFormat(","))
    assert some.holds({"months": "1.500"}, missing=(), numbers=NumberFormat(",", "."))


def test_codes_read_the_numbers_of_the_site():
    """A thousand is not one."""
    assert matching_code("1.000", ["1"], NumberFormat(",", ".")) is None
    assert matching_code("1,0", ["1"], NumberFormat(",")) == "1"


def test_all_columns_of_a_condition_must_fit():
    """A condition is an "and"."""
    both = Condition((("a", ("1",)), ("b", ("1",))))
    assert both.holds({"a": "1", "b": "1"}, missing=())
    assert not both.holds({"a": "1", "b": "2"}, missing=())


@pytest.mark.parametrize(
    ("numbers", "cell", "value"),
    [
        (NumberFormat(), "3.5", 3.5),
        (NumberFormat(), "3,5", None),
        (NumberFormat(), "1e3", 1000.0),
        (NumberFormat(","), "3,5", 3.5),
        (NumberFormat(","), "-3,5", -3.5),
        (NumberFormat(","), "3.5", None),
        (NumberFormat(",", "."), StoredNumber("7.125"), 7.125),
        (NumberFormat(",", "."), StoredNumber("0.012"), 0.012),
        (NumberFormat(",", "."), "0.012", None),
        (NumberFormat(",", "."), "012.345", None),
        (NumberFormat(".", " "), "0 012", None),
        (NumberFormat(",", "."), "1.234.567,8", 1234567.8),
        (NumberFormat(",", "."), "12.34,5", None),
        (NumberFormat(",", "."), "1.5", None),
        (NumberFormat(".", ","), "1,234.5", 1234.5),
        (NumberFormat(".", ","), "1,23", None),
        (NumberFormat(".", " "), "1\u202f234", 1234.0),
        (NumberFormat(), "five", None),
        (NumberFormat(), "", None),
    ],
)
def test_numbers(numbers, cell, value):
    """Decimal marks and separators as the mapping says, and no others."""
    assert numbers.read(cell) == value


@pytest.mark.parametrize(
    ("cell", "written", "date"),
    [
        ("2021-11-03", "YYYY-MM-DD", (2021, 11, 3)),
        ("3.11.2021", "DD.MM.YYYY", (2021, 11, 3)),
        ("11/03/2021", "MM/DD/YYYY", (2021, 11, 3)),
        ("20211103", "YYYYMMDD", (2021, 11, 3)),
        ("2021-11-03T10:30:00", "DD.MM.YYYY", (2021, 11, 3)),
        ("03.11.2021 10:30", "DD.MM.YYYY", (2021, 11, 3)),
        ("03NOV2021", "DDMONYYYY", (2021, 11, 3)),
        ("3-May-2021", "DD-MON-YYYY", (2021, 5, 3)),
    ],
)
def test_dates(cell, written, date):
    """As the site writes them, or as spreadsheets hand them over."""
    assert read_date(cell, written) == datetime.date(*date)


@pytest.mark.parametrize("cell", ["3.11.21", "31.02.2021", "03/11/2021", "soon", "", "0000-01-01"])
def test_cells_that_are_no_dates(cell):
    """Nothing is guessed."""
    assert read_date(cell, "DD.MM.YYYY") is None


@pytest.mark.parametrize("written", ["DD.MM", "MM.YY", "DD.MM.YYYY hh", "YYYY-YYYY-MM-DD", "MM/MON/YYYY", ""])
def test_formats_that_are_refused(written):
    """Each of year, month and day once, and nothing else."""
    assert not is_date_format(written)


def test_month_that_does_not_exist():
    """Names of three languages are read, and no others."""
    assert read_date("03MAI2021", "DDMONYYYY") == datetime.date(2021, 5, 3)
    assert read_date("03FÉV2021", "DDMONYYYY") is None


def test_time_between_dates():
    """Leap days count."""
    assert days_between(datetime.date(2020, 2, 28), datetime.date(2020, 3, 1)) == 2
    assert years_between(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1)) == 30.0


@pytest.mark.parametrize(
    ("name", "unit", "factor"),
    [
        ("hemoglobin_g_dl", "g/L", 0.1),
        ("hemoglobin_g_dl", "mmol/L", 1.6114),
        ("platelets_1e9_l", "cells per uL", 1e-3),
        ("dose_total_1e6", "cells", 1e-6),
        ("ferritin_ug_l", "ng/mL", 1.0),
        ("marrow_blasts_pct", "fraction", 100.0),
        ("relapse_day", "weeks", 7.0),
        ("ldh_u_l", "ukat/L", 60.0),
    ],
)
def test_units(name, unit, factor):
    """Multiply by the factor to get the schema's unit."""
    assert units_of(all_fields()[name])[unit] == factor


def test_every_field_with_a_unit_knows_its_own():
    """Naming the schema's own unit changes nothing."""
    for spec in all_fields().values():
        assert not spec.unit or units_of(spec)[spec.unit] == 1.0


def test_nearest_names():
    """The only one that begins so, else the most alike."""
    assert nearest("dose", ["dose_total", "dose_per_kg"]) is None
    assert nearest("Sex", ["sex"]) == "sex"
    assert nearest("x" * 1_000_000, ["sex"]) is None
