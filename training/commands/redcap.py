"""Write what a REDCap project is made of."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from features.intake.writing import refuse_target
from features.problems import DataError, Problem, counted
from features.redcap.dictionary import redcap_dictionary
from features.redcap.forms import INFUSION_FORM, project_fields
from features.whole_file import write_whole


def dictionary(out: Path | None = None, *, console: Console | None = None) -> None:
    """Print the data dictionary of a project whose exports need no mapping, or write it.

    Parameters
    ----------
    out : Path, optional
        CSV file to write, replaced in one step where it exists; standard output by default.
    console : Console, optional
        Where it is said what to do next; standard output by default.

    Raises
    ------
    DataError
        If the file cannot be written there.
    """
    if out is None:
        sys.stdout.write(redcap_dictionary())
        return
    refuse_target(out)
    try:
        write_whole(out, redcap_dictionary())
    except OSError as error:
        problem = Problem(f"the file cannot be written ({error.strerror})")
        raise DataError([problem], source=out.name) from None
    screen = console or Console()
    for line in (
        f"{out.name}: {counted(len(project_fields()), 'field')}",
        "in REDCap: upload it as data dictionary, then let the form "
        f"{INFUSION_FORM} repeat (Project Setup, repeating instruments); see docs/redcap.md",
    ):
        screen.print(line, highlight=False, markup=False, soft_wrap=True)
