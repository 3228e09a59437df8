"""The file of API keys: their digests, scopes and times; never a key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from serving.identity.caller import Scope
from serving.identity.private_file import SettingsError, read_private

FORMAT = 1

State = Literal["active", "expired", "revoked"]

LONGEST_LABEL = 80

LABEL = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
"""No control characters: a label is printed in a terminal."""


class KeyRecord(BaseModel):
    """What is kept of one key.

    Attributes
    ----------
    id : str
        First part of the key; not secret.
    label : str
        Who or what uses it, in the operator's words.
    scopes : tuple of str
        What its bearer may do.
    sha256 : str
        Digest of the whole key.
    created : datetime
    expires : datetime or None
        From then on it is refused; None for never.
    revoked : datetime or None
        When it was revoked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: Annotated[str, Field(pattern="^[0-9a-f]{8}$")]
    label: Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL, pattern=LABEL)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", repr=False)]
    created: AwareDatetime
    expires: AwareDatetime | None = None
    revoked: AwareDatetime | None = None

    def state(self, now: datetime) -> State:
        """Say whether the key is accepted at a time."""
        if self.revoked is not None and self.revoked <= now:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    format: Literal[1]
    keys: tuple[KeyRecord, ...]


Records = tuple[KeyRecord, ...]


def read_keys(path: Path) -> Records:
    """Read a file of keys.

    Raises
    ------
    SettingsError
        If it cannot be read, other users can read it, or it is no file of keys.
    """
    return parsed_keys(read_private(path), path.name)


def parsed_keys(content: bytes, name: str) -> Records:
    """Check the content of a file of keys.

    Parameters
    ----------
    content : bytes
        JSON.
    name : str
        Of the file, for messages.

    Raises
    ------
    SettingsError
        With the place of the first mistake, never with a value.

    Examples
    --------
    >>> parsed_keys(b'{"format": 1, "keys": []}', "keys.json")
    ()
    >>> parsed_keys(b'{"format": 2, "keys": []}', "keys.json")
    Traceback (most recent call last):
        ...
    serving.identity.private_file.SettingsError: keys.json is no file of keys (format: Input should be 1); \
restore it from a backup, or make a new one with cart-outcomes keys create
    """
    try:
        records = _KeyFile.model_validate_json(content).keys
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        mistake = f"{' '.join(map(str, first['loc'])) or 'JSON'}: {first['msg']}"
        raise _unusable(name, mistake) from None
    if len({record.id for record in records}) < len(records):
        raise _unusable(name, "two keys have the same id")
    return records


def written_keys(records: Iterable[KeyRecord]) -> str:
    """Write records as a file of keys."""
    keys = [record.model_dump(mode="json") for record in records]
    return json.dumps({"format": FORMAT, "keys": keys}, indent=1, ensure_ascii=False) + "\n"


def usable(records: Iterable[KeyRecord], now: datetime | None = None) -> bool:
    """Say whether any key is accepted at a time; now by default."""
    at = now or datetime.now(UTC)
    return any(record.state(at) == "active" for record in records)


def _unusable(name: str, mistake: str) -> SettingsError:
    message = (
        f"{name} is no file of keys ({mistake}); restore it from a backup, or make a new one with "
        "cart-outcomes keys create"
    )
    return SettingsError(message)
