"""The file of API keys as commands change it: one at a time, each change whole, for its owner only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from features.files.atomic_write import write_whole
from features.problems import Refused
from serving.identity.api_key import NewKey
from serving.identity.caller import SCOPES, Scope
from serving.identity.key_changes import NoSuchKeyError, active, created, named, replaced, revoked
from serving.identity.key_file import KeyRecord, Records, read_keys, written_keys
from serving.identity.private_file import SettingsError
from training.console.locks import lock_held


@dataclass(frozen=True)
class Period:
    """How long keys are accepted.

    Attributes
    ----------
    days : int
        Days until a new key expires; 0 for never.
    overlap_days : int
        Days for which a replaced key is still accepted.
    """

    days: int = 365
    overlap_days: int = 7

    @property
    def lifetime(self) -> timedelta | None:
        """Time until a new key expires; None for never."""
        return timedelta(days=self.days) if self.days else None


class KeyStore:
    """A file of keys.

    Parameters
    ----------
    path : Path
        Made, with its folder, when the first key is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def records(self) -> Records:
        """Read what is kept of every key.

        Raises
        ------
        Refused
            If the file cannot be used.
        """
        try:
            return read_keys(self.path)
        except SettingsError as error:
            raise Refused(str(error)) from None

    def create(
        self, label: str, scopes: Sequence[Scope], period: Period, *, replace: str = ""
    ) -> tuple[NewKey, KeyRecord]:
        """Add a key.

        Parameters
        ----------
        label : str
        scopes : sequence of str
            Empty for those of the replaced key.
        period : Period
        replace : str
            Identifier of the key that ends after the overlap; empty for none.

        Returns
        -------
        key : NewKey
            The key itself, which is kept nowhere.
        record : KeyRecord

        Raises
        ------
        Refused
            If the replaced key is not active, or the file cannot be used.
        """
        now = _now()
        with self._changed(new=not replace) as records:
            known = tuple(records)
            if replace:
                scopes = scopes or active(known, replace, now).scopes
                known = replaced(known, replace, now=now, overlap=timedelta(days=period.overlap_days))
            known, key = created(known, label=label, scopes=scopes, now=now, lifetime=period.lifetime)
            records[:] = known
        return key, known[-1]

    def revoke(self, key_id: str) -> KeyRecord:
        """Refuse a key from now on.

        Raises
        ------
        Refused
            If no such key is accepted, or the file cannot be used.
        """
        with self._changed() as records:
            records[:] = revoked(tuple(records), key_id, now=_now())
        return named(tuple(records), key_id)

    @contextmanager
    def _changed(self, *, new: bool = False) -> Iterator[list[KeyRecord]]:
        """Give the records to be changed, and write them; other commands wait."""
        if new:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        elif not self.path.exists():
            message = f"{self.path} does not exist; name the file of keys with --keys"
            raise Refused(message)
        with lock_held(self.path.with_name(f".{self.path.name}.lock")):
            records = list(self.records()) if self.path.exists() else []
            try:
                yield records
            except NoSuchKeyError as error:
                raise Refused(str(error)) from None
            write_whole(self.path, written_keys(records), private=True)


def checked_scopes(stated: Sequence[str]) -> tuple[Scope, ...]:
    """Check the names of scopes.

    Raises
    ------
    Refused
        If one is unknown.

    Examples
    --------
    >>> checked_scopes(["write"])
    Traceback (most recent call last):
        ...
    features.problems.Refused: --scope: 'write' is no scope; choose from predict, read, outcome, admin
    """
    unknown = [name for name in stated if name not in SCOPES]
    if unknown:
        message = f"--scope: {unknown[0]!r} is no scope; choose from {', '.join(SCOPES)}"
        raise Refused(message)
    return tuple(scope for scope in SCOPES if scope in stated)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
