"""A cohort of any length: checked as `read_cohort` checks, and read a block of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from features.advice import plain
from features.checking.cell_problems import conflict_problem
from features.checking.cell_provenance import CellKey, Origin
from features.checking.check_table import bare_rows, examine_rows, in_row_order
from features.checking.heading_problems import heading_problems
from features.checking.masking import masked, shown_identifiers
from features.checking.patient_register import PatientRegister
from features.checking.typed_columns import TableReader
from features.cohort import Cohort, cohort_from_columns
from features.files.raw_table import RawTable, table_of
from features.files.read_table import MAX_FILE_BYTES
from features.files.row_blocks import Bookmark, RowBlock, RowSource
from features.problem_codes import Code
from features.problems import DataError, Problem, Refused, counted, grouped
from features.read_cohort import read_cohort

MOST_PROBLEMS = 10_000
"""Problems after which a file is not read any further."""

TOO_LARGE = frozenset(
    [Code.FILE_TOO_LARGE, Code.TOO_MANY_CELLS, Code.TOO_MANY_CHARACTERS, Code.TOO_MUCH_MEMORY]
    + [Code.TOO_MANY_ROWS]
)
"""Reasons for which `read_cohort` refuses a file that can be read in blocks."""

Rows = Callable[[int], None]
"""Is called with the number of rows after each block."""


class CohortStream:
    """One file of a cohort.

    Parameters
    ----------
    source : RowSource
        Its rows.
    name : str
        Of the file, for messages.
    sha256 : str
        Its digest.
    """

    def __init__(self, source: RowSource, *, name: str, sha256: str) -> None:
        self.source = source
        self.name = name
        self.sha256 = sha256
        self._reader = TableReader()
        self._state = _state(source.path)

    def cohorts(self, begin: Bookmark) -> Iterator[tuple[Cohort, Bookmark]]:
        """Give the infusions of a file without problems, a block at a time.

        Parameters
        ----------
        begin : Bookmark
            Where to begin: `Bookmark()`, or the place after an earlier block.

        Yields
        ------
        cohort : Cohort
        end : Bookmark
            The place after it.

        Raises
        ------
        Refused
            If the file has changed since it was opened.
        """
        for block in self.source.blocks(begin):
            table = self.table(block)
            typed, errors = self._reader.read(table)
            if errors or "patient_id" not in typed.texts:
                raise _changed(self.name)
            yield (
                cohort_from_columns(
                    typed.numbers,
                    typed.texts,
                    name=table.name,
                    sha256=table.sha256,
                    present=frozenset(table.columns),
                    row_numbers=table.row_numbers,
                ),
                block.end,
            )
        self.refuse_changed()

    def refuse_changed(self) -> None:
        """Refuse a file that has changed since it was opened."""
        if _state(self.source.path) != self._state:
            raise _changed(self.name)

    def table(self, block: RowBlock) -> RawTable:
        """Make a table of a block.

        Raises
        ------
        DataError
            If its shape leaves a doubt where a cell belongs.
        """
        grid = [self.source.heading, *block.rows]
        return table_of(grid, name=self.name, sha256=self.sha256, rows_before=block.begin.rows)


@dataclass
class Examined:
    """What was seen of one file.

    Attributes
    ----------
    problems : list of Problem
        Of its rows.
    heading : list of Problem
        Of the file as a whole, and of its headings.
    n_rows : int
        Infusions.
    begins : list of Bookmark
        Places at which its blocks begin.
    """

    problems: list[Problem]
    heading: list[Problem]
    begins: list[Bookmark]
    n_rows: int = 0


def check_streams(streams: Sequence[CohortStream], *, after_rows: Rows = lambda _: None) -> list[Examined]:
    """Check the files of a cohort as `read_cohort` checks one.

    Parameters
    ----------
    streams : sequence of CohortStream
        A patient may have rows in several.
    after_rows : callable
        Is called with the number of rows after each block.

    Returns
    -------
    examined : list of Examined
        One for each file, without problems.

    Raises
    ------
    DataError
        With every problem of the first file that has one; the others are named.
    """
    register, failed = PatientRegister(), set[CellKey]()
    examined = [_examined(stream, register, failed, after_rows) for stream in streams]
    _add_conflicts(streams, examined, register, failed)
    wrong = [at for at, each in enumerate(examined) if each.problems or each.heading]
    if wrong:
        _refuse(streams, examined, wrong)
    return examined


def _examined(
    stream: CohortStream, register: PatientRegister, failed: set[CellKey], after_rows: Rows
) -> Examined:
    """Check the rows of one file, and remember those of every patient."""
    reader, examined = TableReader(), Examined([], [], [])
    try:
        for block in stream.source.blocks(Bookmark()):
            examined.begins.append(block.begin)
            table = stream.table(block)
            if not examined.n_rows:
                examined.heading = heading_problems(table)
            typed, problems, refused = examine_rows(table, reader, Origin())
            failed |= {(len(register) + position, name) for position, name in refused}
            register.add(typed)
            examined.problems += in_row_order([*problems, *bare_rows(table)])
            examined.n_rows += len(table.rows)
            after_rows(len(table.rows))
            if len(examined.problems) > MOST_PROBLEMS:
                examined.heading.append(_stopped(table.row_numbers[-1]))
                break
        if not examined.n_rows:
            table_of([stream.source.heading], name=stream.name, sha256=stream.sha256)
    except DataError as error:
        examined.heading += error.problems
    return examined


def _add_conflicts(
    streams: Sequence[CohortStream],
    examined: Sequence[Examined],
    register: PatientRegister,
    failed: set[CellKey],
) -> None:
    """Report rows of a patient that contradict each other, in one file or in two."""
    ends = list(accumulate(each.n_rows for each in examined))

    def file_and_row(position: int) -> tuple[int, int]:
        file = next(at for at, end in enumerate(ends) if position < end)
        return file, position - (ends[file] - examined[file].n_rows) + 2

    for conflict in register.conflicts(failed):
        (file, row), (other_file, other_row) = file_and_row(conflict.position), file_and_row(conflict.other)
        other = f"row {other_row}" + ("" if file == other_file else f" of {streams[other_file].name}")
        problem = conflict_problem(conflict, register, Origin(), row=row, other=other)
        examined[file].problems.append(problem)


def _refuse(streams: Sequence[CohortStream], examined: Sequence[Examined], wrong: list[int]) -> None:
    stream, first = streams[wrong[0]], examined[wrong[0]]
    if len(streams) == 1 and stream.source.path.stat().st_size <= MAX_FILE_BYTES:
        _refuse_as_a_whole(stream.source.path)
    problems = [*first.heading, *in_row_order(first.problems)]
    if len(wrong) > 1:
        others = ", ".join(streams[at].name for at in wrong[1:4]) + (", ..." if len(wrong) > 4 else "")
        words = f"{counted(len(wrong) - 1, 'other file')} with problems: {others}"
        problems.append(Problem(Code.MORE_PROBLEMS, words))
    identifiers = {each for one in streams for each in _shown_identifiers(one, problems)}
    raise DataError(grouped(masked(problems, identifiers)), source=stream.name)


def _refuse_as_a_whole(path: Path) -> None:
    """Report the problems of a file of usual size in full, as every other command does."""
    try:
        read_cohort(path)
    except DataError as error:
        if not TOO_LARGE.intersection(problem.code for problem in error.problems):
            raise


def _shown_identifiers(stream: CohortStream, problems: list[Problem]) -> Iterator[str]:
    """Find the identifiers of a file that problems repeat, as far as the file can be read."""
    if "patient_id" not in [cell.strip() for cell in stream.source.heading]:
        return
    at = [cell.strip() for cell in stream.source.heading].index("patient_id")
    try:
        for block in stream.source.blocks(Bookmark()):
            yield from shown_identifiers(problems, {row[at].strip() for row in block.rows if len(row) > at})
    except DataError:
        return


def _stopped(row: int) -> Problem:
    words = f"the check stopped at row {row}, after more than {MOST_PROBLEMS} problems"
    return Problem(Code.MORE_PROBLEMS, words, advice=plain("correct these, and check the file again"))


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _changed(name: str) -> Refused:
    return Refused(f"{name} has changed while it was read. Run the command again")
