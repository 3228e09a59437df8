"""The arithmetic of the chain: keyed hashes of rows, each over the one before. No file, no database."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from features.short_repr import ShortRepr
from serving.record.keys import RecordKey

FORMAT = 1
"""Version of what a hash is computed from; each row has its own."""

NO_HASH = "0" * 64
"""What the first row of all follows."""

Kind = Literal["answer", "outcome", "erasure", "retention", "key", "restore"]
"""What a row reports: an answer, what happened later, or a change of the record itself."""


@dataclass(frozen=True, repr=False)
class Event(ShortRepr):
    """What a row reports, before it has its place in the chain.

    Attributes
    ----------
    kind : str
    fixed : str
        JSON that stays for as long as the row does.
    prediction_id : str or None
        Of the answer, or of the answer to which an outcome belongs.
    content : str or None
        JSON that can be erased; None where there is nothing about a patient.
    record_key : str or None
        By which the content is erased, and with it.
    salt : str or None
        Random; erased with the content, so that the content cannot be guessed from its digest.
    """

    kind: Kind
    fixed: str
    prediction_id: str | None = None
    content: str | None = field(default=None, repr=False)
    record_key: str | None = field(default=None, repr=False)
    salt: str | None = field(default=None, repr=False)


@dataclass(frozen=True, repr=False)
class ChainedRow(ShortRepr):
    """A row as it is stored.

    Attributes
    ----------
    sequence : int
        From 1, without gaps.
    format : int
        `FORMAT` when it was written.
    key_id : str
        Of the key of its hashes.
    kind, fixed, prediction_id, content, record_key, salt
        See `Event`.
    recorded_at : str
        When it was written, ISO 8601, UTC.
    content_digest : str
        Keyed digest of content, record key and salt; empty if there never was any content.
    erased_by : int or None
        Sequence of the row that reports the erasure of the content.
    previous : str
        Hash of the row before.
    hash : str
        Keyed hash of everything but the content and ``erased_by``.
    """

    sequence: int
    format: int
    key_id: str
    kind: Kind
    recorded_at: str
    prediction_id: str | None
    fixed: str = field(repr=False)
    record_key: str | None = field(repr=False)
    content: str | None = field(repr=False)
    salt: str | None = field(repr=False)
    content_digest: str
    erased_by: int | None
    previous: str
    hash: str

    def as_columns(self) -> dict[str, Any]:
        """Give the values by the names of their columns."""
        return dict(vars(self))


@dataclass(frozen=True)
class Head:
    """The end of the chain, and its first row after retention.

    Attributes
    ----------
    sequence : int
        Of the last row; 0 for none.
    hash : str
        Of the last row.
    key_id : str
        Of the key of the last row; empty for none.
    start : int
        Sequence of the first row that is kept.
    start_previous : str
        Hash of the row before that.
    former_keys : str
        Ids of the keys used before, with a space between them.
    mac : str
        Keyed digest of all of these; empty before the first row.
    """

    sequence: int
    hash: str
    key_id: str
    start: int
    start_previous: str
    former_keys: str = ""
    mac: str = ""


EMPTY = Head(0, NO_HASH, "", 1, NO_HASH)


def chained(event: Event, head: Head, key: RecordKey, recorded_at: str) -> ChainedRow:
    """Give an event its place after the head.

    Parameters
    ----------
    event : Event
    head : Head
        Before it.
    key : RecordKey
        The current one.
    recorded_at : str
        ISO 8601, UTC.

    Returns
    -------
    row : ChainedRow
    """
    unsigned = ChainedRow(
        sequence=head.sequence + 1,
        format=FORMAT,
        key_id=key.id,
        kind=event.kind,
        recorded_at=recorded_at,
        prediction_id=event.prediction_id,
        fixed=event.fixed,
        record_key=event.record_key,
        content=event.content,
        salt=event.salt,
        content_digest="" if event.content is None else content_digest(event, key),
        erased_by=None,
        previous=head.hash,
        hash="",
    )
    return replace(unsigned, hash=row_hash(unsigned, key))


def row_hash(row: ChainedRow, key: RecordKey) -> str:
    """Compute the hash of a row from its other columns.

    Parameters
    ----------
    row : ChainedRow
        Its ``hash`` is not read.
    key : RecordKey
        Of the row's ``key_id``.

    Returns
    -------
    hash : str
        HMAC-SHA256 of a JSON list, 64 hexadecimal digits.
    """
    return _mac(
        key.chain,
        row.format,
        row.key_id,
        row.sequence,
        row.previous,
        row.kind,
        row.recorded_at,
        row.prediction_id,
        row.fixed,
        row.content_digest,
    )


def content_digest(holder: Event | ChainedRow, key: RecordKey) -> str:
    """Compute the keyed digest of what can be erased."""
    return _mac(key.content, holder.salt, holder.record_key, holder.content)


def inputs_digest(inputs: Mapping[str, object], key: RecordKey) -> str:
    """Compute the keyed digest of a patient's fields.

    Parameters
    ----------
    inputs : mapping
        Fields that were not given may be missing or None; their order does not matter, nor does 4 or 4.0.
    key : RecordKey

    Returns
    -------
    digest : str
        64 hexadecimal digits. Without the key it cannot be compared with guessed fields.

    Examples
    --------
    >>> from serving.record.keys import record_key
    >>> key = record_key(b"0" * 32)
    >>> inputs_digest({"a": 4, "b": None}, key) == inputs_digest({"a": 4.0}, key)
    True
    >>> inputs_digest({"a": 4}, key) == inputs_digest({"a": 5}, key)
    False
    """
    given = {name: _number(value) for name, value in inputs.items() if value is not None}
    return _mac(key.inputs, given)


def signed(head: Head, key: RecordKey) -> Head:
    """Give a head its keyed digest."""
    return replace(head, mac=head_mac(head, key))


def head_is_right(head: Head, key: RecordKey) -> bool:
    """Say whether a head has the keyed digest of its values."""
    try:
        return hmac.compare_digest(head_mac(head, key), str(head.mac))
    except (TypeError, ValueError):  # a number that JSON does not have, a mac that is no ASCII
        return False


def head_mac(head: Head, key: RecordKey) -> str:
    """Compute the keyed digest of a head; its ``mac`` is not read."""
    return _mac(key.head, *list(asdict(head).values())[:-1])


def moved(head: Head, row: ChainedRow) -> Head:
    """Move the head to a row that follows it; without a keyed digest yet."""
    former = head.former_keys.split()
    if head.key_id not in ("", row.key_id):
        former.append(head.key_id)
    return Head(
        row.sequence, row.hash, row.key_id, head.start, head.start_previous, former_keys=" ".join(former)
    )


def written(value: object) -> str:
    """Write JSON in one way only: ASCII, sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, allow_nan=False)


def _mac(key: bytes, *parts: object) -> str:
    return hmac.digest(key, written(parts).encode("ascii"), "sha256").hex()


def _number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
