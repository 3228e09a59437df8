"""The text of one cell becomes a value of its column, or is refused with the rule and the fix."""

from __future__ import annotations

import difflib
import re

from features.advice import Advice, plain, quoting
from features.checking.identifiers import not_pseudonymous
from features.field import FieldSpec
from features.files.stored_numbers import StoredPercent

Value = str | float | int | bool

MAX_TEXT_CHARACTERS = 64
TRUE = frozenset({"true", "yes", "1", "1.0"})
FALSE = frozenset({"false", "no", "0", "0.0"})
FOREIGN_WORDS = {
    word: pair
    for pair in (
        *(("ja", "nein"), ("j", "n"), ("y", "n"), ("oui", "non"), ("sim", "não"), ("sí", "no")),
        *(("si", "no"), ("да", "нет"), ("t", "f")),
    )
    for word in reversed(pair)
}
"""Words for yes and no of other languages, each with its pair; they mean nothing until a mapping says so."""

UNKNOWN_WORDS = frozenset(
    [
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "nan",
        "null",
        "nil",
        "none",
        "unknown",
        "unk",
        "nd",
        "n.d.",
        "ni",
        "missing",
    ]
    + ["not_done", "not_tested", "not_known", "?", ".", "-", "--"]
    + ["н/д", "н.д.", "нд", "нет_данных", "неизвестно", "неизв", "неизв.", "не_известно", "не_определялось"]
    + ["unbekannt", "k.a.", "k._a.", "keine_angabe", "inconnu", "desconocido", "desconhecido", "s/d"]
)
MISSING_CODES = frozenset(
    ["-1", "-7", "-8", "-9", "-77", "-88", "-99", "-888", "-999", "-9999", "99", "999", "9999"]
)

PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}.*|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}.*")
SPREADSHEET_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?")

PERCENTAGE = "is formatted as a percentage"
LEAVE_BLANK = plain("leave the cell blank where the value is unknown")
FORMULA = plain("it would run as a formula in a spreadsheet")
CORRECT = plain("correct the cell")
A_CODE = plain("a code? say what it means under codes in a mapping file")
NOT_BOOLEAN = plain("write true or false, or say what it means under codes in a mapping file")
NOT_WHOLE = plain("write a whole number")
NOT_A_NUMBER = plain("write a number, or leave the cell blank")
SPELL = "write it as the rule does"
NO_SPREADSHEET_ERROR = "must not be a spreadsheet error"
NO_IDENTIFIER = "must be an identifier, and this is a word for an unknown value"
NO_FORMULA = "must not start with = + - or @"
NO_CONTROL_CHARACTERS = "must not have line breaks or control characters"


class CellError(ValueError):
    """A cell that is refused.

    Parameters
    ----------
    rule : str
        What must hold.
    fix : Advice, optional
        How to fix it.
    found : str, optional
        What is shown instead of the cell.
    """

    def __init__(self, rule: str, fix: Advice | None = None, *, found: str | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.fix = fix
        self.found = found


def parse_cell(field: FieldSpec, cell: str) -> Value | None:
    """Understand one cell.

    Parameters
    ----------
    field : FieldSpec
        What the schema says of the column.
    cell : str
        Its text without space around it.

    Returns
    -------
    value : str, float, int, bool or None
        None for a blank cell.

    Raises
    ------
    CellError
        If the cell is not a value of the column; nothing is guessed.

    Examples
    --------
    >>> crp = FieldSpec("crp_mg_l", "number", "C-reactive protein", "mg/L", 0, 700)
    >>> parse_cell(crp, "3.5"), parse_cell(crp, "")
    (3.5, None)
    >>> parse_cell(crp, "3,5")
    Traceback (most recent call last):
        ...
    features.checking.parse_cell.CellError: must be 0 to 700 mg/L
    """
    if not cell:
        return None
    if field.kind == "text":
        return _text(field, cell)
    if field.kind == "boolean":
        return _boolean(field, cell)
    if field.kind == "choice":
        return _choice(field, cell)
    return _number(field, cell)


def _text(field: FieldSpec, cell: str) -> str:
    if cell[0] in "=+-@\t\r":
        raise CellError(NO_FORMULA, FORMULA)
    if not cell.isprintable():
        raise CellError(NO_CONTROL_CHARACTERS)
    if len(cell) > MAX_TEXT_CHARACTERS:
        raise CellError(field.rule)
    if SPREADSHEET_ERROR.fullmatch(cell):
        raise CellError(NO_SPREADSHEET_ERROR, plain("correct the formula, or leave the cell blank"))
    if field.name == "patient_id" and (is_unknown_word(cell) or cell.lower() in ("true", "false")):
        raise CellError(NO_IDENTIFIER, plain("give every patient a code, or delete the row"))
    if field.name == "patient_id" and (looks_like := not_pseudonymous(cell)):
        rule = f"must be a pseudonym, and this looks like {looks_like}"
        raise CellError(rule, plain("give every patient a code"))
    return cell


def _boolean(field: FieldSpec, cell: str) -> bool:
    word = cell.lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    if is_unknown_word(cell) or word in MISSING_CODES:
        raise CellError(field.rule, LEAVE_BLANK)
    if PLAIN_NUMBER.fullmatch(cell):
        raise CellError(field.rule, A_CODE)
    if word in FOREIGN_WORDS:
        yes, no = FOREIGN_WORDS[word]
        codes = f"add codes = {{ {yes} = true, {no} = false }} in a mapping file"
        raise CellError(field.rule, quoting(codes, general=NOT_BOOLEAN.text))
    raise CellError(field.rule, _formula_fix(cell) or NOT_BOOLEAN)


def _choice(field: FieldSpec, cell: str) -> str:
    if cell in field.options:
        return cell
    alike = re.sub(r"[^a-z0-9]+", "_", cell.lower()).strip("_")
    if alike in field.options:
        raise CellError(field.rule, quoting(f"write {alike}", general=SPELL))
    if is_unknown_word(cell) or cell in MISSING_CODES:
        raise CellError(field.rule, LEAVE_BLANK)
    if PLAIN_NUMBER.fullmatch(cell):
        raise CellError(field.rule, A_CODE)
    near = difflib.get_close_matches(alike[:64], field.options, n=1)
    meant = quoting(f"did you mean {near[0]}?", general=SPELL) if near else None
    raise CellError(field.rule, _formula_fix(cell) or meant)


def _number(field: FieldSpec, cell: str) -> float | int:
    if isinstance(cell, StoredPercent) and field.unit == "%":
        percent = cell.shown.removesuffix(" %")
        fix = quoting(f"write {percent}, formatted as a number", general="format it as a number, in %")
        raise CellError(PERCENTAGE, fix, found=f"{cell}, shown as {cell.shown}")
    if not PLAIN_NUMBER.fullmatch(cell):
        raise CellError(field.rule, _number_fix(field, cell) or NOT_A_NUMBER)
    value = float(cell)
    if not field.allows(value):
        other_unit = field.unit_hint(value)
        unread = LEAVE_BLANK if cell in MISSING_CODES else CORRECT
        raise CellError(field.rule, plain(other_unit) if other_unit else unread)
    if field.kind == "integer":
        if not value.is_integer():
            raise CellError(field.rule, NOT_WHOLE)
        return int(value)
    return value


def _number_fix(field: FieldSpec, cell: str) -> Advice | None:
    """Say how to mend what is not a number, where the mistake is a usual one."""
    if is_unknown_word(cell):
        return LEAVE_BLANK
    if SPREADSHEET_ERROR.fullmatch(cell):
        return plain("a spreadsheet error: correct the formula, or leave the cell blank")
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", cell):
        return _of_a_comma(cell)
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:[,' .\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?", cell):
        return plain("thousands separators? write the digits alone")
    if re.fullmatch(r"[<>\u2264\u2265]=? *[0-9.,]+", cell):
        return plain("beyond a limit of the laboratory? write that limit, or leave the cell blank")
    if is_date_like(cell):
        return plain("a date? days are counted from the infusion; a mapping file can do it")
    if re.fullmatch(r"[0-9.,]+ *[^0-9., ].*", cell):
        return plain(f"write the number alone{f', in {field.unit}' if field.unit else ''}")
    if cell[0] == "\u2212":
        return plain("write the minus sign as -")
    return _formula_fix(cell)


def _of_a_comma(cell: str) -> Advice:
    """Tell a decimal comma from a separator of thousands, where the digits allow it."""
    written, whole = cell.replace(",", "."), cell.replace(",", "")
    if re.fullmatch(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", cell):
        asked = "thousands separator or decimal comma?"
        general = f"{asked} write a decimal point and no thousands separator"
        return quoting(f"{asked} write {whole} or {written}", general=general)
    key = 'or set decimal = "," in a mapping file'
    return quoting(f"decimal comma? write {written}, {key}", general=f"decimal comma? write a point, {key}")


def is_unknown_word(cell: str) -> bool:
    """Whether a cell is a usual word for "unknown"."""
    return cell.lower().replace(" ", "_") in UNKNOWN_WORDS


def is_date_like(cell: str) -> bool:
    """Whether a cell looks like a date."""
    return _DATE.fullmatch(cell) is not None


def _formula_fix(cell: str) -> Advice | None:
    return FORMULA if cell[0] in "=+-@\t\r" and len(cell) > 1 else None
