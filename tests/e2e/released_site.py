"""A service that follows releases, started by our command, with a store of two models of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.e2e.served import PROJECT, Served, descendants, free_port, serve_command, started
from tests.releases import linear

STORE = """
import sys
from pathlib import Path
from training.release.bento_store import store_bundle
for folder in sys.argv[1:]:
    print(store_bundle(Path(folder), Path(folder).name).partition(":")[2])
"""
ASKED_FOR_ALL_WORKERS = 8
"""Requests that reach each of a few workers."""


@dataclass(frozen=True)
class Site:
    """A running service, and what can be released to it.

    Attributes
    ----------
    served : Served
    store : Path
        Of the releases.
    bundles : tuple of Path
        Folders of the two models.
    names : tuple of str
        Of their releases; the first was served to begin with.
    """

    served: Served
    store: Path
    bundles: tuple[Path, Path]
    names: tuple[str, str]

    def point(self, name: str) -> None:
        """Release a stored bundle, as `promote` does at its end."""
        new = self.store / ".latest.new"
        new.write_text(name)
        new.replace(self.store / "latest")

    def ready(self) -> Any:
        """Read the readiness of the worker that is reached; the status where it is not ready."""
        status, text = self.served.ask("GET", "/readyz")
        return json.loads(text) if status == 200 else status

    def wait_for(self, name: str) -> None:
        """Wait until the workers that are reached serve a release."""
        asked = range(ASKED_FOR_ALL_WORKERS)
        wait_for(lambda: all(self.ready()["serving"]["release"] == name for _ in asked))

    def processes(self) -> list[psutil.Process]:
        """List the processes that answer, and the one that has forked them, if there are several."""
        return [one for one in descendants(self.served.process.pid) if _answers(one)]

    def megabytes(self) -> float:
        """Memory of these processes; shared pages count in parts."""
        return sum(one.memory_full_info().pss for one in self.processes()) / 2**20


def wait_for(reached: Callable[[], bool], *, within: float = 60) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + within
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def write_bundles(folder: Path) -> tuple[Path, Path]:
    """Write two bundles that answer differently."""
    write_bundle(linear(), folder / "1")
    write_bundle(make_bundle(), folder / "2")
    return folder / "1", folder / "2"


@contextmanager
def released_site(
    folder: Path, bundles: tuple[Path, Path], *, workers: int, drain_seconds: int = 0
) -> Iterator[Site]:
    """Release two bundles in an empty folder, and serve the first."""
    names = released(folder, bundles)
    with serving(folder, free_port(), workers=workers, drain_seconds=drain_seconds) as served:
        yield Site(served, store_of(folder), bundles, names)


def released(folder: Path, bundles: tuple[Path, Path]) -> tuple[str, str]:
    """Store two bundles in an empty folder, release the first, and name both."""
    (folder / "bentoml").mkdir()
    names = _stored(folder / "bentoml", bundles)
    (store_of(folder) / "latest").write_text(names[0])
    return names


def store_of(folder: Path) -> Path:
    """Find the store of the releases of a site."""
    return folder / "bentoml" / "models" / "cart_outcomes"


@contextmanager
def serving(
    folder: Path, port: int, *, workers: int, drain_seconds: int = 0, record: Path | None = None
) -> Iterator[Served]:
    """Serve what is released in a folder, with the record of these settings, if any."""
    stated = f"workers={workers}, drain_seconds={drain_seconds}"
    if record is not None:
        stated += f", record=Path({str(record)!r})"
    with started(serve_command(f"serve({port}, {stated})"), port, folder) as served:
        served.wait_until_ready()
        yield served


def _stored(home: Path, bundles: tuple[Path, Path]) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", STORE, *map(str, bundles)],
        env={**os.environ, "BENTOML_HOME": str(home), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    one, two = done.stdout.split()
    return one, two


def _answers(process: psutil.Process) -> bool:
    try:
        return "_bentoml_impl.worker.service" in process.cmdline()
    except psutil.Error:
        return False
