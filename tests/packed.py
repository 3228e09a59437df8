"""What an image is made of: files under version control in the folders that an answer needs, and packages.

``python -m tests.packed`` writes the names of the files into bentofile.yaml, after one was added, moved or
deleted, and the packages into serving/image/requirements.txt, after ``make lock``.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1]
BENTOFILE = PROJECT / "bentofile.yaml"
LOCK = PROJECT / "requirements.lock"
REQUIREMENTS = PROJECT / "serving" / "image" / "requirements.txt"

NEEDED = (
    "features/**/*.py",
    "features/py.typed",
    "serving/**/*.py",
    "serving/py.typed",
    "serving/pages/**",
    "serving/image/requirements.txt",
    "data/evidence/*.csv",
    "data/schema.json",
)
"""As git's patterns; a license belongs to every copy."""

NEEDED_PACKAGES = (
    *("alembic", "bentoml", "httptools", "joserfc", "limits", "numpy", "pg8000", "pydantic"),
    *("redis", "sqlalchemy", "xgboost-cpu"),
)
"""What `features` and `serving` import to answer; test_http.py answers without any other package. redis is
needed where replicas count requests together, pg8000 where they share a record of answers."""

INCLUDE = re.compile(r"(?<=^include:\n)(?:  - .*\n)+", re.MULTILINE)
LOCKED = re.compile(r"^([a-z0-9._-]+)==([^ ;]+)[^\n]*\\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


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


def packages(needed: Iterable[str] = NEEDED_PACKAGES) -> list[str]:
    """Name the packages that are needed on this platform, and those that they need in turn."""
    found: set[str] = set()
    waiting = list(needed)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        needs = map(Requirement, importlib.metadata.requires(name) or [])
        waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return sorted(found)


def modules_of_others(needed: Iterable[str]) -> list[str]:
    """Name the modules of this environment that come with none of some packages, nor with what they need."""
    ours = {*packages(needed), "cart-outcomes"}
    installed = importlib.metadata.packages_distributions()
    return sorted(module for module, of in installed.items() if ours.isdisjoint(map(canonicalize_name, of)))


def requirements() -> str:
    """Write the packages as pip reads them, in the locked version and with every hash of the lock file."""
    locked = {name: (version, hashes) for name, version, hashes in LOCKED.findall(LOCK.read_text())}
    head = "# Written by `make packed` from requirements.lock: what an answer needs, checked by its hash.\n"
    entries = ((name, *locked[name]) for name in packages())
    return head + "".join(f"{name}=={version} \\\n{hashes}" for name, version, hashes in entries)


def write_bentofile() -> None:
    """Put the names of the files into bentofile.yaml."""
    text = BENTOFILE.read_text(encoding="utf-8")
    BENTOFILE.write_text(INCLUDE.sub(include_lines(packed_files()), text), encoding="utf-8")


if __name__ == "__main__":
    write_bentofile()
    REQUIREMENTS.write_text(requirements(), encoding="utf-8")
