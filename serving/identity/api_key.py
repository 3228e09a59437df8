"""The text of an API key: a prefix for secret scanners, an identifier, 256 random bits, a checksum."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

PREFIX = "cartk_"
"""Begins every key, so that a secret scanner recognizes one in a text."""

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
"""Digits of base 62: a double click selects the whole key."""

SECRET_BYTES = 32
SECRET_CHARACTERS = 43
"""Digits of 256 bits in base 62."""

CHECKSUM_CHARACTERS = 6
"""Digits of a CRC-32 in base 62."""

ID_BYTES = 4

PATTERN = re.compile(
    rf"{PREFIX}([0-9a-f]{{{2 * ID_BYTES}}})_[0-9A-Za-z]{{{SECRET_CHARACTERS + CHECKSUM_CHARACTERS}}}"
)
"""A key; for secret scanners too. Its last characters are the checksum of all before them."""


@dataclass(frozen=True)
class NewKey:
    """A key that was just made.

    Attributes
    ----------
    id : str
        Names the key; not secret.
    text : str
        The key itself, which is shown once and kept nowhere.
    """

    id: str
    text: str = field(repr=False)


def new_key() -> NewKey:
    """Make a key from the system's random numbers.

    Examples
    --------
    >>> key = new_key()
    >>> key.text.startswith(f"cartk_{key.id}_"), len(key.text), key_id(key.text) == key.id
    (True, 64, True)
    """
    identifier = secrets.token_hex(ID_BYTES)
    secret = base62(int.from_bytes(secrets.token_bytes(SECRET_BYTES), "big"), SECRET_CHARACTERS)
    start = f"{PREFIX}{identifier}_{secret}"
    return NewKey(identifier, start + checksum(start))


def key_id(text: str) -> str | None:
    """Read the identifier of a key; None if the text is no key, or was shortened or mistyped.

    Examples
    --------
    >>> key = new_key().text
    >>> key_id(key[:-1]), key_id(key.swapcase()), key_id("cartk_1a2b3c4d_secret")
    (None, None, None)
    """
    match = PATTERN.fullmatch(text)
    if match is None or checksum(text[:-CHECKSUM_CHARACTERS]) != text[-CHECKSUM_CHARACTERS:]:
        return None
    return match[1]


def digest(text: str) -> bytes:
    """Give the SHA-256 by which a key is kept.

    A slow hash would gain nothing: 256 random bits cannot be tried out.
    """
    return hashlib.sha256(text.encode("ascii")).digest()


def checksum(start: str) -> str:
    """Give the checksum at the end of a key: not a secret, it tells a key from a text like one."""
    return base62(zlib.crc32(start.encode("ascii")), CHECKSUM_CHARACTERS)


def base62(number: int, digits: int) -> str:
    """Write a number with a fixed count of digits.

    Examples
    --------
    >>> base62(61, 3), base62(62, 3)
    ('00z', '010')
    """
    written = ""
    for _ in range(digits):
        number, digit = divmod(number, len(ALPHABET))
        written = ALPHABET[digit] + written
    return written
