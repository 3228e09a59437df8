"""The record of answers: set up, verify, checkpoint, report a restore, erase, remove old rows, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.problems import Refused, counted
from training.commands.options import Overwrite
from training.commands.record_options import Folder, RecordFile
from training.commands.restored import restored_command
from training.console.screen import print_line

if TYPE_CHECKING:
    from serving.record.verification import Verification

command = typer.Typer(
    name="answers",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Set up, verify, erase from and export the record of answers.",
)


@command.command("setup")
def _setup(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="TOML file to be written")],
) -> None:
    """Write settings of a record in SQLite, with a key beside them."""
    set_up(file)


@command.command("key")
def _key(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="File of the new key")],
) -> None:
    """Create a key, for a new record or for rotation."""
    make_key(file)


@command.command("verify")
def _verify(record: RecordFile = None, checkpoints: Folder = None) -> None:
    """Verify every row, and name the first that was changed, removed or added."""
    verify(record, checkpoints=checkpoints)


@command.command("checkpoint")
def _checkpoint(record: RecordFile = None, checkpoints: Folder = None) -> None:
    """Write where the record ends to a file in another place."""
    checkpoint(record, checkpoints=checkpoints)


@command.command("erase")
def _erase(
    record_key: Annotated[
        str, typer.Option(metavar="KEY", help="Erase all answers and outcomes of this record key")
    ] = "",
    prediction: Annotated[
        str, typer.Option(metavar="ID", help="Erase the answer of this prediction id, and its outcomes")
    ] = "",
    record: RecordFile = None,
) -> None:
    """Erase what the record has of a patient; the chain stays whole."""
    erase(record, record_key=record_key, prediction=prediction)


@command.command("remove-old")
def _remove_old(
    days: Annotated[int, typer.Option(min=1, max=36500, help="Days for which rows are kept")],
    record: RecordFile = None,
) -> None:
    """Remove rows older than a number of days."""
    remove_old(days, record)


@command.command("export")
def _export(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the exported files")],
    record: RecordFile = None,
    overwrite: Overwrite = False,
) -> None:
    """Export answers and outcomes as Parquet files for monitoring with seismometer."""
    export(out, record, overwrite=overwrite)


command.command("restored")(restored_command)


def set_up(file: Path, *, console: Console | None = None) -> None:
    """Write settings, a key and an empty record in SQLite.

    Parameters
    ----------
    file : Path
        Of the settings; key and database get its name.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If one of the files exists.
    """
    from training.release.answer_record import set_up as made

    made(file)
    screen = console or Console()
    print_line(screen, f"wrote {file}; keep a copy of {file.stem}.key apart from the database")
    print_line(screen, f"record answers: cart-outcomes serve --record {file}")


def make_key(file: Path, *, console: Console | None = None) -> None:
    """Make a key.

    Parameters
    ----------
    file : Path
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If the file exists.
    """
    from training.release.answer_record import make_key as made

    key_id = made(file)
    print_line(console or Console(), f"wrote key {key_id} to {file}; add it as the last of keys")


def verify(
    record: Path | None = None, *, checkpoints: Path | None = None, console: Console | None = None
) -> None:
    """Verify a record.

    Parameters
    ----------
    record : Path, optional
        Settings of the record; those of the environment by default.
    checkpoints : Path, optional
        Folder of checkpoints; that of the settings by default.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        With the first broken row, if the record was altered, or if it cannot be read.
    """
    from training.release.answer_record import answer_record

    checked = answer_record(record).verified(checkpoints)
    if checked.broken is not None:
        message = f"the record was altered: {checked.broken.message}"
        raise Refused(message)
    screen = console or Console()
    print_line(screen, _whole(checked))
    for row in checked.restores:
        print_line(screen, f"row {row} reports a restore from a backup")
    if not checked.checkpoints:
        print_line(screen, "no checkpoint was compared: an earlier copy of the record would look whole")


def checkpoint(
    record: Path | None = None, *, checkpoints: Path | None = None, console: Console | None = None
) -> None:
    """Write a checkpoint.

    Parameters
    ----------
    record : Path, optional
        Settings of the record; those of the environment by default.
    checkpoints : Path, optional
        Folder, which must exist; that of the settings by default.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If no folder is named, or the record cannot be read.
    """
    from training.release.answer_record import answer_record

    file, written = answer_record(record).write_checkpoint(checkpoints)
    rows = counted(written.count, "row")
    print_line(console or Console(), f"wrote {file}: {rows}, the last is {written.sequence}")


def erase(
    record: Path | None = None,
    *,
    record_key: str = "",
    prediction: str = "",
    console: Console | None = None,
) -> None:
    """Erase the content of rows.

    Parameters
    ----------
    record : Path, optional
        Settings of the record; those of the environment by default.
    record_key, prediction : str
        Exactly one of them.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If neither or both are named, nothing has it, or the record cannot be changed.
    """
    from training.release.answer_record import answer_record

    if bool(record_key) == bool(prediction):
        message = "name either --record-key KEY or --prediction ID"
        raise Refused(message)
    erased = answer_record(record).erase(record_key=record_key or None, prediction_id=prediction or None)
    if not erased:
        message = "nothing was erased: no row with content has this record key or prediction id"
        raise Refused(message)
    print_line(console or Console(), f"erased {counted(erased, 'row')}; backups and exports still have them")


def remove_old(days: int, record: Path | None = None, *, console: Console | None = None) -> None:
    """Remove rows older than a number of days.

    Parameters
    ----------
    days : int
    record : Path, optional
        Settings of the record; those of the environment by default.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If the record cannot be changed.
    """
    from training.release.answer_record import answer_record

    removed = answer_record(record).remove_old(days)
    print_line(console or Console(), f"removed {counted(removed, 'row')} older than {days} days")


def export(
    out: Path, record: Path | None = None, *, overwrite: bool = False, console: Console | None = None
) -> None:
    """Export a record for monitoring.

    Parameters
    ----------
    out : Path
        Folder, made if it is not there.
    record : Path, optional
        Settings of the record; those of the environment by default.
    overwrite : bool
        Whether the files of an earlier export are replaced.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If the record cannot be read, has no answer, or the folder has an earlier export.
    """
    from training.release.answer_export import exported
    from training.release.answer_record import answer_record

    done = exported(answer_record(record), out, overwrite=overwrite)
    unlabeled = f"{counted(done.unlabeled, 'report')} without a label at any horizon"
    print_line(
        console or Console(),
        f"wrote {counted(done.answers, 'answer')} and {counted(done.events, 'event')} to {out}; "
        f"left out: {counted(done.erased, 'erased answer')}, {unlabeled}",
    )


def _whole(checked: Verification) -> str:
    if not checked.rows:
        return "the record is empty"
    compared = f"{counted(checked.rows, 'row')}, {counted(checked.checkpoints, 'checkpoint')}"
    return f"rows {checked.first} to {checked.last} are intact ({compared})"
