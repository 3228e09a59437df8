"""Draft a mapping file for a site's own table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.drafting.draft import Draft, draft_mapping
from features.files.output_files import Output, Outputs
from features.files.raw_table import RawTable
from features.files.read_table import FileFormat, read_table
from features.mapping.file import file_format_of
from features.problems import DataError, counted
from training.commands.options import Overwrite, RawTableFile, given_path
from training.console.screen import print_document, print_line


def command(
    raw: RawTableFile,
    out: Annotated[str, typer.Option(help="TOML file to write (default: print)")] = "",
    overwrite: Overwrite = False,
    sheet: Annotated[str, typer.Option(help="Sheet to read, if several sheets have content")] = "",
    encoding: Annotated[str, typer.Option(help="Encoding of a text file other than UTF-8, e.g. cp1251")] = "",
    delimiter: Annotated[
        str, typer.Option(help="Delimiter of a text file other than comma, semicolon or tab")
    ] = "",
    heading_row: Annotated[int, typer.Option(min=1, max=1000, help="Row with the headings")] = 1,
) -> None:
    """Draft a mapping file for a site's table, to be completed by hand."""
    stated = {"sheet": sheet, "encoding": encoding, "delimiter": delimiter, "heading_row": heading_row}
    file_format = file_format_of({name: value for name, value in stated.items() if value})
    map_table(raw, given_path(out), overwrite=overwrite, file_format=file_format)


def map_table(
    raw: Path,
    out: Path | None = None,
    *,
    overwrite: bool = False,
    file_format: FileFormat | None = None,
    console: Console | None = None,
) -> None:
    """Write a draft of a mapping file, or print it.

    Parameters
    ----------
    raw : Path
        The site's table.
    out : Path, optional
        TOML file to write; standard output by default.
    overwrite : bool
        Whether an earlier file, which may hold manual work, may be replaced.
    file_format : FileFormat, optional
        Format of the table, if it cannot be detected from the content.
    console : Console, optional
        Where the summary goes; standard output by default.

    Raises
    ------
    DataError
        If the table cannot be read, no heading is like a field, or the draft cannot be written there.
    """
    files = [Output(out, ".toml")] if out is not None else []
    outputs = Outputs(*files, inputs=[raw], overwrite=overwrite)
    draft = draft_mapping(_read(raw, file_format), file_format)
    if out is None:
        print_document(draft.text)
        return
    outputs.write({out: draft.text})
    screen = console or Console()
    for line in _summary(draft, raw, out):
        print_line(screen, line)


def _read(raw: Path, file_format: FileFormat | None) -> RawTable:
    """Read the table; without a mapping file its format is given by options."""
    try:
        return read_table(raw, file_format)
    except DataError as error:
        problems = [
            replace(problem, advice=problem.advice and problem.advice.for_options())
            for problem in error.problems
        ]
        raise DataError(problems, source=error.source) from None


def _summary(draft: Draft, raw: Path, out: Path) -> list[str]:
    return [
        f"{out.name}: draft with {counted(draft.guessed, 'field')} guessed ({draft.uncertain} uncertain), "
        f"{counted(draft.unused, 'column')} unused, {counted(draft.not_found, 'required field')} not found",
        "confirm or correct every line marked # check:, then",
        f"  cart-outcomes check {raw} --mapping {out}",
    ]
