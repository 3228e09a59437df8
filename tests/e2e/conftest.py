"""What several of the long tests need: PostgreSQL's programs, and a record in each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.absent import absent
from tests.debian import NotInstalledError
from tests.e2e.postgresql import postgresql, postgresql_binaries
from tests.e2e.record_databases import kept_in
from tests.kept_answers import KeptAnswers, kept_answers


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """Find PostgreSQL; a person without one may go on, continuous integration may not."""
    try:
        return postgresql_binaries()
    except NotInstalledError as missing:
        absent(f"no postgresql: {missing}")


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptAnswers]:
    """Make a record in each kind of database."""
    if request.param == "sqlite":
        yield kept_answers(tmp_path)
        return
    with postgresql(request.getfixturevalue("postgresql_programs")) as server:
        yield kept_in(server, tmp_path)
