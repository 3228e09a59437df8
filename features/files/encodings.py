"""Which encoding a text that is not UTF-8 has, by the letters that come out; several where it is in doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_LINES = 2_000
"""Lines with other than ASCII characters that are looked at."""
DOUBT = 0.3
"""Mean weights of a character that lie closer together do not decide between two encodings."""
MOST_NAMED = 3

USUAL, POSSIBLE, ODD, WRONG = 2.0, 1.0, -1.0, -3.0
"""Weights of a character: a frequent letter, another of those languages, a rare sign, a broken word."""
CAPITAL_INSIDE = 0.5

MARKS = frozenset("«»“”„‘’‚–—…№°µ±€§×²³·\u00a0")
MICRO, UNITS_AFTER_MICRO = "µ", tuple("gklmGKLM")
"""A sign that begins a unit, as in µg/l: an export of a laboratory may have no other that is not ASCII."""
CYRILLIC = ("оеаинтсрвлкмпдуяыь", "бгжзйфхцчшщъэюё")
GREEK = ("αιοτσνερηςκπυλμόάέήί", "βγδζθξφχψωύώϊϋ")
FINAL_SIGMA = "ς"
"""Is at the end of Greek words only; the same byte is a frequent letter inside Russian ones."""
CENTRAL = ("ąćęłńóśźżáčéěířšúůžäöüőă", "ďťňýßűâîşţôľĺŕđ")
WESTERN = ("äöüßéèàçñáíóúãõêôåæø", "âëìîïòùûœ")
TURKISH = ("ığşöüç", "âîû")


@dataclass(frozen=True)
class Encoding:
    """An encoding and the letters of the languages that are written in it.

    Parameters
    ----------
    name : str
        Of the codec.
    letters : tuple of str
        Small letters: the frequent ones, and the others.
    alone : bool
        Whether a word in these letters has no ASCII letter.
    first, last : int
        Code points of East Asian characters in daily use; 0 where there are none.
    """

    name: str
    letters: tuple[str, str] = ("", "")
    alone: bool = False
    first: int = 0
    last: int = 0


ENCODINGS = (
    Encoding("cp1252", WESTERN),
    Encoding("cp1251", CYRILLIC, alone=True),
    Encoding("cp1250", CENTRAL),
    Encoding("cp1253", GREEK, alone=True),
    Encoding("cp1254", TURKISH),
    Encoding("mac_roman", WESTERN),
    Encoding("koi8_r", CYRILLIC, alone=True),
    Encoding("cp866", CYRILLIC, alone=True),
    Encoding("cp949", alone=True, first=0xAC00, last=0xD7A3),
    Encoding("gb18030", alone=True, first=0x4E00, last=0x9FFF),
    Encoding("shift_jis", alone=True, first=0x3040, last=0x9FFF),
)
"""The more usual first: it is named where two give the same text."""


def likely_encodings(content: bytes) -> tuple[str, ...]:
    r"""Name the encodings that a text may have, the likeliest first.

    Parameters
    ----------
    content : bytes
        Of a file that is not UTF-8.

    Returns
    -------
    names : tuple of str
        One where the letters decide; at most three. Empty where none gives words.

    Examples
    --------
    >>> likely_encodings("пациент,ответ\nженский,полная ремиссия\n".encode("cp1251"))
    ('cp1251',)
    >>> likely_encodings("Bø\n".encode("cp1252"))
    ('cp1252', 'cp1250')
    """
    lines = [line for line in content.splitlines() if not line.isascii()][:MOST_LINES]
    weights: dict[str, tuple[float, str]] = {}
    for encoding in ENCODINGS:
        text = _decoded(b"\n".join(lines), encoding.name)
        known = text is None or any(text == other for _, other in weights.values())
        if text is not None and not known:
            weights[encoding.name] = (_weight(text, encoding), text)
    best = max((weight for weight, _ in weights.values()), default=0.0)
    near = [name for name, (weight, _) in weights.items() if weight > 0 and weight >= best - DOUBT]
    return tuple(sorted(near, key=lambda name: -weights[name][0]))[:MOST_NAMED]


def utf16_without_mark(content: bytes) -> str | None:
    r"""Name the byte order of UTF-16 that has no mark: ASCII characters have every other byte zero.

    Examples
    --------
    >>> utf16_without_mark("id,пол".encode("utf-16-be")), utf16_without_mark(b"a,b,0\x00")
    ('utf-16-be', None)
    """
    zeros = content[0::2].count(0), content[1::2].count(0)
    if len(content) % 2 or max(zeros) < max(2, len(content) / 20) or min(zeros):
        return None
    return "utf-16-be" if zeros[0] else "utf-16-le"


def mostly_utf8(content: bytes) -> bool:
    """Say whether more lines are UTF-8 with other than ASCII characters than are not UTF-8."""
    lines = [line for line in content.splitlines() if not line.isascii()]
    good = sum(_decoded(line, "utf-8") is not None for line in lines)
    return good > len(lines) - good


def _decoded(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except UnicodeDecodeError:
        return None


def _weight(text: str, encoding: Encoding) -> float:
    """Mean weight of the characters that are not ASCII, in the words where they are.

    Words that differ in their digits only count once: a letter before every identifier says little.
    """
    words = (re.sub(r"[0-9]+", "", word) for word in re.findall(r"[^\s,;|\"]+", text))
    weights = [
        _character(word, index, encoding)
        for word in dict.fromkeys(words)
        if not word.isascii()
        for index, character in enumerate(word)
        if not character.isascii()
    ]
    return sum(weights) / len(weights) if weights else 0.0


def _character(word: str, index: int, encoding: Encoding) -> float:
    character, beside = word[index], (word[index - 1 : index], word[index + 1 : index + 2])
    letters = [near for near in beside if near.isalpha()]
    if character == MICRO:
        return POSSIBLE if beside[1] in UNITS_AFTER_MICRO and not beside[0].isalpha() else 0.0
    if not character.isalpha():
        return WRONG if len(letters) == 2 else 0.0 if character in MARKS else ODD
    if character.isupper() and beside[0].islower():
        return WRONG
    if encoding.alone and any(near.isascii() for near in letters):
        return WRONG
    if character == FINAL_SIGMA and beside[1].isalpha():
        return WRONG
    if encoding.first:
        daily = encoding.first <= ord(character) <= encoding.last and _is_daily(character, encoding.name)
        return USUAL if daily else ODD
    if not encoding.alone and len(letters) == 2 and not any(near.isascii() for near in letters):
        # No Latin language puts three letters with accents side by side.
        return ODD
    usual, possible = encoding.letters
    small = character.lower()
    weight = USUAL if small in usual else POSSIBLE if small in possible else 0.0
    # KOI8-R has capitals where cp1251 has small letters.
    return weight - CAPITAL_INSIDE if index and character != small else weight


def _is_daily(character: str, name: str) -> bool:
    """Whether a Chinese character is of the first level, those in daily use; others are by their range."""
    if name != "gb18030":
        return True
    raw = character.encode("gb18030")
    return len(raw) == 2 and 0xB0 <= raw[0] <= 0xD7 and raw[1] >= 0xA1
