"""The example of docs/omop.md gives the cohort and the counts that the page shows."""

from __future__ import annotations

import csv
import datetime
import io
import re
import shlex
import textwrap
import tomllib
from pathlib import Path

import sqlalchemy as sa

from tests.command_line import ran
from tests.omop_tables import COLUMNS, OmopRows, written
from training.omop.concept_sets import COLUMNS as SET_COLUMNS
from training.omop.concept_sets import concept_sets
from training.omop.recipe_file import recipe_of

PAGE = (Path(__file__).parents[2] / "docs" / "omop.md").read_text(encoding="utf-8")
TABLES = (
    *("person", "drug_exposure", "measurement", "condition_occurrence"),
    *("death", "observation_period", "concept", "concept_ancestor"),
)


def blocks(language: str) -> list[str]:
    """Blocks of the page in one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def value(column: str, cell: str) -> object:
    """Read a cell as its column of the database has it."""
    if cell == "":
        return None
    if column.endswith("_date"):
        return datetime.date.fromisoformat(cell)
    return cell if column.endswith(("_value", "_code", "vocabulary_id")) else float(cell)


def hospital(path: Path) -> None:
    """Write the database of the page."""
    engine = sa.create_engine(f"duckdb:///{path}")
    written(OmopRows(), engine)
    with engine.begin() as connection:
        for name, block in zip(TABLES, blocks("csv"), strict=False):
            table = sa.table(name, *map(sa.column, COLUMNS[name]))
            for row in csv.DictReader(io.StringIO(block)):
                cells = {column: value(column, cell) for column, cell in row.items()}
                connection.execute(sa.insert(table).values(cells))
    engine.dispose()


def test_the_example_gives_what_the_page_shows(tmp_path, monkeypatch, capsys):
    """By its commands: the cohort to the letter, and every line of the counts."""
    hospital(tmp_path / "hospital.duckdb")
    monkeypatch.chdir(tmp_path)
    write_recipe, read_database = (shlex.split(line)[1:] for line in blocks("bash")[0].splitlines())
    assert ran(monkeypatch, capsys, *write_recipe)[0] == 0
    Path("omop.toml").write_text(blocks("toml")[0], encoding="utf-8")
    status, printed, said = ran(monkeypatch, capsys, *read_database)
    assert (status, said) == (0, "")
    assert Path("cohort.csv").read_text(encoding="utf-8") == blocks("csv")[len(TABLES)]
    assert printed.partition("\n")[2] == blocks("text")[0]


def indented(start: str) -> list[str]:
    """Indented blocks of the page that begin with a text, with their parts after blank lines."""
    texts = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", PAGE, flags=re.MULTILINE)
    return [textwrap.dedent(text) for text in texts if text.lstrip().startswith(start)]


def test_the_columns_of_the_page_are_read():
    """Those of coded answers, doses and events between two dates are parts of a recipe."""
    infusions = {"table": "drug_exposure", "concepts": "car_t"}
    names = []
    for block in indented("[columns."):
        content = {"fields": {"patient_id": "patient"}, **tomllib.loads(block), "infusions": infusions}
        content["fields"] = {"patient_id": "patient", **content["fields"]}
        names += [rule.name for rule in recipe_of(content, name="omop.toml").columns]
    assert names == (
        ["cns", "response", "fludarabine", "hsct_date", "relapse_after_hsct"]
        + ["leukapheresis_date", "bridging"]
    )


def test_further_rows_of_concept_sets_are_read(tmp_path):
    """Those of lymphodepletion and of answers."""
    rows = "".join([*indented("own_lymphodepletion"), *indented("cns_answers")])
    (tmp_path / "own.csv").write_text(",".join(SET_COLUMNS) + "\n" + rows, encoding="utf-8")
    sets = concept_sets(tmp_path / "own.csv")
    assert [row.code for row in sets["own_lymphodepletion"]] == ["24698", "3002"]
    assert [row.value for row in sets["cns_answers"]] == ["cns1", "cns2"]


def test_the_concept_sets_of_the_page_are_read(tmp_path):
    """Its columns are those of the project's."""
    own = blocks("csv")[-1]
    assert own.splitlines()[0] == ",".join(SET_COLUMNS)
    (tmp_path / "own.csv").write_text(own, encoding="utf-8")
    assert concept_sets(tmp_path / "own.csv")["own_car_t"][0].value == "academic"
