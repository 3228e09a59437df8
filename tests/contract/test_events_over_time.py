"""Events and repeating forms: each belongs to the infusion before it, and ends before the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import DataError
from features.read_cohort import open_table
from tests.site_case import SiteCase, site_case

TWO = """
    rec,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,born,given,dose,contact,state,rel,onset,grade
    1,base,,,1990-01-01,,,,,,,
    1,base,inf,1,,2021-01-10 11:00,1,,,,,
    1,base,inf,2,,2021-07-10 11:00,1.2,,,,,
    1,base,fu,1,,,,2021-02-10,1,,,
    1,base,fu,2,,,,2021-06-20,2,2021-06-11,,
    1,base,fu,3,,,,2021-09-10,1,,,
    1,base,fu,4,,,,2022-03-10,3,,,
    1,base,ae,1,,,,,,,2021-01-12,1
    1,base,ae,2,,,,,,,2021-01-14,3
    1,base,ae,3,,,,,,,2021-07-11,2
    1,base,ae,4,,,,,,,2021-07-10 09:00,4
    2,base,,,1980-01-01,,,,,,,
    2,base,inf,1,,2021-02-01,1,,,,,
    2,base,fu,1,,,,2020-12-01,1,2020-12-01,,
    2,base,fu,2,,,,2021-03-01,1,,,
    2,base,ae,1,,,,,,,2021-02-03,0
"""
MAPPING = """
[table]
infusion_date = "given"
[redcap]
infusion_instrument = "inf"
[tables.fu]
instrument = "fu"
date = "contact"
[tables.ae]
instrument = "ae"
event = "base"
date = "onset"
[fields]
patient_id = "rec"
infusion_number = "redcap_repeat_instance"
age_years = { column = "given", years_since = "born" }
dose_1e6_per_kg = "dose"
crs_grade = { table = "ae", column = "grade", worst_within = "given", days = [0, 30] }
crs_grading_system = { value = "astct_2019", only_if = { dose = "*" } }
crs_onset_day = { table = "ae", first_after = "given", days = 30, only_if = { grade = "> 0" } }
response_day28 = { table = "fu", column = "state", codes = { 3 = "", "*" = "cr" }, first_after = "given", \
days = [7, 60] }
relapse_day = { table = "fu", column = "rel", first_after = "given" }
death_day = { table = "fu", first_after = "given", only_if = { state = 3 } }
last_contact_day = { table = "fu", last_after = "given" }
next_infusion_day = { until_next = "given" }
"""
COLUMNS = ("crs_grade", "crs_onset_day", "response_day28", "relapse_day", "death_day", "next_infusion_day")


def changed(folder: Path, *pairs: tuple[str, str], mapping: str = MAPPING) -> SiteCase:
    """Change texts of the export."""
    table = TWO
    for old, new in pairs:
        assert old in table
        table = table.replace(old, new)
    return site_case(folder, table, mapping)


def refused(case: SiteCase) -> list[str]:
    """Say why `import` refuses."""
    with pytest.raises(DataError) as refusal:
        case.imported()
    return [str(problem) for problem in refusal.value.problems]


def test_repeating_forms_fall_into_the_windows_of_infusions(tmp_path):
    """By hand: the relapse of 11 June is of infusion 1; 9:00 on the day is before infusion 2."""
    case = changed(tmp_path)
    assert case.columns(*COLUMNS) == [
        ("3", "2", "cr", "152", "424", "181"),
        ("2", "1", "", "", "243", ""),
        ("0", "", "cr", "", "", ""),
    ]
    assert case.columns("last_contact_day") == [("424",), ("243",), ("28",)]
    assert not [line for line in case.imported()[1] if "ignored" in line]


def test_no_row_is_no_grade_unless_the_mapping_says_so(tmp_path):
    """A center that records events only where there was one states the grade of the others."""
    case = changed(tmp_path, ("2,base,ae,1,,,,,,,2021-02-03,0", ""))
    assert case.columns("crs_grade") == [("3",), ("2",), ("",)]
    entry = '{ table = "ae", column = "grade", worst_within = "given", days = [0, 30] }'
    stated = f'[{entry}, {{ value = 0, only_if = {{ dose = "*" }} }}]'
    case.mapping.write_text(MAPPING.replace(entry, stated))
    assert case.columns("crs_grade") == [("3",), ("2",), ("0",)]


def test_why_an_infusion_has_no_event(tmp_path):
    """The relapse of patient 2 was before the first infusion, that of patient 1 before the second."""
    case = changed(tmp_path)
    counts = {count.field: count for count in open_table(case.table, mapping=case.mapping).over_time}
    assert (counts["relapse_day"].used, counts["relapse_day"].too_early) == (1, 2)
    assert (counts["death_day"].used, counts["death_day"].none) == (2, 1)


def test_an_event_on_the_day_of_an_infusion(tmp_path):
    """A relapse belongs to the infusion before, as days of relapse begin with 1; CRS to that infusion."""
    case = changed(tmp_path, ("2021-06-11", "2021-07-10"), ("2021-07-10 09:00", "2021-07-10"))
    assert case.columns("relapse_day", "crs_grade")[:2] == [("181", "3"), ("", "4")]


@pytest.mark.parametrize(
    ("date", "rule"),
    [
        ("", "needs the date of every infusion of the patient, to place an event between them (row 4)"),
        ("2021-01-10", "cannot be given to one of two infusions on the same day (2 rows: 3-4)"),
    ],
)
def test_infusions_in_no_order_are_refused(tmp_path, date, rule):
    """Only where the patient has values."""
    mapping = MAPPING.replace('next_infusion_day = { until_next = "given" }\n', "")
    case = changed(tmp_path, ("2021-07-10 11:00", date), mapping=mapping)
    problems = refused(case)
    assert [
        problem
        for problem in problems
        if problem.startswith("relapse_day (from rel of fu) ") and rule in problem
    ]
    assert not [problem for problem in problems if problem.startswith("last_contact_day")]


def test_an_infusion_date_that_cannot_be_read(tmp_path):
    """It is reported for each field, with its row."""
    problems = refused(changed(tmp_path, ("2021-02-01", "soon")))
    assert [problem for problem in problems if problem.startswith("relapse_day (from given) must be a date ")]


def test_a_date_of_an_event_that_cannot_be_read(tmp_path):
    """The row is that of the form."""
    problems = refused(changed(tmp_path, ("2021-06-11", "in June")))
    (problem,) = [problem for problem in problems if problem.startswith("relapse_day")]
    assert problem.startswith("relapse_day (from rel) must be a date written YYYY-MM-DD, got xx xxxx (row 6)")


def test_grades_that_are_no_numbers(tmp_path):
    """The worst one cannot be known."""
    problems = refused(changed(tmp_path, ("2021-01-12,1", "2021-01-12,mild")))
    assert problems[0].startswith(
        "crs_grade (from grade of ae) must be a whole number, 0 to 5, got mild (row 9)"
    )


def test_an_instrument_or_event_that_no_row_has(tmp_path):
    """A misspelled name is no empty table."""
    case = changed(tmp_path, mapping=MAPPING.replace('instrument = "fu"', 'instrument = "fuu"'))
    assert any(
        "tables is in no row's redcap_repeat_instrument, got fuu" in problem for problem in refused(case)
    )
    case = changed(tmp_path, mapping=MAPPING.replace('event = "base"', 'event = "bse"'))
    assert refused(case) == ["tables.ae is in no row's redcap_event_name, got bse"]


LABS = """
    rec,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,age,given,day,ldh,plt
    1,enrol,,,31,2021-02-06,2021-01-01,300,80
    1,m01,labs,1,,,2021-02-01,250,90
    1,m01,labs,2,,,2021-02-08,900,12
    1,m02,,,,,2021-03-01,700,50
    2,enrol,,,44,2021-03-01,2021-02-20,222,
    2,m01,labs,1,,,2020-02-20,444,33
"""
BOTH = """
[table]
infusion_date = "given"
[redcap]
[tables.labs]
instrument = "labs"
date = "day"
[tables.visits]
event = ["enrol", "m02"]
date = "day"
[fields]
patient_id = "rec"
age_years = "age"
ldh_u_l = [
    { table = "labs", column = "ldh", last_before = "given", days = 30 },
    { table = "visits", column = "ldh", last_before = "given", days = 30 },
]
platelets_1e9_l = { table = "labs", column = "plt", lowest_within = "given", days = [-30, -1] }
"""


def test_laboratory_values_once_at_enrollment_and_at_visits(tmp_path):
    """A repeating instrument and events are tables; values after the infusion are no predictors."""
    case = site_case(tmp_path, LABS, BOTH)
    assert case.columns("ldh_u_l", "platelets_1e9_l") == [("250", "90"), ("222", "")]


def test_rows_in_events_that_no_table_names_are_counted(tmp_path):
    """An instrument may be a table in some of its events only."""
    mapping = BOTH.replace('instrument = "labs"', 'instrument = "labs"\nevent = "m01"')
    case = site_case(tmp_path, LABS.replace("1,m01,labs,2", "1,m02,labs,2"), mapping)
    assert case.columns("ldh_u_l") == [("250",), ("222",)]
    assert "1 row of labs left out: in events that no table names" in case.imported()[1]


def test_the_value_of_the_record_where_no_visit_has_one(tmp_path):
    """The entry of the first table comes after that of the further one."""
    mapping = BOTH.replace('[tables.visits]\nevent = ["enrol", "m02"]\ndate = "day"\n', "").replace(
        '{ table = "visits", column = "ldh", last_before = "given", days = 30 }', '"ldh"'
    )
    table = LABS.replace("1,m02,,,,,2021-03-01,700,50\n", "").replace("444,33", "x,33")
    case = site_case(tmp_path, table, mapping.replace('"ldh",\n]', '{ column = "ldh" },\n]'))
    assert case.columns("ldh_u_l") == [("250",), ("222",)]


def test_cells_that_infusions_share_are_counted(tmp_path):
    """One LDH on the record for two infusions; sex is a fact of the patient."""
    table = """
        rec,redcap_repeat_instrument,redcap_repeat_instance,sx,ldh,plt,dose
        1,,,f,300,,
        1,inf,1,,,80,1
        1,inf,2,,,90,2
        2,,,m,200,,
        2,inf,1,,,70,1
    """
    mapping = """
        [redcap]
        infusion_instrument = "inf"
        [fields]
        patient_id = "rec"
        infusion_number = "redcap_repeat_instance"
        sex = { column = "sx", codes = { f = "female", m = "male" } }
        ldh_u_l = "ldh"
        platelets_1e9_l = "plt"
        dose_1e6_per_kg = "dose"
    """
    case = site_case(tmp_path, table, mapping)
    line = "predictors that several infusions of a patient take from one cell: ldh_u_l "
    line += "(2 infusions of 1 patient)"
    assert line in case.imported()[1]
    assert line in case.checked()
