"""Rows of a REDCap export that are no infusions do not become fields of the infusions."""

from __future__ import annotations

import pytest

from features.drafting.draft import draft_mapping
from features.drafting.repeats import infusion_events, infusion_instrument, repeats_of, without_repeats
from features.files.raw_table import RawTable, table_of

HEADING = [
    *("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"),
    *("sex", "infusion_date", "sample_date", "LDH (ukat/l)", "contact_date", "relapse_date", "labs_complete"),
]
ROWS = [
    row
    for n in ("1", "2", "3")
    for row in (
        [n, "base_arm_1", "", "", "female", "", "", "", "", "", ""],
        [n, "car_1_arm_1", "", "", "", "2021-03-04", "", "", "", "", ""],
        [n, "car_2_arm_1", "", "", "", "2021-09-04", "", "", "", "", ""],
        [n, "car_1_arm_1", "labs", "1", "", "", "2021-03-01", "5.2", "", "", "2"],
        [n, "car_1_arm_1", "labs", "2", "", "", "2021-03-02", "4.8", "", "", "2"],
        [n, "visit_arm_1", "", "1", "", "", "", "", "2021-06-01", "", ""],
        [n, "visit_arm_1", "", "2", "", "", "", "", "2022-06-01", "2022-05-01", ""],
    )
]
EXPORT = table_of([HEADING, *ROWS], name="export.csv", sha256="00")


def test_repeating_instruments_and_events_are_further_tables():
    """Each with the columns that it fills in; the rows with dates of infusions are none."""
    found = repeats_of(EXPORT, "infusion_date")
    assert [(each.source, each.table.columns[1:]) for each in found] == [
        ('event = "visit_arm_1"', ("contact_date", "relapse_date")),
        ('instrument = "labs"', ("sample_date", "LDH (ukat/l)", "labs_complete")),
    ]
    assert repeats_of(RawTable("t", "", ("id",), (("a",),), (2,)), None) == []


def test_the_rest_has_the_rows_of_records_and_infusions():
    """Columns that only repeats fill in are left out and named."""
    rest, apart = without_repeats(EXPORT, repeats_of(EXPORT, "infusion_date"))
    assert (len(rest.rows), set(HEADING) - set(rest.columns)) == (9, set(apart))
    assert apart["relapse_date"] == "visit_arm_1"


def test_where_the_infusions_are():
    """By the date of the infusion; an instrument that is the only one need not be it."""
    assert infusion_events(EXPORT, "infusion_date") == ["car_1_arm_1", "car_2_arm_1"]
    assert infusion_instrument(EXPORT, "infusion_date") is None
    assert infusion_instrument(EXPORT, None) is None
    assert infusion_instrument(EXPORT, "sample_date") == "labs"
    assert infusion_events(EXPORT, "sample_date") == []


@pytest.mark.parametrize(
    ("columns", "instrument"),
    [
        (("age", "crs_grade"), "form"),
        (("car_product", "target_antigen"), "form"),
        (("infusion_date",), "form"),
        (("lab_date", "ldh", "plt"), None),
        (("onset", "crs_grade"), None),
    ],
)
def test_the_only_instrument_describes_the_infusion(columns, instrument):
    """Rows of laboratory values or of events are no infusions."""
    heading = ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", *columns]
    rows = [heading, ["1", "", "", *[""] * len(columns)], ["1", "form", "1", *["2"] * len(columns)]]
    assert infusion_instrument(table_of(rows, name="e.csv", sha256="00"), None) == instrument


@pytest.mark.parametrize("field", ["ldh_u_l", "relapse_day", "last_contact_day"])
def test_values_of_repeats_are_drafted_under_their_table(field):
    """No line of the infusions reads a column of the laboratory or of the visits."""
    lines = draft_mapping(EXPORT).text.splitlines()
    assert not [line for line in lines if line.removeprefix("# ").startswith(f"{field} =")]
    assert f"# [fields.{field}]" in lines


def test_a_draft_of_events():
    """Infusions are counted by date, and their events are named."""
    lines = draft_mapping(EXPORT).text.splitlines()
    assert [line for line in lines if line.startswith('infusion_events = ["car_1_arm_1", "car_2_arm_1"]')]
    assert [line for line in lines if line.startswith('infusion_number = { count_by = "infusion_date" }')]
    assert [line for line in lines if line.startswith('    "labs_complete",')]
    assert '# event = "visit_arm_1"' in lines


def test_repeats_of_the_laboratory_number_no_infusions():
    """The number of a repeat is a comment if it is not known which repeats are infusions."""
    heading = ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", "age", "lab_date", "ldh"]
    rows = [["1", "", "", "31", "", "300"], ["1", "labs", "1", "", "2021-02-01", "250"]]
    lines = draft_mapping(table_of([heading, *rows], name="e.csv", sha256="00")).text.splitlines()
    assert not [line for line in lines if line.startswith(("infusion_number", "infusion_instrument"))]
