"""Finding Chromium on this machine, and starting it so that it speaks to this machine alone."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")
"""Debian's. Without a font a page has no text to look at."""

INSTALLED_WITHIN_SECONDS = 600
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    # No name of another host is looked up, whatever a page or the browser itself asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


class NoChromiumError(Exception):
    """There is no Chromium here; the message says why it could not be had either."""


def chromium_path() -> str:
    """Find Chromium; on a Debian machine that is ours to change, install it first.

    Returns
    -------
    path : str
        Of the program.

    Raises
    ------
    NoChromiumError
        If it is not on the PATH and cannot be installed: not root, no apt-get, or apt-get failed.
    """
    return _found() or _installed()


def launched(playwright: Playwright, path: str) -> Browser:
    """Start Chromium without a window; in containers it runs as root, where its sandbox cannot."""
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), chromium_sandbox=False)


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _installed() -> str:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        message = f"none of {', '.join(NAMES)} is on the PATH"
        raise NoChromiumError(message)
    with (Path(tempfile.gettempdir()) / "cart-outcomes-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _found() or _apt_get()


def _apt_get() -> str:
    """Install; a list of packages that cannot be renewed may still do."""
    _run("apt-get", "update", "--quiet=2")
    failed = _run(
        *("apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends"),
        *("--option", "DPkg::Lock::Timeout=120", *PACKAGES),
    )
    path = _found()
    if path is None:
        message = f"apt-get did not install it: {failed or 'the package has no such program'}"
        raise NoChromiumError(message)
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
