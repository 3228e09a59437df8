"""Times of a Parquet file that cannot be read are refused by column, whether read at once or in blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from features.files.parquet_file import parquet_grid
from features.files.parquet_stream import ParquetStream
from features.files.row_blocks import Bookmark
from features.files.stored_times import time_problem
from features.problems import DataError

FIX = "correct it in the program that wrote the file, or leave it blank there"
DATE = f"seen must be a date of the years 1 to 9999 (row 3): {FIX}"
DURATION = f"seen must be at most 999,999,999 days (row 3): {FIX}"
ZONE = "store the times in UTC, or in a zone as the IANA database names it (Europe/Berlin)"

BEYOND = {
    "date": (pyarrow.array([0, 10**8], pyarrow.date32()), DATE),
    "time": (pyarrow.array([0, 2**62], pyarrow.timestamp("us")), DATE),
    "last second": (pyarrow.array([0, 253402300799], pyarrow.timestamp("ms", "Asia/Tokyo")), None),
    "first": (pyarrow.array([None, -(2**62)], pyarrow.timestamp("us", "UTC")), DATE),
    "duration": (pyarrow.array([0, 2**62], pyarrow.duration("s")), DURATION),
    "zone": (
        pyarrow.array([0, 0], pyarrow.timestamp("ns", "Etc/Nowhere")),
        f"seen must be in a known time zone, got Etc/Nowhere: {ZONE}",
    ),
}


def written(column: pyarrow.Array, folder: Path) -> Path:
    """Write a column beside one of texts."""
    file = folder / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a", "b"], "seen": column}), file)
    return file


def refusals(file: Path) -> list[str]:
    """Read a file at once and in blocks."""
    found = []
    for read in (lambda: parquet_grid(file.read_bytes(), name=file.name), lambda: streamed(file)):
        try:
            read()
        except DataError as error:
            found.append(str(error))
    return found


def streamed(file: Path) -> list[Any]:
    return list(ParquetStream(file).blocks(Bookmark()))


@pytest.mark.parametrize("kind", BEYOND)
def test_the_column_is_named_and_the_fix(kind: str, tmp_path: Path) -> None:
    """The file is whole: the message does not call it damaged."""
    column, problem = BEYOND[kind]
    told = [f"t.parquet: 1 problem\n  {problem}"] * 2 if problem else []
    assert refusals(written(column, tmp_path)) == told


def test_the_row_is_that_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the batch begins, and the place from which the file is read on."""
    for module in ("parquet_stream", "parquet_file"):
        monkeypatch.setattr(f"features.files.{module}.BATCH", 16)
    file = tmp_path / "t.parquet"
    days = pyarrow.array([0] * 50 + [10**8] + [0] * 9, pyarrow.date32())
    pyarrow.parquet.write_table(pyarrow.table({"seen": days}), file, row_group_size=20)
    assert all("(row 52)" in each for each in refusals(file))
    with pytest.raises(DataError, match=r"\(row 52\)"):
        list(ParquetStream(file).blocks(Bookmark(45), most=2))


def test_blank_times_of_an_unknown_zone_are_blank(tmp_path: Path) -> None:
    """Nothing is read wrongly."""
    column = pyarrow.array([None, None], pyarrow.timestamp("ns", "Etc/Nowhere"))
    assert refusals(written(column, tmp_path)) == []


@pytest.mark.parametrize(
    "column",
    [pyarrow.array([1]), pyarrow.array(["x"]), pyarrow.array([0], pyarrow.timestamp("us", "Europe/Berlin"))],
)
def test_others_have_no_problem(column: pyarrow.Array) -> None:
    """What is not a time, and times that can be read."""
    assert time_problem(column, "seen", rows_before=0) is None


def test_a_time_of_day_is_no_date() -> None:
    """It has a rule of its own."""
    problem = time_problem(pyarrow.array([2**60], pyarrow.time64("us")), "seen", rows_before=0)
    assert str(problem).startswith("seen must be a time of day, before 24 h (row 2)")
