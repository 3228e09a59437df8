"""Rows of a REDCap raw export come together to infusions."""

from __future__ import annotations

import pytest

from features.files.raw_table import RawTable
from features.mapping.redcap import SiteRows, infusion_rows
from features.mapping.redcap_definition import RedcapLayout
from features.mapping.redcap_layout import EVENT, INSTANCE, INSTRUMENT

INFUSION = RedcapLayout(infusion_instrument="infusion")


def rows_of(layout: RedcapLayout, columns: str, *rows: str) -> SiteRows:
    """Put rows together; cells are divided by commas, and the record stands in column id."""
    short = {"event": EVENT, "instrument": INSTRUMENT, "instance": INSTANCE}
    names = tuple(short.get(name, name) for name in columns.split(","))
    cells = tuple(tuple(row.split(",")) for row in rows)
    table = RawTable("e.csv", "00", names, cells, tuple(range(2, len(rows) + 2)))
    return infusion_rows(table, layout, record="id", used=names)


def told(*args: object) -> list[str]:
    """Problems of a layout."""
    return [str(problem) for problem in rows_of(*args).problems]  # type: ignore[arg-type]


def test_base_fields_are_carried_to_each_repeat():
    """Two infusions of one record share its sex; the cell keeps its own row."""
    got = rows_of(
        INFUSION,
        "id,instrument,instance,sex,age",
        "1,,,2,",
        "1,infusion,1,,30",
        "1,infusion,2,,31",
        "2,,,1,",
        "2,infusion,1,,40",
    )
    assert [(row.cells["sex"], row.cells["age"], row.number) for row in got.rows] == [
        ("2", "30", 3),
        ("2", "31", 4),
        ("1", "40", 6),
    ]
    assert (got.rows[1].row_of("sex"), got.rows[1].row_of("age")) == (2, 4)


def test_records_without_infusion_are_counted():
    """They are left out, and it is said."""
    got = rows_of(INFUSION, "id,instrument,instance,sex,age", "1,,,2,", "1,infusion,1,,30", "2,,,1,")
    assert (len(got.rows), got.notes) == (1, ["1 record without an infusion left out"])


def test_second_instrument_must_be_explained():
    """It may hold what matters."""
    rows = ("1,,,2,", "1,infusion,1,,30", "1,visit,1,,")
    assert told(INFUSION, "id,instrument,instance,sex,age", *rows) == [
        "redcap_repeat_instrument has repeating instruments that the mapping does not explain, got visit: "
        "one may be redcap.infusion_instrument, one with values over time a table: [tables.NAME]; "
        "name the others under redcap.ignore_instruments"
    ]
    layout = RedcapLayout(infusion_instrument="infusion", ignore_instruments=("visit",))
    assert rows_of(layout, "id,instrument,instance,sex,age", *rows).notes == [
        "1 row of ignored instruments or events left out"
    ]


def test_instrument_that_is_not_there():
    """A wrong name, or an export of labels."""
    assert told(INFUSION, "id,instrument,instance,sex", "1,,,2", "1,Infusion,1,")[0] == (
        "redcap.infusion_instrument is in no row's redcap_repeat_instrument, got infusion: "
        "the table has Infusion"
    )
    assert told(INFUSION, "id,sex", "1,2") == [
        "redcap.infusion_instrument is in no row's redcap_repeat_instrument, got infusion: the table has none"
    ]


def test_column_with_values_in_both_kinds_of_row():
    """Which one is meant is not guessed."""
    rows = ("1,,,80,", "1,infusion,1,,30", "1,infusion,2,78,31")
    assert told(INFUSION, "id,instrument,instance,weight,age", *rows) == [
        "weight has values in rows of infusions and in other rows of the record: "
        "name it under redcap.from_infusion or redcap.from_record"
    ]
    for key, weights in (("from_infusion", ["", "78"]), ("from_record", ["80", "80"])):
        layout = RedcapLayout(infusion_instrument="infusion", **{key: ("weight",)})  # type: ignore[arg-type]
        got = rows_of(layout, "id,instrument,instance,weight,age", *rows)
        assert [row.cells["weight"] for row in got.rows] == weights


def test_events_that_are_infusions():
    """A longitudinal project: one event an infusion, the others carried."""
    layout = RedcapLayout(infusion_events=("inf_1", "inf_2"), ignore_events=("later",))
    got = rows_of(layout, "id,event,sex,age", "1,base,2,", "1,inf_1,,30", "1,inf_2,,31", "1,later,,99")
    assert [(row.cells[EVENT], row.cells["sex"], row.cells["age"]) for row in got.rows] == [
        ("inf_1", "2", "30"),
        ("inf_2", "2", "31"),
    ]


def test_event_that_is_not_there():
    """A wrong name is told with those that exist."""
    assert told(RedcapLayout(infusion_events=("inf",)), "id,event,sex", "1,base,2") == [
        "redcap.infusion_events is in no row's redcap_event_name, got inf: the table has base"
    ]


def test_records_with_one_infusion_each():
    """Without instrument and event a record is one infusion, made of all its rows."""
    got = rows_of(
        RedcapLayout(), "id,event,sex,age,day", "1,base,2,,", "1,day0,,30,", "1,end,,,400", "2,base,1,8,"
    )
    assert [(row.cells["sex"], row.cells["age"], row.cells["day"]) for row in got.rows] == [
        ("2", "30", "400"),
        ("1", "8", ""),
    ]


def test_events_that_disagree():
    """Which one is meant is not guessed; equal values do not disagree."""
    rows = ("1,base,2,5", "1,day0,2,7")
    assert told(RedcapLayout(), "id,event,sex,ldh", *rows) == [
        "ldh has different values in rows of one record (2 rows: 2-3): name the event that is meant under "
        "redcap.from_event, or the other under redcap.ignore_events"
    ]
    got = rows_of(RedcapLayout(from_event={"ldh": "day0"}), "id,event,sex,ldh", *rows)
    assert [row.cells["ldh"] for row in got.rows] == ["7"]


@pytest.mark.parametrize("instance", ["1", "2"])
def test_system_columns_stay_the_rows_own(instance):
    """Instance and event are never carried."""
    got = rows_of(INFUSION, "id,instrument,instance,sex,age", "1,,,2,", f"1,infusion,{instance},,30")
    assert got.rows[0].cells[INSTANCE] == instance
