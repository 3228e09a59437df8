"""Codes of a project's choices become values of a field, by the labels of the data dictionary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from features.checking.parse_cell import FALSE, TRUE, is_unknown_word
from features.drafting.entries import OPEN, Entry
from features.drafting.options import option_of
from features.drafting.toml_text import inline, quoted
from features.drafting.values import YES_AND_NO
from features.drafting.yes_no import HIGHEST_GRADE
from features.field import FieldSpec
from features.redcap.data_dictionary import Choice

UNKNOWN = ""
"""What a code for an unknown value means."""

WORDS_FOR_UNKNOWN = frozenset(
    ["not known", "not reported", "not available", "not recorded", "missing", "unbekannt", "nicht bekannt"]
    + ["keine angabe", "неизвестно", "нет данных", "не известно", "desconocido", "inconnu"]
)
"""Labels that mean that nothing is known, in full."""

NO_GRADE = frozenset(["none", "no", "no crs", "no icans", "kein", "keine", "нет", "absent", "not present"])
"""Labels of grade 0."""

ROMAN: Mapping[str, int] = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}

_PARENTHESES = re.compile(r"\(([^()]*)\)")


def coded_entry(spec: FieldSpec, column: str, choices: Sequence[Choice]) -> Entry | None:
    """Write the entry of a field whose codes a dictionary explains.

    Parameters
    ----------
    spec : FieldSpec
        The field.
    column : str
        Of the export.
    choices : sequence of Choice
        Answers that the form offers.

    Returns
    -------
    entry : Entry or None
        Certain where every label that is not for unknown has one meaning. None for a field that has no codes.

    Examples
    --------
    >>> from features.schema import all_fields
    >>> choices = [Choice("1", "Grade 0"), Choice("2", "Grade 1"), Choice("9", "Unknown")]
    >>> print(coded_entry(all_fields()["crs_grade"], "crs", choices).toml)
    { column = "crs", codes = { 1 = 0, 2 = 1, 9 = "" } }
    """
    if spec.kind == "text":
        return None
    meanings = {choice: _meaning(spec, choice) for choice in choices}
    known = {choice: meaning for choice, meaning in meanings.items() if meaning is not None}
    unclear = [choice for choice, meaning in meanings.items() if meaning is None]
    if not any(known.values()) or (unclear and spec.kind in ("number", "integer")):
        return _open(column, choices, f"say what each answer means: {_allowed(spec)}")
    toml = _toml(spec, column, known)
    reason = "the labels in the dictionary say what the codes mean"
    if unclear:
        labels = ", ".join(f"{choice.code} ({choice.label})" for choice in unclear)
        reason += f"; add codes for {labels}"
    return Entry(toml, reason)


def _toml(spec: FieldSpec, column: str, known: Mapping[Choice, str]) -> str:
    own = {choice.code: meaning for choice, meaning in known.items() if not _reads_as(spec, choice, meaning)}
    if not own:
        return quoted(column)
    if spec.kind in ("number", "integer") and set(own.values()) == {UNKNOWN}:
        written = own
    else:
        written = {choice.code: meaning for choice, meaning in known.items()}
    codes = inline([(code, _value(spec, meaning)) for code, meaning in written.items()])
    return inline([("column", quoted(column)), ("codes", codes)])


def _reads_as(spec: FieldSpec, choice: Choice, meaning: str) -> bool:
    """Say whether the code itself is read as the value that it means."""
    code = choice.code.lower()
    if spec.kind == "boolean":
        return code in (TRUE if meaning == "true" else FALSE) and meaning != UNKNOWN
    return code == meaning


def _value(spec: FieldSpec, meaning: str) -> str:
    return meaning if meaning and spec.kind != "choice" else quoted(meaning)


def _meaning(spec: FieldSpec, choice: Choice) -> str | None:
    """Give the value of the schema that a label means; None where it is not clear."""
    label = choice.label.strip().casefold()
    if spec.kind == "choice" and (option := _option(spec, choice.label)):
        return option
    if spec.kind in ("number", "integer") and (grade := _grade(spec, label)):
        return grade
    if is_unknown_word(label) or label in WORDS_FOR_UNKNOWN:
        return UNKNOWN
    return _yes_or_no(label) if spec.kind == "boolean" else None


def _option(spec: FieldSpec, label: str) -> str | None:
    """Look the label up without its parentheses, and what is in them; both must agree."""
    texts = [_PARENTHESES.sub("", label), *_PARENTHESES.findall(label)]
    options = {option for text in texts if (option := option_of(spec, text))}
    return options.pop() if len(options) == 1 else None


def _yes_or_no(label: str) -> str | None:
    if label in TRUE or any(label == yes for yes, _ in YES_AND_NO):
        return "true"
    return "false" if label in FALSE or any(label == no for _, no in YES_AND_NO) else None


def _grade(spec: FieldSpec, label: str) -> str | None:
    """Read the one grade that a label names."""
    if spec.kind != "integer" or (spec.high or 0) > HIGHEST_GRADE or spec.high is None:
        return None
    if label in NO_GRADE:
        return "0"
    words = re.findall(r"[^\W_]+", label)
    grades = [ROMAN.get(word, int(word) if word.isdecimal() else None) for word in words]
    numbers = [grade for grade in grades if grade is not None]
    beyond = re.search(r"[<>≥≤+]|\bor\b|\boder\b|\bили\b", label)
    return str(numbers[0]) if len(numbers) == 1 and not beyond and spec.allows(numbers[0]) else None


def _allowed(spec: FieldSpec) -> str:
    return "true or false" if spec.kind == "boolean" else " or ".join(spec.options) or spec.allowed


def _open(column: str, choices: Sequence[Choice], reason: str) -> Entry:
    codes = inline([(choice.code, quoted(OPEN)) for choice in choices])
    labels = ", ".join(f"{choice.code} is {choice.label}" for choice in choices[:MOST_LABELS])
    toml = inline([("column", quoted(column)), ("codes", codes)])
    return Entry(toml, f"{reason}; in the dictionary {labels}", certain=False, fits=False)


MOST_LABELS = 12
"""Labels that a reason repeats."""
