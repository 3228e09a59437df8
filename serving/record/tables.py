"""The tables of the record, for SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

VERSION_TABLE = "cart_outcomes_record_version"
"""Alembic's table; MLflow and Optuna use the usual name in databases that a site may share."""

METADATA = MetaData()

_LONG = BigInteger().with_variant(Integer(), "sqlite")

ROWS = Table(
    "cart_outcomes_record",
    METADATA,
    Column("sequence", _LONG, primary_key=True, autoincrement=False),
    Column("format", Integer, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("prediction_id", Text, index=True),
    Column("fixed", Text, nullable=False),
    Column("record_key", Text, index=True),
    Column("content", Text),
    Column("salt", Text),
    Column("content_digest", Text, nullable=False),
    Column("erased_by", _LONG),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""One row an event; see `serving.record.chain.ChainedRow`."""

HEAD = Table(
    "cart_outcomes_record_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", _LONG, nullable=False),
    Column("hash", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("start", _LONG, nullable=False),
    Column("start_previous", Text, nullable=False),
    Column("former_keys", Text, nullable=False),
    Column("mac", Text, nullable=False),
)
"""One row: the end of the chain. A writer holds its lock."""
