"""The infusions that `score` reads: in blocks from CSV and Parquet, as a whole from other files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from features.cohort import Cohort
from features.cohort_stream import CohortStream, Rows, check_streams
from features.files.row_blocks import ROWS_OF_A_BLOCK, Bookmark
from features.open_stream import open_streams
from features.read_cohort import read_cohort


class PartStart(NamedTuple):
    """Where the next part begins: number of its file, from 0, then rows and offset of a `Bookmark`."""

    file: int = 0
    rows: int = 0
    offset: int = 0


class ScoreInput(Protocol):
    """Infusions, a part at a time.

    Attributes
    ----------
    digest : str
        Of everything that is read.
    names : tuple of str
        Of the files, as a `PartStart` numbers them; those of a folder by their path in it.
    """

    digest: str
    names: tuple[str, ...]

    def check(self, after_rows: Rows) -> int:
        """Check every row, and give the number of infusions."""
        ...

    def parts(self, begin: PartStart) -> Iterator[tuple[Cohort, PartStart]]:
        """Give the parts from a place on, each with the place after it."""
        ...


def opened_input(cohort: Path, mapping: Path | None) -> ScoreInput:
    """Open a cohort to be scored.

    Parameters
    ----------
    cohort : Path
        A file, or a folder of Parquet files.
    mapping : Path, optional
        Maps a site's own table, which is then read as a whole.

    Returns
    -------
    opened : ScoreInput

    Raises
    ------
    DataError
        If the cohort is refused; a file that is read in blocks is checked later.
    """
    streams = open_streams(cohort) if mapping is None else None
    if streams is None:
        return WholeInput(read_cohort(cohort, mapping=mapping), mapping)
    return StreamedInput(streams)


class StreamedInput:
    """Files that are read in blocks.

    Parameters
    ----------
    streams : list of CohortStream
    """

    def __init__(self, streams: list[CohortStream]) -> None:
        self._streams = streams
        self._begins: list[PartStart] | None = None
        self.names: tuple[str, ...] = tuple(stream.name for stream in streams)
        self.digest = _digest(*(f"{stream.name} {stream.sha256}" for stream in streams))

    def check(self, after_rows: Rows) -> int:
        """Check every row, and give the number of infusions."""
        checked = check_streams(self._streams, after_rows=after_rows)
        self._begins = [
            PartStart(file, begin.rows, begin.offset)
            for file, each in enumerate(checked)
            for begin in each.begins
        ]
        return sum(each.n_rows for each in checked)

    def refuse_changed(self) -> None:
        """Refuse files that have changed since they were opened."""
        for stream in self._streams:
            stream.refuse_changed()

    def begins(self) -> list[PartStart]:
        """Give the places at which parts begin; the input is checked if it was not."""
        if self._begins is None:
            self.check(lambda _: None)
        assert self._begins is not None
        return self._begins

    def parts(self, begin: PartStart) -> Iterator[tuple[Cohort, PartStart]]:
        """Give the parts from a place on, each with the place after it; no part is of two files."""
        for file, stream in enumerate(self._streams[begin.file :], start=begin.file):
            bookmark = Bookmark(begin.rows, begin.offset) if file == begin.file else Bookmark()
            for cohort, end in stream.cohorts(bookmark):
                yield cohort, PartStart(file, end.rows, end.offset)


class WholeInput:
    """A cohort in memory.

    Parameters
    ----------
    cohort : Cohort
    mapping : Path or None
        The mapping file that it was read by.
    """

    def __init__(self, cohort: Cohort, mapping: Path | None) -> None:
        self._cohort = cohort
        self.names: tuple[str, ...] = (cohort.name,)
        by = mapping.read_text(encoding="utf-8") if mapping is not None else ""
        self.digest = _digest(f"{cohort.name} {cohort.sha256}", by)

    def check(self, after_rows: Rows) -> int:
        """Give the number of infusions, which were checked when they were read."""
        after_rows(len(self._cohort))
        return len(self._cohort)

    def parts(self, begin: PartStart) -> Iterator[tuple[Cohort, PartStart]]:
        """Give the parts from a place on, each with the place after it."""
        for start in range(begin.rows, len(self._cohort), ROWS_OF_A_BLOCK):
            end = min(start + ROWS_OF_A_BLOCK, len(self._cohort))
            yield self._cohort.take(np.arange(start, end)), PartStart(rows=end)


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()
