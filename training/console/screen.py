"""Print any text: characters missing from the terminal's encoding are written in ASCII."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PLAIN = "plain-characters"
_ASCII = {
    "µ": "u",
    "μ": "u",
    "×": "x",
    "·": ".",
    "–": "-",
    "—": "-",
    "−": "-",
    "≥": ">=",
    "≤": "<=",
    "±": "+/-",
    "…": "...",
    "→": "->",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "\u00a0": " ",
    "\u202f": " ",
}


def any_text_can_be_printed() -> None:
    """Let standard output and error replace what their encoding lacks.

    A terminal may be ASCII (``LANG=C``) or a code page, and a file name may not be text at all.
    """
    codecs.register_error(PLAIN, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)


def print_line(console: Console, line: str) -> None:
    """Print a line as plain text; a terminal breaks it where its width ends, and a file keeps it whole."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def announce(line: str) -> None:
    """Print a line at once, also where output is a file or a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def print_document(text: str) -> None:
    """Print a document that programs read: always UTF-8, whatever the terminal's encoding is."""
    sys.stdout.flush()
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:
        sys.stdout.write(text)
        return
    raw.write(text.encode("utf-8"))
    raw.flush()


def plain(text: str) -> str:
    r"""Write characters in ASCII.

    Examples
    --------
    >>> plain("µ≥é"), plain("Ж")
    ('u>=e', '\\u0416')
    """
    return "".join(_plain_character(character) for character in text)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


def _plain_character(character: str) -> str:
    if character in _ASCII:
        return _ASCII[character]
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode("ascii")
    return letters or character.encode("ascii", "backslashreplace").decode("ascii")
