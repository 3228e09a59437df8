"""How much a file may become when it is read: counted before it is expanded, the same for every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem

MAX_CELLS = 10_000_000
"""Of a table, blank ones too: its rows times its columns."""

MAX_CHARACTERS = 100_000_000
"""Of all cells together, each counted as often as it is repeated."""

MAX_MEMORY = 1_500_000_000
"""Bytes that reading a file may add: a table at both limits takes about a gigabyte."""

NOT_A_COHORT = plain("is it a cohort? Keep one row per infusion, and the columns that are used")


class Budget:
    """Counts cells and characters of one file while it is read.

    Parameters
    ----------
    name : str
        Of the file, for messages.

    Examples
    --------
    >>> Budget("t.csv").table(rows=1_000_000, columns=11)
    Traceback (most recent call last):
        ...
    features.problems.DataError: t.csv: 1 problem
      the file must have at most 10 million cells, got 1000000 rows of 11 columns: is it a cohort? \
Keep one row per infusion, and the columns that are used
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._cells = 0
        self._characters = 0

    def table(self, *, rows: int, columns: int) -> None:
        """Refuse a table by its stated size, before it is read."""
        if rows * columns > MAX_CELLS:
            self._refuse_cells(f"{rows} rows of {columns} columns")

    def row(self, cells: Sequence[str]) -> None:
        """Count a row that was read."""
        self._cells += len(cells)
        if self._cells > MAX_CELLS:
            self._refuse_cells("more")
        self.text(sum(map(len, cells)))

    def text(self, characters: int) -> None:
        """Count characters of cells that are about to be read."""
        self._characters += characters
        if self._characters > MAX_CHARACTERS:
            most = f"the cells must have at most {MAX_CHARACTERS // 1_000_000} million characters together"
            raise DataError(
                [Problem(Code.TOO_MANY_CHARACTERS, most, value_text="more", advice=NOT_A_COHORT)],
                source=self.name,
            )

    def _refuse_cells(self, size: str) -> None:
        most = f"the file must have at most {MAX_CELLS // 1_000_000} million cells"
        raise DataError(
            [Problem(Code.TOO_MANY_CELLS, most, value_text=size, advice=NOT_A_COHORT)], source=self.name
        )


@contextmanager
def bounded_memory(name: str, most: int = MAX_MEMORY) -> Iterator[None]:
    """Refuse a file whose reading takes too much memory, whatever it states about itself.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    most : int
        Bytes that may be added. Where the system has no such limit (macOS), the budget alone holds.

    Raises
    ------
    DataError
        If memory runs out while the file is read.
    """
    try:
        with _data_limit(most):
            yield
    except MemoryError:
        fix = plain("save it again from its own program, or as CSV UTF-8")
        large = Problem(
            Code.TOO_MUCH_MEMORY,
            f"the file takes more than {most // 1_000_000} MB of memory to read",
            advice=fix,
        )
        raise DataError([large], source=name) from None


@contextmanager
def _data_limit(most: int) -> Iterator[None]:
    """Lower the process's own limit of private memory for a while."""
    used = _private_bytes()
    if used is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [used + most, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _private_bytes() -> int | None:
    """Bytes that Linux counts against the limit; None elsewhere."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    lines = (line.split() for line in status.splitlines())
    return next((int(line[1]) * 1024 for line in lines if line and line[0] == "VmData:"), None)
