"""Record what a command could not: MLflow was gone, or the command was stopped."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from training.console.tables import bar
from training.records.outbox import read_unrecorded
from training.tracking.recorder import close_attempt, record_kept, recorded_version
from training.tracking.release_agreement import warn_of_disagreement


def record(folder: Path, *, console: Console | None = None) -> None:
    """Record what is kept beside a folder, nothing fitted or measured again.

    Parameters
    ----------
    folder : Path
        The bundle, or what else the message of the failed command named.
    console : Console, optional
        Where all is told; standard output by default.

    Raises
    ------
    Refused
        If nothing is kept there or it is damaged, or MLflow refuses again; what is kept stays.
    """
    told = console or Console()
    known = recorded_version(folder)
    if known:
        close_attempt(folder)
        _tell(told, f"{folder} has been recorded as version {known} already")
        return
    with bar("recording in MLflow", len(read_unrecorded(folder).children)) as advance:
        recorded = record_kept(folder, advance=advance)
    if recorded.version:
        _tell(told, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
        _tell(told, f"release it: cart-outcomes promote {recorded.version}")
    else:
        _tell(told, f"recorded as run {recorded.run_id}; see it with cart-outcomes ui")
    warn_of_disagreement()


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
