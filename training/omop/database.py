"""A database is opened for reading only, by a file's name or an address."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem

DUCKDB, SQLITE, POSTGRESQL = "duckdb", "sqlite", "postgresql"
SIGNATURES = {DUCKDB: (8, b"DUCK"), SQLITE: (0, b"SQLite format 3\0")}
"""Bytes by which a file is recognized, and where they are."""

ADDRESSES = "name a DuckDB or SQLite file, or write postgresql://user@host:5432/database"
INSTALL = "install the project with its extra: pip install cart-outcomes[omop]"
PASSWORD = "PGPASSWORD"
"""Environment variable with the password of PostgreSQL, so that no command line has it."""


class Database:
    """An OMOP database that is read, never written.

    Parameters
    ----------
    engine : Engine
        Of SQLAlchemy; its connections cannot write.
    name : str
        Of the database, for messages; without user and password.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self.name = name
        self._engine = engine
        self._connection = self._connected()

    def rows(self, query: sa.Select[Any], table: str) -> list[tuple[Any, ...]]:
        """Run a query.

        Parameters
        ----------
        query : Select
            To run.
        table : str
            That it reads, for messages.

        Returns
        -------
        rows : list of tuple

        Raises
        ------
        DataError
            If the database refuses, for instance because there is no such table.
        """
        try:
            return [tuple(row) for row in self._connection.execute(query)]
        except SQLAlchemyError as error:
            reason = _reason(error)
        rule = f"cannot be read: {reason}"
        fix = plain("is the schema right? Set schema under [database] of the recipe")
        raise DataError([Problem(Code.DATABASE_REFUSED, rule, table, advice=fix)], source=self.name)

    def has(self, table: sa.TableClause) -> bool:
        """Say whether a table can be read; asked apart, because a failed query ends its transaction."""
        try:
            with self._connected() as connection:
                connection.execute(sa.select(table).limit(1)).all()
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
        self._engine.dispose()

    def _connected(self) -> sa.Connection:
        """Connect; all queries see the data of one moment where the database has such a level."""
        try:
            connection = self._engine.connect()
            if self._engine.dialect.name != POSTGRESQL:
                return connection
            return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        except SQLAlchemyError as error:
            reason = _reason(error)
        raise _refused(Code.DATABASE_UNREACHABLE, f"the database cannot be opened: {reason}", self.name)


@contextmanager
def opened(address: str) -> Iterator[Database]:
    """Open a database for reading.

    Parameters
    ----------
    address : str
        Name of a DuckDB or SQLite file, or the address of a PostgreSQL database.

    Yields
    ------
    database : Database
        Until the context ends.

    Raises
    ------
    DataError
        If there is no such file or database, it is of another kind, or it cannot be reached.

    Examples
    --------
    >>> with opened("no-such-file.duckdb"):
    ...     pass
    Traceback (most recent call last):
        ...
    features.problems.DataError: no-such-file.duckdb: 1 problem
      the file does not exist: name a DuckDB or SQLite file, or write postgresql://user@host:5432/database
    """
    url, options, name = _located(address)
    try:
        engine = sa.create_engine(url, hide_parameters=True, poolclass=sa.NullPool, **options)
    except (ModuleNotFoundError, NoSuchModuleError):
        rule = "needs a driver that is not installed"
        raise _refused(Code.DATABASE_UNREACHABLE, rule, name, INSTALL) from None
    database = Database(engine, name)
    try:
        yield database
    finally:
        database.close()


def _located(address: str) -> tuple[sa.URL | str, dict[str, Any], str]:
    """Give the address as SQLAlchemy reads it, the options that keep the database as it is, and its name."""
    if "://" not in address:
        return _of_file(Path(address))
    try:
        url = sa.make_url(address)
    except (ArgumentError, ValueError):
        raise _refused(Code.UNKNOWN_DATABASE, "the address cannot be read", "", ADDRESSES) from None
    backend = url.get_backend_name()
    if backend in SIGNATURES:
        return _of_file(Path(url.database or ""))
    if backend != POSTGRESQL:
        raise _refused(Code.UNKNOWN_DATABASE, "the address is of an unknown kind of database", "", ADDRESSES)
    password = url.password or os.environ.get(PASSWORD)
    return url.set(drivername=f"{POSTGRESQL}+pg8000", password=password), {}, url.database or POSTGRESQL


def _of_file(path: Path) -> tuple[sa.URL | str, dict[str, Any], str]:
    if not path.is_file():
        raise _refused(Code.FILE_NOT_FOUND, "the file does not exist", path.name, ADDRESSES)
    with path.open("rb") as file:
        start = file.read(16)
    kinds = [kind for kind, (at, sign) in SIGNATURES.items() if start[at : at + len(sign)] == sign]
    if kinds == [DUCKDB]:
        url = sa.URL.create(DUCKDB, database=str(path))
        return url, {"connect_args": {"read_only": True}}, path.name
    if kinds == [SQLITE]:
        location = f"{path.resolve().as_uri()}?mode=ro"
        return "sqlite://", {"creator": lambda: sqlite3.connect(location, uri=True)}, path.name
    raise _refused(Code.WRONG_FILE_TYPE, "the file is no DuckDB or SQLite database", path.name, ADDRESSES)


def _refused(code: Code, rule: str, source: str, fix: str = "") -> DataError:
    return DataError([Problem(code, rule, advice=plain(fix) if fix else None)], source=source)


def _reason(error: SQLAlchemyError) -> str:
    """Give the first line of the driver's own words; parameters, which may be of patients, are hidden."""
    original = getattr(error, "orig", None) or error
    first = original.args[0] if original.args else ""
    words = str(first.get("M", "")) if isinstance(first, dict) else str(original)
    return words.strip().partition("\n")[0] or type(original).__name__
