"""The text of one cell becomes a value of its column, or is refused with the rule and the fix."""

from __future__ import annotations

import difflib
import re

from features.advice import Advice, plain, quoting
from features.checking.identifiers import not_pseudonymous
from features.field import FieldSpec
from features.files.stored_numbers import StoredPercent
from features.problem_codes import Code
from features.product_names import listed_product

Value = str | float | int | bool

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
    ["na", "n/a", "n.a.", "#n/a", "nan", "null", "nil", "none", "unknown", "unk", "nd", "n.d.", "ni"]
    + ["missing", "not_done", "not_tested", "not_known", "?", ".", "-", "--"]
    + ["н/д", "н.д.", "нд", "нет_данных", "неизвестно", "неизв", "неизв.", "не_известно", "не_определялось"]
    + ["unbekannt", "k.a.", "k._a.", "keine_angabe", "inconnu", "desconocido", "desconhecido", "s/d"]
)
MISSING_CODES = frozenset(
    ["-1", "-7", "-8", "-9", "-77", "-88", "-99", "-888", "-999", "-9999", "99", "999", "9999"]
)

HIGHEST_GRADE = 5

PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}.*|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}.*")
SPREADSHEET_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?")

PERCENTAGE = "is formatted as a percentage"
LEAVE_BLANK = plain("leave the cell blank where the value is unknown")
FORMULA = plain("a spreadsheet would run it as a formula")
CORRECT = plain("correct the cell")
A_CODE = plain("is it a code? Define it under codes in a mapping file")
NOT_BOOLEAN = plain("write true or false, or define the value under codes in a mapping file")
NOT_WHOLE = plain("write a whole number")
NOT_A_NUMBER = plain("write a number, or leave the cell blank")
NOT_A_GRADE = plain("write a number, or define the value under codes in a mapping file")
A_CENTER = plain("name the column of the treating center")
A_SPREADSHEET_ERROR = plain("a spreadsheet error: correct the formula, or leave the cell blank")
BEYOND_LIMIT = plain("is it beyond a detection limit? Write the limit, or leave the cell blank")
A_DATE = plain("is it a date? Days count from infusion; a mapping file can convert dates")
SPELL = "write it as in the rule"
NO_SPREADSHEET_ERROR = "must not be a spreadsheet error"
NO_IDENTIFIER = "must be an identifier, not a word for an unknown value"
NO_DATE = "must be the name of a center, not a date"
NO_FORMULA = "must not start with = + - or @"
NO_CONTROL_CHARACTERS = "must not have line breaks or control characters"


class CellError(ValueError):
    """A cell is refused.

    Parameters
    ----------
    code : Code
        Kind of problem.
    rule : str
        What must hold.
    advice : Advice, optional
        How to fix it.
    value_text : str, optional
        Shown instead of the cell.
    column : str, optional
        The site's column that holds the cell, where a field is made of several.
    """

    def __init__(
        self,
        code: Code,
        rule: str,
        advice: Advice | None = None,
        *,
        value_text: str | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(rule)
        self.code = code
        self.rule = rule
        self.advice = advice
        self.value_text = value_text
        self.column = column

    def __reduce__(self) -> tuple[object, ...]:
        """Have a copy, such as one from another process, made from the same arguments."""
        return type(self), (self.code, self.rule, self.advice), vars(self)


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
        raise CellError(Code.FORMULA, NO_FORMULA, FORMULA)
    if not cell.isprintable():
        raise CellError(Code.CONTROL_CHARACTERS, NO_CONTROL_CHARACTERS)
    if len(cell) > field.longest:
        raise CellError(Code.TEXT_TOO_LONG, field.rule)
    if SPREADSHEET_ERROR.fullmatch(cell):
        raise CellError(
            Code.SPREADSHEET_ERROR,
            NO_SPREADSHEET_ERROR,
            plain("correct the formula, or leave the cell blank"),
        )
    if field.name == "center" and is_date_like(cell):
        raise CellError(Code.DATE_FOR_NAME, NO_DATE, A_CENTER, value_text=re.sub("[0-9]", "0", cell))
    if field.name == "patient_id" and (is_unknown_word(cell) or cell.lower() in ("true", "false")):
        raise CellError(
            Code.NO_IDENTIFIER, NO_IDENTIFIER, plain("give every patient a code, or delete the row")
        )
    if field.name == "patient_id" and (looks_like := not_pseudonymous(cell)):
        advice = plain(f"it looks like {looks_like}; give every patient a code")
        raise CellError(Code.NOT_PSEUDONYMOUS, "must be a pseudonym", advice)
    return cell


def _boolean(field: FieldSpec, cell: str) -> bool:
    word = cell.lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    _refuse_unknown(field, word)
    if PLAIN_NUMBER.fullmatch(cell):
        raise CellError(Code.UNEXPLAINED_CODE, field.rule, A_CODE)
    if word in FOREIGN_WORDS:
        yes, no = FOREIGN_WORDS[word]
        codes = f"add codes = {{ {yes} = true, {no} = false }} in a mapping file"
        raise CellError(Code.NOT_YES_NO, field.rule, quoting(codes, general=NOT_BOOLEAN.text))
    _refuse_formula(field, cell)
    raise CellError(Code.NOT_YES_NO, field.rule, NOT_BOOLEAN)


def _choice(field: FieldSpec, cell: str) -> str:
    if cell in field.options:
        return cell
    alike = re.sub(r"[^a-z0-9]+", "_", cell.lower()).strip("_")
    if alike in field.options:
        raise CellError(Code.OPTION_SPELLING, field.rule, quoting(f"write {alike}", general=SPELL))
    _refuse_unknown(field, cell)
    if PLAIN_NUMBER.fullmatch(cell):
        raise CellError(Code.UNEXPLAINED_CODE, field.rule, A_CODE)
    near = _listed(field, cell) or difflib.get_close_matches(alike[:64], field.options, n=1)
    meant = quoting(f"did you mean {near[0]}?", general=SPELL) if near else None
    _refuse_formula(field, cell)
    raise CellError(Code.NOT_AN_OPTION, field.rule, meant)


def _listed(field: FieldSpec, cell: str) -> list[str]:
    """Name the option that is a listed product by another of its names."""
    option = listed_product(cell)
    return [option] if option in field.options else []


def _number(field: FieldSpec, cell: str) -> float | int:
    if isinstance(cell, StoredPercent) and field.unit == "%":
        percent = cell.shown.removesuffix(" %")
        advice = quoting(f"write {percent}, formatted as a number", general="format it as a number, in %")
        raise CellError(Code.STORED_PERCENT, PERCENTAGE, advice, value_text=f"{cell}, shown as {cell.shown}")
    if not PLAIN_NUMBER.fullmatch(cell):
        raise _no_number(field, cell)
    value = float(cell)
    if not field.allows(value):
        raise _outside_limits(field, cell, value)
    if field.kind == "integer":
        if not value.is_integer():
            raise CellError(Code.NOT_WHOLE, field.rule, NOT_WHOLE)
        return int(value)
    return value


def _outside_limits(field: FieldSpec, cell: str, value: float) -> CellError:
    other_unit = field.unit_hint(value)
    if other_unit:
        return CellError(Code.PROBABLY_OTHER_UNIT, field.rule, plain(other_unit))
    if cell in MISSING_CODES:
        return CellError(Code.UNKNOWN_VALUE, field.rule, LEAVE_BLANK)
    return CellError(Code.OUTSIDE_LIMITS, field.rule, CORRECT)


def _no_number(field: FieldSpec, cell: str) -> CellError:
    """Refuse what is not a number, and name the usual mistake."""
    code, advice = _usual_mistake(field, cell)
    return CellError(code, field.rule, advice)


def _usual_mistake(field: FieldSpec, cell: str) -> tuple[Code, Advice]:
    if is_unknown_word(cell):
        return Code.UNKNOWN_VALUE, LEAVE_BLANK
    if SPREADSHEET_ERROR.fullmatch(cell):
        return Code.SPREADSHEET_ERROR, A_SPREADSHEET_ERROR
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", cell):
        return Code.DECIMAL_COMMA, _of_a_comma(cell)
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:[,' .\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?", cell):
        return Code.THOUSANDS_SEPARATOR, plain("are these thousands separators? Write the digits alone")
    if re.fullmatch(r"[<>\u2264\u2265]=? *[0-9.,]+", cell):
        return Code.BEYOND_DETECTION_LIMIT, BEYOND_LIMIT
    if is_date_like(cell):
        return Code.DATE_FOR_NUMBER, A_DATE
    if re.fullmatch(r"[0-9.,]+ *[^0-9., ].*", cell):
        return Code.UNIT_IN_CELL, plain(f"write the number alone{f', in {field.unit}' if field.unit else ''}")
    if cell[0] == "\u2212":
        return Code.MINUS_SIGN, plain("write the minus sign as -")
    if _is_formula(cell):
        return Code.FORMULA, FORMULA
    return Code.NOT_A_NUMBER, NOT_A_GRADE if is_graded(field) else NOT_A_NUMBER


def _of_a_comma(cell: str) -> Advice:
    """Distinguish a decimal comma from a thousands separator, where the digits allow it."""
    written, whole = cell.replace(",", "."), cell.replace(",", "")
    if re.fullmatch(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", cell):
        question = "thousands separator or decimal comma?"
        general = f"{question} write a decimal point and no thousands separator"
        return quoting(f"{question} write {whole} or {written}", general=general)
    key = 'or set decimal = "," in a mapping file'
    return quoting(f"decimal comma? write {written}, {key}", general=f"decimal comma? write a point, {key}")


def is_graded(field: FieldSpec) -> bool:
    """Whether a field has few whole numbers, which sites write as codes too: grades, ECOG."""
    return field.kind == "integer" and field.high is not None and field.high <= HIGHEST_GRADE


def is_unknown_word(cell: str) -> bool:
    """Whether a cell is a usual word for "unknown"."""
    return cell.lower().replace(" ", "_") in UNKNOWN_WORDS


def is_date_like(cell: str) -> bool:
    """Whether a cell looks like a date."""
    return _DATE.fullmatch(cell) is not None


def _refuse_unknown(field: FieldSpec, cell: str) -> None:
    if is_unknown_word(cell) or cell in MISSING_CODES:
        raise CellError(Code.UNKNOWN_VALUE, field.rule, LEAVE_BLANK)


def _refuse_formula(field: FieldSpec, cell: str) -> None:
    if _is_formula(cell):
        raise CellError(Code.FORMULA, field.rule, FORMULA)


def _is_formula(cell: str) -> bool:
    return cell[0] in "=+-@\t\r" and len(cell) > 1
