"""No message repeats a patient's identifier, wherever it is in a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cache

from features.advice import Advice
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
        To be reported.
    identifiers : collection of str
        Of the patients. Short ones and short numbers are not looked for: they would hide ages and grades.

    Returns
    -------
    masked : list of Problem

    Examples
    --------
    >>> from features.problem_codes import Code
    >>> note = Problem(Code.NOT_A_NUMBER, "must be a number", "ecog", row=2, value_text="see BMT-7")
    >>> print(*masked([note], ["BMT-7", "2"]))
    ecog must be a number, got see (an identifier) (row 2)
    """
    listed = list(problems)
    present = shown_identifiers(listed, identifiers)
    if not present:
        return listed
    expression = _expression(present)
    return [_masked(item, expression, present) for item in listed]


def shown_identifiers(problems: Iterable[Problem], identifiers: Collection[str]) -> set[str]:
    """Find the identifiers of patients that problems repeat.

    Parameters
    ----------
    problems : iterable of Problem
        To be reported.
    identifiers : collection of str
        Of the patients, or of some of them.

    Returns
    -------
    present : set of str
        Those in the texts of the problems, or, of very many, those that are words of their own.
    """
    text = "\n".join(part for item in problems for part in _texts(item) if part)
    known = {each for each in identifiers if _is_long_enough(each)} - _schema_words()
    if len(known) * len(text) > _MOST_WORK:
        return known.intersection(_WORD.findall(text))
    return {each for each in known if each in text}


def _texts(item: Problem) -> tuple[str | None, ...]:
    advice = (item.advice.text, item.advice.general) if item.advice else ()
    return (item.rule, item.column, item.value_text, *advice, *item.examples)


def _expression(present: set[str]) -> re.Pattern[str]:
    """Find the identifiers, longer ones first; of very many, those that are words of their own."""
    if len(present) > _MOST_ALTERNATIVES:
        return _WORD
    alternatives = "|".join(re.escape(each) for each in sorted(present, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])")


def _masked(item: Problem, expression: re.Pattern[str], present: set[str]) -> Problem:
    def mask(text: str) -> str:
        return expression.sub(lambda word: MASK if word[0] in present else word[0], text)

    return replace(
        item,
        rule=mask(item.rule),
        column=item.column and mask(item.column),
        value_text=item.value_text and mask(item.value_text),
        advice=item.advice and _masked_advice(item.advice, mask),
        examples=tuple(mask(example) for example in item.examples),
    )


def _masked_advice(advice: Advice, mask: Callable[[str], str]) -> Advice:
    return replace(advice, text=mask(advice.text), general=mask(advice.general))


def _is_long_enough(identifier: str) -> bool:
    return len(identifier) >= (SHORTEST * 2 if identifier.isdigit() else SHORTEST)


@cache
def _schema_words() -> frozenset[str]:
    """Names and options of the schema: rules are written in them."""
    fields = all_fields()
    return frozenset([*fields, *(option for spec in fields.values() for option in spec.options)])
