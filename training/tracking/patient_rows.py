"""Patients of a DataFrame, as CSV files, databases and JSON give them: read as a cohort file, or refused."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from features.checking.parse_cell import CellError, parse_cell
from features.field import FieldSpec, specs
from features.files.typed_text import canonical_text
from features.schema import Patient
from serving.http.body_problems import MOST_PROBLEMS, request_problems

FIELDS = specs(Patient)


class InputError(ValueError):
    """Patients or parameters that are refused; says row, field and rule, never a value."""


def checked_rows(patients: pd.DataFrame) -> list[dict[str, Any]]:
    """Read patients from a table and refuse what is not a `Patient`.

    Parameters
    ----------
    patients : DataFrame
        A row a patient, columns of `Patient`. Blank text, None, NaN, NA and an absent column mean not known.
        Yes and no are booleans, 1 and 0, or the words of a cohort file: true, false, yes, no. Numbers may be
        text, as a cohort file writes them, or of the types of numpy and of databases.

    Returns
    -------
    rows : list of dict
        Values by column, None where not known.

    Raises
    ------
    InputError
        With every problem, up to a limit: row (counted from 0), field and rule, never a value.

    Examples
    --------
    >>> patient = {"age_years": "31", "prior_lines": 2, "prior_blinatumomab": "none",
    ...            "prior_inotuzumab": 0, "marrow_blasts_pct": 40.0, "target_antigen": "cd19",
    ...            "dose_1e6_per_kg": 1.0, "ferritin_ug_l": ""}
    >>> (row,) = checked_rows(pd.DataFrame([patient]))
    >>> row["age_years"], row["prior_inotuzumab"], row["ferritin_ug_l"]
    (31.0, False, None)
    >>> checked_rows(pd.DataFrame([{**patient, "age_years": 400}]))
    Traceback (most recent call last):
        ...
    training.tracking.patient_rows.InputError: 1 problem
      row 0: age_years must be 0 to 100 years; in months? divide by 12
    """
    _refuse_repeated_columns(patients)
    rows, problems = [], []
    for number, cells in enumerate(patients.to_dict(orient="records")):
        row, refused = _read(cells)
        rows.append(row)
        problems += [f"row {number}: {problem}" for problem in _problems(row, refused)]
    if not rows:
        message = "no rows: pass a DataFrame with the columns of a patient, one row per patient"
        raise InputError(message)
    if problems:
        shown = problems[:MOST_PROBLEMS]
        rest = [f"and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        raise InputError("\n  ".join([count, *shown, *rest]))
    return rows


def _refuse_repeated_columns(patients: pd.DataFrame) -> None:
    repeated = set(patients.columns[patients.columns.duplicated()])
    if repeated:
        names = [name for name in FIELDS if name in repeated]
        message = f"columns must be unique; repeated: {', '.join(names) or 'a column that is not a field'}"
        raise InputError(message)


def _problems(row: Mapping[str, Any], refused: Mapping[str, str]) -> list[str]:
    """State what is wrong with a row; refused text is still in it, and gets its own reason."""
    return [
        refused.get(problem.field) or problem.message
        for problem in request_problems(row, subject="a row", beside=())
    ]


def _read(cells: Mapping[Hashable, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a row: its values, and why text was refused, by field."""
    row: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for name, cell in cells.items():
        value = plain_value(cell)
        spec = FIELDS.get(str(name))
        try:
            row[str(name)] = value if spec is None else _value(spec, value)
        except CellError as error:
            row[str(name)] = value
            advice = error.advice.without_cell() if error.advice else None
            refused[str(name)] = f"{name} {error.rule}{f': {advice}' if advice else ''}"
    return row, refused


def _value(spec: FieldSpec, value: Any) -> Any:
    """Read text as a cell of a cohort file, and 1 and 0 as yes and no where those belong."""
    if isinstance(value, str):
        return parse_cell(spec, value.strip())
    if spec.kind == "boolean" and isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    return value


def plain_value(cell: Any) -> Any:
    """Turn a value of pandas, numpy or a database into one of Python: None, a boolean, a number or text.

    Parameters
    ----------
    cell : Any

    Returns
    -------
    value : Any
        Dates and times as text, which no field accepts; other types unchanged, to be refused.

    Examples
    --------
    >>> [plain_value(cell) for cell in (np.int64(3), Decimal("0.5"), np.bool_(True), pd.NA, Decimal("NaN"))]
    [3, 0.5, True, None, None]
    """
    if isinstance(cell, np.datetime64 | np.timedelta64):
        cell = pd.NaT if np.isnat(cell) else str(cell)
    elif isinstance(cell, np.floating):
        cell = float(cell)
    elif isinstance(cell, np.generic):
        cell = cell.item()
    elif isinstance(cell, Decimal):
        cell = None if cell.is_nan() else float(cell)
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return None
    return canonical_text(cell) if isinstance(cell, datetime.date | datetime.time) else cell
