"""Add the scoring code to a registered version that does not contain it yet."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from training.console.screen import print_line


def command(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias (default: champion)")
    ] = "champion",
) -> None:
    """Add the scoring code to an earlier version, so it loads without this project installed."""
    repack(version)


def repack(version: str, *, console: Console | None = None) -> None:
    """Make a version self-contained, and say how to load it.

    Parameters
    ----------
    version : str
        Number, alias, or name as in answers.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If there is no such version, its bundle is damaged, or MLflow cannot be reached.
    """
    # MLflow takes seconds to import.
    from training.tracking.repacking import repack as give_code
    from training.tracking.runs import MODEL_NAME

    number, changed = give_code(version)
    done = "now contains its scoring code" if changed else "already contains its scoring code"
    shown = console or Console()
    for line in (
        f"version {number} {done}",
        f'  mlflow.pyfunc.load_model("models:/{MODEL_NAME}/{number}") needs only its requirements.txt',
    ):
        print_line(shown, line)
