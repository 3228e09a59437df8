"""Retry logging a finished run to MLflow, after MLflow was unavailable or a command was stopped."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from training.console.tables import bar
from training.records.outbox import read_unrecorded
from training.tracking.recorder import close_attempt, record_kept, recorded_version
from training.tracking.release_agreement import warn_of_disagreement


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
    screen = console or Console()
    known = recorded_version(folder)
    if known:
        close_attempt(folder)
        _tell(screen, f"{folder} is already recorded as version {known}")
        return
    with bar("recording in MLflow", len(read_unrecorded(folder).children)) as advance:
        recorded = record_kept(folder, advance=advance)
    if recorded.version:
        _tell(screen, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
        _tell(screen, f"release it: cart-outcomes promote {recorded.version}")
    else:
        _tell(screen, f"recorded as run {recorded.run_id}; see it with cart-outcomes ui")
    warn_of_disagreement()


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
