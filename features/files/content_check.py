"""One pass over the bytes of a file of any length: its digest, and whether it is UTF-8 text."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem

_BYTES = 1_000_000
"""Read at a time."""


def file_digest(path: Path) -> str:
    """Compute the SHA-256 digest of a file: 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in _parts(path):
        digest.update(part)
    return digest.hexdigest()


def text_digest(path: Path) -> str:
    r"""Compute the SHA-256 digest of a file that must be UTF-8 text.

    Parameters
    ----------
    path : Path

    Returns
    -------
    digest : str
        64 hexadecimal digits.

    Raises
    ------
    DataError
        If it is not, with the line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "c.csv"
    ...     _ = file.write_bytes(b"a,b\nJos\xe9,1\n")
    ...     text_digest(file)
    Traceback (most recent call last):
        ...
    features.problems.DataError: c.csv: 1 problem
      the file must be UTF-8 text, got an error on line 2: save it as "CSV UTF-8"
    """
    digest, decoder, line = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), 1
    for part in chain(_parts(path), [b""]):
        digest.update(part)
        try:
            decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            held = len(error.object) - len(part)
            at = line + part.count(b"\n", 0, max(0, error.start - held))
            raise DataError([_wrong("UTF-8 text", f"an error on line {at}")], source=path.name) from None
        if (nul := part.find(b"\x00")) >= 0:
            at = line + part.count(b"\n", 0, nul)
            raise DataError([_wrong("text", f"a NUL byte on line {at}")], source=path.name)
        line += part.count(b"\n")
    return digest.hexdigest()


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_BYTES):
            yield part


def _wrong(kind: str, value: str) -> Problem:
    fix = plain('save it as "CSV UTF-8"')
    return Problem(Code.NOT_UTF8, f"the file must be {kind}", value_text=value, advice=fix)
