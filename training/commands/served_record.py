"""The record of answers that `serve` keeps: its settings, checked before the start."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from features.problems import Refused

RecordFile = Annotated[
    str,
    typer.Option(
        "--record",
        metavar="FILE",
        help="TOML file of the record of answers and of shadow mode (docs/record.md)",
    ),
]


def record_environment(record: Path | None) -> tuple[Mapping[str, str], list[str]]:
    """Check the settings of the record, and state them for the service.

    Parameters
    ----------
    record : Path, optional
        TOML file; that of the environment by default.

    Returns
    -------
    environment : mapping of str to str
        Empty where answers are not recorded.
    announced : list of str
        Sentences for the person who starts the service; none where answers are not recorded.

    Raises
    ------
    Refused
        If the settings, or a file that they name, cannot be used.
    """
    # Settings of identity, which those of the record share a part with, take part of a second to import.
    from serving.record.settings import RECORD_VARIABLE

    stated = os.environ.get(RECORD_VARIABLE, "")
    path = record or (Path(stated) if stated else None)
    if path is None:
        return {}, []
    return {RECORD_VARIABLE: str(path.resolve())}, list(_announced(path))


def _announced(path: Path) -> Iterator[str]:
    """Open the files as the service will, so that a mistake is reported here; say what they mean."""
    from serving.identity.private_file import SettingsError
    from serving.record.recorder import Recorder
    from serving.record.settings import read_settings

    try:
        recorder = Recorder(read_settings(path))
    except SettingsError as error:
        message = f"--record: {error}"
        raise Refused(message) from None
    recorder.close()
    yield "answers are recorded before they are sent"
    if recorder.shadow:
        yield "shadow mode: answers are recorded and not shown"
