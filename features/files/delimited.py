"""Delimited text (CSV) becomes a grid of cells, or is refused with the line that is wrong."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager

from features.advice import Advice, plain, table_setting
from features.files.encodings import likely_encodings, mostly_utf8, utf16_without_mark
from features.files.size_budget import Budget, bounded_memory
from features.problem_codes import Code
from features.problems import DataError, Problem

DELIMITERS = (",", ";", "\t")
"""Delimiters that are recognized from the heading; any other is named in a mapping file."""

MAX_DELIMITERS = 100_000
"""In one line: more columns than any table has, counted before the line becomes a row."""

_LINE = re.compile(r"[^\r\n]+(?:\r\n|\r|\n)?|\r\n|\r|\n")

_SEPARATOR_LINE = re.compile(r'"?sep=.?"?[,;\t|]*(?:\r|\n|$)', re.IGNORECASE)
SEPARATOR_LINE = Problem(
    Code.SEPARATOR_LINE,
    'the first line is an instruction for Excel ("sep="), not the headings',
    row=1,
    advice=table_setting("delete that line, or {setting}", "heading_row", "2"),
)

SAVE_AS_UTF8 = 'save it as "CSV UTF-8", or {setting}'


def delimited_grid(
    content: bytes,
    *,
    name: str,
    encoding: str | None = None,
    delimiter: str | None = None,
    heading_row: int = 1,
) -> list[list[str]]:
    r"""Read delimited text.

    Parameters
    ----------
    content : bytes
        Of the whole file.
    name : str
        Of the file, for messages.
    encoding : str, optional
        UTF-8, with or without byte order mark, unless named.
    delimiter : str, optional
        Comma, semicolon or tab, whichever splits the heading into more columns, unless named.
    heading_row : int
        Row of the headings.

    Returns
    -------
    grid : list of list of str
        Every row from the first; a blank line is an empty row, a quoted cell may hold line breaks.

    Raises
    ------
    DataError
        If the bytes are not text of that encoding or a quote never ends.

    Examples
    --------
    >>> delimited_grid(b'a;b\n1;"two;\nlines"\n', name="t.csv")
    [['a', 'b'], ['1', 'two;\nlines']]
    >>> delimited_grid(b"a,b\nJos\xe9,1\n", name="t.csv")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    features.problems.DataError: t.csv: 1 problem
      the file must be UTF-8 text, got byte 0xe9 on line 2: save it as ...
    """
    text = _decoded(content, encoding, name)
    if heading_row == 1 and starts_with_separator_line(text):
        raise DataError([SEPARATOR_LINE], source=name)
    mark = delimiter or recognized_delimiter(text, heading_row)
    reader = csv.reader(_lines(text, mark, name), delimiter=mark, strict=True)
    grid: list[list[str]] = []
    budget = Budget(name)
    begun = 1
    with bounded_memory(name), _long_cells_allowed(len(text)):
        try:
            for cells in reader:
                budget.row(cells)
                grid.append(cells)
                begun = reader.line_num + 1
        except csv.Error as error:
            raise DataError([quote_problem(error, row=len(grid) + 1, line=begun)], source=name) from None
    return grid


def _decoded(content: bytes, encoding: str | None, name: str) -> str:
    if encoding is None:
        refused = _not_utf8(content)
        if refused:
            raise DataError([refused], source=name)
        return content.decode("utf-8-sig")
    try:
        text = content.decode("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
    except UnicodeError as error:
        position = f"byte {error.start + 1}" if isinstance(error, UnicodeDecodeError) else "its first byte"
        wrong = Problem(
            Code.WRONG_ENCODING,
            f"the file is not {encoding} text, as the mapping file says",
            value_text=f"an error at {position}",
        )
        raise DataError([wrong], source=name) from None
    if "\x00" in text:
        nul = Problem(
            Code.NUL_CHARACTERS,
            "the file has NUL characters",
            advice=plain(f"it is not {encoding} text: correct the encoding"),
        )
        raise DataError([nul], source=name)
    return text


def _not_utf8(content: bytes) -> Problem | None:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Problem(
            Code.NOT_UTF8, "the file must be UTF-8 text", value_text="UTF-32", advice=_encoding("utf-32")
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem(
            Code.NOT_UTF8, "the file must be UTF-8 text", value_text="UTF-16", advice=_encoding("utf-16")
        )
    nul = content.find(b"\x00")
    if nul >= 0:
        position = f"a NUL byte on line {_line(content, nul)}"
        order = utf16_without_mark(content)
        fix = _encoding(order) if order else plain("it may be damaged: export it again as CSV UTF-8")
        return Problem(Code.NUL_CHARACTERS, "the file must be text", value_text=position, advice=fix)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = f"byte 0x{content[error.start]:02x} on line {_line(content, error.start)}"
        return Problem(
            Code.NOT_UTF8, "the file must be UTF-8 text", value_text=byte, advice=_encoding_advice(content)
        )
    return None


def _line(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def _encoding(name: str, *, suffix: str = "") -> Advice:
    return table_setting(SAVE_AS_UTF8 + suffix, "encoding", f'"{name}"')


def _encoding_advice(content: bytes) -> Advice:
    """Name the encoding by the letters that it gives, or those that are possible."""
    if mostly_utf8(content):
        return plain("the other lines are UTF-8: correct this one, or export the file again")
    names = likely_encodings(content)
    if not names:
        return plain('save it as "CSV UTF-8": its encoding is not recognized')
    others = " or ".join(f'"{name}"' for name in names[1:])
    return _encoding(names[0], suffix=f"; {others} is possible too" if others else "")


def starts_with_separator_line(text: str) -> bool:
    """Whether a text begins with an instruction for Excel."""
    return _SEPARATOR_LINE.match(text) is not None


def recognized_delimiter(text: str, heading_row: int) -> str:
    """Name the delimiter that splits the heading into more columns."""
    numbered = enumerate(_LINE.finditer(text), start=1)
    heading = next((match[0] for number, match in numbered if number == heading_row), "")
    outside_quotes = "".join(heading.split('"')[::2])
    return max(DELIMITERS, key=outside_quotes.count)


def _lines(text: str, mark: str, name: str) -> Iterator[str]:
    """Give line after line, and refuse one that would become an endless row."""
    for number, match in enumerate(_LINE.finditer(text), start=1):
        line = match[0]
        if len(line) > MAX_DELIMITERS and line.count(mark) > MAX_DELIMITERS:
            raise DataError([too_many_delimiters(line, mark, number)], source=name)
        yield line


def too_many_delimiters(line: str, mark: str, number: int) -> Problem:
    """Refuse a line that would become an endless row."""
    most = f"a line must have at most {MAX_DELIMITERS} delimiters"
    return Problem(Code.TOO_MANY_DELIMITERS, most, row=number, value_text=str(line.count(mark)))


def quote_problem(error: csv.Error, *, row: int, line: int) -> Problem:
    """Say which quote is wrong."""
    if "unexpected end of data" in str(error) or "field larger than field limit" in str(error):
        return Problem(
            Code.OPEN_QUOTE,
            f"a quoted cell that begins on or after line {line} never ends",
            row=row,
            advice=plain('close it with "'),
        )
    return Problem(
        Code.TEXT_AFTER_QUOTE,
        "text follows a closing quote",
        row=row,
        advice=plain('write a quote inside a cell twice: ""'),
    )


@contextmanager
def _long_cells_allowed(characters: int) -> Iterator[None]:
    """Let the reader pass a cell of any length, so that the table can name its row and column."""
    usual = csv.field_size_limit(max(characters + 1, csv.field_size_limit()))
    try:
        yield
    finally:
        csv.field_size_limit(usual)
