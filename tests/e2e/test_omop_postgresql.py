"""The cohort of an OMOP database in PostgreSQL, read by a user who may only read."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.command_line import paper
from tests.e2e.postgresql import PostgreSQL, postgresql
from tests.omop_database import omop_rows
from tests.omop_recipe import completed, wrong_cells
from tests.omop_tables import written
from training.commands.omop import import_omop

pytestmark = pytest.mark.slow


def test_every_cell_is_that_of_the_truth(postgresql_programs: Path, tmp_path: Path, monkeypatch) -> None:
    """In a schema, with a password from the environment, and nothing is written."""
    rows = omop_rows(30, seed=4)
    with postgresql(postgresql_programs) as server:
        engine = sa.create_engine(server.uri)
        written(rows, engine, "cdm")
        engine.dispose()
        before = changes(server)
        monkeypatch.setenv("PGPASSWORD", server.password)
        address = server.uri.replace("+pg8000", "").replace(f":{server.password}", "")
        recipe = completed(tmp_path, schema="cdm")
        import_omop(address, recipe, tmp_path / "cohort.csv", console=paper())
        assert changes(server) == before
    compared, wrong = wrong_cells(tmp_path / "cohort.csv", rows)
    assert (compared > 20 * len(rows.truth), wrong) == (True, [])


def changes(server: PostgreSQL) -> list[tuple[object, ...]]:
    """Count the rows that were written to each table."""
    return sorted(server.rows("SELECT relname, n_live_tup, n_tup_upd, n_tup_del FROM pg_stat_user_tables"))
