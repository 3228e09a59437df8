"""An OMOP database of one infusion, and what its import gives or why it is refused."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from features.problems import DataError
from tests.command_line import paper
from tests.omop_tables import VOCABULARY, OmopRows, written
from training.commands.omop import import_omop


def database(
    folder: Path, rows: OmopRows, kind: str, schema: str | None = None, *, without: Sequence[str] = ()
) -> Path:
    """Write a database file."""
    path = folder / f"hospital.{kind}"
    engine = sa.create_engine(f"{kind}:///{path}")
    written(rows, engine, schema, without=without)
    engine.dispose()
    return path


RECIPE_OF_ONE = """
[infusions]
table = "drug_exposure"
concepts = "car_t"
[columns.ldh]
table = "measurement"
concepts = "ldh"
window = [-14, -1]
[fields]
patient_id = "patient"
ldh_u_l = "ldh"
"""
DAY = datetime.date(2021, 3, 4)
PERSON = 20_210_304


def one_infusion(folder: Path, *measurements: dict[str, object], recipe: str = RECIPE_OF_ONE) -> Path:
    """Write a database of one infusion with measurements of LDH, without vocabulary, and a recipe."""
    rows = OmopRows()
    rows.event("drug_exposure", PERSON, DAY, 792_737)
    rows.add("person", person_id=PERSON, gender_concept_id=8507, year_of_birth=1980)
    for cells in measurements:
        rows.event("measurement", PERSON, DAY - datetime.timedelta(days=2), 3_016_436, **cells)
    (folder / "omop.toml").write_text(recipe, encoding="utf-8")
    return database(folder, rows, "sqlite", without=VOCABULARY)


def imported(folder: Path, *measurements: dict[str, object], recipe: str = RECIPE_OF_ONE) -> str:
    """Import a database of one infusion: the rows of the cohort."""
    path = one_infusion(folder, *measurements, recipe=recipe)
    import_omop(str(path), folder / "omop.toml", folder / "cohort.csv", console=paper())
    return (folder / "cohort.csv").read_text(encoding="utf-8").partition("\n")[2]


def refusal(folder: Path, *measurements: dict[str, object], recipe: str = RECIPE_OF_ONE) -> str:
    """Import a database of one infusion: why it is refused."""
    with pytest.raises(DataError) as refused:
        imported(folder, *measurements, recipe=recipe)
    assert not (folder / "cohort.csv").exists()
    assert str(PERSON) not in str(refused.value)
    return str(refused.value)


def with_birth(recipe: str) -> str:
    """Let a recipe take the middle of the year for a birth without month."""
    return recipe + '[person]\nbirth = "middle"\n'


MIDDLE = with_birth(RECIPE_OF_ONE)
IN_UNITS = {"number": 300.0, "unit": 8645}
