"""The entry of a mapping file that a column and a field make, and how far it may be trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from features.checking.identifiers import not_pseudonymous
from features.checking.parse_cell import FALSE, TRUE
from features.drafting.headings import unit_in
from features.drafting.number_units import unit_guess
from features.drafting.options import option_of
from features.drafting.toml_text import inline, quoted
from features.drafting.values import YES_AND_NO, Values
from features.drafting.yes_no import HIGHEST_GRADE, yes_no_reason
from features.field import FieldSpec

OPEN = "?"
"""What a draft writes where a person has to: the mapping reader refuses it until then."""

NO_WORDS = ("no", "none", *(no for _, no in YES_AND_NO if no.isalpha()))
"""Words that say no in any column of yes and no, whatever its other words are."""

ROMAN = ("i", "ii", "iii", "iv", "v")
_WORD = r"(?:grade|grad|gr\.?|степень|степени|ст\.?|°)"
_GRADE = re.compile(rf"{_WORD}? ?([0-5]) ?{_WORD}?")
_PLAIN_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")

UNCLEAR = "numbers such as 1.234 may be thousands or decimals: see thousands and decimal under [table]"

HIDDEN = "values of a single patient are not shown here: check will name them"


@dataclass(frozen=True)
class Entry:
    """What a draft writes behind the name of a field.

    Attributes
    ----------
    toml : str
        A column's name, or a table.
    reason : str
        What speaks for it, and what is left to check; without any patient's value.
    certain : bool
        Whether it is part of the mapping; otherwise it is a comment.
    fits : bool
        Whether the values are of the field's kind; else a column that only its heading speaks for comes
        after all others.
    """

    toml: str
    reason: str
    certain: bool = True
    fits: bool = True


def entry_of(spec: FieldSpec, column: str, values: Values, *, unit: str, infusion_date: str | None) -> Entry:
    """Make the entry of a field that is read from one column.

    Parameters
    ----------
    spec : FieldSpec
        What the schema says of the field.
    column : str
        Heading of the site's column.
    values : Values
        Of that column.
    unit : str
        Unit that the heading states; empty where it states none.
    infusion_date : str or None
        Column with the date of the infusion, if the table has one.

    Returns
    -------
    entry : Entry

    Examples
    --------
    >>> from features.drafting.values import values_of
    >>> from features.schema import all_fields
    >>> values = values_of(["F", "m", "F", "m"], ["a", "b", "c", "d"])
    >>> print(entry_of(all_fields()["sex"], "Gender", values, unit="", infusion_date=None).toml)
    { column = "Gender", codes = { F = "female", m = "male" } }
    """
    if not values.known:
        return Entry(quoted(column), "no row has a value", certain=False)
    if spec.kind == "text":
        return _text(spec, column, values)
    if spec.kind == "boolean":
        return _boolean(column, values)
    if spec.kind == "choice":
        return _choice(spec, column, values)
    if values.dates or (values.programs and spec.unit == "days"):
        return _of_dates(spec, column, infusion_date)
    return _number(spec, column, values, unit)


def _text(spec: FieldSpec, column: str, values: Values) -> Entry:
    if spec.name == "patient_id" and any(not_pseudonymous(word) for word in values.different):
        return Entry(quoted(column), "some values look like names or dates: pseudonyms are needed")
    if spec.name != "patient_id" and values.blank and values.known == len(values.different):
        doubt = "each value is in one row, and rows below are blank: unknown, or the same? See fill_down"
        return Entry(quoted(column), doubt, certain=False)
    return Entry(quoted(column), "by its name")


def _boolean(column: str, values: Values) -> Entry:
    if values.yes_and_no == ("yes", "no"):
        return Entry(quoted(column), "the values are yes and no")
    if values.yes_and_no:
        yes, no = values.yes_and_no
        codes = inline([(yes, "true"), (no, "false")])
        return Entry(
            inline([("column", quoted(column)), ("codes", codes)]), f"{yes} is read as yes, {no} as no"
        )
    return _to_be_coded(column, values, "true or false", dict.fromkeys(NO_WORDS, "false"))


def _choice(spec: FieldSpec, column: str, values: Values) -> Entry:
    if values.different and set(values.different) <= set(spec.options):
        return Entry(quoted(column), "the values are options of the field")
    options = {word: option_of(spec, word) for word in (*values.different, *values.missing)}
    words = [*(word for word, _ in values.words), *values.missing]
    shown = [(word, option) for word in words if (option := options[word])]
    if len(values.different) > 1 and {word.lower() for word in values.different} <= TRUE | FALSE:
        reason = f"yes and no say too little for {' or '.join(spec.options)}: use when, with another column"
        return Entry(_open_codes(column, values), reason, certain=False)
    if not shown:
        return _to_be_coded(column, values, " or ".join(spec.options))
    codes = inline([(word, quoted(option)) for word, option in shown])
    left = [quoted(word) for word, _ in values.words if not options[word]]
    reasons = ["the values are like options of the field"]
    reasons += [f"no option is like {', '.join(left)}: add codes"] if left else []
    reasons += [HIDDEN] if values.rare else []
    return Entry(inline([("column", quoted(column)), ("codes", codes)]), "; ".join(reasons))


def _to_be_coded(column: str, values: Values, options: str, known: Mapping[str, str] | None = None) -> Entry:
    """Leave codes to a person; that they are left open is refused until they are written."""
    reason = f"say what each value means: {options}"
    toml = _open_codes(column, values, known or {})
    return Entry(toml, f"{reason}; {HIDDEN}" if values.rare else reason, certain=False)


def _open_codes(column: str, values: Values, known: Mapping[str, str] | None = None) -> str:
    meanings = {word: (known or {}).get(word.casefold(), quoted(OPEN)) for word, _ in values.words}
    codes = inline([*meanings.items()] or [(OPEN, quoted(OPEN))])
    return inline([("column", quoted(column)), ("codes", codes)])


def _grades(spec: FieldSpec, values: Values) -> dict[str, str]:
    """Read grades that are written with a word, or as Roman numerals."""
    if spec.kind != "integer" or (spec.high or 0) > HIGHEST_GRADE:
        return {}
    match_of = {word.casefold(): _GRADE.fullmatch(word.casefold()) for word, _ in values.words}
    grades = {word: match[1] for word, match in match_of.items() if match}
    roman = {word: str(ROMAN.index(word) + 1) for word in match_of if word in ROMAN}
    return {word: grade for word, grade in {**grades, **roman}.items() if int(grade) <= (spec.high or 0)}


def _of_dates(spec: FieldSpec, column: str, infusion_date: str | None) -> Entry:
    if spec.name == "infusion_number":
        entry = inline([("count_by", quoted(column))])
        return Entry(entry, "infusions of a patient are counted in the order of these dates")
    if spec.unit != "days":
        return Entry(quoted(column), "the values are dates", certain=False, fits=False)
    entry = inline([("column", quoted(column)), ("days_since", quoted(infusion_date or OPEN))])
    if infusion_date is None or infusion_date == column:
        return Entry(entry, "the values are dates: name the column of the infusion's date", certain=False)
    return Entry(entry, "days from the infusion to these dates")


def _number(spec: FieldSpec, column: str, values: Values, stated: str) -> Entry:
    if not values.is_numeric:
        kind = "yes and no" if values.yes_and_no else "no numbers"
        # Numbers are read as they are: only words need a code.
        coded = tuple(each for each in values.words if not _PLAIN_NUMBER.fullmatch(each[0]))
        coded = values.words if values.yes_and_no else coded
        entry = _to_be_coded(column, replace(values, words=coded), spec.allowed, _grades(spec, values))
        return Entry(entry.toml, f"the values are {kind}: {entry.reason}", certain=False, fits=False)
    doubt = yes_no_reason(spec, values.numbers, graded="grade" in unit_in(column), stated=stated)
    if doubt:
        return Entry(_open_codes(column, values), doubt, certain=False, fits=False)
    if values.is_unclear:
        return Entry(quoted(column), UNCLEAR, certain=False)
    guess = unit_guess(spec, values.numbers, stated)
    parts = [("column", quoted(column))]
    reasons = [guess.reason]
    if guess.unit and guess.unit != spec.unit:
        parts.append(("unit", quoted(guess.unit)))
    if spec.kind == "integer" and (guess.unit != spec.unit or not values.is_whole):
        parts.append(("round", "true"))
        reasons.append("rounded to whole numbers")
    if values.has_limits:
        reasons.append('values such as <5 need beyond_limit = "limit" or "blank"')
    toml = inline(parts) if len(parts) > 1 else quoted(column)
    return Entry(toml, "; ".join(reasons), certain=guess.certain)
