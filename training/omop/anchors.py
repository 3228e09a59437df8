"""From which day a column counts, and that no predictor is made of what is known later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from features.advice import plain
from features.field import FieldSpec
from features.problem_codes import Code
from features.problems import Problem
from features.schema import all_fields
from training.omop.recipe import INFUSION, LYMPHODEPLETION, ColumnRule, Recipe

CONDITIONS = ("only_if", "if")
"""Keys of a mapping whose table is from columns to values."""

BEFORE = ("baseline", "before_lymphodepletion")
"""When a field is known that must be of before lymphodepletion."""


def unknown_anchors(recipe: Recipe) -> list[Problem]:
    """Find columns that count from a column that is no date, or is below.

    Parameters
    ----------
    recipe : Recipe
        With the columns in their order.

    Returns
    -------
    problems : list of Problem
    """
    problems = []
    anchors = [INFUSION, LYMPHODEPLETION]
    for rule in recipe.columns:
        if rule.anchor not in anchors:
            problems.append(_no_anchor(rule, anchors))
        anchors += [rule.name] if rule.give == "date" else []
    return problems


def _no_anchor(rule: ColumnRule, anchors: Collection[str]) -> Problem:
    return Problem(
        Code.NOT_AN_OPTION,
        'must be infusion, lymphodepletion or a column above with give = "date"',
        f"columns.{rule.name}.from",
        value_text=rule.anchor,
        advice=plain(f"here one of {', '.join(anchors)}"),
    )


def reaching_too_far(recipe: Recipe) -> list[Problem]:
    """Refuse predictors that are made of what is known later.

    Parameters
    ----------
    recipe : Recipe
        With the mapping of its columns.

    Returns
    -------
    problems : list of Problem
        One for each field and column, with the last day that the window may have.
    """
    rules = {rule.name: rule for rule in recipe.columns}
    return [
        _too_far(spec, rule)
        for name, entry in recipe.mapping["fields"].items()
        if (spec := all_fields().get(name))
        for rule in (rules[column] for column in sorted(named_columns(entry)) if column in rules)
        if not rule.until and rule.window[1] > _latest(spec.known_when, rule.anchor)
    ]


def near_infusion(recipe: Recipe) -> list[str]:
    """Say where a value of before lymphodepletion may be from during it.

    Parameters
    ----------
    recipe : Recipe
        With the mapping of its columns.

    Returns
    -------
    notes : list of str
        One for each column whose window counts from the infusion.
    """
    rules = {rule.name: rule for rule in recipe.columns if rule.anchor == INFUSION and not rule.until}
    names = {
        column: name
        for name, entry in recipe.mapping["fields"].items()
        if (spec := all_fields().get(name)) and spec.known_when == "before_lymphodepletion"
        for column in named_columns(entry) & rules.keys()
    }
    return [
        f"{column}: counts from the infusion, and {name} is a value before lymphodepletion: set from = "
        f'"{LYMPHODEPLETION}", or end the window before it'
        for column, name in sorted(names.items())
    ]


def _too_far(spec: FieldSpec, rule: ColumnRule) -> Problem:
    latest = _latest(spec.known_when, rule.anchor)
    when = LYMPHODEPLETION if spec.known_when in BEFORE else INFUSION
    until = f'until = "{when}"'
    if rule.anchor not in (INFUSION, LYMPHODEPLETION):
        words, fix = f"needs {until}", f"add {until}: the window then ends on the day before"
    else:
        words = f"must end on day {latest:.0f} from {rule.anchor} or earlier"
        fix = f"write window = [{min(rule.window[0], int(latest))}, {latest:.0f}]"
        if rule.anchor == INFUSION and spec.known_when in BEFORE:
            fix += f', or from = "{LYMPHODEPLETION}" with a window that ends on day 0 or earlier'
    return Problem(
        Code.KNOWN_AFTER_INFUSION,
        f"{words}, because {spec.name} is known before {when}",
        f"columns.{rule.name}.window",
        value_text=f"{rule.window[0]}, {rule.window[1]}",
        advice=plain(fix),
    )


def _latest(known_when: str, anchor: str) -> float:
    """Give the last day, from the anchor, that a field may use."""
    if known_when not in (*BEFORE, "day_0"):
        return float("inf")
    if anchor not in (INFUSION, LYMPHODEPLETION):
        return -float("inf")
    return -1 if known_when in BEFORE and anchor == INFUSION else 0


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
