"""The encoded values of a schema model: one array a column, the same for one patient and a million."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from features.field import FieldSpec, specs
from features.short_repr import ShortRepr

Values = NDArray[np.float64]

_BLOCK = object()
"""Name of the array that all columns are rows of, among what is derived of them."""


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
        # One flat list for all: a request is one row of many columns. None becomes NaN.
        n, names = len(rows), specs(model)
        flat = [row.get(name) for name in names for row in rows]
        for at, codes in _codes(model):
            column = slice(at * n, (at + 1) * n)
            flat[column] = [codes[value] for value in flat[column]]
        return cls.of_block(model, np.array(flat, dtype=float).reshape(len(names), n))

    @classmethod
    def of_block(cls, model: type[BaseModel], block: Values) -> Self:
        """Take the rows of one array, shape (n_columns, n_infusions), in the order of the model."""
        columns = cls(model, dict(zip(specs(model), block, strict=True)))
        columns.derived[_BLOCK] = block
        return columns

    def __getstate__(self) -> dict[str, Any]:
        """Send another process the values alone; it computes again what is derived of them."""
        return {**self.__dict__, "derived": {}}

    def __getitem__(self, name: str) -> Values:
        return self.values[name]

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def take(self, index: NDArray[Any]) -> Self:
        """Pick infusions by position or by mask."""
        return self.of_block(self.model, self.stacked(tuple(specs(self.model)))[:, index])

    def stacked(self, names: tuple[str, ...]) -> Values:
        """Stack the named columns one below the other: shape (n_names, n_infusions)."""
        block = self.derived.get(_BLOCK)
        if block is None:
            return np.array([self.values[name] for name in names]).reshape(len(names), len(self))
        return np.asarray(block.take(_positions(self.model, names), axis=0))

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
            name: None if math.isnan(number := self.values[name].item(position)) else _decoded(field, number)
            for name, field in specs(self.model).items()
        }


@cache
def _positions(model: type[BaseModel], names: tuple[str, ...]) -> NDArray[np.intp]:
    """Find columns of a model."""
    return np.array([list(specs(model)).index(name) for name in names], dtype=np.intp)


@cache
def _codes(model: type[BaseModel]) -> list[tuple[int, dict[str | None, float | None]]]:
    """List the choices among the columns: the position of each, and the code of each option."""
    return [
        (at, {None: None, **{option: float(code) for code, option in enumerate(field.options)}})
        for at, field in enumerate(specs(model).values())
        if field.kind == "choice"
    ]


def _decoded(field: FieldSpec, value: float) -> Any:
    if field.kind == "choice":
        return field.options[int(value)]
    if field.kind == "boolean":
        return bool(value)
    return int(value) if field.kind == "integer" else value
