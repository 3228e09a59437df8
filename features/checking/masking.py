"""No message repeats a patient's identifier, wherever in a file it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache

from features.problems import Problem
from features.schema import all_fields

MASK = "(an identifier)"
SHORTEST = 3
"""Characters of an identifier that is looked for inside texts; a number needs twice as many."""

_MOST_WORK, _MOST_ALTERNATIVES = 200_000_000, 200
_WORD = re.compile(r"[^\s,;:()]+")


def masked(problems: Iterable[Problem], identifiers: Collection[str]) -> list[Problem]:
    """Take the identifiers of patients out of problems.

    Parameters
    ----------
    problems : iterable of Problem
        To be told.
    identifiers : collection of str
        Of the patients. Short ones and short numbers are not looked for: they would hide ages and grades.

    Returns
    -------
    masked : list of Problem

    Examples
    --------
    >>> print(*masked([Problem("must be a whole number", "ecog", row=2, found="see BMT-7")], ["BMT-7", "2"]))
    ecog must be a whole number, got see (an identifier) (row 2)
    """
    told = list(problems)
    text = "\n".join(part for item in told for part in _texts(item) if part)
    known = {each for each in identifiers if _is_telling(each)} - _schema_words()
    if len(known) * len(text) > _MOST_WORK:
        present = known.intersection(_WORD.findall(text))
    else:
        present = {each for each in known if each in text}
    if not present:
        return told
    expression = _expression(present)
    return [_masked(item, expression, present) for item in told]


def _texts(item: Problem) -> tuple[str | None, ...]:
    advice = (item.fix.text, item.fix.general) if item.fix else ()
    return (item.rule, item.column, item.found, *advice, *item.examples)


def _expression(present: set[str]) -> re.Pattern[str]:
    """Find the identifiers, longer ones first; of very many, those that are words of their own."""
    if len(present) > _MOST_ALTERNATIVES:
        return _WORD
    alternatives = "|".join(re.escape(each) for each in sorted(present, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])")


def _masked(item: Problem, expression: re.Pattern[str], present: set[str]) -> Problem:
    def mask(text: str) -> str:
        return expression.sub(lambda found: MASK if found[0] in present else found[0], text)

    return replace(
        item,
        rule=mask(item.rule),
        column=item.column and mask(item.column),
        found=item.found and mask(item.found),
        fix=item.fix and replace(item.fix, text=mask(item.fix.text), general=mask(item.fix.general)),
        examples=tuple(mask(example) for example in item.examples),
    )


def _is_telling(identifier: str) -> bool:
    return len(identifier) >= (SHORTEST * 2 if identifier.isdigit() else SHORTEST)


@cache
def _schema_words() -> frozenset[str]:
    """Names and options of the schema: rules are told in them."""
    fields = all_fields()
    return frozenset([*fields, *(option for spec in fields.values() for option in spec.options)])
