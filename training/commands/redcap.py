"""Set up a REDCap project: write its data dictionary."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.files.output_files import Output, Outputs
from features.problems import counted
from features.redcap.dictionary import redcap_dictionary
from features.redcap.forms import INFUSION_FORM, project_fields
from training.commands.options import Overwrite, given_path
from training.console.screen import print_document, print_line

command = typer.Typer(
    name="redcap",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Set up a REDCap project whose exports need no mapping.",
)


@command.callback()
def _redcap() -> None:
    """Keep the subcommand's name: Typer drops it where a group has only one command."""


@command.command("dictionary")
def _dictionary(
    out: Annotated[str, typer.Option(help="CSV file to write (default: print)")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Write the schema as a REDCap data dictionary."""
    dictionary(given_path(out), overwrite=overwrite)


def dictionary(out: Path | None = None, *, overwrite: bool = False, console: Console | None = None) -> None:
    """Print the data dictionary of a project whose exports need no mapping, or write it.

    Parameters
    ----------
    out : Path, optional
        CSV file to write; standard output by default.
    overwrite : bool
        Whether an earlier file may be replaced.
    console : Console, optional
        Where the next steps are printed; standard output by default.

    Raises
    ------
    DataError
        If the file cannot be written there.
    """
    if out is None:
        print_document(redcap_dictionary())
        return
    Outputs(Output(out), overwrite=overwrite).write({out: redcap_dictionary()})
    screen = console or Console()
    for line in (
        f"{out.name}: {counted(len(project_fields()), 'field')}",
        f"in REDCap: upload it as the data dictionary, then make {INFUSION_FORM} a repeating instrument "
        "(Project Setup); see docs/redcap.md",
    ):
        print_line(screen, line)
