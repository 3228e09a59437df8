"""A cohort comes out of an OMOP database as it is, and a value that is in doubt is refused."""

from __future__ import annotations

import datetime
import hashlib
import re

import pytest

from features.problems import DataError
from features.read_cohort import read_cohort
from tests.command_line import paper, said
from tests.omop_database import omop_rows
from tests.omop_one import (
    DAY,
    IN_UNITS,
    MIDDLE,
    PERSON,
    database,
    imported,
    one_infusion,
    refusal,
    with_birth,
)
from tests.omop_recipe import completed, wrong_cells
from tests.omop_tables import VOCABULARY, OmopRows
from training.commands.omop import import_omop

CRS_BY_CODE = with_birth("""
[infusions]
table = "drug_exposure"
concepts = "car_t"
[columns.crs]
table = "condition_occurrence"
concepts = "crs_grade"
window = [0, 30]
give = "value"
take = "highest"
by_source_code = true
[fields]
patient_id = "patient"
crs_grade = "crs"
crs_grading_system = { value = "astct_2019", only_if = { crs = "*" } }
""")


@pytest.mark.parametrize(("kind", "schema"), [("duckdb", "cdm"), ("duckdb", None), ("sqlite", None)])
def test_every_cell_is_that_of_the_truth(tmp_path, kind, schema):
    """Units, limits, repeated, older and later values, split doses, other persons: 0 wrong cells."""
    rows = omop_rows(30, seed=3)
    path = database(tmp_path, rows, kind, schema)
    before = hashlib.sha256(path.read_bytes()).digest()
    console = paper()
    import_omop(str(path), completed(tmp_path, schema=schema), tmp_path / "cohort.csv", console=console)
    compared, wrong = wrong_cells(tmp_path / "cohort.csv", rows)
    assert wrong == []
    assert compared >= 20 * len(rows.truth)
    assert len(read_cohort(tmp_path / "cohort.csv")) == len(rows.truth)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    report = said(console)
    in_doubt = r"\d+ from the day of lymphodepletion, time of day unknown"
    assert re.search(rf"^ldh: \d+ used, \d+ only before the window; {in_doubt}$", report, re.MULTILINE)
    assert re.search(r"^crp: \d+ used \(\d+ beyond a limit\)", report, re.MULTILINE)
    assert re.search(r"^hemoglobin: \d+ values in g/L, converted to g/dL$", report, re.MULTILINE)
    assert "1 person left out: no record that [persons] names" in report
    assert "ldh: 1 code of 2 not in the vocabulary of the database: LOINC 14804-9" in report


@pytest.mark.parametrize("text", ["D89.833", "d89833", " d89.833   "])
def test_a_code_of_the_source_has_blanks_around_it(tmp_path, text):
    """A column of fixed width fills its codes with blanks: the grade is not lost."""
    rows = OmopRows()
    rows.event("drug_exposure", PERSON, DAY, 792_737)
    rows.add("person", person_id=PERSON, gender_concept_id=8507, year_of_birth=1980)
    for days, code in ((2, text), (4, "D89831")):
        when = DAY + datetime.timedelta(days=days)
        rows.event("condition_occurrence", PERSON, when, 0, source_concept=0, source_value=code)
    (tmp_path / "omop.toml").write_text(CRS_BY_CODE, encoding="utf-8")
    path = database(tmp_path, rows, "sqlite", without=VOCABULARY)
    import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv", console=paper())
    assert (tmp_path / "cohort.csv").read_text(encoding="utf-8").splitlines()[1].endswith(",3,astct_2019")


def test_a_database_without_vocabulary_is_read_by_confirmed_ids(tmp_path):
    """The last value of the window, by the ids of the concept sets."""
    assert imported(tmp_path, IN_UNITS, recipe=MIDDLE) == f"omop-{PERSON:09d},300\n"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"operator": 4_171_756}, "<300"),
        ({"operator": 4_172_704}, ">300"),
        ({"operator": 4_171_755}, ">=300"),
        ({"value_text": "< 300"}, "<300"),
        ({"operator": 4_172_703, "value_text": "<300"}, "<300"),
    ],
)
def test_a_value_beyond_a_limit_needs_a_rule(tmp_path, cells, found):
    """The sign is in a concept, or only in the source's own text."""
    said = refusal(tmp_path, {**IN_UNITS, **cells}, recipe=MIDDLE)
    assert f"got ldh {found}, ldh unit U/L (row 2)" in said
    assert 'beyond_limit = "limit" or "blank"' in said


def test_a_value_with_the_sign_of_equality_is_a_number(tmp_path):
    """As without an operator."""
    cells = {**IN_UNITS, "operator": 4_172_703}
    assert imported(tmp_path, cells, recipe=MIDDLE) == f"omop-{PERSON:09d},300\n"


@pytest.mark.parametrize(
    ("cells", "shown"),
    [({"unit": 0, "unit_text": "K/mcL"}, "K/mcL"), ({}, "no unit"), ({"unit": 8840}, "mg/dL")],
)
def test_a_unit_that_is_not_known_is_refused(tmp_path, cells, shown):
    """Nothing is guessed, not even where there is no unit; the message counts the values."""
    said = refusal(tmp_path, {"number": 300.0, **cells}, recipe=MIDDLE)
    assert said.startswith(
        "omop.toml: 1 problem\n  columns.ldh has 1 value in a unit that ldh_u_l does not know"
    )
    assert f"got {shown}: add units = {{" in said


def test_a_recipe_may_say_what_a_unit_is(tmp_path):
    """Also that of values without one."""
    recipe = MIDDLE.replace("window", 'units = { "" = "ukat/L" }\nwindow')
    assert imported(tmp_path, {"number": 5.0}, recipe=recipe) == f"omop-{PERSON:09d},300\n"


def test_values_in_a_unit_may_be_left_out(tmp_path):
    """Those in other units stay."""
    recipe = MIDDLE.replace("window", 'ignore_units = ["K/mcL"]\nwindow')
    other = {"number": 9.0, "unit_text": "K/mcL"}
    assert imported(tmp_path, other, IN_UNITS, recipe=recipe) == f"omop-{PERSON:09d},300\n"


def test_different_values_at_one_time_need_a_rule(tmp_path):
    """Equal ones do not."""
    other = {**IN_UNITS, "number": 310.0}
    said = refusal(tmp_path, IN_UNITS, IN_UNITS, other, recipe=MIDDLE)
    assert "columns.ldh has different values at the same time for 1 infusion: set tie" in said
    assert "310" not in said


def test_the_rule_for_values_at_one_time(tmp_path):
    """The highest, if the recipe says so."""
    recipe = MIDDLE.replace("window", 'tie = "highest"\nwindow')
    other = {**IN_UNITS, "number": 310.0}
    assert imported(tmp_path, IN_UNITS, other, recipe=recipe) == f"omop-{PERSON:09d},310\n"


def test_a_birth_without_day_needs_a_rule(tmp_path):
    """A day is not made up."""
    assert 'set birth = "middle" under [person]' in refusal(tmp_path, IN_UNITS)


def test_rows_of_a_message_are_in_the_table(tmp_path):
    """The table before the mapping is written, for its owner only, even if the cohort is refused."""
    recipe = MIDDLE.replace("ldh_u_l", "crp_mg_l").replace("window", 'units = { "U/L" = "mg/L" }\nwindow')
    path = one_infusion(tmp_path, {**IN_UNITS, "number": 3000.0}, recipe=recipe)
    with pytest.raises(DataError, match=r"must be 0 to 700 mg/L, got ldh 3000, .* \(row 2\)"):
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "c.csv", table=tmp_path / "table.csv")
    assert "3000" in (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()[1]
    assert (tmp_path / "table.csv").stat().st_mode & 0o077 == 0
