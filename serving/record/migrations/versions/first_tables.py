"""The tables of the first release: rows and head. They are never removed: restore a backup instead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NO_HASH = "0" * 64


def upgrade() -> None:
    """Make the tables, with the head of an empty record."""
    long = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "cart_outcomes_record",
        sa.Column("sequence", long, primary_key=True, autoincrement=False),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("prediction_id", sa.Text),
        sa.Column("fixed", sa.Text, nullable=False),
        sa.Column("record_key", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("salt", sa.Text),
        sa.Column("content_digest", sa.Text, nullable=False),
        sa.Column("erased_by", long),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    for column in ("prediction_id", "record_key"):
        op.create_index(f"ix_cart_outcomes_record_{column}", "cart_outcomes_record", [column])
    head = op.create_table(
        "cart_outcomes_record_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", long, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("start", long, nullable=False),
        sa.Column("start_previous", sa.Text, nullable=False),
        sa.Column("former_keys", sa.Text, nullable=False),
        sa.Column("mac", sa.Text, nullable=False),
    )
    first = {"id": 1, "sequence": 0, "hash": NO_HASH, "key_id": "", "start": 1}
    op.bulk_insert(head, [{**first, "start_previous": NO_HASH, "former_keys": "", "mac": ""}])
