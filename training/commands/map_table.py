"""Draft a mapping file for a site's own table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.drafting.draft import Draft, draft_mapping
from features.drafting.drafted_tables import first_table, further_table, is_file
from features.drafting.presets import NAMES, with_questions
from features.files.output_files import Output, Outputs
from features.files.read_table import FileFormat
from features.mapping.file import file_format_of
from features.problems import counted
from features.redcap.data_dictionary import read_data_dictionary
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
    heading_row: Annotated[int, typer.Option(min=1, max=1000, help="First row with headings")] = 1,
    heading_rows: Annotated[int, typer.Option(min=1, max=10, help="Number of rows with headings")] = 1,
    dictionary: Annotated[str, typer.Option(help="Data dictionary of the REDCap project (CSV)")] = "",
    preset: Annotated[
        str, typer.Option(help=f"Registry that the table comes from: {' or '.join(NAMES)}")
    ] = "",
    table: Annotated[
        list[str] | None,
        typer.Option(help="Further table, joined or with values over time: a file, or a sheet; repeatable"),
    ] = None,
) -> None:
    """Draft a mapping file for a site's table, to be completed by hand."""
    stated = {"sheet": sheet, "encoding": encoding, "delimiter": delimiter}
    rows = {"heading_row": heading_row, "heading_rows": heading_rows}
    file_format = file_format_of({**{name: value for name, value in stated.items() if value}, **rows})
    map_table(
        raw,
        given_path(out),
        overwrite=overwrite,
        file_format=file_format,
        dictionary=given_path(dictionary),
        preset=preset,
        further=table or (),
    )


def map_table(
    raw: Path,
    out: Path | None = None,
    *,
    overwrite: bool = False,
    file_format: FileFormat | None = None,
    dictionary: Path | None = None,
    preset: str = "",
    further: Sequence[str] = (),
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
    dictionary : Path, optional
        Data dictionary of the REDCap project that the table was exported from.
    preset : str
        Registry that the table comes from, whose questions are noted beside the fields; none if blank.
    further : sequence of str
        Files, or sheets of the workbook: one row a patient or an infusion, or values over time.
    console : Console, optional
        Where the summary goes; standard output by default.

    Raises
    ------
    DataError
        If the table or the dictionary cannot be read, no heading is like a field, the preset is unknown, or
        the draft cannot be written there.
    """
    files = [Output(out, ".toml")] if out is not None else []
    inputs = [raw, *([dictionary] if dictionary else []), *(Path(name) for name in further if is_file(name))]
    outputs = Outputs(*files, inputs=inputs, overwrite=overwrite)
    table, how = first_table(raw, file_format or FileFormat())
    described = read_data_dictionary(dictionary) if dictionary else None
    tables = [further_table(raw, name, how) for name in further]
    draft = with_questions(lambda: draft_mapping(table, how, described, further=tables), table, preset=preset)
    if out is None:
        print_document(draft.text)
        return
    outputs.write({out: draft.text})
    screen = console or Console()
    for line in _summary(draft, raw, out):
        print_line(screen, line)


def _summary(draft: Draft, raw: Path, out: Path) -> list[str]:
    return [
        f"{out.name}: draft with {counted(draft.guessed, 'field')} guessed ({draft.uncertain} uncertain), "
        f"{counted(draft.unused, 'column')} unused, {counted(draft.not_found, 'required field')} not found",
        "confirm or correct every line marked # check:, then",
        f"  cart-outcomes check {raw} --mapping {out}",
    ]
