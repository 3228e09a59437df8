"""Add the scoring code to a registered version that does not contain it yet."""

from __future__ import annotations

from rich.console import Console

from training.tracking.repacking import repack as give_code
from training.tracking.runs import MODEL_NAME


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
    number, changed = give_code(version)
    done = "now contains its scoring code" if changed else "already contains its scoring code"
    shown = console or Console()
    for line in (
        f"version {number} {done}",
        f'  mlflow.pyfunc.load_model("models:/{MODEL_NAME}/{number}") needs only its requirements.txt',
    ):
        shown.print(line, highlight=False, markup=False, soft_wrap=True)
