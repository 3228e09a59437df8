"""Laboratory values over time: each infusion gets the one that the mapping names."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from rich.console import Console

from features.files.read_table import read_table
from features.mapping.file import read_mapping
from features.mapping.mapped import map_table
from features.problem_codes import Code
from features.problems import DataError
from features.read_cohort import open_table, read_cohort
from tests.site_case import SiteCase, site_case
from training.commands.import_table import import_table

INFUSIONS = """
    pid,ld,given
    A-01,2021-03-01,2021-03-06 11:00
    A-02,2021-04-10,2021-04-15
    A-03,2021-05-01,2021-05-06
    A-04,,2021-06-06
"""
HEAD = """
[table]
infusion_date = "given"
ignore_others = true
[tables.labs]
file = "labs.csv"
patient = "id"
date = "drawn"
name = "test"
value = "result"
unit = "unit"
ignore = ["specimen"]
[fields]
patient_id = "pid"
"""
LABS = """
    id,drawn,test,result,unit,specimen
    A-01,2021-02-10,LDH,999,U/L,serum
    A-01,2021-02-25,LDH,300,U/L,serum
    A-01,2021-02-28 08:00,LD,5.5,ukat/L,serum
    A-01,2021-02-28 17:30,LDH,410,U/L,plasma
    A-01,2021-03-04,LDH,700,U/L,serum
    A-02,2021-03-01,LDH,280,U/L,serum
    A-02,2021-04-12,LDH,290,U/L,serum
    A-03,2021-04-30,LDH,n.d.,U/L,serum
    A-03,2021-04-29,LDH,260,U/L,serum
    A-04,2021-06-01,LDH,200,U/L,serum
    A-01,2021-02-27,CRP,<0.3,mg/dl,serum
    A-09,2021-02-27,CRP,4,mg/dl,serum
    A-02,2021-04-09,Na,140,mmol/L,serum
    A-02,,CRP,9,mg/l,serum
"""
LDH = 'ldh_u_l = { table = "labs", name = ["LDH", "LD"], last_before = "ld", days = 7, missing = "n.d." }\n'


def with_labs(
    folder: Path, labs: str, mapping: str, table: str = INFUSIONS, file: str = "labs.csv"
) -> SiteCase:
    """Write a table, its mapping and a further table."""
    case = site_case(folder, table, mapping)
    lines = [line.strip() for line in labs.strip().splitlines()]
    (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return case


def values(case: SiteCase, field: str) -> list[str]:
    """Give one column of the cohort."""
    return [cell for (cell,) in case.columns(field)]


def refused(case: SiteCase) -> list[str]:
    """Say why the table is refused."""
    with pytest.raises(DataError) as refusal:
        case.imported()
    return [str(problem) for problem in refusal.value.problems]


def test_last_value_before_a_date_with_the_unit_of_its_row(tmp_path):
    """By hand: 410 at 17:30; 280 is too old; n.d. is passed over; no date of lymphodepletion."""
    case = with_labs(tmp_path, LABS, HEAD + LDH)
    assert values(case, "ldh_u_l") == ["410", "", "260", ""]
    _, said = case.imported()
    assert (
        "labs: 14 rows; left out: 1 of 1 patient without an infusion, 3 of 2 names that no field uses" in said
    )
    assert (
        "ldh_u_l: from LDH, LD of labs (9 values) for 2 of 4 infusions; not for 1 with values before and "
        "after the window, and none in it, 1 without a date to count from"
    ) in said
    assert [line for line in said if line.startswith(("labs:", "ldh_u_l:"))] == [
        line for line in case.checked() if line.startswith(("labs:", "ldh_u_l:"))
    ]


def test_counts_are_data_too(tmp_path):
    """A program reads the counts, and not the sentences."""
    case = with_labs(tmp_path, LABS, HEAD + LDH.replace("]", "], only_if = { specimen = 'serum' }, x = 1", 1))
    case.mapping.write_text(HEAD.replace('ignore = ["specimen"]\n', "") + serum(LDH))
    (count,) = open_table(case.table, mapping=case.mapping).over_time
    assert (count.field, count.used, count.other_unit, count.both_sides, count.without_date) == (
        *("ldh_u_l", 2),
        *(1, 1, 1),
    )
    assert count.infusions == 4


def serum(entry: str) -> str:
    """Add a condition on the row of the further table."""
    return entry.replace("last_before", "only_if = { specimen = 'serum' }, last_before")


def test_a_condition_looks_at_the_row_of_the_value(tmp_path):
    """The plasma value of the evening does not count: 5.5 ukat/L are 330 U/L."""
    case = with_labs(tmp_path, LABS, HEAD.replace('ignore = ["specimen"]\n', "") + serum(LDH))
    assert values(case, "ldh_u_l") == ["330", "", "260", ""]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('last_before = "ld", days = 60', ["410", "280", "260", ""]),
        ('last_before = "ld", days = [-60, -3]', ["300", "280", "", ""]),
        ('first_after = "ld", days = 30', ["700", "290", "", ""]),
        ('nearest = "ld", days = 60', ["410", "290", "260", ""]),
        ('highest_within = "ld", days = [-60, 0]', ["999", "280", "260", ""]),
        ('lowest_within = "ld", days = [-10, 3]', ["300", "290", "260", ""]),
        ('last_before = "given", days = 60', ["700", "290", "260", "200"]),
    ],
)
def test_each_rule(tmp_path, rule, expected):
    """The table of the rules, with results by hand."""
    entry = f'ldh_u_l = {{ table = "labs", name = ["LDH", "LD"], {rule}, missing = "n.d." }}\n'
    assert values(with_labs(tmp_path, LABS, HEAD + entry), "ldh_u_l") == expected


def test_the_first_table_where_the_further_one_has_no_value(tmp_path):
    """In a list of entries, the first that gives a value counts."""
    entry = f'ldh_u_l = [{LDH.split("=", 1)[1].strip()}, {{ column = "ldh" }}]\n'
    table = (
        INFUSIONS.replace("given\n", "given,ldh\n").replace("04-15", "04-15,222").replace("11:00", "11:00,1")
    )
    table = table.replace("05-06", "05-06,").replace("06-06", "06-06,")
    assert values(with_labs(tmp_path, LABS, HEAD + entry, table), "ldh_u_l") == ["410", "222", "260", ""]


CRP = 'crp_mg_l = { table = "labs", name = "CRP", last_before = "ld", days = 7, beyond_limit = "limit" }\n'


def test_a_detection_limit_is_read_as_elsewhere(tmp_path):
    """0.3 mg/dL are 3 mg/L; a row without a date is counted."""
    case = with_labs(tmp_path, LABS, HEAD + CRP)
    assert values(case, "crp_mg_l") == ["3", "", "", ""]
    _, said = case.imported()
    assert "1 without a date" in next(line for line in said if line.startswith("labs:"))
    case.mapping.write_text(HEAD + CRP.replace(', beyond_limit = "limit"', ""))
    assert refused(case)[0].startswith("crp_mg_l (from CRP of labs) must be 0 to 700 mg/L, got <0.3 (row 12)")


def test_a_value_outside_the_limits_is_shown_with_its_row(tmp_path):
    """Of the further table."""
    case = with_labs(tmp_path, LABS.replace(",410,", ",0.1,"), HEAD + LDH)
    assert refused(case) == [
        "ldh_u_l (from LDH, LD of labs) must be 10 to 30000 U/L, got 0.1 (row 5): correct the cell"
    ]


def test_a_unit_that_the_mapping_does_not_name_is_a_problem(tmp_path):
    """Counted by unit; `units` names it."""
    labs = LABS.replace("5.5,ukat/L", "5.5,nkat").replace("300,U/L", "300,").replace("410,U/L", "410,nkat")
    case = with_labs(tmp_path, labs, HEAD + LDH)
    first, second = refused(case)
    assert first.startswith(
        "ldh_u_l (from LDH, LD of labs) has no unit (row 3): add it to fields.ldh_u_l.units"
    )
    assert second.startswith(
        "ldh_u_l (from LDH, LD of labs) has a unit that the mapping file does not name, "
    )
    assert "got nkat (2 rows: 4-5)" in second
    units = 'units = { "U/L" = "U/L", "" = "U/L", NKAT = 0.06, "*" = "U/L" }, last_before'
    case.mapping.write_text(HEAD + LDH.replace("last_before", units))
    assert values(case, "ldh_u_l") == ["24.6", "", "260", ""]


TIES = """
    id,drawn,test,result,unit,specimen
    A-01,2021-02-28,LDH,300,U/L,
    A-01,2021-02-28,LDH,400,U/L,
    A-01,2021-02-28 09:00,LDH,350,U/L,
    A-02,2021-04-09,LDH,300,U/L,
    A-02,2021-04-09,LDH,5,ukat/L,
"""


@pytest.mark.parametrize(
    ("tie", "expected"),
    [("first", "300"), ("last", "350"), ("highest", "400"), ("lowest", "300"), ("mean", "350")],
)
def test_different_values_of_one_moment_need_a_rule(tmp_path, tie, expected):
    """A row without a time may be any of the day; the same value twice is none of them."""
    case = with_labs(tmp_path, TIES, HEAD + LDH.replace('["LDH", "LD"]', '"LDH"'))
    assert refused(case) == [
        "ldh_u_l (from LDH of labs) has different values at one time, got 300, 400, 350 (3 rows: 2-4): "
        'correct the rows, or set tie = "first", "last", "highest", "lowest" or "mean"'
    ]
    entry = LDH.replace('["LDH", "LD"]', '"LDH"').replace("days = 7", f'days = 7, tie = "{tie}"')
    case.mapping.write_text(HEAD + entry)
    assert values(case, "ldh_u_l") == [expected, "300", "", ""]


ON_THE_DAY = """
    id,drawn,test,result,unit,specimen
    A-01,2021-03-05,LDH,100,U/L,
    A-01,2021-03-06 06:00,LDH,200,U/L,
    A-01,2021-03-06 12:00,LDH,300,U/L,
    A-02,2021-04-14,LDH,100,U/L,
    A-02,2021-04-15 06:00,LDH,200,U/L,
    A-03,2021-05-07,LDH,900,U/L,
"""


@pytest.mark.parametrize(("more", "second"), [("", "100"), (", same_day = true", "200")])
def test_no_predictor_is_from_after_the_infusion(tmp_path, more, second):
    """On its day a value counts if both times are known, or the mapping says so."""
    entry = f'ldh_u_l = {{ table = "labs", name = "LDH", last_before = "given", days = 9{more} }}\n'
    case = with_labs(tmp_path, ON_THE_DAY, HEAD + entry)
    assert values(case, "ldh_u_l") == ["200", second, "", ""]
    _, said = case.imported()
    assert "with values only after the window" in next(
        line for line in said if line.startswith("ldh_u_l: from")
    )
    assert any("name the date of lymphodepletion" in line for line in said)
    entry = entry.replace('last_before = "given", days = 9', 'last_after = "ld", days = 9')
    case.mapping.write_text(HEAD + entry)
    assert values(case, "ldh_u_l") == ["200", second, "", ""]


WIDE = """
    Patient;Tag;LDH;Hb;CRP
    A-01;27.02.2021;1.300,5;;>5
    A-01;28.02.2021;;8,1;
    A-02;09.04.2021;-9;7,9;2
"""
WIDE_MAPPING = """
[table]
infusion_date = "given"
[tables.blood]
file = "blood.csv"
patient = "Patient"
date = "Tag"
dates = "DD.MM.YYYY"
decimal = ","
thousands = "."
missing = [-9]
ignore_others = true
drop = [{ LDH = "> 5000" }]
[fields]
patient_id = "pid"
ldh_u_l = { table = "blood", column = "LDH", last_before = "ld", days = 7 }
hemoglobin_g_dl = { table = "blood", column = "Hb", unit = "mmol/L", last_before = "ld", days = 7, \
round = true }
"""


def test_a_column_for_each_measurement(tmp_path):
    """The last known value of each column, with the marks and dates of its own file."""
    case = with_labs(tmp_path, WIDE, WIDE_MAPPING, file="blood.csv")
    assert case.columns("ldh_u_l", "hemoglobin_g_dl") == [("1300.5", "13"), ("", "13"), ("", ""), ("", "")]


UNITS_BESIDE = """
    Patient,Day,LDH,LDH unit,CRP,CRP unit
    A-01,2021-02-27,300,U/L,3,mg/l
    A-01,2021-02-28,5.5,ukat/L,,mg/l
    A-02,2021-04-09,290,U/L,0.4,mg/dl
"""
BESIDE_MAPPING = """
[table]
infusion_date = "given"
[tables.blood]
file = "blood.csv"
patient = "Patient"
date = "Day"
[fields]
patient_id = "pid"
ldh_u_l = { table = "blood", column = "LDH", unit_column = "LDH unit", last_before = "ld", days = 7 }
crp_mg_l = { table = "blood", column = "CRP", unit_column = "CRP unit", last_before = "ld", days = 7 }
"""


def test_a_unit_beside_each_measurement(tmp_path):
    """Each value is converted by the unit of its own row; a unit that is not known is a problem."""
    case = with_labs(tmp_path, UNITS_BESIDE, BESIDE_MAPPING, file="blood.csv")
    assert case.columns("ldh_u_l", "crp_mg_l") == [("330", "3"), ("290", "4"), ("", ""), ("", "")]
    (tmp_path / "blood.csv").write_text((tmp_path / "blood.csv").read_text().replace("ukat", "unk"))
    (problem,) = refused(case)
    assert "has a unit that the mapping file does not name" in problem
    case.mapping.write_text(BESIDE_MAPPING.replace('unit_column = "CRP unit"', 'unit_column = "CRP units"'))
    assert (
        "names a column that blood does not have, got CRP units: did you mean CRP unit?" in refused(case)[0]
    )


TWICE = """
    pid,ld,given
    A-01,2021-03-01,2021-03-06
    A-01,2021-03-20,2021-03-25
    A-02,2021-03-20,2021-03-25
"""
BETWEEN = """
    id,drawn,test,result,unit,specimen
    A-01,2021-02-28,LDH,300,U/L,
    A-01,2021-03-06,CRP,5,mg/L,
    A-02,2021-02-28,LDH,310,U/L,
    A-01,2021-03-19,CRP,9,mg/L,
"""


def test_no_value_is_from_before_the_previous_infusion(tmp_path):
    """Another treatment lies between: the window of the second infusion begins after the first."""
    fields = "".join(
        f'{field} = {{ table = "labs", name = "{name}", last_before = "ld", days = 30 }}\n'
        for field, name in (("ldh_u_l", "LDH"), ("crp_mg_l", "CRP"))
    )
    counted = 'infusion_number = { count_by = "given" }\n'
    case = with_labs(tmp_path, BETWEEN, HEAD + counted + fields, table=TWICE)
    assert case.columns("ldh_u_l", "crp_mg_l") == [("300", ""), ("", "9"), ("310", "")]
    _, said = case.imported()
    assert any(
        line.startswith("ldh_u_l: from")
        and line.endswith("1 with values only from before the previous infusion")
        for line in said
    )


def test_a_value_of_the_last_day_at_an_unknown_time_is_counted(tmp_path):
    """It may be from after lymphodepletion began; with both times known it is left out or counts."""
    table = "pid,ld,given\nA-01,2021-03-01 09:00,2021-03-06\nA-02,2021-04-10,2021-04-15\n"
    labs = "id,drawn,test,result,unit,specimen\nA-01,2021-03-01 18:00,LDH,300,U/L,\n"
    labs += "A-01,2021-03-01 07:00,LDH,200,U/L,\nA-02,2021-04-10 18:00,LDH,290,U/L,\n"
    entry = 'ldh_u_l = { table = "labs", name = "LDH", last_before = "ld", days = 7 }\n'
    case = with_labs(tmp_path, labs, HEAD + entry, table=table)
    assert values(case, "ldh_u_l") == ["200", "290"]
    assert (
        "ldh_u_l: from LDH of labs (3 values) for 2 of 2 infusions, of the last day at an unknown time for 1"
        in (case.imported()[1])
    )


def test_a_sheet_of_the_same_workbook(tmp_path):
    """Dates and numbers of a workbook are stored, not written; the settings of the first table hold."""
    book = openpyxl.Workbook()
    book.active.title = "Patients"
    for row in (("pid", "ld", "given"), (7, "01.03.2021", "06.03.2021"), (8, "10.04.2021", "15.04.2021")):
        book.active.append(row)
    labs = book.create_sheet("Labs")
    for row in (("pid", "day", "crea"), (7, "27.02.2021", 1.25), (8, "09.04.2021", "0,9")):
        labs.append(row)
    book.save(tmp_path / "export.xlsx")
    mapping = tmp_path / "site.toml"
    mapping.write_text(
        '[table]\nsheet = "Patients"\ninfusion_date = "given"\ndates = "DD.MM.YYYY"\ndecimal = ","\n'
        '[tables.labs]\nsheet = "Labs"\npatient = "pid"\ndate = "day"\n[fields]\npatient_id = "pid"\n'
        'creatinine_mg_dl = { table = "labs", column = "crea", last_before = "ld", days = 7 }\n'
    )
    case = SiteCase(tmp_path / "export.xlsx", mapping)
    assert values(case, "creatinine_mg_dl") == ["1.25", "0.9"]


def test_a_parquet_file(tmp_path):
    """Read in parts, as CSV is."""
    case = with_labs(tmp_path, LABS, HEAD.replace("labs.csv", "labs.parquet") + LDH.replace(', "LD"', ""))
    lines = [line.strip().split(",") for line in LABS.strip().splitlines()]
    columns = dict(zip(lines[0], zip(*lines[1:], strict=True), strict=True))
    pyarrow.parquet.write_table(
        pyarrow.table({name: pyarrow.array(cells) for name, cells in columns.items()}),
        tmp_path / "labs.parquet",
        row_group_size=5,
    )
    assert values(case, "ldh_u_l") == ["410", "", "260", ""]


@pytest.mark.parametrize(
    ("encoding", "setting"), [("cp1252", 'encoding = "cp1252"'), ("utf-8", 'delimiter = "|"')]
)
def test_a_file_in_its_own_format(tmp_path, encoding, setting):
    """Another encoding is read as a whole, another delimiter in parts."""
    case = with_labs(tmp_path, LABS, HEAD.replace("patient =", f"{setting}\npatient =") + LDH)
    text = (tmp_path / "labs.csv").read_text(encoding="utf-8").replace(",LD,", ",LDß,")
    text = text.replace(",", "|") if "delimiter" in setting else text
    (tmp_path / "labs.csv").write_text(text, encoding=encoding)
    case.mapping.write_text(case.mapping.read_text().replace('"LD"', '"LDß"'), encoding="utf-8")
    assert values(case, "ldh_u_l") == ["410", "", "260", ""]


def test_a_time_with_a_time_zone_is_read_at_the_center(tmp_path):
    """23:30 UTC on the day before is 00:30 of the next day in Berlin; without a zone it is refused."""
    labs = """
        id,drawn,test,result,unit,specimen
        A-01,2021-02-28T23:30:00Z,LDH,300,U/L,
        A-01,2021-02-28T22:30:00Z,LDH,200,U/L,
    """
    entry = 'ldh_u_l = { table = "labs", name = "LDH", last_before = "ld", days = [-9, -1] }\n'
    case = with_labs(tmp_path, labs, HEAD + entry)
    assert refused(case)[0].startswith(
        "drawn of labs states a time zone, so the date at the center may be another, got 0000-00-00T00:00:00Z"
    )
    case.mapping.write_text(HEAD.replace("[table]", '[table]\ntime_zone = "Europe/Berlin"') + entry)
    assert values(case, "ldh_u_l") == ["200", "", "", ""]
    line = "labs: 2 times with a time zone read in Europe/Berlin: the date there differs from the written one"
    assert f"{line} in 1" in case.imported()[1]


def test_a_date_that_cannot_be_read_is_a_problem_without_its_digits(tmp_path):
    """Of a patient with an infusion; nothing of the row is repeated."""
    case = with_labs(tmp_path, LABS.replace("2021-02-25", "25/02/2021"), HEAD + LDH)
    (problem,) = refused(case)
    assert problem.startswith("drawn of labs must be a date written YYYY-MM-DD, got 00/00/0000 (row 3)")


def test_wrong_patients_and_names_are_found(tmp_path):
    """Nothing would be chosen, and nothing said."""
    case = with_labs(tmp_path, LABS.replace("A-0", "0"), HEAD + LDH)
    assert refused(case) == [
        "tables.labs has no patient of the first table: is id the column of patients, and are they written "
        "the same way?"
    ]
    case = with_labs(tmp_path, LABS, HEAD + LDH.replace('"LD"', '"LDHH"'))
    assert refused(case) == [
        "fields.ldh_u_l.name is in no row of labs of a patient with an infusion, got LDHH: did you mean LDH?"
    ]
    case = with_labs(tmp_path, LABS, HEAD + LDH.replace('"LD"', '"zzzz"'))
    assert refused(case)[0].endswith("got zzzz: is it spelled as in the table?")


def test_columns_of_a_further_table_are_used_or_ignored(tmp_path):
    """As those of the first."""
    case = with_labs(tmp_path, LABS, HEAD.replace('"specimen"', "").replace('"drawn"', '"drwan"') + LDH)
    assert refused(case) == [
        "tables.labs names a column that labs does not have, got drwan: did you mean drawn?",
        "columns of labs are neither used nor ignored: drawn, specimen: use them, or name them under ignore, "
        "or set ignore_others = true (under [tables.labs])",
    ]
    case = with_labs(tmp_path, LABS, HEAD.replace('unit = "unit"', 'unit = "qqq"') + LDH)
    assert refused(case)[0].endswith("got qqq: is it spelled as in the heading?")


def test_a_file_that_is_not_there(tmp_path):
    """The message names the file."""
    case = site_case(tmp_path, INFUSIONS, HEAD + LDH)
    with pytest.raises(DataError, match=r"labs\.csv: 1 problem\n  the file does not exist"):
        case.imported()


def test_an_empty_file_and_one_that_ends_after_the_heading(tmp_path):
    """Both are no table."""
    case = with_labs(tmp_path, "id,drawn,test,result,unit,specimen", HEAD + LDH)
    assert refused(case) == ["the file has headings but no rows"]
    (tmp_path / "labs.csv").write_text("")
    assert refused(case) == ["the file is empty"]


def test_reading_stops_after_very_many_problems(tmp_path, monkeypatch):
    """A file of a million wrong dates is not a million messages."""
    monkeypatch.setattr("features.mapping.linked_values.MOST_PROBLEMS", 5)
    monkeypatch.setattr("features.mapping.linked_values.MOST_KNOWN_DATES", 2)
    monkeypatch.setattr("features.files.row_parts.ROWS_OF_A_PART", 4)
    rows = "\n".join(f"A-01,soon,LDH,{number},U/L," for number in range(50))
    case = with_labs(tmp_path, f"{LABS.strip()}\n{rows}", HEAD + LDH)
    problems = refused(case)
    assert [line for line in problems if line.startswith("labs was read up to row ")]


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_the_size_of_the_parts_does_not_matter(tmp_path, monkeypatch, rows):
    """A tie, a window and a count go over the parts."""
    monkeypatch.setattr("features.files.row_parts.ROWS_OF_A_PART", rows)
    monkeypatch.setattr("features.mapping.linked_values.MOST_KNOWN_DATES", 2)
    case = with_labs(tmp_path, LABS, HEAD + LDH)
    assert values(case, "ldh_u_l") == ["410", "", "260", ""]
    assert (
        "labs: 14 rows; left out: 1 of 1 patient without an infusion, 3 of 2 names that no field uses"
        in (case.imported()[1])
    )


def test_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch):
    """Half of it would be old."""
    states = iter([1, 2])
    case = with_labs(tmp_path, LABS, HEAD + LDH)
    monkeypatch.setattr("features.files.row_parts._state", lambda path: (next(states), 0))
    assert refused(case) == ["the file changed while it was read: run the command again"]


def test_the_cohort_never_replaces_a_further_table(tmp_path):
    """Not even with --overwrite."""
    case = with_labs(tmp_path, LABS, HEAD + LDH)
    with pytest.raises(DataError) as refusal:
        import_table(
            case.table, case.mapping, tmp_path / "labs.csv", overwrite=True, console=Console(quiet=True)
        )
    assert refusal.value.problems[0].code is Code.OUTPUT_IS_INPUT


def test_the_digest_of_a_cohort_is_of_all_its_files(tmp_path):
    """Other laboratory values are another cohort."""
    case = with_labs(tmp_path, LABS, HEAD + LDH)
    before = open_table(case.table, mapping=case.mapping).table.sha256
    (tmp_path / "labs.csv").write_text((tmp_path / "labs.csv").read_text().replace("410", "411"))
    assert open_table(case.table, mapping=case.mapping).table.sha256 != before


def test_no_identifier_or_date_is_printed(tmp_path):
    """Neither of the first table nor of the further one."""
    labs = LABS.replace(",410,", ",A-01 of 2021-02-28,").replace("2021-02-25", "A-02 on 25.2.21")
    labs = labs.replace(",Na,", ",Frau Maier,")
    told = "\n".join(refused(with_labs(tmp_path, labs, HEAD + LDH)))
    assert [part for part in ("A-0", "25.2", "Maier") if part in told] == []


def test_an_integer_cohort_is_read_by_every_command(tmp_path):
    """`read_cohort` takes the mapping with its further tables."""
    case = with_labs(tmp_path, LABS, HEAD + LDH)
    cohort = read_cohort(case.table, mapping=case.mapping)
    assert cohort.patients["ldh_u_l"][0] == 410
    screen = io.StringIO()
    import_table(case.table, case.mapping, tmp_path / "again.csv", console=Console(file=screen))
    assert read_cohort(tmp_path / "again.csv").patients["ldh_u_l"][0] == 410


def test_a_value_beyond_a_limit_may_become_unknown(tmp_path):
    """Then it is not compared, and an infusion that has no other one has none."""
    entry = CRP.replace('limit = "limit"', 'limit = "blank"')
    case = with_labs(tmp_path, LABS, HEAD + entry)
    assert values(case, "crp_mg_l") == ["", "", "", ""]
    case.mapping.write_text(
        HEAD + entry.replace('last_before = "ld", days = 7', 'highest_within = "ld", days = [-7, 0]')
    )
    assert values(case, "crp_mg_l") == ["", "", "", ""]
    (count,) = open_table(case.table, mapping=case.mapping).over_time
    assert (count.used, count.none) == (0, 3)


def test_a_field_without_unit_in_a_table_with_units(tmp_path):
    """The unit of its rows is not read."""
    labs = LABS.replace("2021-04-09,Na,140,mmol/L", "2021-04-09,CNS,2,grade")
    entry = 'cns_status = { table = "labs", name = "CNS", last_before = "ld", days = 7, '
    entry += 'codes = { 2 = "cns2" } }\n'
    assert values(with_labs(tmp_path, labs, HEAD + entry), "cns_status") == ["", "cns2", "", ""]


def test_events_in_a_long_table(tmp_path):
    """The name says which event, the date when; or a column of the row has the date."""
    events = """
        id,drawn,test,result,unit,specimen
        A-01,2021-05-06,relapse,yes,,2021-05-04
        A-02,2021-06-01,seen,no,,
        A-01,2021-06-01,seen,no,,
    """
    entries = """
        relapse_day = { table = "labs", name = "relapse", first_after = "given" }
        last_contact_day = { table = "labs", name = "seen", last_after = "given" }
    """
    case = with_labs(tmp_path, events, HEAD + entries)
    assert case.columns("relapse_day", "last_contact_day") == [("61", "87"), ("", "47"), ("", ""), ("", "")]
    case.mapping.write_text(
        HEAD.replace('ignore = ["specimen"]\n', "")
        + entries.replace('"relapse",', '"relapse", column = "specimen",')
    )
    assert values(case, "relapse_day") == ["59", "", "", ""]


def test_a_table_that_no_field_uses_is_not_read(tmp_path):
    """It is said."""
    case = with_labs(tmp_path, "x\n", HEAD + 'age_years = { value = "30" }\n')
    assert "labs: not read, because no field uses it" in case.imported()[1]


def test_rows_that_keep_and_drop_leave_out(tmp_path):
    """They are counted; a condition that cannot be judged is a problem."""
    settings = 'keep = [{ specimen = "serum" }]\ndrop = [{ result = "> 600" }]\n[fields]'
    case = with_labs(tmp_path, LABS, HEAD.replace("[fields]", settings) + LDH)
    (problem,) = refused(case)
    assert problem.startswith(
        "result of labs must be a number, because the mapping file compares it with one"
    )
    settings = settings.replace("drop", 'missing = "n.d."\ndrop')
    case.mapping.write_text(HEAD.replace("[fields]", settings) + LDH)
    assert values(case, "ldh_u_l") == ["330", "", "260", ""]
    assert any("3 by keep and drop" in line for line in case.imported()[1])


def test_a_sheet_of_a_data_frame(tmp_path):
    """A table in memory has no workbook."""
    mapping = HEAD.replace('file = "labs.csv"', 'sheet = "Labs"') + LDH
    case = with_labs(tmp_path, LABS, mapping)
    with pytest.raises(DataError, match="is in the workbook of the first table, which is not a file"):
        map_table(read_mapping(case.mapping), read_table(case.table))


def test_a_data_frame_with_a_file_of_laboratory_values(tmp_path):
    """The file is beside the mapping file."""
    case = with_labs(tmp_path, LABS, HEAD + LDH)
    mapped = map_table(read_mapping(case.mapping), read_table(case.table))
    assert [row[1] for row in mapped.table.rows] == ["410", "", "260", ""]


UNITS = """
    id,drawn,crea,unit
    A-01,2021-02-10,0.9,1
    A-01,2021-02-27,88.42,3
    A-02,2021-04-09,1.1,1
    A-03,2021-04-29,176.84,3
    A-03,2021-04-30,,1
"""
OF_UNITS = """
[table]
infusion_date = "given"
[tables.blood]
file = "blood.csv"
patient = "id"
date = "drawn"
[fields]
patient_id = "pid"
creatinine_mg_dl = [
    { table = "blood", column = "crea", last_before = "ld", days = 30, only_if = { unit = 1 } },
    { table = "blood", column = "crea", last_before = "ld", days = 30, unit = "umol/L", only_if.unit = 3 },
]
"""


def test_entries_that_choose_among_the_same_rows_are_one(tmp_path):
    """The rule picks among the rows, each in its own unit: an older value in the first unit never wins."""
    case = with_labs(tmp_path, UNITS, OF_UNITS, file="blood.csv")
    assert values(case, "creatinine_mg_dl") == ["1", "1.1", "2", ""]
    _, said = case.imported()
    assert [line for line in said if line.startswith("creatinine")] == [
        "creatinine_mg_dl: from crea of blood (4 values) for 3 of 4 infusions; not for 1 without a date to "
        "count from"
    ]


def test_entries_of_other_windows_are_counted_together(tmp_path):
    """The first that gives a value counts; a line for each, and one for the field."""
    second = "days = 30, unit"
    mapping = OF_UNITS.replace(second, second.replace("30", "60"))
    case = with_labs(tmp_path, UNITS, mapping, file="blood.csv")
    assert values(case, "creatinine_mg_dl") == ["0.9", "1.1", "2", ""]
    _, said = case.imported()
    lines = [line for line in said if line.startswith("creatinine")]
    assert len(lines) == 3
    assert lines[-1] == "creatinine_mg_dl: from all 2 entries for 3 of 4 infusions"


def test_names_of_a_long_table_with_units_of_their_own(tmp_path):
    """The last value counts, whatever its name."""
    labs = """
        id,drawn,test,result
        A-01,2021-02-20,LDH U/L,300
        A-01,2021-02-28,LDH ukat,5
    """
    entries = """[
    { table = "labs", name = "LDH U/L", last_before = "ld", days = 30 },
    { table = "labs", name = "LDH ukat", unit = "ukat/L", last_before = "ld", days = 30 },
    ]
    """
    head = HEAD.replace('unit = "unit"\nignore = ["specimen"]\n', "")
    assert values(with_labs(tmp_path, labs, f"{head}ldh_u_l = {entries}"), "ldh_u_l")[0] == "300"


def test_the_remark_on_lymphodepletion(tmp_path):
    """For a window that counts from the infusion, unless it ends before it."""
    told = "name the date of lymphodepletion, or end the window before it"
    for rule, expected in (('"given", days = 30', True), ('"given", days = [-30, -6]', False)):
        entry = LDH.replace('"ld", days = 7', rule)
        _, said = with_labs(tmp_path, LABS, HEAD + entry).imported()
        assert any(told in line for line in said) == expected
