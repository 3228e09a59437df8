"""Connections to the record's database: SQLite or PostgreSQL, durable at commit, never waiting for long."""

from __future__ import annotations

import socket
import sqlite3
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from serving.identity.private_file import SettingsError, read_private
from serving.record.record_error import RecordError
from serving.record.record_file import RecordFile
from serving.record.settings import POSTGRESQL, RecordSettings

LOCK_WITHIN_SECONDS = 1.5
"""How long a statement waits for another writer; shorter than an answer waits for the record."""

LOCK_TRIED_EVERY_SECONDS = 0.001
BUSY_MILLISECONDS = round(LOCK_WITHIN_SECONDS * 1000)

STATEMENT_WITHIN_SECONDS, ANSWERS_WITHIN_SECONDS = 1.8, 2.0
"""How long a database server may take for a statement, and how long for anything."""

PRIMARY_CODE = 0xFF
"""The part of SQLite's code that says the kind; the rest says why."""

CONNECTION_CODES = ("08", "57P")
"""Classes of PostgreSQL's codes: connection exceptions, and an operator who stops the server."""


class Database:
    """Where a record is.

    Parameters
    ----------
    settings : RecordSettings
    patient : bool
        Whether statements may take as long as they need: for commands, not for answers.

    Raises
    ------
    SettingsError
        If the password cannot be read, or other users can read the file of the record.
    """

    def __init__(self, settings: RecordSettings, *, patient: bool = False) -> None:
        self._file = None if settings.on_server else RecordFile(settings.folder / settings.address)
        self._patient = patient
        self._engine = _postgresql(settings, patient) if self._file is None else _sqlite(self._file.path)

    @property
    def on_server(self) -> bool:
        """Whether it is PostgreSQL."""
        return self._file is None

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Open a connection for as long as it is needed.

        Raises
        ------
        RecordError
            If the database does not answer, or a statement fails; never with a value.
        """
        try:
            with self.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError, UnicodeError) as error:
            raise failed(error) from None

    def connect(self) -> Connection:
        """Open a connection; an SQLite file is made for its owner only, once.

        Raises
        ------
        RecordError
            If the file was removed or replaced since the first connection.
        SQLAlchemyError, OSError
            If that fails.
        """
        if self._file is not None:
            self._file.make()
        return self._engine.connect()

    def refuse_moved(self) -> None:
        """Refuse an SQLite file that is not the one that was opened first.

        Raises
        ------
        RecordError
            If another file, or none, has its name.
        """
        if self._file is not None:
            self._file.refuse_moved()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a connection that reads one state of the tables, while others write.

        Raises
        ------
        RecordError
            If the database does not answer, or has no record.
        """
        if self._file is not None and not self._file.path.exists():
            message = f"there is no record: {self._file.path} does not exist"
            raise RecordError(message)
        with self.connected() as connection:
            connection.execution_options(reads=True)
            if self.on_server:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def tidy(self) -> None:
        """Remove erased content from the database's own files, as far as the database allows.

        Raises
        ------
        RecordError
            If the database fails, or a program that reads an SQLite file keeps it from being overwritten.
        """
        with self.connected() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            if self.on_server:
                connection.exec_driver_sql("VACUUM cart_outcomes_record")
                return
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        if busy:
            message = (
                "the rows are changed, and the files of the database still have what was erased or removed: "
                "another program is reading the record; run the command again when it has ended"
            )
            raise RecordError(message)


def failed(error: Exception) -> RecordError:
    """State what a database reported, without statements and values.

    Parameters
    ----------
    error : Exception
        Of SQLAlchemy, or of the driver.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    return RecordError(f"the record's database failed: {_reason(cause or error)}")


def lost_connection(error: Exception) -> bool:
    """Say whether a connection failed, and not the statement; SQLite has none that could be lost.

    Parameters
    ----------
    error : Exception
        Of SQLAlchemy, or of the driver.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    first = cause.args[0] if cause is not None and cause.args else ""
    if isinstance(first, dict):
        return str(first.get("C", "")).startswith(CONNECTION_CODES)
    return isinstance(cause, OSError) or type(cause).__module__.startswith("pg8000")


def _reason(cause: BaseException) -> str:
    """Name the mistake: SQLite's messages have no values; of PostgreSQL's, only the code has none."""
    kind, first = type(cause).__name__, cause.args[0] if cause.args else ""
    if isinstance(first, dict):
        return f"PostgreSQL reports {first.get('C', 'no code')}"
    if isinstance(cause, OSError):
        return f"{kind}: {cause.strerror or 'no answer in time'}"
    return f"{kind}: {first}" if type(cause).__module__ == "sqlite3" else kind


def _sqlite(file: Path) -> Engine:
    address = URL.create("sqlite", database=str(file))
    engine = create_engine(address, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _durable)
    event.listen(engine, "begin", _begin)
    return engine


def _durable(connection: Any, _: object) -> None:
    """Set up a connection to SQLite: whole and on the disk at commit; erased content is overwritten."""
    connection.isolation_level = None  # BEGIN is sent by `_begin`
    connection.text_factory = _any_text
    for setting in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "busy_timeout=0",  # `_locked` waits
    ):
        connection.execute(f"PRAGMA {setting}").close()


def _any_text(raw: bytes) -> str:
    """Read text that somebody changed to other bytes, so that verification names its row."""
    return raw.decode("utf-8", "surrogateescape")


def _begin(connection: Connection) -> None:
    """Take the lock of the writer at once; a reader's snapshot needs none."""
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    if options.get("reads"):
        connection.exec_driver_sql("BEGIN")
        return
    if not _locked(connection.connection.dbapi_connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # reports the lock as an error


def _locked(driver: Any) -> bool:
    """Begin with the lock of the writer, trying at short intervals; say whether it was had in time.

    SQLite's own waiting sleeps for up to 0.1 s at a time: a busy worker would keep the others out.
    """
    deadline = time.monotonic() + LOCK_WITHIN_SECONDS
    while time.monotonic() < deadline:
        try:
            driver.execute("BEGIN IMMEDIATE").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(LOCK_TRIED_EVERY_SECONDS)
        else:
            return True
    return False


def _postgresql(settings: RecordSettings, patient: bool) -> Engine:
    address = _server(settings.address)
    if settings.password_file is not None:
        secret = read_private(settings.folder / settings.password_file).decode("utf-8").strip()
        address = address.set(password=secret)
    arguments: dict[str, Any] = {"timeout": None if patient else ANSWERS_WITHIN_SECONDS}
    if settings.tls_ca is not None:
        arguments["ssl_context"] = _trusting(settings.folder / settings.tls_ca)
    engine = create_engine(address, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
    # One statement for the rows of a group: the driver would send each row alone.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    event.listen(engine, "connect", _impatient if not patient else _on_disk)
    return engine


def _server(stated: str) -> URL:
    try:
        return make_url(stated)
    except (ArgumentError, ValueError):
        message = f"address: must be {POSTGRESQL}USER@HOST:PORT/DATABASE"
        raise SettingsError(message) from None


def _trusting(authorities: Path) -> ssl.SSLContext:
    """Check the server's certificate and its name."""
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError:
        message = f"{authorities} is no file of certificates (PEM)"
        raise SettingsError(message) from None


def _on_disk(connection: Any, _: object) -> None:
    """Have a commit wait for the disk, whatever the server's own setting, and packets leave at once.

    The driver sends a long statement in several packets; the last would wait for a receipt of the others.
    """
    connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _run(connection, "SET synchronous_commit = on")


def _impatient(connection: Any, _: object) -> None:
    _on_disk(connection, _)
    limits = {"lock_timeout": LOCK_WITHIN_SECONDS, "statement_timeout": STATEMENT_WITHIN_SECONDS}
    _run(connection, *(f"SET {name} = {seconds * 1000:.0f}" for name, seconds in limits.items()))


def _run(connection: Any, *statements: str) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    connection.commit()
