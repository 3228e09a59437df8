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

Kind = Literal["text", "number", "integer", "boolean", "choice"]
KnownWhen = Literal["baseline", "before_lymphodepletion", "day_0", "follow_up"]


@dataclass(frozen=True)
class OtherUnit:
    """A unit in clinical use beside the schema's own.

    Parameters
    ----------
    name : str
        How the unit is written.
    factor : float
        Multiply a value in this unit by it to get the schema's unit.
    """

    name: str
    factor: float


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
        ``yes``, ``no``, or what needs it (``for severe_crs``).
    known_when : str
        When the value is known.
    other_units : tuple of OtherUnit
        Units a value may have been written in by mistake.
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
        if self.kind == "choice":
            return f"must be one of {', '.join(self.options)}"
        if self.kind == "boolean":
            return "must be true or false"
        if self.kind == "text":
            return "must be text of 1 to 64 characters"
        whole = "a whole number, " if self.kind == "integer" else ""
        unit = f" {self.unit}" if self.unit else ""
        return f"must be {whole}{_plain(self.low)} to {_plain(self.high)}{unit}"

    def allows(self, value: float) -> bool:
        """Say whether a number lies within the limits, both included."""
        low = -float("inf") if self.low is None else self.low
        high = float("inf") if self.high is None else self.high
        return low <= value <= high

    def unit_hint(self, value: float) -> str | None:
        """Name the unit a value outside the limits was probably written in.

        Examples
        --------
        >>> cells = OtherUnit("cells, not millions", 1e-6)
        >>> dose = FieldSpec("dose", "number", "Dose", "10^6/kg", 0.001, 50, other_units=(cells,))
        >>> dose.unit_hint(625000)
        'cells, not millions? divide by 1e6'
        """
        if self.allows(value):
            return None
        for other in self.other_units:
            if self.allows(value * other.factor):
                return f"{other.name}? {_conversion(other.factor)}"
        return None


def number(title: str, unit: str, low: float, high: float, **more: Any) -> Any:
    """Declare a number with a unit and limits."""
    return _declare("number", title, unit=unit, low=low, high=high, **more)


def integer(title: str, low: int, high: int, unit: str = "", **more: Any) -> Any:
    """Declare a whole number with limits."""
    return _declare("integer", title, unit=unit, low=low, high=high, **more)


def boolean(title: str, **more: Any) -> Any:
    """Declare a yes-or-no column."""
    return _declare("boolean", title, **more)


def choice(title: str, **more: Any) -> Any:
    """Declare a column with the options of its ``Literal`` annotation."""
    return _declare("choice", title, **more)


def text(title: str, **more: Any) -> Any:
    """Declare a short text."""
    return _declare("text", title, **more)


def _whole(value: object) -> object:
    """Let 3.0 pass for 3: JSON writers and spreadsheets do not tell them apart."""
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
    other_units: tuple[OtherUnit, ...] = (),
) -> Any:
    """Build the pydantic field that carries all a column's facts."""
    facts: dict[str, Any] = {"kind": kind, "unit": unit, "required": required, "known_when": known_when}
    if notes:
        facts["notes"] = notes
    if other_units:
        facts["other_units"] = [{"name": other.name, "factor": other.factor} for other in other_units]
    limits: dict[str, Any] = {}
    if kind in ("number", "integer"):
        limits = {"ge": low, "le": high}
    if kind == "number":
        limits["allow_inf_nan"] = False
    if kind == "text":
        limits = {"min_length": 1, "max_length": 64}
    default: Any = ... if required == "yes" else None
    return pydantic.Field(default, title=title, json_schema_extra=facts, **limits)


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    facts: Any = info.json_schema_extra
    limits = {key: getattr(item, key) for item in info.metadata for key in ("ge", "le") if hasattr(item, key)}
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
        other_units=tuple(OtherUnit(**other) for other in facts.get("other_units", [])),
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


def _conversion(factor: float) -> str:
    """Say how to convert, as a division where that is the rounder number."""
    if factor >= 1:
        return f"multiply by {factor:g}"
    divisor = round(1 / factor, 10)
    return "divide by 1e6" if divisor == 1e6 else f"divide by {divisor:g}"
