"""A form that was opened and never filled in is no infusion; what is left out is counted."""

from __future__ import annotations

import pytest

from features.problems import DataError
from tests.site_case import site_case

EXPORT = """
    record_id,redcap_repeat_instrument,redcap_repeat_instance,center,age_years,sex,prior_lines,\
target_antigen,crs_grade,crs_grading_system,icans_grade,last_contact_day,patient_complete,infusion_complete
    1,,,a,,female,,,,,,,2,
    1,infusion,1,,31,,3,cd19,2,astct_2019,0,400,,2
    1,infusion,2,,32,,4,cd19,0,astct_2019,0,90,,{status}
    2,,,b,,male,,,,,,,2,
    2,infusion,1,,{cells},,{last}
"""
BLANK = ",,,,,,,"


def own_project(folder, cells: str, last: str, status: str = "2"):
    """Write an export of the project's own dictionary, with one more form."""
    return site_case(folder, EXPORT.format(cells=cells, last=last, status=status))


@pytest.mark.parametrize("status", ["0", "1", "", "2"])
def test_a_blank_form_is_no_infusion(tmp_path, status):
    """Incomplete, Unverified or marked Complete: nobody was infused."""
    said = own_project(tmp_path, BLANK, status).checked_without_mapping()
    assert said[0].startswith("export.csv: 2 infusions of 1 patient, 1 center")
    assert "read as a REDCap raw export: 2 infusions in 5 rows" in said
    assert "1 blank infusion form left out: not an infusion (row 6)" in said
    assert "1 record without an infusion left out" in said


@pytest.mark.parametrize(
    "cells",
    [",,,cd19,,,,", "22,,,,,,,", "22,,,cd19,,astct_2019,,", ",,,,0,astct_2019,0,", ",,0,,,,,0"],
    ids=["choice", "calculated age", "choices and age", "grade 0", "zeros"],
)
@pytest.mark.parametrize("status", ["0", "1"])
def test_defaults_and_calculated_values_are_no_infusion(tmp_path, cells, status):
    """Where the form is not Complete."""
    said = own_project(tmp_path, cells, status).checked_without_mapping()
    assert said[0].startswith("export.csv: 2 infusions of 1 patient")
    assert any(line.startswith("1 unfinished infusion form left out: not Complete") for line in said)
    assert any(line.endswith("(row 6)") for line in said)


@pytest.mark.parametrize(
    ("cells", "status"),
    [(",,,cd19,,,,", "2"), (",,2,,,,,", "0"), (",,,,3,astct_2019,,", "1"), (",,,,,,,12", "0")],
    ids=["complete", "lines", "grade", "last contact"],
)
def test_an_infusion_that_is_not_finished_stays(tmp_path, cells, status):
    """A value that no form fills in by itself was entered for somebody."""
    said = own_project(tmp_path, cells, status).checked_without_mapping()
    assert said[0].startswith("export.csv: 3 infusions of 2 patients")


def test_a_default_number_says_nothing(tmp_path):
    """The same in every form: nobody entered it."""
    case = own_project(tmp_path, ",,,,,,,", "0")
    text = case.table.read_text().replace("target_antigen", "fludarabine_mg_m2").replace("cd19", "120")
    case.table.write_text(text.replace("2,infusion,1,,,,,,", "2,infusion,1,,,,,120,"))
    said = case.checked_without_mapping()
    assert said[0].startswith("export.csv: 2 infusions of 1 patient")


def test_an_export_of_blank_forms_is_refused(tmp_path):
    """With the reason: there is no cohort."""
    table = EXPORT.format(cells=BLANK, last="0", status="0").replace("31,,3,cd19,2,astct_2019,0,400", BLANK)
    table = table.replace("32,,4,cd19,0,astct_2019,0,90", BLANK)
    with pytest.raises(DataError, match="no infusion is left: every form of an infusion is blank"):
        site_case(tmp_path, table).checked_without_mapping()


@pytest.mark.parametrize(
    ("column", "cell"),
    [("relapse_day", "120"), ("death_day", "400"), ("response_day28", "cr"), ("icans_grade", "2")],
)
def test_an_outcome_on_the_patients_form_is_shared(tmp_path, column, cell):
    """Two infusions would have it; without a mapping file there is no rule to name."""
    table = f"""
        record_id,redcap_repeat_instrument,redcap_repeat_instance,age_years,{column},patient_complete
        1,,,,{cell},2
        1,infusion,1,31,,
        1,infusion,2,32,,
    """
    with pytest.raises(DataError) as refused:
        site_case(tmp_path, table).checked_without_mapping()
    assert [str(problem) for problem in refused.value.problems] == [
        f"{column} is one value that 2 infusions of 1 patient share (2 rows: 3-4): ask for it on the form "
        "infusion, which repeats, or map the export (--mapping) with belongs_to"
    ]


SITE = """
    rec,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sx,given,dose,grade,bmi,tox___1,\
cart_complete,visit_on,ldh,visit_complete
    1,base,,,f,,,,,,,,,
    1,cart,,1,,2021-03-01,1.1,2,22,1,2,,,
    1,cart,,2,,,,,21,0,{status},,,
    1,later,visit,1,,,,,,,,2021-04-01,250,2
    1,later,visit,2,,,,,,,,2021-05-01,300,2
    2,base,,,m,,,,,,,,,
    2,cart,,1,,2021-05-01,0.9,0,24,0,2,,,
"""
FIELDS = """
[redcap]
infusion_events = ["cart"]
ignore_instruments = ["visit"]
[table]
ignore = ["bmi", "visit_on", "*_complete", "tox___1"]
[fields]
patient_id = "rec"
infusion_number = { count_by = "given" }
sex = { column = "sx", codes = { f = "female", m = "male" } }
dose_1e6_per_kg = "dose"
ldh_u_l = "ldh"
icans_grade = "grade"
"""


@pytest.mark.parametrize("status", ["0", "1"])
def test_repeating_events_of_a_sites_own_project(tmp_path, status):
    """A number that the form calculates and nothing else."""
    rows, said = site_case(tmp_path, SITE.format(status=status), FIELDS).imported()
    assert [(row["infusion_number"], row["sex"]) for row in rows] == [("1", "female"), ("1", "male")]
    assert [line for line in said if line.startswith("1 unfinished infusion form left out")]


def test_what_is_ignored_is_counted_by_column(tmp_path):
    """The mapping uses the laboratory values of other rows only; the checkbox was not ticked."""
    _, said = site_case(tmp_path, SITE.format(status="0"), FIELDS).imported()
    start = said.index("2 rows of ignored instruments or events left out")
    assert said[start + 1 : start + 3] == [
        "values in them, of columns that the mapping uses for other rows: ldh 2",
        "values in them, of other columns: visit_on 2",
    ]


def test_ignored_events_are_counted_too(tmp_path):
    """Also by `check`."""
    fields = FIELDS.replace('ignore_instruments = ["visit"]', 'ignore_events = ["later"]')
    said = site_case(tmp_path, SITE.format(status="0"), fields).checked()
    assert "values in them, of columns that the mapping uses for other rows: ldh 2" in said


def test_values_that_the_layout_leaves_aside_are_counted(tmp_path):
    """Of the record, of the infusions, of other events."""
    table = """
        rec,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,weight,height,ldh
        1,base,,,80,180,200
        1,cart,,1,78,181,
        1,later,,,,,300
    """
    fields = (
        '[redcap]\ninfusion_events = ["cart"]\nfrom_infusion = ["weight"]\nfrom_record = ["height"]\n'
        'from_event = { ldh = "base" }\n[fields]\npatient_id = "rec"\n'
        'weight_kg = "weight"\nldh_u_l = "ldh"\ncreatinine_mg_dl = { column = "height", factor = 0.01 }\n'
    )
    rows, said = site_case(tmp_path, table, fields).imported()
    assert (rows[0]["weight_kg"], rows[0]["creatinine_mg_dl"], rows[0]["ldh_u_l"]) == ("78", "1.8", "200")
    assert "weight: 1 value in other rows of the record left out" in said
    assert "height: 1 value in rows of infusions left out" in said
    assert "ldh: 1 value in rows of other events left out" in said


def test_each_infusion_may_have_an_event_of_its_own(tmp_path):
    """The classic longitudinal project: one follow-up event for each infusion event."""
    table = """
        rec,redcap_event_name,given,d28
        7,inf1,2021-03-01,
        7,day28_1,,1
        7,inf2,2021-09-01,
        7,day28_2,,2
    """
    fields = (
        '[redcap]\ninfusion_events = ["inf1", "inf2"]\nfrom_event = {}\n[fields]\npatient_id = "rec"\n'
        'infusion_number = {{ count_by = "given" }}\n'
        'response_day28 = {{ column = "d28", codes = {{ 1 = "cr", 2 = "no_response" }} }}\n'
    )
    one = site_case(tmp_path, table, fields.format('{ d28 = "day28_1" }'))
    assert "response_day28 (from d28) is one value that 2 infusions of 1 patient share" in one.refused()[0]
    each = '{ d28 = { inf1 = "day28_1", inf2 = "day28_2" } }'
    case = site_case(tmp_path, table, fields.format(each))
    assert case.columns("response_day28") == [("cr",), ("no_response",)]
