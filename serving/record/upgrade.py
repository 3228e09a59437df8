"""Bring the record's tables to the version of this program; one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from serving.record.record_error import RecordError
from serving.record.tables import VERSION_TABLE

LOCK = 0x63617274
"""Number of PostgreSQL's lock that a process holds while it changes tables."""


def upgrade(connection: Connection) -> None:
    """Make or change the tables, if need be.

    Parameters
    ----------
    connection : Connection
        Without a transaction. Its own one holds a lock, so that others wait.

    Raises
    ------
    RecordError
        If a later version of this program has changed the tables.
    SQLAlchemyError
        If the database fails.
    """
    scripts = _scripts()
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        stored = _stored_version(connection)
        if stored != scripts.get_current_head():
            _refuse_later(scripts, stored)
            _run(connection, scripts)


def _stored_version(connection: Connection) -> str | None:
    options = {"version_table": VERSION_TABLE}
    try:
        return MigrationContext.configure(connection, opts=options).get_current_revision()
    except CommandError:
        message = f"the table {VERSION_TABLE} of the record's database is damaged: it has several rows"
        raise RecordError(message) from None


def _refuse_later(scripts: ScriptDirectory, stored: str | None) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if stored is not None and stored not in known:
        message = "a later version of cart-outcomes has changed the record's tables; run that version"
        raise RecordError(message)


def _run(connection: Connection, scripts: ScriptDirectory) -> None:
    def steps(revision: object, _: object) -> object:
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE)
        environment.run_migrations()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
