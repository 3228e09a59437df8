"""Report that the record of answers was restored from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.problems import Refused
from training.commands.record_options import Folder, RecordFile
from training.console.screen import print_line


def restored_command(
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why it was restored; stays in the record")],
    record: RecordFile = None,
    checkpoints: Folder = None,
) -> None:
    """Report that the record was restored from a backup, and which rows are lost."""
    restored(why, record, checkpoints=checkpoints)


def restored(
    why: str,
    record: Path | None = None,
    *,
    checkpoints: Path | None = None,
    console: Console | None = None,
) -> None:
    """Report a restore from a backup.

    Parameters
    ----------
    why : str
        At most 500 characters on one line; without anything about a patient.
    record : Path, optional
        Settings of the record; those of the environment by default.
    checkpoints : Path, optional
        Folder of checkpoints; that of the settings by default.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If no reason is given, the rows that are there were altered, or the record cannot be changed.
    """
    from training.release.answer_record import answer_record
    from training.release.sealing import refuse_unusable_words

    if not why.strip():
        message = "--why must state why the record was restored"
        raise Refused(message)
    refuse_unusable_words("", why, "")
    row, lost = answer_record(record).report_restore(why.strip(), checkpoints)
    if lost:
        end = max(each.sequence for each in lost)
        facts = f"at least the rows up to {end} that were written after the backup are lost"
    else:
        facts = "no checkpoint has a row that is lost"
    print_line(console or Console(), f"row {row} reports the restore; {facts}")
