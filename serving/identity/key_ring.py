"""Which API key a caller has: looked up by its identifier, compared in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from serving.identity.api_key import digest, key_id
from serving.identity.caller import Caller
from serving.identity.denied import Denied, Reason
from serving.identity.followed_file import FollowedFile
from serving.identity.key_file import KeyRecord, read_keys

NO_DIGEST = bytes(32)
"""Compared with where no key has the identifier, so that this takes as long."""


@dataclass(frozen=True)
class _HeldKey:
    """A key as it is compared: its caller, its digest, and when it ends, in seconds since 1970."""

    caller: Caller
    digest: bytes = field(repr=False)
    expires: float
    revoked: float


class KeyRing:
    """The keys of a file, as they are now.

    Parameters
    ----------
    file : FollowedFile
        As `key_ring` opens it.
    """

    def __init__(self, file: FollowedFile[Mapping[str, _HeldKey]]) -> None:
        self._file = file

    def caller(self, text: str, *, now: float) -> Caller:
        """Say whose key this is.

        Parameters
        ----------
        text : str
            As the caller sent it.
        now : float
            Seconds since 1970.

        Raises
        ------
        Denied
            If it is no key, none of this file, expired or revoked.
        """
        identifier = key_id(text)
        if identifier is None:
            raise Denied(Reason.MALFORMED_KEY)
        held = self._file.current().get(identifier)
        same = hmac.compare_digest(NO_DIGEST if held is None else held.digest, digest(text))
        if held is None or not same:
            raise Denied(Reason.UNKNOWN_KEY)
        if now >= held.revoked:
            raise Denied(Reason.REVOKED_KEY)
        if now >= held.expires:
            raise Denied(Reason.EXPIRED_KEY)
        return held.caller


def key_ring(path: Path) -> KeyRing:
    """Open a file of keys, whose changes are followed.

    Raises
    ------
    SettingsError
        If it cannot be used.
    """
    return KeyRing(FollowedFile(path, _held_keys, {}))


def _held_keys(path: Path) -> Mapping[str, _HeldKey]:
    return {record.id: _held(record) for record in read_keys(path)}


def _held(record: KeyRecord) -> _HeldKey:
    return _HeldKey(
        caller=Caller("key", record.id, frozenset(record.scopes)),
        digest=bytes.fromhex(record.sha256),
        expires=float("inf") if record.expires is None else record.expires.timestamp(),
        revoked=float("inf") if record.revoked is None else record.revoked.timestamp(),
    )
