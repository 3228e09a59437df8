"""One column of the schema: kind, unit, limits, options and the rule in words."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pydantic
from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from features.other_units import OtherUnit as OtherUnit
from features.other_units import Writing, conversion
from features.units_and_slips import WRITINGS

Kind = Literal["text", "number", "integer", "boolean", "choice"]
KnownWhen = Literal["baseline", "before_lymphodepletion", "day_0", "follow_up"]


FILLERS = (99.0, 999.0, 9999.0)
"""Numbers that are often codes for an unknown value; no slip explains them."""


@dataclass(frozen=True)
class FieldSpec:
    """What the schema says of one column.

    Attributes
    ----------
    name, title, notes : str
        Column name, title for people, remark.
    kind : Kind
        Type of a value.
    unit : str
        Empty where there is none.
    low, high : float or None
        Limits, both included; a value outside is impossible.
    options : tuple of str
        Of a choice, in schema order.
    required : str
        In words: ``yes``, ``no``, or what needs it (``for severe_crs``).
    instead : tuple of str
        Columns that together may be given instead of this one.
    known_when : str
        When the value is known.
    other_units : tuple of OtherUnit
        Units a value may have been written in by mistake.
    slips : tuple of OtherUnit
        What is written by mistake only; no unit of a file or a form.
    usual : tuple of two floats or None
        Between which values nearly all patients lie.
    longest : int
        Characters of a text.
    """

    name: str
    kind: Kind
    title: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()
    required: str = "no"
    known_when: str = ""
    notes: str = ""
    other_units: tuple[OtherUnit, ...] = ()
    slips: tuple[OtherUnit, ...] = ()
    usual: tuple[float, float] | None = None
    instead: tuple[str, ...] = ()
    longest: int = 64

    @property
    def in_every_request(self) -> bool:
        """Whether a request must bring the field, or the columns that may be given instead.

        Examples
        --------
        >>> from features.schema import Patient
        >>> [specs(Patient)[name].in_every_request for name in ("age_years", "dose_1e6_per_kg", "sex")]
        [True, True, False]
        """
        return self.required == "yes" or bool(self.instead)

    @property
    def rule(self) -> str:
        """The rule for a value in words.

        Examples
        --------
        >>> FieldSpec("ferritin_ug_l", "number", "Serum ferritin", "ug/L", 1, 200000).rule
        'must be 1 to 200000 ug/L'
        >>> FieldSpec("prior_lines", "integer", "Previous lines", "lines", 0, 20).rule
        'must be a whole number, 0 to 20 lines'
        >>> FieldSpec("sex", "choice", "Sex", options=("female", "male")).rule
        'must be one of female, male'
        """
        return f"must be {self.allowed}"

    @property
    def allowed(self) -> str:
        """The values that are allowed, in words."""
        if self.kind == "choice":
            return f"one of {', '.join(self.options)}"
        if self.kind == "boolean":
            return "true or false"
        if self.kind == "text":
            return f"text of 1 to {self.longest} characters"
        whole = "a whole number, " if self.kind == "integer" else ""
        unit = f" {self.unit}" if self.unit else ""
        return f"{whole}{_plain(self.low)} to {_plain(self.high)}{unit}"

    def allows(self, value: float) -> bool:
        """Whether a number is within the limits, both included."""
        low = -float("inf") if self.low is None else self.low
        high = float("inf") if self.high is None else self.high
        return low <= value <= high

    def is_usual(self, value: float) -> bool:
        """Say whether nearly all patients have such a value; True for 0, and where nothing is stated."""
        return self.usual is None or value == 0 or self.usual[0] <= value <= self.usual[1]

    def other_writings(self, value: float) -> tuple[OtherUnit, ...]:
        """Name the units that a number was probably written in, the likeliest first.

        Parameters
        ----------
        value : float

        Returns
        -------
        others : tuple of OtherUnit
            Those in which the value is usual, slips among them; none of a value that is usual as it is. Of a
            value outside the limits then the units in which it is inside.

        Examples
        --------
        >>> daily = OtherUnit("mg/m2 a day, for 3 days", 3.0)
        >>> total = FieldSpec("dose", "number", "Dose", "mg/m2", 0, 250, slips=(daily,), usual=(60, 180))
        >>> [other.name for other in total.other_writings(30)], total.other_writings(90)
        (['mg/m2 a day, for 3 days'], ())
        """
        possible = self.allows(value)
        if possible and self.is_usual(value):
            return ()
        others = self.other_units if value in FILLERS else (*self.other_units, *self.slips)
        usual = [other for other in others if self._is_usual_in(value, other)]
        if possible:
            return tuple(usual)
        inside = [other for other in self.other_units if self.allows(value * other.factor)]
        return tuple(dict.fromkeys([*usual, *inside]))

    def _is_usual_in(self, value: float, other: OtherUnit) -> bool:
        converted = value * other.factor
        return self.usual is not None and self.allows(converted) and self.is_usual(converted)

    def unit_hint(self, value: float) -> str | None:
        """Say how to fix a value outside the limits that another unit, or a slip, explains.

        Examples
        --------
        >>> cells = OtherUnit("cells, not millions", 1e-6)
        >>> dose = FieldSpec("dose", "number", "Dose", "10^6/kg", 0.001, 50, other_units=(cells,))
        >>> dose.unit_hint(625000)
        'cells, not millions? divide by 1e6'
        >>> months = OtherUnit("months", 1 / 12)
        >>> age = FieldSpec("age", "number", "Age", "years", 0, 100, slips=(months,), usual=(1, 90))
        >>> age.unit_hint(310)
        'correct the cell; if it is in months, divide by 12'
        """
        others = () if self.allows(value) else self.other_writings(value)
        if not others:
            return None
        name, how = others[0].name, conversion(others[0].factor)
        if others[0] in self.other_units:
            return f"{name}? {how}"
        return f"correct the cell; if it is in {name}, {how}"


def number(title: str, unit: str, low: float, high: float, **facts: Any) -> Any:
    """Declare a number with a unit and limits."""
    return _declare("number", title, unit=unit, low=low, high=high, **facts)


def integer(title: str, low: int, high: int, unit: str = "", **facts: Any) -> Any:
    """Declare a whole number with limits."""
    return _declare("integer", title, unit=unit, low=low, high=high, **facts)


def boolean(title: str, **facts: Any) -> Any:
    """Declare a yes-or-no column."""
    return _declare("boolean", title, **facts)


def choice(title: str, **facts: Any) -> Any:
    """Declare a column with the options of its ``Literal`` annotation."""
    return _declare("choice", title, **facts)


def text(title: str, **facts: Any) -> Any:
    """Declare a short text."""
    return _declare("text", title, **facts)


def _whole(value: object) -> object:
    """Let 3.0 pass for 3: JSON writers and spreadsheets do not distinguish them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WholeNumber = Annotated[int, BeforeValidator(_whole)]


@cache
def specs(model: type[BaseModel]) -> Mapping[str, FieldSpec]:
    """Read the columns of a schema model, in its order.

    Parameters
    ----------
    model : type of BaseModel
        `RowId`, `Patient` or `FollowUp`.

    Returns
    -------
    fields : mapping of str to FieldSpec
        Read-only.
    """
    return types.MappingProxyType({name: _spec(name, info) for name, info in model.model_fields.items()})


def _declare(
    kind: Kind,
    title: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    required: str = "no",
    known_when: KnownWhen | Literal[""] = "",
    notes: str = "",
    instead: tuple[str, ...] = (),
    longest: int = FieldSpec.longest,
) -> Any:
    """Build the pydantic field that carries all a column's facts."""
    if instead:
        required = f"{required}, or {' and '.join(instead)}"
    facts: dict[str, Any] = {"kind": kind, "unit": unit, "required": required, "known_when": known_when}
    if notes:
        facts["notes"] = notes
    if instead:
        facts["instead"] = list(instead)
    limits: dict[str, Any] = {}
    if kind in ("number", "integer"):
        limits = {"ge": low, "le": high}
    if kind == "number":
        limits["allow_inf_nan"] = False
    if kind == "text":
        limits = {"min_length": 1, "max_length": longest}
    default: Any = ... if required == "yes" else None
    return pydantic.Field(default, title=title, json_schema_extra=facts, **limits)


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    facts: Any = info.json_schema_extra
    writing = WRITINGS.get(name, Writing())
    keys = ("ge", "le", "max_length")
    limits = {key: getattr(item, key) for item in info.metadata for key in keys if hasattr(item, key)}
    return FieldSpec(
        name=name,
        kind=facts["kind"],
        title=info.title or name,
        unit=facts["unit"],
        low=limits.get("ge"),
        high=limits.get("le"),
        options=_options(info.annotation),
        required=facts["required"],
        known_when=facts["known_when"],
        notes=facts.get("notes", ""),
        other_units=writing.units,
        slips=writing.slips,
        usual=writing.usual,
        instead=tuple(facts.get("instead", ())),
        longest=limits.get("max_length", FieldSpec.longest),
    )


def _options(annotation: Any) -> tuple[str, ...]:
    """Find the options of ``Literal[...]`` or ``Literal[...] | None``."""
    if get_origin(annotation) is Literal:
        return tuple(get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        return next((_options(arm) for arm in get_args(annotation) if _options(arm)), ())
    return ()


def _plain(value: float | None) -> str:
    """Write a limit without exponent or needless decimals."""
    return "" if value is None else f"{value:.10f}".rstrip("0").rstrip(".")
