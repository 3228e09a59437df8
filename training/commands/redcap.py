"""Write the data dictionary of a REDCap project."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from features.files.output_files import Output, Outputs
from features.problems import counted
from features.redcap.dictionary import redcap_dictionary
from features.redcap.forms import INFUSION_FORM, project_fields
from training.console.screen import print_document


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
        screen.print(line, highlight=False, markup=False, soft_wrap=True)
