"""A file of any length as tables of some of its rows, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from features.advice import plain
from features.files.content_check import file_digest, text_digest
from features.files.delimited_stream import DelimitedStream
from features.files.parquet_stream import ParquetStream
from features.files.raw_table import RawTable, table_of
from features.files.read_table import PARQUET, TEXT, FileFormat, read_table, refuse_content
from features.files.regular_file import regular_start
from features.files.row_blocks import ROWS_OF_A_BLOCK, Bookmark, RowSource
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.short_repr import ShortRepr

ROWS_OF_A_PART = ROWS_OF_A_BLOCK


@dataclass(frozen=True, repr=False)
class RowParts(ShortRepr):
    """Rows of a file or of a table, in parts.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    sha256 : str
        Its digest; empty for rows of a table whose digest is known.
    parts : iterable of RawTable
        With the same columns; can be gone through once.
    """

    name: str
    sha256: str
    parts: Iterable[RawTable]


def row_parts(path: Path, how: FileFormat) -> RowParts:
    r"""Open a file, to be read in parts where its format allows it.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with the headings in row 1, and Parquet, are read in parts and have any length. Other
        files are read as a whole, with the limits of `read_table`.
    how : FileFormat
        How the file is written, where its content does not show it.

    Returns
    -------
    rows : RowParts

    Raises
    ------
    DataError
        If the file cannot be read as a table; while the parts are read, too.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "labs.csv"
    ...     _ = file.write_text("id,ldh\na,300\nb,250\n", encoding="utf-8")
    ...     [part.rows for part in row_parts(file, FileFormat()).parts]
    [(('a', '300'), ('b', '250'))]
    """
    if not _in_parts(path, how):
        table = read_table(path, how)
        return RowParts(table.name, table.sha256, [table])
    refuse_content(regular_start(path), path.suffix.lower(), path.name)
    if path.suffix.lower() in PARQUET:
        digest = file_digest(path)
        return RowParts(path.name, digest, _parts(ParquetStream(path), how, digest))
    digest = text_digest(path)
    return RowParts(path.name, digest, _parts(DelimitedStream(path, delimiter=how.delimiter), how, digest))


def _in_parts(path: Path, how: FileFormat) -> bool:
    return path.suffix.lower() in (*TEXT, *PARQUET) and how.encoding is None and how.heading_row == 1


def _parts(source: RowSource, how: FileFormat, digest: str) -> Iterator[RawTable]:
    state = _state(source.path)
    known = 0
    for block in source.blocks(Bookmark(), ROWS_OF_A_PART):
        yield table_of(
            [source.heading, *block.rows],
            name=source.path.name,
            sha256=digest,
            skip_blank_rows=how.skip_blank_rows,
            rows_before=block.begin.rows,
        )
        known += len(block.rows)
    if not known:
        table_of([source.heading], name=source.path.name, sha256=digest)
    if _state(source.path) != state:
        changed = Problem(
            Code.FILE_UNREADABLE, "the file changed while it was read", advice=plain("run the command again")
        )
        raise DataError([changed], source=source.path.name)


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns
