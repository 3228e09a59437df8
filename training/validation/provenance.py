"""Where a bundle comes from: when it was made, by which code, with which libraries."""

from __future__ import annotations

import platform
import subprocess
import tomllib
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from features.project_files import PROJECT

DISTRIBUTION = "cart-outcomes"
LIBRARIES = ("numpy", "pandas", "scikit-learn", "lifelines", "xgboost-cpu", "xgboost", "mlflow")
"""Libraries on which the numbers depend; one that is not installed is left out."""


def made_by() -> dict[str, str]:
    """State time, code and libraries, for a bundle's provenance.

    Returns
    -------
    facts : dict of str to str
        ``created_at`` in UTC, ``code_version``, ``git_commit`` where known, ``python``, one entry a library.

    Examples
    --------
    >>> facts = made_by()
    >>> facts["created_at"].endswith("+00:00"), "numpy" in facts, facts["python"].startswith("3.")
    (True, True, True)
    """
    commit = git_commit()
    return {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": code_version(),
        **({"git_commit": commit} if commit else {}),
        "python": platform.python_version(),
        **installed(LIBRARIES),
    }


def installed(distributions: tuple[str, ...]) -> dict[str, str]:
    """Name the installed version of each distribution; one that is not installed is left out."""
    versions = {}
    for name in distributions:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def code_version() -> str:
    """Version of this software: as installed, or of the project folder it runs in."""
    known = installed((DISTRIBUTION,))
    if known:
        return known[DISTRIBUTION]
    project = PROJECT / "pyproject.toml"
    return str(tomllib.loads(project.read_text())["project"]["version"]) if project.is_file() else "unknown"


def commit_tags() -> dict[str, str]:
    """Name the commit under the tag that MLflow's pages read; nothing outside a checkout."""
    commit = git_commit()
    return {"mlflow.source.git.commit": commit} if commit else {}


@cache
def git_commit() -> str:
    """Commit of the project folder, ``+changes`` where files differ from it; empty outside a checkout."""
    if not (PROJECT / ".git").exists():
        return ""
    commit = _git("rev-parse", "HEAD")
    return f"{commit}+changes" if commit and _git("status", "--porcelain") else commit


def _git(*arguments: str) -> str:
    try:
        completed = subprocess.run(
            ["git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return completed.stdout.strip()
