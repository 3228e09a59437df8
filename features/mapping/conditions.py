"""Conditions of a mapping file: columns, and the values that are accepted of each."""

from __future__ import annotations

import re
from typing import Any

from features.files.typed_text import canonical_text
from features.mapping.site_values import COMPARISON, Condition
from features.mapping.toml_entries import Entries, is_scalar
from features.problem_codes import Code

QUOTES = 'quote a name or code that has a point, as "1.5"'


def condition(entries: Entries, key: str, tests: dict[str, Any]) -> Condition:
    """Take a condition.

    Parameters
    ----------
    entries : Entries
        Table with the condition; receives every mistake.
    key : str
        Of the condition.
    tests : dict
        Its content.

    Returns
    -------
    condition : Condition

    Examples
    --------
    >>> condition(Entries("table", {}, []), "keep", {"study": ["yes", 1]}).tests
    (('study', ('yes', '1')),)
    """
    if not tests:
        entries.refuse(Code.EMPTY_CONDITION, key, "must name at least one column in every condition")
    accepted = []
    for column, value in tests.items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(is_scalar(item) for item in values):
            entries.refuse(
                Code.WRONG_TYPE, f"{key}.{column}", "must be a value or a list of values", advice=QUOTES
            )
            continue
        texts = tuple(canonical_text(item) for item in values)
        for text in texts:
            if re.fullmatch(r"[<>]=? *[+-]?[0-9][0-9.,' ]*", text) and not COMPARISON.fullmatch(text):
                rule = "must compare with a number written with a decimal point, as > 1.5"
                entries.refuse(Code.UNREADABLE_COMPARISON, f"{key}.{column}", rule, value_text=text)
        accepted.append((column, texts))
    return Condition(tuple(accepted))


def conditions(entries: Entries, key: str) -> tuple[Condition, ...]:
    """Take a list of conditions; one of them must hold."""
    return tuple(condition(entries, key, tests) for tests in entries.tables(key))
