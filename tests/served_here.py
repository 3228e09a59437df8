"""The service in this process, on a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.model.released_bundle import BUNDLE_VARIABLE


@contextmanager
def served_here(bundle: Path, *, raise_server_exceptions: bool = True) -> Iterator[TestClient]:
    """Run the service on the bundle of a folder; without `raise_server_exceptions` failures come as 500."""
    # BentoML takes seconds to import.
    from serving.service import RiskService

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(BUNDLE_VARIABLE, str(bundle))
        with TestClient(RiskService.to_asgi(), raise_server_exceptions=raise_server_exceptions) as client:
            yield client


def released(**parts: Any) -> Any:
    """Make a release of a model that has some parts of a `ServedModel` alone."""
    return SimpleNamespace(now=SimpleNamespace(model=SimpleNamespace(**parts)))


@contextmanager
def without_model() -> Iterator[None]:
    """Have the running service be without a model for a while."""
    from serving.service import documents

    state = documents().state
    state.release, kept = None, state.release
    try:
        yield
    finally:
        state.release = kept
