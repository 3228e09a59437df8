"""What people who join expect of a repository: where to begin, how to cite, what runs on a change."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.absent import absent

PROJECT = Path(__file__).parents[2]
GITHUB = PROJECT / ".github"

TOP = {
    *("training", "serving", "features", "data", "tests", "docs"),
    *("MLproject", "bentofile.yaml", "pyproject.toml", "requirements.lock", "Makefile"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CITATION.cff", "LICENSE"),
}
"""All that lies at the top, beside names that begin with a dot."""

LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def test_nothing_else_lies_at_the_top() -> None:
    """A new file at the top is a decision, made here."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as missing:
        absent(f"no list of files under version control: {missing}")
    top = {file.split("/")[0] for file in listed.stdout.decode().split("\0") if file}
    assert {name for name in top if not name.startswith(".")} == TOP


def test_the_workflow_runs_what_make_test_runs() -> None:
    """Each target once, in the same order."""
    listed = {line.partition(" ")[0]: line for line in (PROJECT / "Makefile").read_text().splitlines()}
    named = [*listed["test:"].split()[1:], *listed["CHECKS"].split()[2:], *listed["TESTS"].split()[2:]]
    run = [step.get("run", "") for step in workflow_steps()]
    assert [line.removeprefix("make ") for line in run if line.startswith("make ")] == named


def test_the_workflow_pins_its_actions_and_names_no_registry() -> None:
    """A tag can be moved to other code, a commit cannot."""
    used = [step["uses"] for step in workflow_steps() if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)] == []
    assert "://" not in (GITHUB / "workflows" / "ci.yml").read_text()


def test_the_citation_names_this_software() -> None:
    """The keys that CFF 1.2.0 requires, version and license of the project."""
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text())
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert {"message", "title", "authors"} <= citation.keys()
    assert citation["authors"] == [{"name": "cart-outcomes maintainers"}]
    assert (str(citation["version"]), citation["license"]) == (project["version"], project["license"])


@pytest.mark.parametrize("name", ["bug", "risk"])
def test_issue_templates_warn_of_patient_data(name: str) -> None:
    """Before anything is filled in."""
    _, head, body = (GITHUB / "ISSUE_TEMPLATE" / f"{name}.md").read_text().split("---\n", 2)
    assert {"name", "about"} <= yaml.safe_load(head).keys()
    assert body.strip().startswith("**No patient data.**")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    """To a file of the repository, and to a heading in it."""
    for path, anchor in LINK.findall((PROJECT / name).read_text(encoding="utf-8")):
        target = PROJECT / (path or name)
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"


def test_types_are_marked_in_the_wheel(tmp_path: Path) -> None:
    """`py.typed` in each package, so that a type checker reads the annotations."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(build, cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"{package}/py.typed" for package in ("features", "serving", "training")} <= names


def workflow_steps() -> list[dict[str, Any]]:
    """Read the steps of the only job."""
    workflow = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text())
    (job,) = workflow["jobs"].values()
    steps: list[dict[str, Any]] = job["steps"]
    return steps


def anchors(page: Path) -> set[str]:
    """Name the headings of a page as links do.

    Examples
    --------
    >>> "build-and-test" in anchors(PROJECT / "CONTRIBUTING.md")
    True
    """
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
