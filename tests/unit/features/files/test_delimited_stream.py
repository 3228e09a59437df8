"""A text read in blocks gives the same rows as a text read at once, from any place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.files import delimited_stream
from features.files.delimited import delimited_grid
from features.files.delimited_stream import DelimitedStream
from features.files.row_blocks import Bookmark, is_blank
from features.problems import DataError

TEXTS = {
    "plain": "a,b\n1,2\n3,4\n5,6\n7,8\n9,10\n",
    "semicolon and decimal comma": "a;b\n1,5;2\n3,5;4\n;\n5,5;6\n",
    "line breaks in cells": 'a,b\n"1\n2",3\n"4\r\n5",6\n7,"8,""9"""\n10,11\n',
    "quotes inside cells": 'a,b\n1"2,3\n4,5"6\n7,8\n',
    "windows": "a,b\r\n1,2\r\n3,4\r\n5,6\r\n",
    "old macintosh": "a,b\r1,2\r3,4\r5,6",
    "line break in the heading": '"a\nc",b\n1,2\n3,4\n5,6\n',
    "no line break at the end": "a,b\n1,2\n3,4",
    "other letters": "a,b\nМосква,é\n\U0001f600,2\n3,4\n5,6\n",
    "tabs": "a\tb\n1\t2\n3\t4\n",
    "blank rows": "a,b\n1,2\n\n\n3,4\n,\n5,6\n\n,\n\n",
    "ragged": "a,b\n1\n1,2,3\n\n4,5\n",
}


def written(folder: Path, content: bytes) -> Path:
    file = folder / "t.csv"
    file.write_bytes(content)
    return file


def rows_of(content: bytes) -> list[list[str]]:
    """Read the rows at once, without blank ones at the end."""
    rows = delimited_grid(content, name="t.csv")[1:]
    while rows and is_blank(rows[-1]):
        rows.pop()
    return rows


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("most", [1, 2, 3, 100])
@pytest.mark.parametrize("name", TEXTS)
def test_blocks_are_the_rows_of_the_whole(name: str, most: int, mark: bytes, tmp_path: Path) -> None:
    """From the first row, and from the end of each block."""
    content = mark + TEXTS[name].encode()
    stream = DelimitedStream(written(tmp_path, content))
    assert stream.heading == delimited_grid(content, name="t.csv")[0]
    blocks = list(stream.blocks(Bookmark(), most))
    assert [row for block in blocks for row in block.rows] == rows_of(content)
    for number, block in enumerate(blocks):
        later = list(DelimitedStream(stream.path).blocks(block.end, most))
        assert [(each.rows, each.begin, each.end) for each in later] == [
            (each.rows, each.begin, each.end) for each in blocks[number + 1 :]
        ]


@pytest.mark.parametrize("seed", range(8))
def test_random_texts(seed: int, tmp_path: Path) -> None:
    """Of quotes, delimiters and line ends in any order; what is refused at once is refused in blocks."""
    rng = np.random.default_rng(seed)
    for _ in range(60):
        pieces = rng.choice(['"', '""', ",", "\n", "\r\n", "\r", "x", "é", " "], size=rng.integers(40))
        content = ("a,b\n" + "".join(pieces)).encode()
        try:
            expected: object = rows_of(content)
        except DataError as error:
            expected = str(error)
        try:
            stream = DelimitedStream(written(tmp_path, content))
            found: object = [row for block in stream.blocks(Bookmark(), 2) for row in block.rows]
        except DataError as error:
            found = str(error)
        assert found == expected


def test_an_endless_quoted_cell_is_not_kept(tmp_path: Path, monkeypatch) -> None:
    """It is refused once it is longer than any row."""
    monkeypatch.setattr(delimited_stream, "MAX_LINE", 200_000)
    file = written(tmp_path, b'a,b\n1,"' + b"x\n" * 200_000)
    with pytest.raises(DataError) as refused:
        list(DelimitedStream(file).blocks(Bookmark()))
    assert "a quoted cell that begins on or after line 2 never ends" in str(refused.value)


def test_a_line_of_delimiters_alone_is_refused(tmp_path: Path) -> None:
    """As when it is read at once."""
    content = b"a,b\n1,2\n" + b"," * 100_001
    with pytest.raises(DataError) as whole:
        delimited_grid(content, name="t.csv")
    with pytest.raises(DataError) as streamed:
        list(DelimitedStream(written(tmp_path, content)).blocks(Bookmark()))
    assert str(streamed.value) == str(whole.value)


def test_an_instruction_for_excel_is_no_heading(tmp_path: Path) -> None:
    """As when it is read at once."""
    with pytest.raises(DataError, match='an instruction for Excel \\("sep="\\)'):
        DelimitedStream(written(tmp_path, b"sep=;\na;b\n1;2\n"))
