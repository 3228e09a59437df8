"""What a database reports is stated without statements, values and addresses."""

from __future__ import annotations

import sqlite3

import pg8000
import pytest
from sqlalchemy.exc import ArgumentError, DBAPIError

from serving.record.database import Database, failed, lost_connection
from serving.record.settings import RecordSettings

SECRET = "key-of-p-1"


def wrapped(cause: BaseException) -> DBAPIError:
    return DBAPIError(f"INSERT {SECRET}", {"record_key": SECRET}, cause)


@pytest.mark.parametrize(
    ("error", "reason", "lost"),
    [
        (wrapped(sqlite3.OperationalError("disk is full")), "OperationalError: disk is full", False),
        (wrapped(pg8000.DatabaseError({"C": "57P01", "M": SECRET})), "PostgreSQL reports 57P01", True),
        (wrapped(pg8000.DatabaseError({"C": "23505", "M": SECRET})), "PostgreSQL reports 23505", False),
        (wrapped(pg8000.DatabaseError({"M": SECRET})), "PostgreSQL reports no code", False),
        (wrapped(pg8000.InterfaceError(f"network {SECRET}")), "InterfaceError", True),
        (OSError(104, "Connection reset by peer"), "ConnectionResetError: Connection reset by peer", True),
        (TimeoutError(), "TimeoutError: no answer in time", True),
        (ArgumentError(SECRET), "ArgumentError", False),
        (KeyError(SECRET), "KeyError", False),
        (ValueError(), "ValueError", False),
    ],
)
def test_a_failure_is_named_without_values(error: Exception, reason: str, lost: bool) -> None:
    message = str(failed(error))
    assert message == f"the record's database failed: {reason}"
    assert SECRET not in message
    assert lost_connection(error) is lost


def test_a_server_without_a_password_is_allowed() -> None:
    """It may know the service by its address or certificate; nothing is opened before the first row."""
    settings = RecordSettings(address="postgresql+pg8000://record@db/answers", keys=("record.key",))
    assert Database(settings).on_server
