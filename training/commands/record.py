"""Retry logging a finished run to MLflow, after MLflow was unavailable or a command was stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.console.screen import print_line
from training.console.tables import bar


def command(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", readable=False, help="Bundle folder named in the error message"),
    ],
) -> None:
    """Retry logging a finished run to MLflow."""
    record(folder)


def record(folder: Path, *, console: Console | None = None) -> None:
    """Log the runs that are stored beside a folder; nothing is fitted or validated again.

    Parameters
    ----------
    folder : Path
        The bundle folder, or the folder named in the error message.
    console : Console, optional
        Where the result is printed; standard output by default.

    Raises
    ------
    Refused
        If no run is stored there or it is damaged, or MLflow refuses again; stored runs stay.
    """
    # MLflow takes seconds to import.
    from training.records.outbox import read_unrecorded
    from training.tracking.recorder import close_attempt, record_kept, recorded_version
    from training.tracking.release_agreement import warn_of_disagreement

    screen = console or Console()
    known = recorded_version(folder)
    if known:
        close_attempt(folder)
        print_line(screen, f"{folder} is already recorded as version {known}")
        return
    with bar("recording in MLflow", len(read_unrecorded(folder).children)) as advance:
        recorded = record_kept(folder, advance=advance)
    if recorded.version:
        print_line(screen, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
        print_line(screen, f"release it: cart-outcomes promote {recorded.version}")
    else:
        print_line(screen, f"recorded as run {recorded.run_id}; see it with cart-outcomes ui")
    warn_of_disagreement()
