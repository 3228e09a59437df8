"""What an image contains, run without an engine: as its user, on files that it cannot change."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from bentoml._internal.container.generate import BENTO_PATH, BENTO_UID_GID

from serving.http.budgets import DRAINED_WITHIN_SECONDS
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.model.write_bundle import write_bundle
from tests.absent import absent
from tests.bundles import PATIENT, make_bundle
from tests.e2e.served import PROJECT, Served, free_port, started

pytestmark = pytest.mark.slow

CONTEXT = """
import shutil, sys
import bentoml
from bentoml._internal.container import construct_containerfile
with construct_containerfile(bentoml.get("risk_service:latest")) as (folder, dockerfile):
    shutil.copytree(folder, sys.argv[1])
"""
"""What an engine is given: the folder that is copied into the image, and the Dockerfile."""

RELEASE = """
import sys
from pathlib import Path
from training.release.bento_store import store_bundle
store_bundle(Path(sys.argv[1]), "1")
"""


@dataclass
class Image:
    """The files of an image, where its user finds them."""

    home: Path
    bento: Path
    port: int

    @property
    def tmp(self) -> Path:
        """The folder in which its user may write."""
        return self.home.parent / "tmp"

    @property
    def variables(self) -> dict[str, str]:
        """The environment that the Dockerfile sets, for this place."""
        (line,) = re.findall(r"^ENV (.*)$", self.dockerfile, re.MULTILINE)
        text = line.replace("=/tmp/", f"={self.tmp}/").replace(BENTO_PATH, str(self.bento))
        return dict(pair.split("=", 1) for pair in text.split())

    @property
    def dockerfile(self) -> str:
        """The instructions, continued lines joined."""
        return (self.bento / "env" / "docker" / "Dockerfile").read_text().replace("\\\n", " ")

    def instruction(self, word: str) -> list[str]:
        """Read the list of an instruction, for this place and port."""
        (stated,) = re.findall(rf"^{word}.*?(\[.*\])$", self.dockerfile, re.MULTILINE)
        return [
            argument.replace(BENTO_PATH, str(self.bento)).replace(":3000/", f":{self.port}/")
            for argument in json.loads(stated)
        ]


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Build it as docs/container.md says, up to where an engine is needed."""
    if not _as_user():
        absent(
            "no process can be run as the user of the image: this needs root, setpriv and a readable Python"
        )
    # Folders of pytest are closed to other users.
    with tempfile.TemporaryDirectory(prefix="image-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        write_bundle(make_bundle(), folder / "bundle")
        _python(folder, "-c", RELEASE, str(folder / "bundle"))
        _python(folder, "-m", "bentoml", "build", "--quiet")
        (folder / "home").mkdir()
        # As in docs/container.md: BentoML 1.4.39 refuses a template outside the current folder.
        _python(folder, "-c", CONTEXT, str(folder / "home" / "bento"), run_in=Path(tempfile.gettempdir()))
        # copytree of a temporary folder keeps its mode, which is closed to others; an engine's COPY does not.
        subprocess.run(["chmod", "--recursive", "a+rX,go-w", str(folder / "home")], check=True)
        (folder / "home" / "bento" / "env" / "docker" / "entrypoint.sh").chmod(0o755)
        image = Image(folder / "home", folder / "home" / "bento", free_port())
        image.tmp.mkdir()
        image.tmp.chmod(0o1777)
        yield image


@pytest.fixture(scope="module")
def served(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start it by its own entry point and command."""
    command = [*_as_user(), *image.instruction("ENTRYPOINT"), *image.instruction("CMD")]
    options = ["--host", "127.0.0.1", "--port", str(image.port)]
    with started(
        [*command, *options], image.port, tmp_path_factory.mktemp("image"), **_environment(image)
    ) as it:
        it.wait_until_ready()
        yield it


def test_its_user_gets_answers(served: Served) -> None:
    """From the model that was packed."""
    status, text = served.ask("POST", "/risk", PATIENT)
    version = json.loads(text)["bundle"]["version"]
    assert (status, version.split("-")[0]) == (200, make_bundle().version_name)


def test_its_health_check_passes(served: Served, image: Image) -> None:
    """The very command of the image."""
    check = [*_as_user(), *image.instruction("HEALTHCHECK")]
    assert subprocess.run(check, env=_environment(image), timeout=60).returncode == 0


def test_its_health_check_fails_without_the_service(image: Image) -> None:
    """At a port where nothing listens."""
    away = Image(image.home, image.bento, free_port())
    check = [*_as_user(), *away.instruction("HEALTHCHECK")]
    done = subprocess.run(check, env=_environment(away), timeout=60, capture_output=True)
    assert done.returncode == 1


def test_it_changes_none_of_its_files(served: Served, image: Image) -> None:
    """All belong to root, and its user may write to none: the file system can be read only."""
    assert served.ask("GET", "/metrics")[0] == 200
    entries = [image.home, *image.home.rglob("*")]
    assert {entry.stat().st_uid for entry in entries} == {0}
    assert not [entry for entry in entries if entry.stat().st_mode & 0o022]
    assert [entry for entry in image.tmp.iterdir() if entry.name == "bentoml"]


def test_it_holds_its_packages_by_hash(image: Image) -> None:
    """The file that the Dockerfile installs from lies where it is copied from."""
    (source,) = re.findall(r"^COPY (\S+requirements\.txt) ", image.dockerfile, re.MULTILINE)
    assert (image.bento / source).read_bytes() == (PROJECT / "serving/image/requirements.txt").read_bytes()


def test_it_ends_when_it_is_asked_to(served: Served) -> None:
    """Last of all, and well within the time that the manifests give it."""
    before = time.monotonic()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(DRAINED_WITHIN_SECONDS) is not None
    assert time.monotonic() - before < DRAINED_WITHIN_SECONDS


@cache
def _as_user() -> tuple[str, ...]:
    """Become the user of the image; where Python lies in a closed folder, one who may read all.

    Returns
    -------
    command : tuple of str
        To be put before another one; empty if that cannot be done here.
    """
    user, read = str(BENTO_UID_GID), "+dac_read_search"
    plain = ("setpriv", "--reuid", user, "--regid", user, "--clear-groups")
    for command in (plain, (*plain, "--inh-caps", read, "--ambient-caps", read)):
        with suppress(OSError):
            # Through a shell, as the entry point does.
            script = ["sh", "-c", 'exec "$0" -c "import bentoml"', sys.executable]
            if subprocess.run([*command, *script], capture_output=True, timeout=120).returncode == 0:
                return command
    return ()


def _environment(image: Image) -> dict[str, str]:
    """As the Dockerfile sets it, with the packages of this environment."""
    return {
        **os.environ,
        **image.variables,
        BUNDLE_VARIABLE: "",
        "HOME": str(image.home),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": "",
        "TMPDIR": str(image.tmp),
    }


def _python(folder: Path, *arguments: str, run_in: Path = PROJECT) -> None:
    """Run Python, by default in the project, with a store of models of its own."""
    environment = {
        **os.environ,
        "BENTOML_HOME": str(folder / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONPATH": str(PROJECT),
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=run_in, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
