"""What an image is made of: pinned as the lock file pins, and nothing that is anybody's data."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from bentoml._internal.bento.build_config import BentoPathSpec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from serving.answers.product_rates import RATES_FILE
from serving.http.assets import FOLDERS
from tests.absent import absent
from tests.packed import packed_files

PROJECT = Path(__file__).parents[2]
NEEDED = ("bentoml", "numpy", "pydantic", "treelite", "xgboost-cpu")
"""What `features` and `serving` import to answer; test_http.py answers without anything else of ours."""


@pytest.fixture
def bentofile() -> dict[str, Any]:
    """As BentoML reads it."""
    stated: dict[str, Any] = yaml.safe_load((PROJECT / "bentofile.yaml").read_text())
    return stated


def test_packages_are_those_of_the_lock_file(bentofile: dict[str, Any]) -> None:
    """Each package that an answer needs and each that one of them needs, in the locked version."""
    lock = (PROJECT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", lock, re.MULTILINE))
    assert bentofile["python"]["packages"] == [f"{name}=={locked[name]}" for name in sorted(_closure())]


def test_nothing_names_a_package_host(bentofile: dict[str, Any]) -> None:
    """Where packages come from is decided where the image is built."""
    assert bentofile["python"].keys() == {"lock_packages", "packages"}
    assert "://" not in (PROJECT / "bentofile.yaml").read_text()


@pytest.mark.parametrize(
    "file",
    [
        "data/cohorts/centre.csv",
        "data/synthetic.csv",
        "data/evidence.csv",
        "cohort.csv",
        "mlflow.db",
        "training/cli.py",
        "tests/bundles.py",
        "serving/notes.txt",
        ".env",
        "data/evidence/cohort.csv",
        "data/evidence/patients/effects.csv",
        "serving/pages/patients.csv",
        "serving/pages/texts/notes.json",
        "serving/patients.py",
        "features/intake/cohort_2024.py",
        "features/serving/front.py",
        "data/cohorts/LICENSE",
    ],
)
def test_only_what_is_named_is_packed(bentofile: dict[str, Any], file: str) -> None:
    """A file that lies beside the named ones is not, whatever its name."""
    assert not packs(bentofile, file)


def test_every_file_is_named(bentofile: dict[str, Any]) -> None:
    """All under version control that an answer needs, and nothing else; `make packed` renews the list."""
    try:
        files = packed_files()
    except (OSError, subprocess.CalledProcessError) as missing:
        absent(f"no list of files under version control: {missing}")
    assert bentofile["include"] == [f"/{file}" for file in files], "run `make packed`"


def test_no_pattern_is_among_the_names(bentofile: dict[str, Any]) -> None:
    """Each names one file that is there."""
    for name in bentofile["include"]:
        assert not set(name) & set("*?[]!")
        assert (PROJECT / name[1:]).is_file()


def packs(bentofile: dict[str, Any], file: str) -> bool:
    """Ask BentoML whether it packs a file."""
    spec = BentoPathSpec(bentofile["include"], bentofile["exclude"], str(PROJECT))
    return bool(spec.includes(file))


def test_what_an_answer_reads_is_packed(bentofile: dict[str, Any]) -> None:
    """Code, pages, schema, the reference profile and the published rates."""
    needed = [
        *(file.relative_to(PROJECT).as_posix() for file in (PROJECT / "serving").rglob("*.*")),
        "features/terms.py",
        "data/schema.json",
        "data/evidence/reference_profile.csv",
        RATES_FILE.relative_to(PROJECT).as_posix(),
    ]
    for file in (name for name in needed if not name.endswith(".pyc")):
        assert packs(bentofile, file), file


def test_the_pages_are_packed_with_all_they_load(bentofile: dict[str, Any]) -> None:
    """Each page, script, style and text by its path."""
    folder = PROJECT / "serving" / "pages"
    needed = [*folder.glob("*.html"), *(file for kind in FOLDERS for file in (folder / kind).iterdir())]
    assert {file.suffix for file in needed} == {".html", ".js", ".css", ".json"}
    for file in needed:
        assert packs(bentofile, file.relative_to(PROJECT).as_posix())


def test_cohorts_are_ignored_whatever_is_packed() -> None:
    """A second lock on the same door."""
    ignored = (PROJECT / ".bentoignore").read_text().splitlines()
    assert {"data/cohorts/", "data/*.csv", "*.parquet", "*.xlsx", "*.db"} <= set(ignored)


def test_an_image_serves_the_release_it_was_built_with(bentofile: dict[str, Any]) -> None:
    """The alias is the name the service asks for, so a later release is not picked up by an old image."""
    assert bentofile["models"] == [{"tag": "cart_outcomes:latest", "alias": "cart_outcomes:latest"}]


def _closure() -> set[str]:
    """Names of the packages needed on this platform, and by them in turn."""
    found: set[str] = set()
    waiting = list(NEEDED)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        needs = map(Requirement, importlib.metadata.requires(name) or [])
        waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found
