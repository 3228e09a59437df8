"""The encoded values of a schema model: one array a column, the same for one patient and a million."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from features.field import FieldSpec, specs
from features.short_repr import ShortRepr

Values = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Columns(ShortRepr):
    """Columns of `Patient` or `FollowUp` as numbers.

    Numbers are kept, booleans as 0 and 1, choices as the place of the option in the schema,
    missing values as NaN.

    Parameters
    ----------
    model : type of BaseModel
        `Patient` or `FollowUp`.
    values : mapping of str to ndarray of shape (n_infusions,)
        Every column of the model.

    Examples
    --------
    >>> from features.schema import Patient
    >>> patients = Columns.from_rows(Patient, [{"age_years": 30.0, "target_antigen": "cd22"}])
    >>> patients["target_antigen"], patients["ldh_u_l"]
    (array([1.]), array([nan]))
    >>> patients.is_option("target_antigen", "cd22")
    array([1.])
    """

    model: type[BaseModel]
    values: Mapping[str, Values]
    derived: dict[Any, NDArray[Any]] = field(default_factory=dict, init=False, compare=False)
    """What was computed of these columns once, by the name of the one who computes it; read-only."""

    @classmethod
    def from_rows(cls, model: type[BaseModel], rows: Sequence[Mapping[str, Any]]) -> Self:
        """Encode rows of checked values; a column that a row does not have is missing there."""
        fields = specs(model)
        columns = [_encoded(field, [row.get(name) for row in rows]) for name, field in fields.items()]
        # One array for all: a request is one row of many columns.
        return cls(model, dict(zip(fields, np.array(columns, dtype=float), strict=True)))

    def __getstate__(self) -> dict[str, Any]:
        """Send another process the values alone; it computes again what is derived of them."""
        return {**self.__dict__, "derived": {}}

    def __getitem__(self, name: str) -> Values:
        return self.values[name]

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def take(self, index: NDArray[Any]) -> Self:
        """Pick infusions by position or by mask."""
        return type(self)(self.model, {name: column[index] for name, column in self.values.items()})

    def matrix(self, names: Iterable[str]) -> Values:
        """Stack the named columns side by side: shape (n_infusions, n_names)."""
        return np.column_stack([self.values[name] for name in names])

    def is_option(self, name: str, *options: str) -> Values:
        """1 where a choice has one of the options, 0 where it has another, NaN where missing."""
        column = self.values[name]
        listed = specs(self.model)[name].options
        first, *others = (column == listed.index(option) for option in options)
        for other in others:
            first |= other
        return np.where(np.isnan(column), np.nan, first)

    def row(self, position: int) -> dict[str, Any]:
        """Decode one infusion: values as they were given, None where missing."""
        return {
            name: _decoded(field, self.values[name].item(position))
            for name, field in specs(self.model).items()
        }


def _encoded(field: FieldSpec, values: Sequence[Any]) -> list[float]:
    if field.kind == "choice":
        return [math.nan if value is None else float(field.options.index(value)) for value in values]
    return [math.nan if value is None else float(value) for value in values]


def _decoded(field: FieldSpec, value: float) -> Any:
    if math.isnan(value):
        return None
    if field.kind == "choice":
        return field.options[int(value)]
    if field.kind == "boolean":
        return bool(value)
    return int(value) if field.kind == "integer" else value
