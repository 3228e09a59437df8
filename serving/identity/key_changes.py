"""What the command line changes in a file of keys: a new key, a replacement with overlap, a revocation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from serving.identity.api_key import NewKey, digest, new_key
from serving.identity.caller import Scope
from serving.identity.key_file import KeyRecord, Records


class NoSuchKeyError(ValueError):
    """No key has this identifier, or it is not accepted any more; says which."""


def created(
    records: Records,
    *,
    label: str,
    scopes: Sequence[Scope],
    now: datetime,
    lifetime: timedelta | None,
) -> tuple[Records, NewKey]:
    """Add a key.

    Parameters
    ----------
    records : tuple of KeyRecord
    label : str
        Who or what will use it.
    scopes : sequence of str
        What its bearer may do.
    now : datetime
    lifetime : timedelta, optional
        None for a key that does not expire.

    Returns
    -------
    records : tuple of KeyRecord
        With the new key.
    key : NewKey
        The key itself.
    """
    key = new_key()
    while any(record.id == key.id for record in records):
        key = new_key()
    record = KeyRecord(
        id=key.id,
        label=label,
        scopes=tuple(dict.fromkeys(scopes)),
        sha256=digest(key.text).hex(),
        created=now,
        expires=None if lifetime is None else now + lifetime,
    )
    return (*records, record), key


def replaced(records: Records, key_id: str, *, now: datetime, overlap: timedelta) -> Records:
    """Let a key end after an overlap in which its bearer changes to another key.

    Parameters
    ----------
    records : tuple of KeyRecord
    key_id : str
        Of the old key, which must be active.
    now : datetime
    overlap : timedelta
        Time for which the old key is still accepted; a key that ends sooner is not prolonged.

    Raises
    ------
    NoSuchKeyError
        If there is no such active key.
    """
    ends = now + overlap
    record = active(records, key_id, now)
    shortened = ends if record.expires is None else min(ends, record.expires)
    return _changed(records, record, {"expires": shortened})


def revoked(records: Records, key_id: str, *, now: datetime) -> Records:
    """Refuse a key from now on.

    Raises
    ------
    NoSuchKeyError
        If there is no key of that identifier, or it was revoked before.
    """
    record = named(records, key_id)
    if record.revoked is not None:
        message = f"key {key_id} is revoked already"
        raise NoSuchKeyError(message)
    return _changed(records, record, {"revoked": now})


def active(records: Records, key_id: str, now: datetime) -> KeyRecord:
    """Find a key that is accepted.

    Raises
    ------
    NoSuchKeyError
        If there is no such key, or it is expired or revoked.
    """
    record = named(records, key_id)
    state = record.state(now)
    if state != "active":
        message = f"key {key_id} is {state}; only an active key can be replaced"
        raise NoSuchKeyError(message)
    return record


def named(records: Records, key_id: str) -> KeyRecord:
    """Find a key by its identifier.

    Raises
    ------
    NoSuchKeyError
        If there is none.
    """
    for record in records:
        if record.id == key_id:
            return record
    message = f"no key has the id {key_id!r}; cart-outcomes keys list shows all"
    raise NoSuchKeyError(message)


def _changed(records: Records, record: KeyRecord, changes: dict[str, datetime]) -> Records:
    return tuple(each.model_copy(update=changes) if each is record else each for each in records)
