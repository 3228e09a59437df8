"""A Parquet file of any length, read in blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from features.files.parquet_file import BATCH, column_cells, refuse_nested
from features.files.row_blocks import ROWS_OF_A_BLOCK, Bookmark, RowBlock, is_blank
from features.files.unpacked_size import damaged
from features.problems import DataError

BUFFER = 1_000_000
"""Bytes of a column that are read at a time, so that a large row group is never read as a whole."""


class ParquetStream:
    """Rows of a Parquet file.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    n_rows : int
        As the file states them; blank ones count.

    Raises
    ------
    DataError
        If the file is damaged, or a column holds lists, records or bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with _opened(path) as file:
                refuse_nested(file.schema_arrow, path.name)
                self.heading = list(file.schema_arrow.names)
                self._groups = [
                    file.metadata.row_group(index).num_rows for index in range(file.metadata.num_row_groups)
                ]
                self.n_rows = sum(self._groups)
        except DataError:
            raise
        except Exception:  # pyarrow raises many kinds for damaged content; all mean the same to the user
            raise DataError([damaged("Parquet file")], source=path.name) from None

    def blocks(self, begin: Bookmark, most: int = ROWS_OF_A_BLOCK) -> Iterator[RowBlock]:
        """Give the rows from a place on.

        Parameters
        ----------
        begin : Bookmark
            `Bookmark()` for the first row, or the end of a block.
        most : int
            Rows of a block.

        Yields
        ------
        block : RowBlock

        Raises
        ------
        DataError
            If the file is damaged, or holds a time beyond the calendar or in an unknown time zone.
        """
        rows: list[list[str]] = []
        start = begin.rows
        try:
            for batch in self._batches(begin.rows):
                rows += _rows(batch, self.path.name, rows_before=start + len(rows))
                while len(rows) > most and (kept := _kept(rows[:most])):
                    yield RowBlock(rows[:kept], Bookmark(start), Bookmark(start + kept))
                    rows, start = rows[kept:], start + kept
            if kept := _kept(rows):
                yield RowBlock(rows[:kept], Bookmark(start), Bookmark(start + kept))
        except (DataError, MemoryError):
            raise
        except Exception:  # as above
            raise DataError([damaged("Parquet file")], source=self.path.name) from None

    def _batches(self, skipped: int) -> Iterator[Any]:
        """Give batches of rows, without row groups and rows that are before the place."""
        first = 0
        while first < len(self._groups) and skipped >= self._groups[first]:
            skipped -= self._groups[first]
            first += 1
        groups = list(range(first, len(self._groups)))
        if not groups:
            return
        with _opened(self.path) as file:
            for batch in file.iter_batches(batch_size=BATCH, row_groups=groups, use_threads=False):
                left = batch.slice(min(skipped, len(batch)))
                skipped -= len(batch) - len(left)
                if len(left):
                    yield left


def _opened(path: Path) -> Any:
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)


def _rows(batch: Any, file: str, *, rows_before: int) -> list[list[str]]:
    columns = [
        column_cells(column, name, {}, name=file, rows_before=rows_before)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return [list(cells) for cells in zip(*columns, strict=True)]


def _kept(rows: list[list[str]]) -> int:
    """Count rows without the blank ones at the end."""
    kept = len(rows)
    while kept and is_blank(rows[kept - 1]):
        kept -= 1
    return kept
