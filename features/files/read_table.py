"""A file becomes a table of text cells, or is refused as a whole with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from features.advice import plain
from features.files.delimited import delimited_grid
from features.files.heading_rows import joined_headings
from features.files.merged_cells import merged_rows
from features.files.parquet_file import parquet_grid
from features.files.raw_table import RawTable, Row, table_of
from features.files.regular_file import regular_content
from features.files.statistical_software import PROGRAMS, statistical_grid
from features.files.workbook import Sheet, excel_sheet
from features.problem_codes import Code
from features.problems import DataError, Problem

MAX_FILE_BYTES = 50_000_000
"""A larger file is no cohort; it is refused before it is read."""

TEXT, EXCEL, PARQUET = (".csv", ".tsv"), (".xlsx",), (".parquet",)

SIGNATURES = {
    b"PK\x03\x04": "a zip archive or Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\xd0\xcf\x11\xe0": "an old or password-protected Excel file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "an SQLite database",
    b"{\\rtf": "a word-processor document",
    b"$FL2": "an SPSS file",
    b"$FL3": "an SPSS file",
    b"<stata_dta>": "a Stata file",
    b"HEADER RECORD*******": "a SAS transport file",
    bytes(12) + b"\xc2\xea\x81\x60": "a SAS file",
    b"RDX": "an R file",
    b"X\n\x00\x00": "an R file",
    b"<!DOCTYPE html": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML document",
}
EXPECTED = {
    EXCEL: "a zip archive or Excel workbook",
    PARQUET: "a Parquet file",
    (".sav", ".zsav"): "an SPSS file",
    (".sas7bdat",): "a SAS file",
    (".xpt",): "a SAS transport file",
}
KINDS = (*TEXT, *EXCEL, *PARQUET, *PROGRAMS)
OTHER_KINDS = {
    (".xls", ".xlsb", ".xlsm", ".ods"): "save it as .xlsx",
    (".rds",): 'in R: write.csv(readRDS("FILE"), "cohort.csv", row.names = FALSE, na = "")',
    (".rdata", ".rda"): 'in R: load("FILE"), then write.csv(TABLE, "cohort.csv", row.names = FALSE, na = "")',
    (".por", ".sas7bcat", ".jmp", ".mdb", ".accdb", ".sqlite", ".db"): "export the table as CSV UTF-8",
    (".gz", ".zip", ".bz2", ".xz", ".7z"): "unpack it, and name the file in it",
}
"""What is not read, and how to get a file that is."""


Relabel = Callable[[Sequence[Row]], Sequence[Row]]


@dataclass(frozen=True)
class FileFormat:
    """How a file is written, where its content does not show it.

    Parameters
    ----------
    sheet : str, optional
        Sheet of a workbook, where several have content.
    encoding : str, optional
        Of text; UTF-8 unless named.
    delimiter : str, optional
        Of text; comma, semicolon or tab is recognized.
    heading_row : int
        Row that holds the headings, or the first of them.
    heading_rows : int
        How many rows the headings have.
    skip_blank_rows : bool
        Leave out blank rows between rows with data.
    """

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    heading_row: int = 1
    heading_rows: int = 1
    skip_blank_rows: bool = False

    @property
    def last_heading_row(self) -> int:
        """Row above the first row of data."""
        return self.heading_row + self.heading_rows - 1


def read_table(
    path: Path, file_format: FileFormat | None = None, *, relabel: Relabel | None = None
) -> RawTable:
    """Read a file of one of the `KINDS`.

    Parameters
    ----------
    path : Path
        Its name says which kind of file it is.
    file_format : FileFormat, optional
        Where the content does not show it.
    relabel : callable, optional
        Writes headings and cells another way before they become a table.

    Returns
    -------
    table : RawTable
        Text cells; typed values are written one way.

    Raises
    ------
    DataError
        If the file cannot be read as a table; with every reason that can be found at once.

    Examples
    --------
    >>> read_table(Path("cohort.docx"))
    Traceback (most recent call last):
        ...
    features.problems.DataError: cohort.docx: 1 problem
      the file must be .csv, .tsv, .xlsx, .parquet, .sav, .zsav, .dta, .sas7bdat or .xpt, got .docx
    """
    how = file_format or FileFormat()
    content, sheet = read_sheet(path, how)
    return table_of_sheet(sheet, path.name, content, how, relabel=relabel)


def read_sheet(path: Path, how: FileFormat) -> tuple[bytes, Sheet]:
    """Read the content of a file and its cells, before any row is taken for the headings.

    Raises
    ------
    DataError
        As `read_table`.
    """
    kind = path.suffix.lower()
    _refuse_kind(kind, path.name)
    content = regular_content(path, most_bytes=MAX_FILE_BYTES)
    refuse_content(content, kind, path.name)
    return content, _sheet(content, kind, path.name, how)


def table_of_sheet(
    sheet: Sheet, name: str, content: bytes, how: FileFormat, *, relabel: Relabel | None = None
) -> RawTable:
    """Make a table of the cells of a file.

    Raises
    ------
    DataError
        If headings or rows leave a doubt where a cell belongs.
    """
    grid = sheet.grid
    if how.heading_rows > 1:
        heading = joined_headings(grid, how.heading_row, how.heading_rows, sheet.merged)
        grid = [*grid[: how.last_heading_row - 1], heading, *grid[how.last_heading_row :]]
    table = table_of(
        relabel(grid) if relabel else grid,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        heading_row=how.last_heading_row,
        skip_blank_rows=how.skip_blank_rows,
    )
    merged = merged_rows(sheet.merged, grid, how.last_heading_row)
    return replace(table, merged=merged, notes=sheet.notes)


def _sheet(content: bytes, kind: str, name: str, how: FileFormat) -> Sheet:
    if kind in EXCEL:
        return excel_sheet(content, name=name, sheet=how.sheet)
    if kind in PARQUET:
        return Sheet(parquet_grid(content, name=name))
    if kind in PROGRAMS:
        grid, notes = statistical_grid(content, kind, name=name)
        return Sheet(grid, notes=notes)
    return Sheet(
        delimited_grid(
            content,
            name=name,
            encoding=how.encoding,
            delimiter=how.delimiter,
            heading_row=how.last_heading_row,
        )
    )


def _refuse_kind(kind: str, name: str) -> None:
    if kind not in KINDS:
        fix = next((advice for kinds, advice in OTHER_KINDS.items() if kind in kinds), None)
        rule = f"the file must be {', '.join(KINDS[:-1])} or {KINDS[-1]}"
        raise DataError(
            [
                Problem(
                    Code.UNKNOWN_FILE_TYPE,
                    rule,
                    value_text=kind or "no extension",
                    advice=plain(fix) if fix else None,
                )
            ],
            source=name,
        )


def refuse_content(content: bytes, kind: str, name: str) -> None:
    """Refuse what is empty, and what is not what its name says; the beginning of a file is enough."""
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise DataError([Problem(Code.EMPTY_FILE, "the file is empty")], source=name)
    start = content[:64].lstrip()
    is_like = next(
        (words for sign, words in SIGNATURES.items() if start.lower().startswith(sign.lower())), None
    )
    expected = next((words for kinds, words in EXPECTED.items() if kind in kinds), None)
    if kind == ".dta" and is_like == "a Stata file":
        return
    if is_like != expected:
        wrong = Problem(
            Code.WRONG_FILE_TYPE,
            f"the file is called {kind}, but its content is {is_like or 'something else'}",
            advice=plain("save it again as CSV UTF-8, or correct the extension of its name"),
        )
        raise DataError([wrong], source=name)
