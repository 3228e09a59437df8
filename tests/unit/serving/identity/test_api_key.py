"""The text of a key: random, recognizable, and whole or refused."""

from __future__ import annotations

import re

import pytest

from serving.identity.api_key import ALPHABET, PATTERN, base62, checksum, digest, key_id, new_key


def test_no_two_keys_are_alike() -> None:
    """Of a thousand, neither the keys nor their digests."""
    keys = {new_key().text for _ in range(1000)}
    assert len(keys) == len({digest(key) for key in keys}) == 1000


def test_a_key_holds_256_random_bits() -> None:
    """The largest number fits into its digits, and one digit less would not do."""
    assert len(ALPHABET) ** 43 > 2**256 > len(ALPHABET) ** 42
    assert int.from_bytes(b"\xff" * 32, "big") == _number(base62(2**256 - 1, 43))


def test_a_scanner_finds_a_key_in_a_text() -> None:
    """By its prefix, whatever is around it."""
    key = new_key().text
    assert re.findall(PATTERN.pattern.replace("(", "(?:"), f"export KEY='{key}'\n") == [key]


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1],
        lambda key: key[1:],
        lambda key: key + "0",
        str.swapcase,
        str.lower,
        lambda key: key.replace("cartk_", "cartk-"),
        lambda key: f" {key}",
        lambda key: f"{key}\n",
        lambda key: key[:-1] + "é",
        lambda key: key[:20] + ("0" if key[20] != "0" else "1") + key[21:],
        lambda _: "",
    ],
)
def test_a_changed_key_is_none(change) -> None:
    """It is not even looked up: the checksum differs, or the form."""
    assert key_id(change(new_key().text)) is None


def test_the_checksum_is_that_of_zip() -> None:
    """CRC-32, by hand: crc32(b"123456789") is 0xCBF43926."""
    assert checksum("123456789") == base62(0xCBF43926, 6)


def test_a_key_is_not_printed() -> None:
    """Where the object is, such as in a traceback with values."""
    key = new_key()
    assert key.text not in repr(key)


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * len(ALPHABET) + ALPHABET.index(digit)
    return number
