"""A Parquet file read in blocks gives the same rows as one read at once, from any place."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from features.files.parquet_file import parquet_grid
from features.files.parquet_stream import ParquetStream
from features.files.row_blocks import Bookmark
from features.problems import DataError

N_ROWS = 300


def table(n_rows: int = N_ROWS) -> pyarrow.Table:
    """Make columns of every kind that a cohort may have, with missing values and blank rows at the end."""
    rng = np.random.default_rng(1)
    known = [number % 5 != 0 and number < n_rows - 4 for number in range(n_rows)]

    def column(values: list[object], kind: object) -> pyarrow.Array:
        return pyarrow.array(
            [value if here else None for value, here in zip(values, known, strict=True)], kind
        )

    numbers = rng.normal(size=n_rows).round(2).tolist()
    times = [datetime.datetime(2020, 1, 1 + number % 28, number % 3) for number in range(n_rows)]
    days = [time.date() for time in times]
    return pyarrow.table(
        {
            "text": column([f" P-{number % 7} " for number in range(n_rows)], pyarrow.string()),
            "float": column(numbers, pyarrow.float64()),
            "single": column(numbers, pyarrow.float32()),
            "whole": column(list(range(n_rows)), pyarrow.int16()),
            "yes": column([number % 2 == 0 for number in range(n_rows)], pyarrow.bool_()),
            "day": column(days, pyarrow.date32()),
            "time": column(times, pyarrow.timestamp("us")),
            "decimal": column([Decimal(number) / 4 for number in range(n_rows)], pyarrow.decimal128(9, 2)),
            "zero": pyarrow.array(
                [-0.0 if here else np.nan for here in known], pyarrow.float64(), from_pandas=True
            ),
            "half": column(np.array(numbers, dtype=np.float16).tolist(), pyarrow.float16()),
            "nothing": pyarrow.nulls(n_rows),
            "kind": column(
                [f"k{number % 3}" for number in range(n_rows)], pyarrow.string()
            ).dictionary_encode(),
        }
    )


@pytest.mark.parametrize("most", [1, 7, 100, 10_000])
@pytest.mark.parametrize("group", [40, 1_000])
def test_blocks_are_the_rows_of_the_whole(most: int, group: int, tmp_path: Path, monkeypatch) -> None:
    """In row groups of any size, from the first row and from the end of each block."""
    monkeypatch.setattr("features.files.parquet_stream.BATCH", 16)
    file = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(table(), file, row_group_size=group)
    heading, *rows = parquet_grid(file.read_bytes(), name="t.parquet")
    while not any(rows[-1]):
        rows.pop()
    stream = ParquetStream(file)
    blocks = list(stream.blocks(Bookmark(), most))
    assert stream.heading == heading
    found = [row for block in blocks for row in block.rows]
    assert found == rows
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in rows]
    for number in range(0, len(blocks), 1 + len(blocks) // 5):
        later = ParquetStream(file).blocks(blocks[number].end, most)
        assert [each.rows for each in later] == [each.rows for each in blocks[number + 1 :]]


def test_a_file_without_rows_has_no_blocks(tmp_path: Path) -> None:
    """Its heading is there."""
    file = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(table().slice(0, 0), file)
    stream = ParquetStream(file)
    assert stream.heading[0] == "text"
    assert list(stream.blocks(Bookmark())) == []


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Where its directory is damaged, and where its rows are."""
    file = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(table(), file)
    content = bytearray(file.read_bytes())
    content[4:400] = bytes(396)
    file.write_bytes(content)
    with pytest.raises(DataError, match="the Parquet file is damaged and cannot be read"):
        list(ParquetStream(file).blocks(Bookmark()))
    file.write_bytes(content[:-20])
    with pytest.raises(DataError, match="the Parquet file is damaged and cannot be read"):
        ParquetStream(file)


def test_a_column_of_lists_is_refused(tmp_path: Path) -> None:
    """As when the file is read at once."""
    file = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [[1], [2]]}), file)
    with pytest.raises(DataError, match="a must hold one value a cell"):
        ParquetStream(file)
