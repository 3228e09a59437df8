"""What many tests use: a bundle on disk, a client, and stores that are nobody's."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.model.bundle import Bundle
from serving.model.released_bundle import MODEL_NAME
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.served_here import served_here


def pytest_configure(config: pytest.Config) -> None:
    """Keep BentoML away from the user's own store and counters, which it reads first, and hear Ctrl-C.

    A shell without job control has its background commands ignore Ctrl-C, and all that they start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_OWN_STORE] = Path(tempfile.mkdtemp(prefix="cart-outcomes-tests-"))
    os.environ["BENTOML_DO_NOT_TRACK"] = "True"
    for variable in ("BENTOML_HOME", "PROMETHEUS_MULTIPROC_DIR"):
        folder = config.stash[_OWN_STORE] / variable.lower()
        folder.mkdir()
        os.environ[variable] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what `pytest_configure` made."""
    shutil.rmtree(config.stash[_OWN_STORE], ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def _no_release_of_another_module() -> None:
    """Forget what was released: a release with fewer outcomes than the last one would be refused."""
    home = Path(os.environ["BENTOML_HOME"])
    for left in (home / "models" / MODEL_NAME, home / "cart_outcomes_release"):
        shutil.rmtree(left, ignore_errors=True)


@pytest.fixture
def bundle() -> Bundle:
    """Make a small synthetic bundle, not written yet."""
    return make_bundle()


@pytest.fixture
def bundle_folder(bundle: Bundle, tmp_path: Path) -> Path:
    """Write a bundle to disk."""
    write_bundle(bundle, tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Run the service in this process, with a bundle loaded; failures inside come as 500."""
    folder = tmp_path_factory.mktemp("served") / "bundle"
    write_bundle(make_bundle(), folder)
    with served_here(folder, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Listen on a port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    """Find a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_OWN_STORE = pytest.StashKey[Path]()
