"""The parts ``[columns.NAME]`` of a recipe, read and checked."""

from __future__ import annotations

from typing import Any, cast, get_args

from features.mapping.toml_entries import Entries
from features.problem_codes import Code
from features.problems import Problem
from training.omop.cdm_tables import EVENT_TABLES
from training.omop.recipe import (
    INFUSION,
    LYMPHODEPLETION,
    OWN_COLUMNS,
    Beginning,
    ColumnRule,
    Give,
    Source,
    Take,
    Tie,
)


def column_rule(name: str, content: Any, problems: list[Problem]) -> ColumnRule:
    """Take the rule of a column.

    Parameters
    ----------
    name : str
        Of the column.
    content : object
        Of its part, as TOML was read.
    problems : list of Problem
        Receives every mistake.

    Returns
    -------
    rule : ColumnRule
    """
    entries = Entries(f"columns.{name}", content if isinstance(content, dict) else {}, problems)
    if name in OWN_COLUMNS:
        problems.append(
            Problem(Code.CONFLICTING_KEYS, "is a column that every recipe gives", f"columns.{name}")
        )
    units, codes = entries.table("units") or {}, entries.table("codes") or {}
    inside, meanings = entries.inside("units", units), entries.inside("codes", codes)
    rule = ColumnRule(
        name=name,
        source=source_of(entries),
        window=_window(entries),
        anchor=entries.text("from") or INFUSION,
        give=cast(Give, entries.choice("give", get_args(Give)) or "number"),
        take=cast(Take, entries.choice("take", get_args(Take)) or "last"),
        tie=cast(Tie | None, entries.choice("tie", get_args(Tie))),
        otherwise=entries.scalar("otherwise") or "",
        units={unit: inside.text(unit) or "" for unit in units},
        ignore_units=entries.texts("ignore_units"),
        until=cast(Beginning | None, entries.choice("until", get_args(Beginning))),
        same_day=entries.flag("same_day"),
        answers=entries.texts("answers"),
        codes={code: meanings.scalar(code) or "" for code in codes},
    )
    entries.finish()
    _refuse_contradictions(entries, rule)
    return rule


def _refuse_contradictions(entries: Entries, rule: ColumnRule) -> None:
    """Refuse a key that is missing, or would be left out silently."""
    if rule.give == "date" and rule.name in (INFUSION, LYMPHODEPLETION):
        words = f'is not for a column {rule.name}: from = "{rule.name}" has a meaning of its own'
        entries.refuse(Code.CONFLICTING_KEYS, "give", words, advice="choose another name")
    if rule.give == "yes" and "otherwise" not in entries:
        advice = 'otherwise = "no" if all are recorded, otherwise = "" if not'
        entries.refuse(Code.REQUIRED, "otherwise", 'is required where give is "yes"', advice=advice)
    if rule.give == "answer" and not (rule.answers or rule.codes):
        advice = 'codes = { 9191 = "yes", negative = "no" }, or answers = a concept set with values'
        entries.refuse(Code.REQUIRED, "codes", 'is required where give is "answer"', advice=advice)
    answering = all(EVENT_TABLES[table].answer for table in rule.source.tables if table in EVENT_TABLES)
    needs = {
        "give": (rule.give != "answer" or answering, 'is "answer" only of measurement and observation'),
        "answers": (rule.give == "answer", 'is for give = "answer"'),
        "codes": (rule.give == "answer", 'is for give = "answer"'),
        "take": (rule.take != "sum" or rule.give == "number", 'is "sum" only of numbers'),
        "same_day": (rule.window[1] == 0, "is for windows that end on day 0"),
    }
    for key, (met, words) in needs.items():
        if key in entries and not met:
            entries.refuse(Code.KEY_NOT_ALLOWED, key, words)


def _window(entries: Entries) -> tuple[int, int]:
    given = entries.texts("window")
    whole = [int(text) for text in given if text.lstrip("-").isdigit()]
    if len(whole) != 2 or len(given) != 2 or whole[0] > whole[1]:
        rule = "must be the first and the last day, as [-14, 0]"
        entries.refuse(Code.WRONG_TYPE, "window", rule, value_text=", ".join(given))
        return (0, 0)
    return (whole[0], whole[1])


def source_of(entries: Entries) -> Source:
    """Take what says which records count.

    Parameters
    ----------
    entries : Entries
        Of a part with ``table`` and ``concepts``; receives every mistake.

    Returns
    -------
    source : Source
    """
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
