"""The service in this process, on a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
