"""A Parquet file becomes a grid of text cells."""

from __future__ import annotations

from typing import Any

from features.intake.stored import stored_text
from features.intake.unpacking import damaged, refuse_large
from features.problems import DataError, Problem


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
        If the file is damaged or too large, or a column holds lists, records or bytes.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        groups = (file.metadata.row_group(place) for place in range(file.metadata.num_row_groups))
        refuse_large(sum(group.total_byte_size for group in groups), file.metadata.num_rows, name)
        table = file.read()
    except DataError:
        raise
    except Exception:  # pyarrow raises many kinds for damaged content; all mean the same to the user
        raise DataError([damaged("Parquet file")], source=name) from None
    nested = [
        Problem("must hold one value a cell", field.name, found=str(field.type))
        for field in table.schema
        if pyarrow.types.is_nested(field.type) or "binary" in str(field.type)
    ]
    if nested:
        raise DataError(nested, source=name)
    return _parquet_cells(table, name)


def _parquet_cells(table: Any, name: str) -> list[list[str]]:
    try:
        columns = [[stored_text(value) for value in column.to_pylist()] for column in table.columns]
    except Exception:  # text that is not UTF-8, times out of range
        raise DataError([damaged("Parquet file")], source=name) from None
    return [list(map(str, table.column_names)), *(list(row) for row in zip(*columns, strict=True))]
