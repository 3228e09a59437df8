"""Command line for site tables: draft a mapping file, set up a REDCap project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.options import Overwrite

redcap = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Set up a REDCap project whose exports need no mapping."
)


@redcap.callback()
def _redcap() -> None:
    """Keep the subcommand's name: Typer drops it where a group has only one command."""


@redcap.command()
def dictionary(
    out: Annotated[str, typer.Option(help="CSV file to write (default: print)")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Write the schema as a REDCap data dictionary."""
    from training.commands.redcap import dictionary as run

    run(Path(out) if out else None, overwrite=overwrite)


def map_(
    raw: Annotated[Path, typer.Argument(readable=False, help="Site's own table, e.g. a raw REDCap export")],
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
    from features.mapping.file import file_format_of
    from training.commands.map_table import map_table as run

    stated = {"sheet": sheet, "encoding": encoding, "delimiter": delimiter, "heading_row": heading_row}
    how = file_format_of({name: value for name, value in stated.items() if value})
    run(raw, Path(out) if out else None, overwrite=overwrite, file_format=how)
