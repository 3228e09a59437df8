"""What is no OMOP database, recipe or output is refused with the reason."""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError

from features.problems import DataError
from tests.command_line import paper, ran
from tests.omop_one import (
    DAY,
    IN_UNITS,
    MIDDLE,
    PERSON,
    RECIPE_OF_ONE,
    one_infusion,
    refusal,
)
from training.commands.omop import import_omop
from training.omop.project_data import RECIPE


def test_recipe_is_printed_or_written(tmp_path, monkeypatch, capsys):
    """The same text; an earlier file stays unless it is to be replaced."""
    text = RECIPE.read_text(encoding="utf-8")
    assert ran(monkeypatch, capsys, "omop", "recipe")[:2] == (0, text)
    words = ("omop", "recipe", "--out", tmp_path / "omop.toml")
    assert ran(monkeypatch, capsys, *words)[0] == 0
    assert (tmp_path / "omop.toml").read_text(encoding="utf-8") == text
    assert ran(monkeypatch, capsys, *words)[0] == 1


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("absent.duckdb", "the file does not exist"),
        ("text.db", "the file is no DuckDB or SQLite database"),
        ("mysql://user@host/db", "the address is of an unknown kind of database"),
        ("a://b:c", "the address cannot be read"),
        ("postgresql://user:secret@127.0.0.1:1/db", "the database cannot be opened"),
    ],
)
def test_what_is_no_database(tmp_path, monkeypatch, capsys, address, rule):
    """The message has no password."""
    (tmp_path / "text.db").write_text("no database", encoding="utf-8")
    (tmp_path / "omop.toml").write_text(RECIPE_OF_ONE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ("omop", "import", address, "--recipe", "omop.toml", "--out", "cohort.csv")
    status, _, said = ran(monkeypatch, capsys, *words)
    assert status == 1
    assert rule in said
    assert "secret" not in said


def test_tables_that_are_not_there(tmp_path):
    """The message names the table and where to set the schema."""
    path = one_infusion(tmp_path, recipe='[database]\nschema = "nowhere"\n' + RECIPE_OF_ONE)
    with pytest.raises(DataError, match=r"drug_exposure cannot be read: .*: is the schema right\?"):
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv")


def test_two_dates_of_death_are_refused(tmp_path):
    """Neither is chosen."""
    path = one_infusion(tmp_path, IN_UNITS, recipe=MIDDLE)
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        for day in (DAY, DAY + datetime.timedelta(days=1)):
            table = sa.table("death", sa.column("person_id"), sa.column("death_date"))
            connection.execute(sa.insert(table).values(person_id=PERSON, death_date=day.isoformat()))
    with pytest.raises(DataError, match="death has two dates for 1 person: correct the database"):
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv")


def test_a_record_without_a_date_is_refused(tmp_path):
    """It is not left out silently."""
    path = one_infusion(tmp_path, IN_UNITS, recipe=MIDDLE)
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(sa.text("UPDATE measurement SET measurement_date = NULL"))
    with pytest.raises(DataError, match="measurement_date is blank in 1 row of measurement"):
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv")


def test_no_record_is_an_infusion(tmp_path):
    """The message says where to look."""
    recipe = MIDDLE.replace('"car_t"', '"blinatumomab"')
    assert "no record is an infusion by the recipe: correct table and concepts" in refusal(
        tmp_path, IN_UNITS, recipe=recipe
    )


def test_no_person_has_the_diagnosis(tmp_path):
    """Nothing is written for a cohort of nobody."""
    recipe = (
        MIDDLE + '[persons]\ntable = "condition_occurrence"\nconcepts = "crs_grade"\nby_source_code = true\n'
    )
    assert "correct table and concepts under [persons]" in refusal(tmp_path, IN_UNITS, recipe=recipe)


def test_a_concept_set_that_is_not_known(tmp_path):
    """The message names the nearest."""
    recipe = MIDDLE.replace('"ldh"', '"lhd"', 1)
    assert "concepts is not a concept set, got lhd" in refusal(tmp_path, IN_UNITS, recipe=recipe)


def test_the_quantity_of_an_infusion(tmp_path):
    """The recipe says what it is."""
    fields = MIDDLE.replace(
        "[fields]", '[fields]\ndose_total_1e6 = { column = "infusion_quantity", factor = 1.0 }'
    )
    path = one_infusion(tmp_path, IN_UNITS, recipe=fields)
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(sa.text("UPDATE drug_exposure SET quantity = 100"))
    import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv", console=paper())
    assert (tmp_path / "cohort.csv").read_text(encoding="utf-8").endswith(",300,100\n")


def test_an_earlier_cohort_is_unchanged(tmp_path):
    """The refusal says so; and no output replaces the database."""
    path = one_infusion(tmp_path, IN_UNITS, recipe=RECIPE_OF_ONE)
    (tmp_path / "cohort.csv").write_text("earlier")
    with pytest.raises(DataError, match=r"nothing was written: cohort\.csv is unchanged"):
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv", overwrite=True)
    assert (tmp_path / "cohort.csv").read_text() == "earlier"
    twin = path.with_suffix(".csv")
    twin.write_bytes(path.read_bytes())
    with pytest.raises(DataError, match="is the file that is read"):
        import_omop(str(twin), tmp_path / "omop.toml", twin, overwrite=True)


def test_an_operator_that_is_not_known_is_refused(tmp_path):
    """The number is not taken as exact."""
    said = refusal(tmp_path, {**IN_UNITS, "operator": 5}, recipe=MIDDLE)
    assert "got ldh ?300" in said


@pytest.mark.parametrize(
    ("table", "cell"),
    [("measurement", "measurement_date = '4 March'"), ("person", "year_of_birth = 'unknown'")],
)
def test_what_is_no_date_is_refused(tmp_path, table, cell):
    """SQLite keeps any text in any column; the message does not repeat it."""
    path = one_infusion(tmp_path, IN_UNITS, recipe=MIDDLE)
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET {cell}"))
    with pytest.raises(DataError, match=f"{table}.* has a date or a number that cannot be read: dates"):
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv")


def test_a_driver_that_is_not_installed(tmp_path, monkeypatch):
    """The message names the extra."""

    def absent(*_args: object, **_options: object) -> None:
        raise NoSuchModuleError

    path = one_infusion(tmp_path, IN_UNITS)
    monkeypatch.setattr(sa, "create_engine", absent)
    with pytest.raises(DataError, match=r"pip install cart-outcomes\[omop\]"):
        import_omop(str(path), tmp_path / "omop.toml", tmp_path / "cohort.csv")
