"""Programs that tests need beside Python: found, or on a Debian machine that is ours to change, installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

INSTALLED_WITHIN_SECONDS = 600


class NotInstalledError(Exception):
    """A program is not there; the message says why it could not be had either."""


def found_or_installed(find: Callable[[], str | None], packages: tuple[str, ...], *, missing: str) -> str:
    """Find a program; on a Debian machine that is ours to change, install it first.

    Parameters
    ----------
    find : callable
        Gives the path of the program, or None.
    packages : tuple of str
        Debian's.
    missing : str
        What was looked for and not found, in words.

    Returns
    -------
    path : str
        Of the program.

    Raises
    ------
    NotInstalledError
        If it is not there and cannot be installed: not root, no apt-get, or apt-get failed.
    """
    return find() or _installed(find, packages, missing=missing)


def _installed(find: Callable[[], str | None], packages: tuple[str, ...], *, missing: str) -> str:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NotInstalledError(missing)
    with (Path(tempfile.gettempdir()) / f"cart-outcomes-{packages[0]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return find() or _apt_get(find, packages)


def _apt_get(find: Callable[[], str | None], packages: tuple[str, ...]) -> str:
    """Install; a list of packages that cannot be renewed may still do."""
    _run("apt-get", "update", "--quiet=2")
    failed = _run(
        *("apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends"),
        *("--option", "DPkg::Lock::Timeout=120", *packages),
    )
    path = find()
    if path is None:
        message = f"apt-get did not install it: {failed or 'the package has no such program'}"
        raise NotInstalledError(message)
    return path


def _run(*command: str) -> str:
    """Run quietly; give the last line of what went wrong, nothing if nothing did."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALLED_WITHIN_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"{command[1]} took longer than {INSTALLED_WITHIN_SECONDS} s"
    lines = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (lines[-1] if lines else f"exit status {done.returncode}")
