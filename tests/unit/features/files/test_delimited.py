"""Delimited text becomes a grid."""

from __future__ import annotations

import csv

import pytest

from features.files.delimited import delimited_grid
from features.problems import DataError


def grid(content: bytes, **how: object) -> list[list[str]]:
    """Read bytes as a file called t.csv."""
    return delimited_grid(content, name="t.csv", **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_delimiter_is_recognised_from_the_heading(mark):
    """Comma, semicolon and tab; other marks in the rows do not matter."""
    assert grid(f"a{mark}b\n1{mark}2\n".encode()) == [["a", "b"], ["1", "2"]]


def test_delimiters_inside_quotes_do_not_count():
    """A heading may hold commas where semicolons delimit."""
    assert grid(b'"a,b,c";d\n1;2\n')[0] == ["a,b,c", "d"]


def test_one_column_needs_no_delimiter():
    """A single heading is one column."""
    assert grid(b"patient_id\n1\n") == [["patient_id"], ["1"]]


def test_delimiter_can_be_named():
    """Any character."""
    assert grid(b"a|b\n1|2\n", delimiter="|") == [["a", "b"], ["1", "2"]]


def test_byte_order_mark_is_no_part_of_the_heading():
    """Excel writes one."""
    assert grid(b"\xef\xbb\xbfa,b\n")[0] == ["a", "b"]
    assert grid(b"\xef\xbb\xbfa,b\n", encoding="utf-8")[0] == ["a", "b"]


def test_quoted_cells_hold_line_breaks_and_quotes():
    """A cell with line breaks is one cell of one row."""
    assert grid(b'a,b\n"one\ntwo","say ""hi"""\n3,4\n') == [["a", "b"], ["one\ntwo", 'say "hi"'], ["3", "4"]]


def test_line_ends_of_all_systems():
    """CR LF, LF and CR."""
    assert grid(b"a,b\r\n1,2\r\n") == grid(b"a,b\n1,2\n") == grid(b"a,b\r1,2\r")


def test_encoding_can_be_named():
    """Where a file is not UTF-8, the mapping file says what it is."""
    assert grid("a\nJosé\n".encode("cp1252"), encoding="cp1252") == [["a"], ["José"]]
    assert grid("a\nJosé\n".encode("utf-16"), encoding="utf-16") == [["a"], ["José"]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "a,b\n1,Jos\u00e9\n".encode("latin-1"),
            'the file must be UTF-8 text, got byte 0xe9 on line 2: save it as "CSV UTF-8", or set '
            'encoding = "cp1252" under [table] of a mapping file',
        ),
        (
            "a,b\n1,2\n".encode("utf-16"),
            'the file must be UTF-8 text, got UTF-16: save it as "CSV UTF-8", or set encoding = '
            '"utf-16" under [table] of a mapping file',
        ),
        (
            b"a,b\n1,2\n3,\x00\n",
            "the file must be text, got a NUL byte on line 3: "
            "it may be damaged: export it again as CSV UTF-8",
        ),
        (
            b'a,b\n1,2\n3,"never\nends\n5,6\n',
            'a quoted cell that begins on or after line 3 never ends (row 3): close it with "',
        ),
        (b'a,b\n"1"x,2\n', 'text follows a closing quote (row 2): write a quote inside a cell twice: ""'),
        (b"a,b\n1,2\n" + b"," * 100_001, "a line must have at most 100000 delimiters, got 100001 (row 3)"),
    ],
    ids=["latin-1", "utf-16", "nul", "open quote", "text after quote", "delimiters"],
)
def test_bytes_that_are_refused(content, told):
    """Each refusal says where and how to mend it."""
    with pytest.raises(DataError) as refused:
        grid(content)
    assert str(refused.value) == f"t.csv: 1 problem\n  {told}"


@pytest.mark.parametrize(
    ("content", "encoding", "told"),
    [
        (
            b"a\n\xff\n",
            "utf-8",
            "the file is not utf-8 text, as the mapping file says, got an error at byte 3",
        ),
        (
            "a\n".encode("utf-16-le"),
            "cp1252",
            "the file has NUL characters: it is not cp1252 text: correct the encoding",
        ),
    ],
)
def test_named_encoding_must_be_right(content, encoding, told):
    """A wrong encoding is told, not papered over."""
    with pytest.raises(DataError) as refused:
        grid(content, encoding=encoding)
    assert str(refused.value.problems[0]) == told


def test_long_cells_are_read_so_that_they_can_be_named():
    """The reader's own limit is put back afterwards."""
    usual = csv.field_size_limit()
    assert len(grid(b"a\n" + b"x" * 1_000_000)[1][0]) == 1_000_000
    assert csv.field_size_limit() == usual


@pytest.mark.parametrize("line", ["sep=,", "SEP=;", '"sep=,"', "sep=\t", "sep=,,,,", "sep=;;;"])
def test_a_separator_line_of_excel_is_no_heading(line):
    """Excel hides it; the advice names what reads the file, and that does."""
    content = f"{line}\r\na,b\r\n1,2\r\n".encode()
    with pytest.raises(DataError) as refused:
        delimited_grid(content, name="t.csv")
    assert str(refused.value.problems[0]) == (
        'the first line is an instruction for Excel ("sep="), not the headings (row 1): '
        "delete that line, or set heading_row = 2 under [table] of a mapping file"
    )
    assert delimited_grid(content, name="t.csv", heading_row=2)[1:] == [["a", "b"], ["1", "2"]]


def test_a_heading_that_begins_like_it_is_a_heading():
    """Such as separation = 1."""
    assert grid(b"sep=total,b\n1,2\n")[0] == ["sep=total", "b"]
