"""XGBoost's own binary JSON (Universal Binary JSON), read without XGBoost, whose import takes a second.

A value begins with a letter for its type. Lengths are numbers of the same kind; a sequence of numbers of one
type lies end to end. All numbers begin with their highest byte.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NUMBERS: dict[bytes, np.dtype[Any]] = {
    kind: np.dtype(number)
    for kind, number in (
        (b"i", ">i1"),
        (b"U", ">u1"),
        (b"I", ">i2"),
        (b"l", ">i4"),
        (b"L", ">i8"),
        (b"d", ">f4"),
        (b"D", ">f8"),
    )
}
WORDS = {b"T": True, b"F": False, b"Z": None}
DEEPEST = 32
"""Levels of objects and sequences; a booster has ten."""


def parsed(raw: bytes) -> Any:
    r"""Read one value: objects as dict, sequences as list, and those of one type of number as arrays.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    value : object

    Raises
    ------
    ValueError
        If the bytes are not of this form, end too early, or hold more than one value.

    Examples
    --------
    >>> parsed(b"{L" + bytes(7) + b"\x01" + b"ai\x05}")
    {'a': 5}
    >>> parsed(b"[x")
    Traceback (most recent call last):
        ...
    ValueError: not binary JSON: unknown type b'x' at byte 1
    """
    reader = _Reader(raw)
    value = reader.value(reader.take(1))
    if reader.at != len(raw):
        message = f"not binary JSON: {len(raw) - reader.at} bytes follow the value"
        raise ValueError(message)
    return value


class _Reader:
    """Bytes and a position in them."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at, self._depth = raw, 0, 0

    def take(self, count: int) -> bytes:
        """Take the next bytes."""
        if count < 0 or self.at + count > len(self.raw):
            message = f"not binary JSON: it ends before byte {self.at + count}"
            raise ValueError(message)
        self.at += count
        return self.raw[self.at - count : self.at]

    def value(self, kind: bytes) -> Any:
        """Read a value whose type was read."""
        if kind in NUMBERS:
            return self._number(kind)
        if kind in WORDS:
            return WORDS[kind]
        if kind == b"S":
            return self._text()
        if kind not in (b"{", b"["):
            message = f"not binary JSON: unknown type {kind!r} at byte {self.at - 1}"
            raise ValueError(message)
        self._depth += 1
        if self._depth > DEEPEST:
            message = f"not binary JSON: more than {DEEPEST} levels"
            raise ValueError(message)
        held = self._object() if kind == b"{" else self._sequence()
        self._depth -= 1
        return held

    def _number(self, kind: bytes) -> int | float:
        number = NUMBERS[kind]
        if number.kind == "f":
            return float(np.frombuffer(self.take(number.itemsize), number)[0])
        return int.from_bytes(self.take(number.itemsize), "big", signed=number.kind == "i")

    def _count(self) -> int:
        kind = self.take(1)
        if kind not in NUMBERS or NUMBERS[kind].kind == "f":
            message = f"not binary JSON: {kind!r} at byte {self.at - 1} is no length"
            raise ValueError(message)
        return int(self._number(kind))

    def _text(self) -> str:
        return self.take(self._count()).decode()

    def _object(self) -> dict[str, Any]:
        held = {}
        while self.raw[self.at : self.at + 1] != b"}":
            name = self._text()
            held[name] = self.value(self.take(1))
        self.at += 1
        return held

    def _sequence(self) -> Any:
        kind, count = b"", -1
        if self.raw[self.at : self.at + 1] == b"$":
            kind = self.take(2)[1:]
        if self.raw[self.at : self.at + 1] == b"#":
            self.at += 1
            count = self._count()
        if kind and count < 0:
            message = "not binary JSON: a sequence of one type without a length"
            raise ValueError(message)
        if kind in NUMBERS:
            return np.frombuffer(self.take(count * NUMBERS[kind].itemsize), NUMBERS[kind])
        if kind in WORDS:
            # They take no bytes, so that any number of them would fit.
            message = "not binary JSON: a sequence of one type that is no number"
            raise ValueError(message)
        if count >= 0:
            return [self.value(kind or self.take(1)) for _ in range(count)]
        held = []
        while self.raw[self.at : self.at + 1] != b"]":
            held.append(self.value(self.take(1)))
        self.at += 1
        return held
