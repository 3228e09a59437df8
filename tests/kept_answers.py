"""A record of answers for tests: its settings and key in a folder, answers, and changes behind its back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from serving.record.answer_row import AnswerRow, RecordedRisk
from serving.record.checkpoint import Checkpoint
from serving.record.database import Database
from serving.record.keys import KeyRing, read_ring
from serving.record.observed_outcome import ObservedOutcome
from serving.record.recorder import Recorder
from serving.record.settings import RecordSettings, read_settings
from serving.record.verification import Verification, verify

MORNING = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
PATIENT = {"age": 41, "ferritin_ug_l": 812.5, "sex": "female", "ldh": None}


@dataclass(frozen=True)
class KeptAnswers:
    """A record in a folder.

    Attributes
    ----------
    file : Path
        Of the settings.
    """

    file: Path

    @property
    def settings(self) -> RecordSettings:
        return read_settings(self.file)

    @property
    def ring(self) -> KeyRing:
        return read_ring([self.settings.folder / key for key in self.settings.keys])

    @property
    def database(self) -> Database:
        return Database(self.settings)

    def recorder(self) -> Recorder:
        return Recorder(self.settings)

    def keep(self, *rows: AnswerRow, outcomes: Sequence[ObservedOutcome] = ()) -> None:
        """Write rows one after the other, then outcomes, as a service does."""
        asyncio.run(_keep(self.recorder(), rows, outcomes))

    def verified(self, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
        with self.database.snapshot() as connection:
            return verify(connection, self.ring, checkpoints)

    def change(self, *statements: str, **values: Any) -> None:
        """Change the database behind the program's back."""
        with self.database.connected() as connection, connection.begin():
            for statement in statements:
                connection.execute(text(statement), values)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.snapshot() as connection:
            return [tuple(row) for row in connection.execute(text(query))]


def kept_answers(folder: Path, *, address: str = "record.db", more: str = "") -> KeptAnswers:
    """Make the settings and a key."""
    new_key(folder / "record.key", "11")
    file = folder / "record.toml"
    file.write_text(f'address = "{address}"\nkeys = ["record.key"]\n{more}', encoding="utf-8")
    return KeptAnswers(file)


def new_key(file: Path, digits: str) -> None:
    """Make the file of a key, for its owner only."""
    file.write_text(digits * 32)
    file.chmod(0o600)


def answer(name: str = "p-1", **changed: Any) -> AnswerRow:
    """Make an answer with two risks."""
    stated: dict[str, Any] = {
        "prediction_id": name,
        "answered_at": MORNING,
        "caller": "key:1a2b3c4d",
        "origin": "api",
        "version": "7",
        "digest": "9f" * 32,
        "inputs": PATIENT,
        "missing": ("ldh",),
        "risks": (
            RecordedRisk("severe_crs", 30, 0.123, 0.05, 0.25),
            RecordedRisk("relapse", 365, 0.4, 0.25, 0.55),
        ),
        "warnings": ("rare_option",),
        "record_key": f"key-of-{name}",
    }
    return AnswerRow(**{**stated, **changed})


def outcome(prediction_id: str = "p-1", **changed: Any) -> ObservedOutcome:
    """Report severe CRS on day 4."""
    stated = {
        "prediction_id": prediction_id,
        "name": "severe_crs",
        "happened": True,
        "day": 4,
        "when": MORNING,
        "caller": "key:5e6f7a8b",
    }
    return ObservedOutcome(**{**stated, **changed})


def columns(connection: Connection, table: str) -> list[str]:
    """Name the columns of a table."""
    return list(connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys())


async def _keep(recorder: Recorder, rows: Sequence[AnswerRow], outcomes: Sequence[ObservedOutcome]) -> None:
    try:
        # As at the start of a service: an answer does not wait until there are tables.
        recorder.prepare()
        for row in rows:
            await recorder.write([row])
        for each in outcomes:
            await recorder.write_outcome(each)
    finally:
        recorder.close()
