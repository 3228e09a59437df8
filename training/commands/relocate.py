"""Point MLflow's database to its files after the project folder was moved or copied."""

from __future__ import annotations

from rich.console import Console

from features.problems import Refused, counted
from training.console.screen import print_line
from training.tracking.store import TRACKING_VARIABLE, database_file, named_store


def command() -> None:
    """Update the tracking database after the project folder was moved or copied."""
    relocate()


def relocate(*, console: Console | None = None) -> None:
    """Rewrite the old folder in the locations that the database keeps, and say what was changed.

    Parameters
    ----------
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If the runs are not in an SQLite file, another command is writing, or the files are not there.
    """
    from training.tracking.relocation import relocate as rewrite

    shown = console or Console()
    database = database_file(named_store())
    if database is None:
        message = (
            f"{TRACKING_VARIABLE} names a server or another database, which manages its own file locations: "
            "relocate updates SQLite files only"
        )
        raise Refused(message)
    if not database.is_file():
        message = f"{database} does not exist; run the command in the folder of mlflow.db"
        raise Refused(message)
    done = rewrite(database)
    if done is None:
        print_line(shown, f"{database}: every run finds its files; nothing was changed")
        return
    for root in done.roots:
        print_line(shown, f"{root} is now {database.parent}")
    for column, count in done.changed.items():
        print_line(shown, f"  {column}: {counted(count, 'row')}")
    if done.missing:
        missing = counted(done.missing, "run")
        print_line(shown, f"{missing} with no files in the new folder; some runs never had any")
    print_line(shown, f"backup of the database: {done.backup}")
