"""What several of the long tests need: PostgreSQL's programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.absent import absent
from tests.debian import NotInstalledError
from tests.e2e.postgresql import postgresql_binaries


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """Find PostgreSQL; a person without one may go on, continuous integration may not."""
    try:
        return postgresql_binaries()
    except NotInstalledError as missing:
        absent(f"no postgresql: {missing}")
