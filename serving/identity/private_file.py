"""Files of secrets and of what stands for them: not read if other people could read them too."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

LARGEST_BYTES = 4 * 2**20


class SettingsError(ValueError):
    """A file of settings that cannot be used; says what, where and how to fix it."""


def read_private(path: Path) -> bytes:
    """Read a file that its owner alone may read.

    A file that belongs to another user, as an orchestrator mounts a secret, may be readable by this
    process's group.

    Parameters
    ----------
    path : Path

    Returns
    -------
    content : bytes

    Raises
    ------
    SettingsError
        If it cannot be read, is no regular file or larger than 4 MiB, or its permissions let other people
        read it.
    """
    return _read(path, private=True)


def read_public(path: Path) -> bytes:
    """Read a file that holds no secret.

    Raises
    ------
    SettingsError
        If it cannot be read, is no regular file or larger than 4 MiB.
    """
    return _read(path, private=False)


def read_toml(path: Path) -> dict[str, Any]:
    """Read settings, which hold no secret.

    Raises
    ------
    SettingsError
        As `read_public`, and if the file is not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(read_public(path).decode("utf-8-sig"))
    except UnicodeDecodeError:
        message = f"{path.name} is not UTF-8 text; save it as UTF-8"
        raise SettingsError(message) from None
    except tomllib.TOMLDecodeError as error:
        message = f"{path.name} is not TOML: {error}"
        raise SettingsError(message) from None


def too_open(status: os.stat_result, *, user: int) -> bool:
    """Say whether other people could read or write a file.

    Parameters
    ----------
    status : os.stat_result
    user : int
        Who reads it.
    """
    others = stat.S_IRWXO | stat.S_IWGRP
    if status.st_uid == user:
        others |= stat.S_IRWXG
    return bool(status.st_mode & others)


def _read(path: Path, *, private: bool) -> bytes:
    try:
        with open(path, "rb", opener=_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                message = f"{path} is not a regular file; name a file"
                raise SettingsError(message)
            if private and too_open(status, user=os.geteuid()):
                message = f"{path}: other users can read or write this file; run chmod 600 {path}"
                raise SettingsError(message)
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise SettingsError(message) from None
    if len(content) > LARGEST_BYTES:
        message = f"{path} is larger than {LARGEST_BYTES:,} bytes"
        raise SettingsError(message)
    return content


def _at_once(path: str, flags: int) -> int:
    """Open a file without waiting: a pipe would wait for another program, and the service with it."""
    return os.open(path, flags | os.O_NONBLOCK)
