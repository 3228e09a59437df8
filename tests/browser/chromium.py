"""Finding Chromium on this machine, and starting it so that it speaks to this machine alone."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

from tests.debian import NotInstalledError, found_or_installed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")
"""Debian's. Without a font a page has no text to look at."""

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
    try:
        return found_or_installed(_found, PACKAGES, missing=f"none of {', '.join(NAMES)} is on the PATH")
    except NotInstalledError as missing:
        raise NoChromiumError(missing) from missing


def launched(playwright: Playwright, path: str) -> Browser:
    """Start Chromium without a window; in containers it runs as root, where its sandbox cannot."""
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), chromium_sandbox=False)


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
