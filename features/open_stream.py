"""Which files are read in blocks: CSV and Parquet with the schema's columns, and folders of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from features.advice import plain
from features.checking.heading_problems import heading_problems
from features.cohort_stream import CohortStream
from features.files.content_check import file_digest, text_digest
from features.files.delimited_stream import DelimitedStream
from features.files.parquet_stream import ParquetStream
from features.files.raw_table import table_of
from features.files.read_table import MAX_FILE_BYTES, PARQUET, TEXT, refuse_content
from features.files.row_blocks import ROWS_OF_A_BLOCK, Bookmark, RowBlock, RowSource
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.redcap.labels import with_names
from features.redcap.system_columns import is_redcap_export

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""Folder name of a missing value in a partitioned data set."""


def open_streams(path: Path) -> list[CohortStream] | None:
    """Open a cohort to be read in blocks.

    Parameters
    ----------
    path : Path
        A CSV or Parquet file, or a folder of Parquet files. Folders in it that are named ``column=value``
        add that column.

    Returns
    -------
    streams : list of CohortStream or None
        One for each file, in the order of their names; files of a folder without rows, as some programs
        write them, are left out unless all are. None where `read_cohort` reads the file as a whole:
        other kinds of files, REDCap exports, and files that it refuses.

    Raises
    ------
    DataError
        If a folder has no Parquet file, a file in it without rows has wrong headings, or a file that is too
        large to be read as a whole is refused.
    """
    if path.is_dir():
        return _with_rows([_of_folder(path, file) for file in _parquet_files(path)])
    if path.suffix.lower() not in (*TEXT, *PARQUET) or not path.is_file():
        return None
    try:
        source, digest = _source(path)
    except DataError:
        if path.stat().st_size <= MAX_FILE_BYTES:
            return None
        raise
    except OSError:
        return None
    heading = [source.heading]
    if is_redcap_export([cell.strip() for cell in source.heading]) or with_names(heading) is not heading:
        return None
    return [CohortStream(source, name=path.name, sha256=digest)]


def _source(path: Path) -> tuple[RowSource, str]:
    with path.open("rb") as file:
        refuse_content(file.read(64), path.suffix.lower(), path.name)
    if path.suffix.lower() in PARQUET:
        return ParquetStream(path), file_digest(path)
    digest = text_digest(path)
    return DelimitedStream(path), digest


def _parquet_files(folder: Path) -> list[Path]:
    """List the files of a partitioned data set; those that begin with a dot or underscore are not of it."""
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in PARQUET
        and file.is_file()
        and not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    )
    if not files:
        nothing = Problem(
            Code.FILE_IS_FOLDER,
            "the folder has no Parquet file",
            advice=plain("name a file, or another folder"),
        )
        raise DataError([nothing], source=folder.name)
    return files


def _of_folder(folder: Path, file: Path) -> CohortStream:
    source, digest = _source(file)
    name = file.relative_to(folder)
    return CohortStream(Partition(source, _values(name)), name=name.as_posix(), sha256=digest)


def _with_rows(streams: list[CohortStream]) -> list[CohortStream]:
    """Leave out files without rows, unless all are; their headings are checked as those of the others."""
    filled = [stream for stream in streams if _has_rows(stream)]
    if not filled:
        return streams
    for stream in streams:
        if not _has_rows(stream):
            _check_heading(stream)
    return filled


def _has_rows(stream: CohortStream) -> bool:
    source = stream.source.file if isinstance(stream.source, Partition) else stream.source
    return not isinstance(source, ParquetStream) or source.n_rows > 0


def _check_heading(stream: CohortStream) -> None:
    heading = [stream.source.heading]
    problems = heading_problems(table_of(heading, name=stream.name, sha256=stream.sha256, may_be_empty=True))
    if problems:
        raise DataError(problems, source=stream.name)


def _values(name: Path) -> dict[str, str]:
    """Read the columns that the names of folders state.

    Examples
    --------
    >>> _values(Path("center=North%20East/sex=__HIVE_DEFAULT_PARTITION__/part-0.parquet"))
    {'center': 'North East', 'sex': ''}
    """
    stated = (part.partition("=") for part in name.parts[:-1] if "=" in part)
    return {unquote(key): "" if value == NO_VALUE else unquote(value) for key, _, value in stated}


class Partition:
    """A file of a partitioned data set: its folders' values are cells of every row.

    Parameters
    ----------
    source : RowSource
        The file.
    values : mapping of str to str
        Columns that the names of its folders state.

    Attributes
    ----------
    file : RowSource
        The file, without the columns of its folders.
    """

    def __init__(self, source: RowSource, values: Mapping[str, str]) -> None:
        self.path = source.path
        self.heading = [*source.heading, *values]
        self.file = source
        self._cells = list(values.values())

    def blocks(self, begin: Bookmark, most: int = ROWS_OF_A_BLOCK) -> Iterator[RowBlock]:
        """Give the rows from a place on, as the file does."""
        for block in self.file.blocks(begin, most):
            yield RowBlock([[*row, *self._cells] for row in block.rows], block.begin, block.end)
