"""A file of SPSS, Stata or SAS becomes a grid of text cells: codes, not labels; dates as YYYY-MM-DD."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from features.files.size_budget import MAX_CELLS, Budget, bounded_memory
from features.files.stored_numbers import stored_text
from features.files.unpacked_size import MAX_ROWS, damaged, refuse_large
from features.problems import DataError

CODES = "value labels are not used: codes were read, as in a REDCap raw export"
MISSING = "values that the file declares as missing were read as blank"


@dataclass(frozen=True)
class Program:
    """A statistical program and how its files are read.

    Parameters
    ----------
    title : str
        How messages call its files.
    reader : str
        Function of pyreadstat.
    metadata : mapping
        Options with which its metadata name the values that are declared as missing.
    """

    title: str
    reader: str
    metadata: Mapping[str, bool] = field(default_factory=lambda: {"user_missing": True})


PROGRAMS = {
    ".sav": Program("SPSS file", "read_sav"),
    ".zsav": Program("SPSS file", "read_sav"),
    ".dta": Program("Stata file", "read_dta"),
    ".sas7bdat": Program("SAS file", "read_sas7bdat"),
    ".xpt": Program("SAS transport file", "read_xport", metadata={}),
}
"""By the ending of the file's name."""


def statistical_grid(content: bytes, kind: str, *, name: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """Read a file of a statistical program.

    Parameters
    ----------
    content : bytes
        Of the whole file.
    kind : str
        Ending of its name, one of `PROGRAMS`.
    name : str
        Of the file, for messages.

    Returns
    -------
    grid : list of list of str
        Headings first.
    notes : tuple of str
        What was not taken over: labels, and which values are missing.

    Raises
    ------
    DataError
        If the file is damaged or too large.
    """
    import pyreadstat

    program = PROGRAMS[kind]
    read = getattr(pyreadstat, program.reader)
    try:
        with bounded_memory(name):
            _, stated = read(io.BytesIO(content), metadataonly=True, **program.metadata)
            most = _most_rows(stated, name)
            columns, _ = read(io.BytesIO(content), row_limit=most + 1, output_format="dict")
            texts = _texts(columns, Budget(name))
    except (DataError, MemoryError):
        raise
    except Exception:  # pyreadstat raises many kinds for damaged content; all mean the same to the user
        raise DataError([damaged(program.title)], source=name) from None
    if len(texts) > most:
        refuse_large(0, max(len(texts), MAX_ROWS + 1), name)
    return [list(columns), *texts], _notes(stated)


def _most_rows(stated: Any, name: str) -> int:
    """Refuse a file by the size that it states; where it states none, say what is read at most."""
    columns = max(len(stated.column_names), 1)
    rows = stated.number_rows
    if rows is None or rows < 0:
        return min(MAX_ROWS, MAX_CELLS // columns)
    widths = (stated.variable_storage_width or {}).values()
    refuse_large(rows * sum(widths), rows, name)
    Budget(name).table(rows=rows, columns=columns)
    return int(rows)


def _texts(columns: dict[str, Any], budget: Budget) -> list[list[str]]:
    cells = [[stored_text(_value(value)) for value in _listed(column)] for column in columns.values()]
    grid = []
    for row in zip(*cells, strict=True):
        budget.row(row)
        grid.append(list(row))
    return grid


def _listed(column: Any) -> list[Any]:
    return list(column.tolist() if hasattr(column, "tolist") else column)


def _value(value: Any) -> Any:
    """Take what is not a number as blank."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _notes(stated: Any) -> tuple[str, ...]:
    declared = stated.missing_ranges or stated.missing_user_values
    return (*((CODES,) if stated.variable_value_labels else ()), *((MISSING,) if declared else ()))
