"""Which files an image is made of: those under version control in the folders that an answer needs.

``python -m tests.packed`` writes their names into bentofile.yaml, after a file was added, moved or deleted.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BENTOFILE = PROJECT / "bentofile.yaml"

NEEDED = (
    "features/**/*.py",
    "features/py.typed",
    "serving/**/*.py",
    "serving/py.typed",
    "serving/pages/**",
    "data/evidence/*.csv",
    "data/schema.json",
)
"""As git's patterns; a license belongs to every copy."""

INCLUDE = re.compile(r"(?<=^include:\n)(?:  - .*\n)+", re.MULTILINE)


def packed_files() -> list[str]:
    """List the files under version control that an image needs, by their paths."""
    patterns = [f":(glob){pattern}" for pattern in (*NEEDED, "LICENSE")]
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return sorted(file for file in listed.stdout.split("\0") if file and (PROJECT / file).is_file())


def include_lines(files: list[str]) -> str:
    """Write the list as bentofile.yaml has it; the first slash ties a name to its folder."""
    return "".join(f'  - "/{file}"\n' for file in files)


def write_bentofile() -> None:
    """Put the names of the files into bentofile.yaml."""
    text = BENTOFILE.read_text(encoding="utf-8")
    BENTOFILE.write_text(INCLUDE.sub(include_lines(packed_files()), text), encoding="utf-8")


if __name__ == "__main__":
    write_bentofile()
