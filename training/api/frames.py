"""DataFrames of patients in the schema's columns, checked as files are; no message has a value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from features.checking.cell_problems import cell_problem
from features.checking.cell_provenance import Origin
from features.checking.check_table import examine_rows
from features.checking.typed_columns import TableReader, TypedColumns
from features.columns import Columns
from features.field import specs
from features.files.raw_table import RawTable, table_of
from features.files.stored_numbers import stored_text
from features.predictors import with_derived_dose
from features.problem_codes import Code
from features.problems import DataError, Problem, Refused, grouped
from features.schema import Patient

FRAME = "DataFrame"
"""What messages call a table that has no file."""


def frame_table(frame: pd.DataFrame, *, name: str) -> RawTable:
    """Write a DataFrame as the table that its file would be.

    Parameters
    ----------
    frame : DataFrame
        In the columns of the schema, or of a mapping file.
    name : str
        For messages and records.

    Returns
    -------
    table : RawTable
        Rows are counted from 0, as ``frame.iloc`` counts them. The digest is that of the cells.

    Raises
    ------
    DataError
        If there are no rows, or the names of the columns are not those of a table.
    """
    if not len(frame):
        raise DataError([Problem(Code.NO_ROWS, "the table has no rows")], source=name)
    columns = [_cells(frame.iloc[:, position]) for position in range(frame.shape[1])]
    grid = [[str(column) for column in frame.columns], *map(list, zip(*columns, strict=True))]
    digest = hashlib.sha256(repr([list(map(str, row)) for row in grid]).encode()).hexdigest()
    table = table_of(grid, name=name, sha256=digest)
    return replace(table, row_numbers=tuple(number - 2 for number in table.row_numbers))


def frame_patients(frame: pd.DataFrame, *, contradictions: bool = True) -> Columns:
    """Check a DataFrame of patients and encode it.

    Parameters
    ----------
    frame : DataFrame
        Columns of `Patient`; others must not be there.
    contradictions : bool
        Whether fields of a row that contradict each other are refused.

    Returns
    -------
    patients : Columns of `Patient`
        Row by row, with the dose per kg derived where it can be; a column that is not there is missing.

    Raises
    ------
    DataError
        With every problem: column, rule and row, never a value.
    """
    names = tuple(str(name) for name in frame.columns)
    columns = [_cells(frame.iloc[:, position]) for position in range(frame.shape[1])]
    rows = tuple(zip(*columns, strict=True)) if columns else ((),) * len(frame)
    table = RawTable(FRAME, "", names, rows, tuple(range(len(frame))))
    typed, problems = _typed(table, contradictions=contradictions)
    if problems:
        raise without_values(DataError(grouped(problems), source=FRAME))
    missing = np.full(len(frame), np.nan)
    return with_derived_dose(
        Columns(Patient, {name: typed.numbers.get(name, missing) for name in specs(Patient)})
    )


def as_frame(
    patients: pd.DataFrame | pd.Series | Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> pd.DataFrame:
    """Give patients as a DataFrame, also records or one record; whole numbers stay so beside missing ones.

    Raises
    ------
    Refused
        If they are something else, such as an array, whose columns have no names.

    Examples
    --------
    >>> as_frame(pd.Series({"age_years": 31, "prior_lines": 2})).shape
    (1, 2)
    >>> as_frame(np.zeros((1, 2)))
    Traceback (most recent call last):
        ...
    features.problems.Refused: patients must be a DataFrame, records (dict) or a path, got ndarray
    """
    if isinstance(patients, pd.DataFrame):
        return patients
    records = [patients] if isinstance(patients, Mapping | pd.Series) else patients
    if not isinstance(records, list | tuple) or not all(
        isinstance(each, Mapping | pd.Series) for each in records
    ):
        message = f"patients must be a DataFrame, records (dict) or a path, got {type(patients).__name__}"
        raise Refused(message)
    return pd.DataFrame([dict(each) for each in records], dtype=object)


def without_values(error: DataError) -> DataError:
    """Leave patients' values out of an error: notebooks keep what they show."""
    return DataError([problem.without_values() for problem in error.problems], source=error.source)


def _typed(table: RawTable, *, contradictions: bool) -> tuple[TypedColumns, list[Problem]]:
    if contradictions:
        typed, problems, _ = examine_rows(table, TableReader(), Origin())
        return typed, problems
    typed, errors = TableReader().read(table)
    return typed, [cell_problem(table, *error, Origin()) for error in errors]


def _cells(column: pd.Series) -> list[str]:
    """Write one column as cells: blank where missing, numbers and booleans one way."""
    missing = column.isna().to_numpy()
    values = [value.item() if isinstance(value, np.generic) else value for value in column]
    return ["" if absent else stored_text(value) for value, absent in zip(values, missing, strict=True)]
