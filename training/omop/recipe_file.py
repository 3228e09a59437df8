"""A recipe file (TOML) is read and checked, every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from features.mapping.toml_entries import Entries, read_toml
from features.problem_codes import Code
from features.problems import DataError, Problem
from training.omop.anchors import reaching_too_far, unknown_anchors
from training.omop.recipe import LYMPHODEPLETION, Birth, Recipe, Source
from training.omop.recipe_columns import column_rule, source_of

SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Parameters
    ----------
    path : Path
        Of the TOML file.

    Returns
    -------
    recipe : Recipe

    Raises
    ------
    DataError
        With every mistake: keys, tables and rules that do not exist, and windows that reach too far.
    """
    return recipe_of(read_toml(path), name=path.name, folder=path.parent)


def recipe_of(content: Mapping[str, Any], *, name: str, folder: Path = Path()) -> Recipe:
    """Check the content of a recipe.

    Parameters
    ----------
    content : mapping
        As TOML was read.
    name : str
        Of the file, for messages.
    folder : Path
        In which the file with the site's own concept sets is.

    Returns
    -------
    recipe : Recipe

    Raises
    ------
    DataError
        As `read_recipe`.

    Examples
    --------
    >>> infusions = {"table": "drug_exposure", "concepts": "car_t", "concept": "car_t"}
    >>> recipe_of({"infusions": infusions, "fields": {"patient_id": "patient"}}, name="omop.toml")
    Traceback (most recent call last):
        ...
    features.problems.DataError: omop.toml: 1 problem
      infusions.concept is not a key of a mapping file: did you mean concepts?
    """
    problems: list[Problem] = []
    file = Entries("", content, problems)
    database = Entries("database", file.table("database") or {}, problems)
    infusions = Entries("infusions", file.table("infusions") or {}, problems)
    person = Entries("person", file.table("person") or {}, problems)
    columns = file.table("columns") or {}
    fields, table = file.table("fields"), file.table("table")
    if not fields:
        problems.append(Problem(Code.NO_FIELDS, "must name at least patient_id and its column", "fields"))
    own = database.text("concepts")
    lymphodepletion, days_before = _lymphodepletion(file, problems)
    recipe = Recipe(
        name=name,
        schema=_schema(database, "schema"),
        vocabulary_schema=_schema(database, "vocabulary_schema"),
        own_concepts=folder / own if own else None,
        infusions=source_of(infusions),
        parts_within_days=_days(infusions, "parts_within_days", 0),
        persons=_persons(file, problems),
        lymphodepletion=lymphodepletion,
        lymphodepletion_days=days_before,
        birth=cast(Birth, person.choice("birth", get_args(Birth)) or "exact"),
        columns=tuple(column_rule(name, columns[name], problems) for name in columns),
        mapping={"fields": fields or {}, **({"table": table} if table is not None else {})},
    )
    for entries in (database, infusions, person):
        entries.finish()
    file.finish()
    problems += [] if problems else [*unknown_anchors(recipe), *reaching_too_far(recipe)]
    if problems:
        raise DataError(problems, source=name)
    return recipe


def _schema(database: Entries, key: str) -> str | None:
    name = database.text(key)
    if name is not None and not SCHEMA.fullmatch(name):
        rule = "must be a name of letters, digits and _, or two of them with a point between"
        database.refuse(Code.NAME_CHARACTERS, key, rule, value_text=name)
        return None
    return name


def _persons(file: Entries, problems: list[Problem]) -> Source | None:
    content = file.table("persons")
    if content is None:
        return None
    entries = Entries("persons", content, problems)
    source = source_of(entries)
    entries.finish()
    return source


def _lymphodepletion(file: Entries, problems: list[Problem]) -> tuple[Source | None, int]:
    content = file.table(LYMPHODEPLETION)
    if content is None:
        return None, 0
    entries = Entries(LYMPHODEPLETION, content, problems)
    lymphodepletion = source_of(entries), _days(entries, "within_days", 10)
    entries.finish()
    return lymphodepletion


def _days(entries: Entries, key: str, usual: int) -> int:
    days = entries.number(key)
    if days is not None and not (days.is_integer() and 0 <= days <= 400):
        entries.refuse(Code.OUTSIDE_LIMITS, key, "must be a whole number, 0 to 400", value_text=days)
        return usual
    return usual if days is None else int(days)
