"""A time that states a time zone is never cut to a date: the day at the center may be another."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from features.checking.date_advice import date_advice
from features.checking.dates import read_date
from features.checking.time_zones import NO_ABBREVIATION, REMEDY, TimeZoneMissing
from tests.site_case import site_case

BERLIN, NEW_YORK, AUCKLAND = "Europe/Berlin", "America/New_York", "Pacific/Auckland"


@pytest.mark.parametrize(
    ("cell", "zone", "date"),
    [
        ("2021-03-04T23:00:00.000Z", BERLIN, "2021-03-05"),
        ("2021-03-04T22:59:59Z", BERLIN, "2021-03-04"),
        ("2021-07-04T22:00:00Z", BERLIN, "2021-07-05"),
        ("2021-01-04T22:00:00Z", BERLIN, "2021-01-04"),
        ("1990-04-30T22:00:00Z", BERLIN, "1990-05-01"),
        ("2021-03-05T00:00:00+01:00", BERLIN, "2021-03-05"),
        ("2021-03-05 00:00:00 +0100", BERLIN, "2021-03-05"),
        ("2021-03-05T00:30:00+03", BERLIN, "2021-03-04"),
        ("2021-03-05T00:00:00Z", NEW_YORK, "2021-03-04"),
        ("2021-03-05T00:00:00Z", "UTC", "2021-03-05"),
        ("2021-03-04T12:00:00-05:00", AUCKLAND, "2021-03-05"),
        ("2021-03-05 08:00 Asia/Tokyo", BERLIN, "2021-03-05"),
        ("2021-03-05 07:59 Asia/Tokyo", BERLIN, "2021-03-04"),
        ("2021-03-05T00:00:00+01:00[Europe/Berlin]", BERLIN, "2021-03-05"),
        ("2021-03-04 23:30 UTC", BERLIN, "2021-03-05"),
        ("2021-03-05 00:30 GMT+3", BERLIN, "2021-03-04"),
        ("2021-03-04 20:00 UTC-5", BERLIN, "2021-03-05"),
        ("2021-03-05 02:00 UTC+3:30", BERLIN, "2021-03-04"),
        ("2021-03-05 02:00+0330", BERLIN, "2021-03-04"),
        ("2021-03-05 23:59", BERLIN, "2021-03-05"),
        ("2021-03-05T23:59:59", NEW_YORK, "2021-03-05"),
        ("2021-03-05", NEW_YORK, "2021-03-05"),
        ("05.03.2021 00:10:00+02:00", BERLIN, "2021-03-04"),
        ("2021-03-28T01:30:00+00:00", BERLIN, "2021-03-28"),
        ("2021-03-04 11:30 PM +00:00", BERLIN, "2021-03-05"),
        ("2021-03-05 12:10 AM", None, "2021-03-05"),
    ],
)
def test_the_date_is_that_of_the_center(cell, zone, date):
    """With the summer time of its year; a time without a time zone is local already."""
    assert read_date(cell, "DD.MM.YYYY", zone) == datetime.date.fromisoformat(date)


@pytest.mark.parametrize(
    "cell",
    ["2021-03-05T00:00:00Z", "2021-03-05 10:00+01:00", "2021-03-05 10:00 GMT", "2021-03-05 10:00 Asia/Tokyo"],
)
def test_a_time_zone_is_never_cut(cell):
    """Not even where the hour speaks against another day: the center's zone is not known."""
    with pytest.raises(TimeZoneMissing):
        read_date(cell, "YYYY-MM-DD")


@pytest.mark.parametrize(
    "cell",
    ["2021-03-05 24:30", "2021-03-05 10:61Z", "2021-03-05 10:00+01:75", "2021-03-05 10:00 Mars/Base"]
    + ["0001-01-01T00:00:00+02:00", "2021-03-05 13:00 PM", "2021-03-05 10:00+25:00"],
)
def test_times_that_do_not_exist_are_no_dates(cell):
    """They are refused, with the reason."""
    assert read_date(cell, "YYYY-MM-DD", BERLIN) is None
    assert str(date_advice(cell, "YYYY-MM-DD")) == "the day or time does not exist: correct the cell"


@pytest.mark.parametrize("zone", ["CET", "MSK", "EST"])
def test_abbreviations_are_refused_with_the_reason(zone):
    """CST is in China, Chicago and Cuba."""
    cell = f"2021-03-05 00:00 {zone}"
    assert read_date(cell, "YYYY-MM-DD", BERLIN) is None
    assert str(date_advice(cell, "YYYY-MM-DD")) == NO_ABBREVIATION


TABLE = """
    id,inf,born,rel,seen
    p1,2021-03-04T23:00:00.000Z,1990-04-30T22:00:00Z,,2021-12-01
    p2,2021-03-05 23:59,1990-05-01,2021-06-30T22:30:00Z,2021-12-01
"""
FIELDS = """
[fields]
patient_id = "id"
infusion_number = { count_by = "inf" }
age_years = { column = "inf", years_since = "born" }
relapse_day = { column = "rel", days_since = "inf" }
last_contact_day = { column = "seen", days_since = "inf" }
"""


@pytest.mark.parametrize("cell", ["1614902400", "1614902400000", "641520000", "13835000000", "1614902400.0"])
def test_a_count_of_seconds_is_named_as_such(cell):
    """Databases and statistics programs count seconds or milliseconds: neither a date nor an unknown."""
    assert read_date(cell, "YYYY-MM-DD") is None
    assert "a count of seconds?" in str(date_advice(cell, "YYYY-MM-DD"))


@pytest.mark.parametrize("cell", ["20210305", "202103052330", "7", "44260"])
def test_other_numbers_are_no_count_of_seconds(cell):
    """Dates without marks, short numbers and serial numbers get their own advice."""
    assert "seconds" not in str(date_advice(cell, "YYYY-MM-DD"))


def test_every_kind_of_date_is_refused_until_the_time_zone_is_named(tmp_path):
    """Ages, days, the order of the infusions; the message names the key, and no date."""
    told = site_case(tmp_path, TABLE, FIELDS).refused()
    assert all(REMEDY in line and "states a time zone" in line for line in told)
    assert {line.split()[0] for line in told} == {
        "infusion_number",
        "age_years",
        "relapse_day",
        "last_contact_day",
    }
    assert not any("2021" in line or "1990" in line for line in told)


def test_local_dates_beside_times_with_a_time_zone(tmp_path):
    """Each is read as what it is, and the command says how many changed their date."""
    case = site_case(tmp_path, TABLE, f'[table]\ntime_zone = "{BERLIN}"\n{FIELDS}')
    rows, said = case.imported()
    assert [(row["age_years"], row["relapse_day"], row["last_contact_day"]) for row in rows] == [
        ("30.8", "", "271"),
        ("30.8", "118", "271"),
    ]
    note = "3 times with a time zone read in Europe/Berlin: the date there differs from the written one in 3"
    assert note in said
    assert note in case.checked()


def test_a_field_may_have_a_time_zone_of_its_own(tmp_path):
    """A registry that writes days as midnight in UTC."""
    table = "id,inf,rel\np1,2021-03-05,2021-06-01T00:00:00Z"
    fields = (
        '[table]\ntime_zone = "America/New_York"\n[fields]\npatient_id = "id"\n'
        'relapse_day = { column = "rel", days_since = "inf", time_zone = "UTC" }\n'
        'last_contact_day = { column = "rel", days_since = "inf" }'
    )
    told = site_case(tmp_path, table, fields).refused()
    assert told == [
        "relapse_day (from rel, inf) must not be after last_contact_day, got relapse_day 88, "
        "last_contact_day 87 (row 2): correct the one that is wrong"
    ]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('time_zone = "CET"', 'is not a time zone, got CET: name a place, as "Europe/Berlin"'),
        ('time_zone = "Europe/Berln"', "is not a time zone, got Europe/Berln: did you mean Europe/Berlin?"),
        ('time_zone = "+01:00"', 'is not a time zone, got +01:00: name a place, as "Europe/Berlin"'),
        ("time_zone = 1", "must be a text, got 1"),
    ],
)
def test_what_is_no_time_zone(tmp_path, key, told):
    """A fixed difference to UTC would be wrong for half of the year."""
    lines = site_case(tmp_path, TABLE, f"[table]\n{key}\n{FIELDS}").refused()
    assert any(line.startswith(f"table.time_zone {told}") for line in lines)


def test_a_parquet_file_keeps_its_time_zone(tmp_path):
    """Midnight in another time zone is not taken for a date."""
    utc = datetime.timezone.utc  # noqa: UP017 (as pyarrow hands it over)
    days = [datetime.datetime(2021, 6, 1, tzinfo=utc)]
    table = pyarrow.table({"id": ["p1"], "inf": ["2021-03-05"], "seen": days})
    case = site_case(
        tmp_path,
        "unused",
        '[fields]\npatient_id = "id"\nlast_contact_day = { column = "seen", days_since = "inf" }\n',
    )
    case = type(case)(Path(tmp_path / "export.parquet"), case.mapping)
    pyarrow.parquet.write_table(table, case.table)
    assert [line.split(",")[0] for line in case.refused()] == [
        "last_contact_day (from seen",
    ]
    case.mapping.write_text(f'[table]\ntime_zone = "{NEW_YORK}"\n' + case.mapping.read_text())
    assert case.columns("last_contact_day") == [("87",)]


def test_a_draft_leaves_the_time_zone_open(tmp_path):
    """It is read as a date, and a person names the zone."""
    lines = site_case(
        tmp_path, TABLE.replace("inf", "Date of infusion").replace("seen", "Last seen")
    ).drafted()
    assert any(line.startswith('# time_zone = "?"  # check:') for line in lines)
    assert any(line.startswith("last_contact_day = { column") for line in lines)
