"""Checkpoints: where the chain ended on a day, in files of another place; they show rows cut at the end."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.files.atomic_write import write_whole
from serving.record.append import timestamp
from serving.record.chain import Head, written
from serving.record.keys import KeyRing, RecordKey
from serving.record.record_error import RecordError

FORMAT = 1

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Row = Annotated[int, Field(ge=0)]


class Checkpoint(BaseModel):
    """Where the chain ended.

    Attributes
    ----------
    format : int
    written_at : str
        ISO 8601, UTC.
    sequence : int
        Of the last row.
    start : int
        Of the first row that was kept.
    hash : str
        Of the last row.
    key_id : str
        Of the key of the keyed digest.
    mac : str
        Keyed digest of everything else.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)]
    written_at: str
    sequence: Row
    start: Row
    hash: Hash
    key_id: str
    mac: str

    @property
    def count(self) -> int:
        """How many rows there were."""
        return self.sequence - self.start + 1


def checkpoint_of(head: Head, ring: KeyRing, now: datetime) -> Checkpoint:
    """State where a chain ends.

    Parameters
    ----------
    head : Head
    ring : KeyRing
    now : datetime

    Raises
    ------
    RecordError
        If the key of the head is not among the keys.
    """
    key = ring.get(head.key_id) or (ring.current if head.sequence == 0 else None)
    if key is None:
        message = f"the keys do not include {head.key_id}, the key of the last row"
        raise RecordError(message)
    unsigned = Checkpoint(
        format=FORMAT,
        written_at=timestamp(now),
        sequence=head.sequence,
        start=head.start,
        hash=head.hash,
        key_id=key.id,
        mac="",
    )
    return unsigned.model_copy(update={"mac": _mac(unsigned, key)})


def daily_file(folder: Path, now: datetime) -> Path:
    """Name the file of a day."""
    return folder / f"record-{now.astimezone(UTC):%Y-%m-%d}.json"


def extra_file(folder: Path, now: datetime) -> Path:
    """Name the file of a checkpoint that was asked for."""
    return folder / f"record-{now.astimezone(UTC):%Y-%m-%dT%H%M%S}.json"


def write_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint for its owner only; the folder must be there.

    Raises
    ------
    OSError
        If it cannot be written: another disk may not be mounted.
    """
    write_whole(file, checkpoint.model_dump_json(indent=1) + "\n", private=True)


def read_checkpoints(folder: Path, ring: KeyRing) -> Iterator[Checkpoint]:
    """Read all checkpoints of a folder, by name.

    Raises
    ------
    RecordError
        If there is none, or one is damaged or signed with an unknown key.
    """
    files = sorted(folder.glob("record-*.json"))
    if not files:
        message = f"{folder} has no checkpoint"
        raise RecordError(message)
    for file in files:
        yield _checked(file, ring)


def _checked(file: Path, ring: KeyRing) -> Checkpoint:
    try:
        checkpoint = Checkpoint.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        message = f"{file.name} is no checkpoint, or damaged"
        raise RecordError(message) from None
    key = ring.get(checkpoint.key_id)
    if key is None or not hmac.compare_digest(_mac(checkpoint, key), checkpoint.mac):
        reason = "its key is not among the keys of the record" if key is None else "it was changed"
        message = f"checkpoint {file.name} does not count: {reason}"
        raise RecordError(message)
    return checkpoint


def _mac(checkpoint: Checkpoint, key: RecordKey) -> str:
    stated = written(checkpoint.model_dump(exclude={"mac"}))
    return hmac.digest(key.checkpoint, stated.encode("ascii"), "sha256").hex()
