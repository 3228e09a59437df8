"""Debian's R with the packages that the documentation names, run as a script."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.debian import found_or_installed

PACKAGES = ("r-base-core", "r-cran-httr2", "r-cran-jsonlite")
LIBRARIES = "library(httr2); library(jsonlite)"


def r_program() -> str:
    """Find R with its packages; on a Debian machine that is ours to change, install it.

    Raises
    ------
    NotInstalledError
        If it is not there and cannot be installed.
    """
    return found_or_installed(_found, PACKAGES, missing="R with httr2 and jsonlite is not installed")


def run_script(program: str, script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder."""
    file = folder / "script.R"
    file.write_text(script, encoding="utf-8")
    command = [program, "--vanilla", str(file)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def _found() -> str | None:
    program = shutil.which("Rscript")
    if program is None:
        return None
    asked = subprocess.run([program, "-e", LIBRARIES], capture_output=True, timeout=60)
    return program if asked.returncode == 0 else None
