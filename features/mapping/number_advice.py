"""What a cell that is not a number probably is, and which key of a mapping file reads it."""

from __future__ import annotations

import re
from typing import Literal

from features.advice import Advice, plain, quoting
from features.checking.parse_cell import SPREADSHEET_ERROR, is_date_like, is_graded, is_unknown_word
from features.field import FieldSpec
from features.mapping.number_format import NumberFormat

Beyond = Literal["", "unset", "unread"]

CORRECT = plain('correct the cell, or, only if it means "unknown", add it to missing')

A_GRADE = plain(
    'define the value under codes, as in codes = { III = 3 }; if it means "unknown", add it to missing'
)

_SEPARATORS = {",": ",", ".": ".", " ": " ", "'": "'", "\u00a0": " ", "\u202f": " "}


def number_advice(cell: str, spec: FieldSpec, numbers: NumberFormat, *, beyond: Beyond = "") -> Advice:
    """Say how to read a cell that is not a number.

    Parameters
    ----------
    cell : str
        Text of the cell.
    spec : FieldSpec
        What the schema says of the field.
    numbers : NumberFormat
        How the mapping says that numbers are written.
    beyond : str
        ``unset`` for a value beyond a limit where the mapping has no ``beyond_limit``, ``unread`` where it
        has one and the limit is no number.

    Returns
    -------
    advice : Advice
        Marked where it quotes the cell.

    Examples
    --------
    >>> weight = FieldSpec("weight_kg", "number", "Weight", "kg", 3, 200)
    >>> print(number_advice("45 kg", weight, NumberFormat()))
    pattern = "([0-9.]+) ?kg" reads 45 from it
    >>> print(number_advice("4 100", weight, NumberFormat()))
    a thousands separator? set thousands = " " under [table]
    """
    if beyond == "unset":
        return plain('define its value: beyond_limit = "limit" or "blank"')
    if beyond == "unread":
        limit = cell.lstrip("<>=\u2264\u2265 ")
        advice = _separators(limit, numbers) or CORRECT
        return plain(f"the number after {cell[0]} is not understood: {advice}")
    if is_unknown_word(cell):
        return plain("add it to missing")
    if SPREADSHEET_ERROR.fullmatch(cell):
        return plain(f"a spreadsheet error: {CORRECT}")
    if is_date_like(cell):
        return _of_a_date(spec)
    other = A_GRADE if is_graded(spec) and re.search(r"[^\W\d_]", cell) else CORRECT
    return _separators(cell, numbers) or _with_a_word(cell, numbers) or other


def _of_a_date(spec: FieldSpec) -> Advice:
    if spec.unit == "days":
        return plain("a date? use days_since with the column of the infusion date")
    if spec.unit == "years":
        return plain("a date? read the infusion date and use years_since with the column of the birth date")
    return plain("a date? correct the cell, or name another column")


def _separators(cell: str, numbers: NumberFormat) -> Advice | None:
    """Distinguish a decimal mark from a thousands separator, where the cell allows it."""
    if numbers.thousands and re.fullmatch(rf"[+-]?0[0-9]{{0,2}}{re.escape(numbers.thousands)}[0-9]+", cell):
        return plain("decimal mark? a group of thousands does not begin with 0")
    grouped = re.fullmatch(
        r"[+-]?[1-9][0-9]{0,2}([,.' \u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*([.,])?[0-9]*", cell
    )
    if grouped and grouped[1] != grouped[2] and grouped[1] not in (numbers.decimal, numbers.thousands):
        return _of_thousands(_SEPARATORS[grouped[1]], grouped[2] or "", numbers)
    if numbers.decimal == "." and re.fullmatch(r"[+-]?[0-9]+,[0-9]+", cell):
        return plain('decimal comma? set decimal = "," under [table]')
    if grouped and grouped[1] == "." == numbers.decimal and grouped[2] == ",":
        return _of_thousands(".", ",", numbers)
    if numbers.decimal == "," and re.fullmatch(r"[+-]?[0-9]+\.[0-9]+", cell):
        return plain("decimal point, where the mapping says decimal comma: write it with a comma")
    return None


def _of_thousands(separator: str, decimal: str, numbers: NumberFormat) -> Advice:
    if separator == "," and not decimal and numbers.decimal == ".":
        return plain(
            'decimal comma or thousands separator? set decimal = "," or thousands = "," under [table]'
        )
    marks = f'decimal = "{decimal}" and ' if decimal not in ("", numbers.decimal) else ""
    return plain(f'a thousands separator? set {marks}thousands = "{separator}" under [table]')


def _with_a_word(cell: str, numbers: NumberFormat) -> Advice | None:
    """Suggest a pattern for a number with a unit or a word after it."""
    parts = re.fullmatch(rf"([0-9]+(?:{re.escape(numbers.decimal)}[0-9]+)?) *([^0-9., ][^0-9]{{0,19}})", cell)
    if not parts:
        return None
    pattern = f'pattern = "([0-9{numbers.decimal}]+) ?{re.escape(parts[2])}"'
    general = "a unit or a word beside the number? read the number with pattern"
    return quoting(f"{pattern} reads {parts[1]} from it", general=general)
