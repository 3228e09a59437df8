"""Which files are read in blocks: CSV and Parquet with the schema's columns, and folders of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from features.advice import plain
from features.cohort_stream import CohortStream
from features.files.content_check import file_digest, text_digest
from features.files.delimited_stream import DelimitedStream
from features.files.parquet_stream import ParquetStream
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
        One for each file, in the order of their names. None where `read_cohort` reads the file as a whole:
        other kinds of files, REDCap exports, and files that it refuses.

    Raises
    ------
    DataError
        If a folder has no Parquet file, or a file that is too large to be read as a whole is refused.
    """
    if path.is_dir():
        return [_of_folder(path, file) for file in _parquet_files(path)]
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
    """

    def __init__(self, source: RowSource, values: Mapping[str, str]) -> None:
        self.path = source.path
        self.heading = [*source.heading, *values]
        self._source = source
        self._cells = list(values.values())

    def blocks(self, begin: Bookmark, most: int = ROWS_OF_A_BLOCK) -> Iterator[RowBlock]:
        """Give the rows from a place on, as the file does."""
        for block in self._source.blocks(begin, most):
            yield RowBlock([[*row, *self._cells] for row in block.rows], block.begin, block.end)
