"""What a mapping file says of a file: how it is written, and how its numbers are."""

from __future__ import annotations

import codecs

from features.files.read_table import FileFormat
from features.mapping.number_format import NumberFormat
from features.mapping.toml_entries import Entries
from features.problem_codes import Code

MOST_HEADING_ROWS = 10


def file_format(table: Entries, default: FileFormat | None = None) -> FileFormat:
    """Take the format of a file.

    Parameters
    ----------
    table : Entries
        With ``sheet``, ``encoding``, ``delimiter``, ``heading_row``, ``heading_rows`` and
        ``skip_blank_rows``; receives every mistake.
    default : FileFormat, optional
        Rows of headings and blank rows where they are not stated: those of another sheet.

    Returns
    -------
    file_format : FileFormat

    Examples
    --------
    >>> file_format(Entries("table", {"delimiter": "|"}, [])).delimiter
    '|'
    """
    usual = default or FileFormat()
    encoding, delimiter = table.text("encoding"), table.text("delimiter")
    if encoding is not None and not _is_encoding(encoding):
        table.refuse(
            Code.UNKNOWN_ENCODING,
            "encoding",
            "is not a text encoding",
            value_text=encoding,
            advice='as "utf-8", "cp1252", "utf-16"',
        )
        encoding = None
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        table.refuse(Code.WRONG_DELIMITER, "delimiter", "must be one character", value_text=delimiter)
        delimiter = None
    skips = table.flag("skip_blank_rows")
    return FileFormat(
        sheet=table.text("sheet"),
        encoding=encoding,
        delimiter=delimiter,
        heading_row=_counted_row(table, "heading_row", 1000, usual.heading_row),
        heading_rows=_counted_row(table, "heading_rows", MOST_HEADING_ROWS, usual.heading_rows),
        skip_blank_rows=skips if "skip_blank_rows" in table else usual.skip_blank_rows,
    )


def _counted_row(table: Entries, key: str, most: int, usual: int) -> int:
    row = table.number(key)
    if row is not None and not (row.is_integer() and 1 <= row <= most):
        table.refuse(Code.OUTSIDE_LIMITS, key, f"must be a whole number, 1 to {most}", value_text=row)
        return 1
    return usual if row is None else int(row)


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def number_format(table: Entries, default: NumberFormat | None = None) -> NumberFormat:
    """Take the marks of numbers.

    Parameters
    ----------
    table : Entries
        With ``decimal`` and ``thousands``; receives every mistake.
    default : NumberFormat, optional
        What holds of a mark that is not stated.

    Returns
    -------
    numbers : NumberFormat

    Examples
    --------
    >>> number_format(Entries("table", {"decimal": ","}, [])).decimal
    ','
    """
    usual = default or NumberFormat()
    decimal = table.choice("decimal", (".", ",")) or usual.decimal
    thousands = table.choice("thousands", (",", ".", " ", "'")) or usual.thousands
    if thousands == decimal:
        table.refuse(Code.CONFLICTING_KEYS, "thousands", "must differ from decimal", value_text=thousands)
    return NumberFormat(decimal, thousands)
