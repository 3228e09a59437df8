"""A Parquet file becomes a grid of text cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from features.files.size_budget import Budget, bounded_memory
from features.files.stored_numbers import stored_text
from features.files.stored_times import time_problem
from features.files.unpacked_size import damaged, refuse_large
from features.problem_codes import Code
from features.problems import DataError, Problem

BATCH = 4_096
"""Rows that are expanded at a time; a repeated text is kept once until its length is counted."""


def parquet_grid(content: bytes, *, name: str) -> list[list[str]]:
    """Read a Parquet file.

    Parameters
    ----------
    content : bytes
        Of the whole file.
    name : str
        Of the file, for messages.

    Returns
    -------
    grid : list of list of str
        Headings first.

    Raises
    ------
    DataError
        If the file is damaged or too large, or a column holds lists, records, bytes, or times beyond the
        calendar.
    """
    try:
        with bounded_memory(name):
            file = _opened(content)
            groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
            rows = file.metadata.num_rows
            refuse_large(sum(group.total_byte_size for group in groups), rows, name)
            refuse_nested(file.schema_arrow, name)
            budget = Budget(name)
            budget.table(rows=rows, columns=len(file.schema_arrow))
            columns = [_cells(file, index, budget) for index in range(len(file.schema_arrow))]
            return [file.schema_arrow.names, *(list(row) for row in zip(*columns, strict=True))]
    except (DataError, MemoryError):
        raise
    except Exception:  # pyarrow raises many kinds for damaged content; all mean the same to the user
        raise DataError([damaged("Parquet file")], source=name) from None


def _opened(content: bytes) -> Any:
    """Open the file so that a text that is repeated is read once, as its dictionary holds it."""
    import pyarrow
    import pyarrow.parquet

    source = pyarrow.BufferReader(content)
    schema = pyarrow.parquet.read_schema(source)
    texts = [field.name for field in schema if field.type in (pyarrow.string(), pyarrow.large_string())]
    source.seek(0)
    return pyarrow.parquet.ParquetFile(source, read_dictionary=texts)


def refuse_nested(schema: Any, name: str) -> None:
    """Refuse columns that hold lists, records or bytes."""
    import pyarrow

    nested = [
        Problem(Code.NESTED_COLUMN, "must hold one value a cell", field.name, value_text=str(field.type))
        for field in schema
        if pyarrow.types.is_nested(field.type) or "binary" in str(field.type)
    ]
    if nested:
        raise DataError(nested, source=name)


def _cells(file: Any, index: int, budget: Budget) -> list[str]:
    """Read one column, a batch of rows at a time."""
    cells: list[str] = []
    alike: dict[tuple[type, str], str] = {}
    for batch in _batches(file, index):
        budget.text(_length(batch))
        # Equal cells are one text in memory, however often they are repeated.
        cells += column_cells(
            batch, file.schema_arrow.names[index], alike, name=budget.name, rows_before=len(cells)
        )
        if len(alike) > BATCH:
            alike.clear()
    return cells


def column_cells(
    batch: Any, column: str, alike: dict[tuple[type, str], str], *, name: str, rows_before: int
) -> list[str]:
    """Write the values of a batch of one column as cells, as `batch_cells` does.

    Parameters
    ----------
    batch : pyarrow.Array
    column : str
        Its name.
    alike : dict
        As for `batch_cells`.
    name : str
        Of the file, for messages.
    rows_before : int
        Rows of the file before the batch, without the heading.

    Returns
    -------
    cells : list of str

    Raises
    ------
    DataError
        If the column holds a time that is beyond the calendar, or in an unknown time zone.
    """
    try:
        return batch_cells(batch, alike)
    except (ArithmeticError, LookupError, ValueError):
        problem = time_problem(batch, column, rows_before=rows_before)
        if problem is None:
            raise
        raise DataError([problem], source=name) from None


def batch_cells(batch: Any, alike: dict[tuple[type, str], str]) -> list[str]:
    """Write the values of a batch of one column as cells, every different value once.

    Parameters
    ----------
    batch : pyarrow.Array
    alike : dict
        Texts of earlier batches by type and text; the new ones are added.

    Returns
    -------
    cells : list of str
    """
    import pyarrow

    try:
        encoded = batch if pyarrow.types.is_dictionary(batch.type) else batch.dictionary_encode()
    except pyarrow.ArrowNotImplementedError:
        encoded = None
    if encoded is None:
        texts = [stored_text(value) for value in batch.to_pylist()]
        return [alike.setdefault((type(text), text), text) for text in texts]
    texts = [stored_text(value) for value in encoded.dictionary.to_pylist()]
    kept = [*(alike.setdefault((type(text), text), text) for text in texts), ""]
    positions = encoded.indices.fill_null(len(texts)).to_pylist()
    return [kept[position] for position in positions]


def _batches(file: Any, index: int) -> Iterator[Any]:
    for batch in file.iter_batches(batch_size=BATCH, columns=[_leaf(file, index)], use_threads=False):
        yield batch.column(0)


def _leaf(file: Any, index: int) -> str:
    """Path of a column: no column is nested, so that leaves and columns are the same."""
    return str(file.schema.column(index).path)


def _length(column: Any) -> int:
    """Characters of a batch, counted without repeating what its dictionary holds once."""
    import pyarrow
    import pyarrow.compute

    # Texts alone come as a dictionary: pyarrow expands others, and bytes have been refused.
    if not pyarrow.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pyarrow.compute.binary_length(column.dictionary).take(column.indices)
    return int(pyarrow.compute.sum(lengths).as_py() or 0)
