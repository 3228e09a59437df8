"""Versions of the record's tables, as Alembic reads them."""
