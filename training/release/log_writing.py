"""Adding a line to the log of releases: the whole log is there before and after, never half a line."""

from __future__ import annotations

from features.problems import Refused
from serving.release.release_log import log_file, parsed_log, read_log
from training.release.bento_store import write_durably


def is_logged(line: str) -> bool:
    """Whether a line is in the log.

    Raises
    ------
    SignatureError
        If the log is broken.
    """
    return line.encode() in [each.written() for each in read_log()]


def can_log(line: str) -> bool:
    """Whether a line is in the log, or fits its end.

    Raises
    ------
    SignatureError
        If the log is broken.
    """
    if is_logged(line):
        return True
    try:
        parsed_log(_with(line), log_file())
    except Refused:
        return False
    return True


def log_release(line: str) -> None:
    """Add a line to the log, in one step; one that is there already stays as it is.

    Parameters
    ----------
    line : str
        As `training.release.sealing.seal` wrote it.

    Raises
    ------
    SignatureError
        If the log is broken, or the line does not follow its end.
    """
    if is_logged(line):
        return
    content = _with(line)
    parsed_log(content, log_file())
    write_durably(log_file(), content.decode())


def _with(line: str) -> bytes:
    file = log_file()
    return (file.read_bytes() if file.exists() else b"") + line.encode() + b"\n"
