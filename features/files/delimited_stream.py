"""Delimited text (CSV) of any length, read in blocks of rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from features.files.delimited import (
    MAX_DELIMITERS,
    SEPARATOR_LINE,
    quote_problem,
    recognized_delimiter,
    starts_with_separator_line,
    too_many_delimiters,
)
from features.files.raw_table import MAX_CELL_CHARACTERS, MAX_COLUMNS
from features.files.row_blocks import ROWS_OF_A_BLOCK, Bookmark, RowBlock, is_blank
from features.problems import DataError

MAX_LINE = 2 * MAX_CELL_CHARACTERS * MAX_COLUMNS
"""Characters of a line: more than the longest row that passes the check."""

MARK = b"\xef\xbb\xbf"
"""Byte order mark of UTF-8."""


class DelimitedStream:
    r"""Rows of a text file in UTF-8.

    Parameters
    ----------
    path : Path
        A file that is known to be UTF-8 text without NUL.
    delimiter : str, optional
        Comma, semicolon or tab, whichever splits the heading into more columns, unless named.

    Raises
    ------
    DataError
        If its first line is an instruction for Excel, or too long.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "c.csv"
    ...     _ = file.write_bytes(b'a;b\n1;"two\nlines"\n3;4\n')
    ...     stream = DelimitedStream(file)
    ...     first, second = stream.blocks(Bookmark(), most=1)
    >>> stream.heading, first.rows, first.end
    (['a', 'b'], [['1', 'two\nlines']], Bookmark(rows=1, offset=18))
    """

    def __init__(self, path: Path, *, delimiter: str | None = None) -> None:
        self.path = path
        with _opened(path, 0) as text:
            first = text.readline(MAX_LINE)
        if starts_with_separator_line(first):
            raise DataError([SEPARATOR_LINE], source=path.name)
        self._mark = delimiter or recognized_delimiter(first, 1)
        self._heading_lines = 0
        records = self._records(Bookmark(rows=-1))
        self.heading, self._first = next(records, ([], Bookmark()))
        records.close()

    def blocks(self, begin: Bookmark, most: int = ROWS_OF_A_BLOCK) -> Iterator[RowBlock]:
        """Give the rows from a place on.

        Parameters
        ----------
        begin : Bookmark
            `Bookmark()` for the row below the heading, or the end of a block.
        most : int
            Rows of a block.

        Yields
        ------
        block : RowBlock

        Raises
        ------
        DataError
            If a quote never ends or text follows one, a line is too long, or the bytes are not UTF-8.
        """
        begin = begin if begin.rows else self._first
        rows: list[list[str]] = []
        end, kept = begin, 0
        for cells, after in self._records(begin):
            if len(rows) >= most and kept:
                yield RowBlock(rows[:kept], begin, end)
                rows, begin, kept = rows[kept:], end, 0
            rows.append(cells)
            if not is_blank(cells):
                end, kept = after, len(rows)
        if kept:
            yield RowBlock(rows[:kept], begin, end)

    def _records(self, begin: Bookmark) -> Generator[tuple[list[str], Bookmark]]:
        """Give row after row, each with the place behind it."""
        rows, above = begin.rows, self._heading_lines
        line = above + 1
        with _opened(self.path, begin.offset) as text, _long_cells_refused():
            lines = _Lines(text, self._mark, self.path, begin)
            reader = csv.reader(lines, delimiter=self._mark, strict=True)
            try:
                for cells in reader:
                    rows += 1
                    line = above + reader.line_num + 1
                    if rows == 0:
                        self._heading_lines = reader.line_num
                    yield cells, Bookmark(rows, lines.offset)
            except csv.Error as error:
                problem = quote_problem(error, row=rows + 2, line=line)
                raise DataError([problem], source=self.path.name) from None


class _Lines:
    """The lines of a text, with the number of bytes that were read."""

    def __init__(self, text: io.TextIOWrapper, mark: str, path: Path, begin: Bookmark) -> None:
        self.offset = begin.offset
        if begin.offset == 0 and _has_mark(path):
            self.offset += len(MARK)
        self._text, self._mark, self._path, self._number = text, mark, path, begin.rows + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) > MAX_DELIMITERS and line.count(self._mark) > MAX_DELIMITERS:
            raise DataError([too_many_delimiters(line, self._mark, self._number)], source=self._path.name)
        self.offset += len(line) if line.isascii() else len(line.encode("utf-8"))
        return line


def _has_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


@contextmanager
def _opened(path: Path, offset: int) -> Iterator[io.TextIOWrapper]:
    """Open a text at a place; line ends stay as they are."""
    with path.open("rb") as file:
        file.seek(offset or (len(MARK) if _has_mark(path) else 0))
        yield io.TextIOWrapper(file, encoding="utf-8", newline="")


@contextmanager
def _long_cells_refused() -> Iterator[None]:
    """Let the reader pass cells that the table then refuses, and no quoted cell that never ends."""
    usual = csv.field_size_limit(MAX_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(usual)
