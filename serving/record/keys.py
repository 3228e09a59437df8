"""The keys of the record: read from private files, named by a digest, and split by purpose."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from serving.identity.private_file import SettingsError, read_private

SHORTEST_BYTES = 32
"""A key of fewer bytes could be tried out."""

ID_BYTES = 8


@dataclass(frozen=True)
class RecordKey:
    """A key of the record, as a key of its own for each purpose.

    Attributes
    ----------
    id : str
        16 hexadecimal digits of a keyed digest; the same key has the same id wherever its file is.
    chain, content, inputs, head, checkpoint : bytes
        Keys of 32 bytes: of the hash of a row, of the digest of what can be erased, of the digest of a
        patient's fields, of the head and of checkpoints. None of them can be computed from another.

    Examples
    --------
    >>> key = record_key(b"0" * 32)
    >>> key
    RecordKey(id='716074aeaa6edd68')
    >>> key.chain == key.content
    False
    """

    id: str
    chain: bytes = field(repr=False)
    content: bytes = field(repr=False)
    inputs: bytes = field(repr=False)
    head: bytes = field(repr=False)
    checkpoint: bytes = field(repr=False)


class KeyRing:
    """The current key and the former ones, by id.

    Parameters
    ----------
    keys : sequence of RecordKey
        The last is the current one.
    """

    def __init__(self, keys: Sequence[RecordKey]) -> None:
        self.current = keys[-1]
        self._by_id: Mapping[str, RecordKey] = {key.id: key for key in keys}

    def get(self, key_id: str) -> RecordKey | None:
        """Find a key; None if this process does not have it."""
        return self._by_id.get(key_id)


def record_key(secret: bytes) -> RecordKey:
    """Make the keys of all purposes from a secret.

    Parameters
    ----------
    secret : bytes
        At least `SHORTEST_BYTES`.
    """

    def key_of(purpose: str) -> bytes:
        return hmac.digest(secret, f"cart-outcomes record, {purpose}".encode(), "sha256")

    return RecordKey(
        id=key_of("id")[:ID_BYTES].hex(),
        chain=key_of("chain"),
        content=key_of("content"),
        inputs=key_of("inputs"),
        head=key_of("head"),
        checkpoint=key_of("checkpoint"),
    )


def read_ring(files: Sequence[Path]) -> KeyRing:
    """Read the keys of a record.

    Parameters
    ----------
    files : sequence of Path
        The last has the current key.

    Raises
    ------
    SettingsError
        If a file cannot be read, other users can read it, its key is too short, or two files have the same
        key.
    """
    keys = [_read(file) for file in files]
    if len({key.id for key in keys}) < len(keys):
        message = "two files of the record's keys have the same key; name each key once"
        raise SettingsError(message)
    return KeyRing(keys)


def _read(file: Path) -> RecordKey:
    secret = read_private(file).strip()
    if len(secret) < SHORTEST_BYTES:
        message = (
            f"{file} has fewer than {SHORTEST_BYTES} bytes; make a key with cart-outcomes answers key FILE"
        )
        raise SettingsError(message)
    return record_key(secret)
