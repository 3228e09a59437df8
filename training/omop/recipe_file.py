"""A recipe file (TOML) is read and checked, every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from features.mapping.toml_entries import Entries, read_toml
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.schema import all_fields
from training.omop.cdm_tables import EVENT_TABLES
from training.omop.recipe import (
    INFUSION,
    LYMPHODEPLETION,
    Anchor,
    Birth,
    ColumnRule,
    Give,
    Recipe,
    Source,
    Take,
    Tie,
)

OWN_COLUMNS = (
    *("patient", "infusion_number", "infusion_date", "next_infusion_date", "lymphodepletion_date"),
    *("birth_date", "gender", "death_date", "last_contact_date"),
    *("product", "infusion_source", "infusion_quantity", "infusion_unit"),
)
"""Columns that every recipe gives."""

UNIT = "{} unit"
"""Name of the column with the unit of another one."""

SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")

CONDITIONS = ("only_if", "if")
"""Keys of a mapping whose table is from columns to values."""

BEFORE = ("baseline", "before_lymphodepletion")


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
        infusions=_source(infusions),
        parts_within_days=_days(infusions, "parts_within_days", 0),
        persons=_persons(file, problems),
        lymphodepletion=lymphodepletion,
        lymphodepletion_days=days_before,
        birth=cast(Birth, person.choice("birth", get_args(Birth)) or "exact"),
        columns=tuple(_column(name, columns[name], problems) for name in columns),
        mapping={"fields": fields or {}, **({"table": table} if table is not None else {})},
    )
    for entries in (database, infusions, person):
        entries.finish()
    file.finish()
    problems += [] if problems else _reaching_too_far(recipe)
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
    source = _source(entries)
    entries.finish()
    return source


def _lymphodepletion(file: Entries, problems: list[Problem]) -> tuple[Source | None, int]:
    content = file.table(LYMPHODEPLETION)
    if content is None:
        return None, 0
    entries = Entries(LYMPHODEPLETION, content, problems)
    lymphodepletion = _source(entries), _days(entries, "within_days", 10)
    entries.finish()
    return lymphodepletion


def _source(entries: Entries) -> Source:
    tables, concepts = entries.texts("table"), entries.texts("concepts")
    for key, given in (("table", tables), ("concepts", concepts)):
        if not given:
            entries.refuse(Code.REQUIRED, key, "is required")
    for table in tables:
        if table not in EVENT_TABLES:
            advice = f"one of {', '.join(EVENT_TABLES)}"
            entries.refuse(
                Code.NOT_AN_OPTION, "table", "must be a table of events", value_text=table, advice=advice
            )
    return Source(tables, concepts, entries.texts("source_values"), entries.flag("by_source_code"))


def _days(entries: Entries, key: str, usual: int) -> int:
    days = entries.number(key)
    if days is not None and not (days.is_integer() and 0 <= days <= 400):
        entries.refuse(Code.OUTSIDE_LIMITS, key, "must be a whole number, 0 to 400", value_text=days)
        return usual
    return usual if days is None else int(days)


def _column(name: str, content: Any, problems: list[Problem]) -> ColumnRule:
    entries = Entries(f"columns.{name}", content if isinstance(content, dict) else {}, problems)
    if name in OWN_COLUMNS:
        problems.append(
            Problem(Code.CONFLICTING_KEYS, "is a column that every recipe gives", f"columns.{name}")
        )
    units = entries.table("units") or {}
    inside = entries.inside("units", units)
    rule = ColumnRule(
        name=name,
        source=_source(entries),
        window=_window(entries),
        anchor=cast(Anchor, entries.choice("from", get_args(Anchor)) or INFUSION),
        give=cast(Give, entries.choice("give", get_args(Give)) or "number"),
        take=cast(Take, entries.choice("take", get_args(Take)) or "last"),
        tie=cast(Tie | None, entries.choice("tie", get_args(Tie))),
        otherwise=entries.scalar("otherwise") or "",
        units={unit: inside.text(unit) or "" for unit in units},
        ignore_units=entries.texts("ignore_units"),
    )
    entries.finish()
    if rule.give == "yes" and "otherwise" not in entries:
        advice = 'otherwise = "no" if all are recorded, otherwise = "" if not'
        entries.refuse(Code.REQUIRED, "otherwise", 'is required where give is "yes"', advice=advice)
    return rule


def _window(entries: Entries) -> tuple[int, int]:
    given = entries.texts("window")
    whole = [int(text) for text in given if text.lstrip("-").isdigit()]
    if len(whole) != 2 or len(given) != 2 or whole[0] > whole[1]:
        rule = "must be the first and the last day, as [-14, 0]"
        entries.refuse(Code.WRONG_TYPE, "window", rule, value_text=", ".join(given))
        return (0, 0)
    return (whole[0], whole[1])


def _reaching_too_far(recipe: Recipe) -> list[Problem]:
    """Refuse predictors that are made of what is known later."""
    problems = []
    rules = {rule.name: rule for rule in recipe.columns}
    for name, entry in recipe.mapping["fields"].items():
        spec = all_fields().get(name)
        for rule in (rules[column] for column in named_columns(entry) if column in rules):
            if spec and rule.window[1] > _latest(spec.known_when, rule.anchor):
                problems.append(
                    Problem(
                        Code.KNOWN_AFTER_INFUSION,
                        f"must end before, because {name} is known {spec.known_when.replace('_', ' ')}",
                        f"columns.{rule.name}.window",
                        value_text=f"{rule.window[0]}, {rule.window[1]}",
                    )
                )
    return problems


def _latest(known_when: str, anchor: Anchor) -> float:
    """Give the last day, from the anchor, that a field may use."""
    if known_when in BEFORE:
        return -1 if anchor == INFUSION else 0
    return 0 if known_when == "day_0" else float("inf")


def named_columns(entry: Any) -> set[str]:
    """Find all texts of an entry, among them the columns that it names."""
    if isinstance(entry, str):
        return {entry}
    if isinstance(entry, list):
        return {name for each in entry for name in named_columns(each)}
    if not isinstance(entry, dict):
        return set()
    tested = {name for key in CONDITIONS for name in entry.get(key, ())}
    return tested | {name for each in entry.values() for name in named_columns(each)}
