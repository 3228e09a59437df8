"""Columns of an OMOP import: coded answers, times of day, sums, and the unit of each record."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest

from features.problems import DataError
from tests.command_line import paper, said
from tests.omop_one import DAY, IN_UNITS, MIDDLE, PERSON, database, imported, refusal, with_birth
from tests.omop_tables import VOCABULARY, OmopRows
from training.commands.omop import import_omop

FLUDARABINE, CYTOGENETICS, POSITIVE = 2_000_000_001, 2_000_000_002, 2_000_000_003
OWN = f"""concept_set,vocabulary_id,concept_code,concept_name,descendants,value,concept_id,source
flu,,?,fludarabine,no,,{FLUDARABINE},the center
ph,,?,BCR-ABL1,no,,{CYTOGENETICS},the center
answers,,?,positive,no,yes,{POSITIVE},the center
"""
RECIPE = with_birth("""
[database]
concepts = "own.csv"
[infusions]
table = "drug_exposure"
concepts = "car_t"
[lymphodepletion]
table = "drug_exposure"
concepts = "flu"
[columns.ldh]
table = "measurement"
concepts = "ldh"
from = "lymphodepletion"
window = [-14, 0]
[columns.ph]
table = "measurement"
concepts = "ph"
window = [-99, -1]
give = "answer"
answers = "answers"
codes = { neg = "no" }
[columns.test]
table = "measurement"
concepts = "ph"
window = [-99, -1]
give = "date"
[columns.flu_after_test]
table = "drug_exposure"
concepts = "flu"
from = "test"
window = [0, 99]
until = "infusion"
give = "count"
[columns.flu]
table = "drug_exposure"
concepts = "flu"
window = [-10, -1]
take = "sum"
otherwise = "0"
[fields]
patient_id = "patient"
ph_positive = "ph"
ldh_u_l = "ldh"
fludarabine_mg_m2 = "flu"
prior_lines = "flu_after_test"
""")


def on(day: int) -> datetime.date:
    return DAY + datetime.timedelta(days=day)


def hospital(folder: Path, *, measured: Sequence[tuple[int, int, float]] = (), **answer: object) -> Path:
    """Write a database with results of LDH (day, hour, number), doses of three mornings, and an answer."""
    rows = OmopRows()
    rows.event("drug_exposure", PERSON, DAY, 792_737)
    rows.add("person", person_id=PERSON, gender_concept_id=8507, year_of_birth=1980)
    for day in (-5, -4, -3):
        dose = {"hour": 9, "number": 30.0, "unit_text": "mg/m2"}
        rows.event("drug_exposure", PERSON, on(day), FLUDARABINE, **dose)
    for day, hour, number in measured:
        rows.event("measurement", PERSON, on(day), 3_016_436, hour=hour, number=number, unit=8645)
    rows.event("measurement", PERSON, on(-20), CYTOGENETICS, **answer)
    (folder / "own.csv").write_text(OWN, encoding="utf-8")
    (folder / "omop.toml").write_text(RECIPE, encoding="utf-8")
    return database(folder, rows, "sqlite", without=VOCABULARY)


def brought(folder: Path, path: Path) -> tuple[str, str]:
    """Import: the row of the cohort, and the report."""
    console = paper()
    import_omop(str(path), folder / "omop.toml", folder / "cohort.csv", console=console)
    return (folder / "cohort.csv").read_text(encoding="utf-8").splitlines()[1], said(console)


@pytest.mark.parametrize(
    ("answer", "cell"), [({"answer": POSITIVE}, "true"), ({"value_text": "NEG"}, "false"), ({}, "")]
)
def test_coded_answers(tmp_path, answer, cell):
    """By a concept set, or by the source's own text; no answer is unknown."""
    row, report = brought(tmp_path, hospital(tmp_path, **answer))
    assert row == f"omop-{PERSON:09d},3,{cell},,90"
    assert ("ph: 1 used" if cell else "ph: 1 recorded without a value") in report


def test_an_answer_without_a_meaning_is_refused(tmp_path):
    """The message counts it by its concept."""
    path = hospital(tmp_path, answer=9190)
    with pytest.raises(DataError) as refused:
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv")
    assert "columns.ph has answers without a meaning for 1 infusion: 9190 (1): add them to codes" in str(
        refused.value
    )


def test_results_of_the_first_day_of_treatment(tmp_path):
    """Those of the evening are left out."""
    row, report = brought(tmp_path, hospital(tmp_path, measured=[(-5, 7, 200.0), (-5, 18, 400.0)]))
    assert row == f"omop-{PERSON:09d},3,,200,90"
    assert "ldh: 1 used\n" in report


def test_a_time_that_is_not_known_is_reported(tmp_path):
    """The model writes midnight where it does not know the time."""
    row, report = brought(tmp_path, hospital(tmp_path, measured=[(-6, 7, 200.0), (-5, 0, 300.0)]))
    assert row == f"omop-{PERSON:09d},3,,300,90"
    assert "ldh: 1 used; 1 from the day of lymphodepletion, time of day unknown\n" in report


@pytest.mark.parametrize(
    ("accepted", "cell"), [('"U/L"', "300"), ('["ukat/L", "U/L"]', "300"), ('"*"', "300"), ('"x"', "")]
)
def test_a_condition_on_the_unit_of_a_number(tmp_path, accepted, cell):
    """It holds beside the conversion of each unit."""
    entry = f'{{ column = "ldh", only_if = {{ "ldh unit" = {accepted} }} }}'
    recipe = MIDDLE.replace('ldh_u_l = "ldh"', f"ldh_u_l = {entry}")
    assert imported(tmp_path, IN_UNITS, recipe=recipe) == f"omop-{PERSON:09d},{cell}\n"


def test_a_unit_is_no_number(tmp_path):
    """A comparison is a problem as in any mapping file."""
    entry = '{ column = "ldh", only_if = { "ldh unit" = "> 5" } }'
    recipe = MIDDLE.replace('ldh_u_l = "ldh"', f"ldh_u_l = {entry}")
    assert "must be a number, because the mapping file compares it" in refusal(
        tmp_path, IN_UNITS, recipe=recipe
    )


def test_a_column_of_which_only_the_unit_is_used(tmp_path):
    """It need not be ignored."""
    entry = '{ value = 7, only_if = { "ldh unit" = "U/L" } }'
    recipe = MIDDLE.replace('ldh_u_l = "ldh"', f"crp_mg_l = {entry}")
    assert imported(tmp_path, IN_UNITS, recipe=recipe) == f"omop-{PERSON:09d},7\n"
