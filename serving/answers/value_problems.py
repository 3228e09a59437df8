"""What is wrong with one value of a request: its type, its limits, the unit it was probably written in."""

from __future__ import annotations

from dataclasses import dataclass

from features.field import FieldSpec
from features.other_units import conversion
from features.problem_codes import Code

NUMBER_ALONE = "send the number alone, without quotation marks, unit or sign such as < or %"
"""How a number that came as text is sent."""


@dataclass(frozen=True)
class UnitHint:
    """The unit that a number was probably written in.

    Attributes
    ----------
    unit : str
    factor : float
        Multiply the number by it to get the schema's unit.
    """

    unit: str
    factor: float


@dataclass(frozen=True)
class ValueProblem:
    """What is wrong with a value, in words that do not repeat it.

    Attributes
    ----------
    code : Code
        Kind of problem.
    words : str
        Follow the field's name.
    hint : UnitHint or None
    """

    code: Code
    words: str
    hint: UnitHint | None = None


def value_problem(field: FieldSpec, value: object) -> ValueProblem | None:
    """Find what is wrong with a value: no text for a number, no true for 1, but 3.0 for 3.

    Parameters
    ----------
    field : FieldSpec
    value : object
        As it came in JSON; not None.

    Returns
    -------
    problem : ValueProblem or None
        None where the value is allowed.

    Examples
    --------
    >>> from features.field import OtherUnit
    >>> unit = OtherUnit("umol/L", 1 / 88.42)
    >>> creatinine = FieldSpec("creatinine", "number", "Creatinine", "mg/dL", 0.05, 20, other_units=(unit,))
    >>> value_problem(creatinine, 80).words
    'must be 0.05 to 20 mg/dL; in umol/L? divide by 88.42'
    >>> value_problem(creatinine, "0.9").words
    'must be a number, not text: send the number alone, without quotation marks, unit or sign such as < or %'
    """
    if field.kind == "choice":
        if isinstance(value, str):
            return None if value in field.options else ValueProblem(Code.NOT_AN_OPTION, field.rule)
        return ValueProblem(Code.WRONG_TYPE, f"{field.rule}, not {_type(value)}")
    if field.kind == "boolean":
        return (
            None
            if isinstance(value, bool)
            else ValueProblem(Code.WRONG_TYPE, f"{field.rule}, not {_type(value)}")
        )
    if field.kind == "text":
        return _text_problem(field, value)
    return _number_problem(field, value)


def unit_hint(field: FieldSpec, value: float) -> UnitHint | None:
    """Name the unit in which a number would be usual, or at least possible; None where there is none."""
    others = field.other_writings(value)
    return UnitHint(others[0].name, others[0].factor) if others else None


def in_words(hint: UnitHint) -> str:
    """Ask for the unit and say how to convert from it.

    Examples
    --------
    >>> in_words(UnitHint("umol/L", 1 / 88.42))
    'in umol/L? divide by 88.42'
    """
    return f"in {hint.unit}? {conversion(hint.factor)}"


def _text_problem(field: FieldSpec, value: object) -> ValueProblem | None:
    if not isinstance(value, str):
        return ValueProblem(Code.WRONG_TYPE, f"{field.rule}, not {_type(value)}")
    if not 1 <= len(value) <= field.longest:
        return ValueProblem(Code.TEXT_TOO_LONG if value else Code.REQUIRED, field.rule)
    return None


def _number_problem(field: FieldSpec, value: object) -> ValueProblem | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        remedy = f": {NUMBER_ALONE}" if isinstance(value, str) else ""
        return ValueProblem(Code.WRONG_TYPE, f"must be a number, not {_type(value)}{remedy}")
    if not field.allows(value):
        hint = unit_hint(field, value)
        if hint is None:
            return ValueProblem(Code.OUTSIDE_LIMITS, field.rule)
        return ValueProblem(Code.PROBABLY_OTHER_UNIT, f"{field.rule}; {in_words(hint)}", hint)
    if field.kind == "integer" and not float(value).is_integer():
        return ValueProblem(Code.NOT_WHOLE, field.rule)
    return None


def _type(value: object) -> str:
    """Name the type of a JSON value."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"
