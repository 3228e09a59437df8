"""The cells of a table become columns of values; every different cell is understood once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.checking.parse_cell import CellError, Value, parse_cell
from features.columns import Values
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.files.stored_numbers import StoredPercent
from features.problem_codes import Code
from features.schema import all_fields
from features.short_repr import ShortRepr

TypedRow = dict[str, Value | None]

MOST_KEPT = 5_000
"""Different cells of a column that are kept between two tables of one file."""


@dataclass(frozen=True, repr=False)
class TypedColumns(ShortRepr):
    """Checked values of a table, by column.

    Parameters
    ----------
    n_rows : int
        Of the table.
    numbers : mapping of str to ndarray of shape (n_rows,)
        Numbers, booleans and choices as `features.columns.Columns` encodes them: NaN where blank or refused.
    texts : mapping of str to list of str or None
        Texts; None where blank or refused.
    names : tuple of str
        Columns of the schema that the table has, in its order.

    Examples
    --------
    >>> table = RawTable("c.csv", "00", ("patient_id", "ecog"), (("a", "1"), ("b", "")), (2, 3))
    >>> typed, errors = TableReader().read(table)
    >>> typed.rows(), errors
    ([{'patient_id': 'a', 'ecog': 1}, {'patient_id': 'b', 'ecog': None}], [])
    """

    n_rows: int
    numbers: Mapping[str, Values]
    texts: Mapping[str, list[str | None]]
    names: tuple[str, ...]

    def __getitem__(self, position: int) -> TypedRow:
        """Give the values of one row, as `rows` gives those of all."""
        return {
            name: self.texts[name][position]
            if name in self.texts
            else decoded(all_fields()[name], float(self.numbers[name][position]))
            for name in self.names
        }

    def rows(self) -> list[TypedRow]:
        """Give the values row by row: None where blank or refused."""
        columns = [self._column(name) for name in self.names]
        if not columns:
            return [{} for _ in range(self.n_rows)]
        return [dict(zip(self.names, values, strict=True)) for values in zip(*columns, strict=True)]

    def number(self, name: str) -> Values:
        """Give an encoded column; NaN throughout where the table does not have it."""
        known = self.numbers.get(name)
        return np.full(self.n_rows, np.nan) if known is None else known

    def text(self, name: str) -> Sequence[str | None]:
        """Give a column of texts; None throughout where the table does not have it."""
        known = self.texts.get(name)
        return [None] * self.n_rows if known is None else known

    def _column(self, name: str) -> Sequence[Value | None]:
        if name in self.texts:
            return self.texts[name]
        spec = all_fields()[name]
        return [decoded(spec, value) for value in self.numbers[name].tolist()]


CellErrors = list[tuple[int, FieldSpec, str, CellError]]
"""Refused cells: position of the row, column, cell and reason."""


class TableReader:
    """Reads tables of one file, and remembers the cells that it has understood.

    Examples
    --------
    >>> table = RawTable("c.csv", "00", ("ecog",), (("1",), ("9",)), (2, 3))
    >>> [(position, spec.name, str(error)) for position, spec, _, error in TableReader().read(table)[1]]
    [(1, 'ecog', 'must be a whole number, 0 to 4')]
    """

    def __init__(self) -> None:
        self._columns: dict[str, _ColumnReader] = {}

    def read(self, table: RawTable) -> tuple[TypedColumns, CellErrors]:
        """Understand every cell of the columns of the schema.

        Parameters
        ----------
        table : RawTable
            In the schema's columns; others are left out.

        Returns
        -------
        typed : TypedColumns
        errors : list of tuple
            Column by column, each from the first row to the last.
        """
        numbers: dict[str, Values] = {}
        texts: dict[str, list[str | None]] = {}
        errors: CellErrors = []
        columns = zip(*table.rows, strict=True) if table.rows else ((),) * len(table.columns)
        for name, cells in zip(table.columns, columns, strict=True):
            if name not in all_fields():
                continue
            reader = self._columns.setdefault(name, _ColumnReader(all_fields()[name]))
            values = reader.read(cells)
            if reader.spec.kind == "text":
                texts[name] = values
            else:
                numbers[name] = np.array(values, dtype=np.float64)
            errors += reader.refused(cells)
        names = tuple(name for name in table.columns if name in all_fields())
        return TypedColumns(len(table.rows), numbers, texts, names), errors


def decoded(spec: FieldSpec, value: float) -> Value | None:
    """Give the value that an encoded number means; None for NaN."""
    if value != value:
        return None
    if spec.kind == "choice":
        return spec.options[int(value)]
    if spec.kind == "boolean":
        return bool(value)
    return int(value) if spec.kind == "integer" else value


class _ColumnReader:
    """Reads one column: cells that were seen before are looked up."""

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec
        self._plain = _Understood(spec)
        self._percent = _Understood(spec)

    def read(self, cells: Sequence[str]) -> list[Any]:
        """Give the encoded value of each cell."""
        self._plain.forget()
        self._percent.forget()
        if self._has_percent(cells):
            return [self._of(cell)[cell] for cell in cells]
        return list(map(self._plain.__getitem__, cells))

    def refused(self, cells: Sequence[str]) -> CellErrors:
        """List the refused cells from the first row to the last."""
        if not (self._plain.errors or self._percent.errors):
            return []
        errors = ((position, cell, self._of(cell).errors.get(cell)) for position, cell in enumerate(cells))
        return [(position, self.spec, cell, error) for position, cell, error in errors if error is not None]

    def _of(self, cell: str) -> _Understood:
        return self._percent if isinstance(cell, StoredPercent) else self._plain

    def _has_percent(self, cells: Sequence[str]) -> bool:
        """Whether a cell is a fraction that its workbook shows as a percentage; no other column differs."""
        return self.spec.unit == "%" and any(type(cell) is StoredPercent for cell in cells)


class _Understood(dict[str, Any]):
    """Encoded values by cell; a cell that is not there yet is parsed."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self.errors: dict[str, CellError] = {}
        self._spec = spec
        self._encode = _encoder(spec)
        self._blank = None if spec.kind == "text" else np.nan

    def __missing__(self, cell: str) -> Any:
        try:
            value = _parsed(self._spec, cell)
            encoded = self._blank if value is None else self._encode(value)
        except CellError as error:
            self.errors[cell] = error
            encoded = self._blank
        self[cell] = encoded
        return encoded

    def forget(self) -> None:
        """Start again once very many different cells are kept."""
        if len(self) > MOST_KEPT:
            self.clear()
            self.errors.clear()


def _parsed(spec: FieldSpec, cell: str) -> Value | None:
    value = parse_cell(spec, cell)
    if value is None and spec.name == "patient_id":
        raise CellError(Code.REQUIRED, "is required")
    return value


def _encoder(spec: FieldSpec) -> Any:
    if spec.kind == "text":
        return _same
    if spec.kind == "choice":
        return {option: float(code) for code, option in enumerate(spec.options)}.__getitem__
    return float


def _same(value: Value) -> Value:
    return value
