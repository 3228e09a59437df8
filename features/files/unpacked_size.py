"""Limits and words for files that unpack to more than they weigh: workbooks and Parquet."""

from __future__ import annotations

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem

MAX_UNPACKED_BYTES = 100_000_000
"""A workbook or Parquet file that unpacks to more is refused before it is unpacked."""

MAX_ROWS = 1_048_576
"""Rows of a table: what a spreadsheet can hold."""


def refuse_large(size: int, rows: int, name: str) -> None:
    """Refuse a file by what its directory says, before anything is unpacked."""
    if size > MAX_UNPACKED_BYTES or rows > MAX_ROWS:
        most = f"at most {MAX_UNPACKED_BYTES // 1_000_000} MB and {MAX_ROWS} rows"
        shown = f"{size // 1_000_000} MB" if size > MAX_UNPACKED_BYTES else f"{rows} rows"
        raise DataError(
            [Problem(Code.FILE_TOO_LARGE, f"the file must unpack to {most}", value_text=shown)], source=name
        )


def damaged(kind: str) -> Problem:
    """Say that a file cannot be read; its libraries raise many kinds of errors that all mean this."""
    return Problem(
        Code.DAMAGED_FILE,
        f"the {kind} is damaged and cannot be read",
        advice=plain("open it in its own program and save it again"),
    )
