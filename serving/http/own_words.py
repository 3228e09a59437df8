"""A center's own words on the pages: name and logo, what it does at which risk, links to its protocols."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from features.outcomes import OUTCOMES

OWN_WORDS_VARIABLE = "CART_OUTCOMES_OWN_WORDS"
"""Path of the TOML file; the pages have no words of a center where it is not set."""

LOGO_TYPES: Mapping[str, str] = {".png": "image/png", ".svg": "image/svg+xml"}
LARGEST_LOGO_BYTES = 200_000
LARGEST_FILE_BYTES = 100_000
LONGEST = 300
"""Characters of one text."""
NUMBERS = ("int", "float")
"""Kinds of a number, which pydantic names in the location of a mistake."""


class OwnWordsError(ValueError):
    """A file of a center's words that cannot be used; says what, where and how to fix it."""


def _link(address: str) -> str:
    if not address.startswith(("https://", "http://")):
        message = "must start with https:// or http://"
        raise ValueError(message)
    return address


def _outcome(name: str) -> str:
    if name not in OUTCOMES:
        message = f"must be one of {', '.join(OUTCOMES)}"
        raise ValueError(message)
    return name


def _translated(words: Any) -> str | dict[str, str]:
    texts = list(words.values()) if isinstance(words, dict) else [words]
    if not texts or not all(isinstance(text, str) and 0 < len(text) <= LONGEST for text in texts):
        message = (
            f'must be a text of 1 to {LONGEST} characters, or one a language: {{en = "...", ru = "..."}}'
        )
        raise ValueError(message)
    return words  # type: ignore[no-any-return]


Words = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Translated = Annotated[Any, AfterValidator(_translated)]
"""One text for every language, or a text for each."""
Link = Annotated[str, Field(max_length=LONGEST), AfterValidator(_link)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AtRisk(_Part):
    """What the center does from a risk on, up to the next one of the same outcome."""

    outcome: Annotated[str, AfterValidator(_outcome)]
    from_percent: Annotated[int | float, Field(ge=0, le=100)]
    words: Translated
    link: Link | None = None


class Protocol(_Part):
    """A link to a protocol of the center."""

    title: Translated
    link: Link


class OwnWords(_Part):
    """All that a center says on the pages."""

    name: Translated | None = None
    logo: Words | None = None
    at_risk: list[AtRisk] = []
    protocols: list[Protocol] = []


@dataclass(frozen=True)
class OwnPages:
    """A center's words, checked, with its logo.

    Attributes
    ----------
    words : OwnWords
    logo : bytes
        Empty for none.
    logo_type : str
        Media type.
    """

    words: OwnWords = field(default_factory=OwnWords)
    logo: bytes = b""
    logo_type: str = ""


def own_pages(path: Path) -> OwnPages:
    """Read a center's words.

    Parameters
    ----------
    path : Path
        TOML file; the logo is named relative to it.

    Returns
    -------
    pages : OwnPages

    Raises
    ------
    OwnWordsError
        With every mistake: unknown keys and outcomes, risks outside 0 to 100, links that are no web
        addresses, a logo that is neither PNG nor SVG or too large, a file that cannot be read.
    """
    words = _checked(_content(path), path.name)
    if words.logo is None:
        return OwnPages(words)
    logo = path.parent / words.logo
    media_type = LOGO_TYPES.get(logo.suffix.lower())
    if media_type is None:
        message = f"{path.name}: logo must be a file of type {' or '.join(LOGO_TYPES)}"
        raise OwnWordsError(message)
    return OwnPages(words, _read(logo, LARGEST_LOGO_BYTES), media_type)


def own_pages_of_environment() -> OwnPages:
    """Read the words that the environment names; those of no center where it names none."""
    path = os.environ.get(OWN_WORDS_VARIABLE, "")
    return own_pages(Path(path)) if path else OwnPages()


def described(pages: OwnPages) -> dict[str, Any]:
    """State the words as the pages read them; the logo is an address of the service.

    Examples
    --------
    >>> described(OwnPages(OwnWords(name="Center North")))
    {'name': 'Center North', 'logo': None, 'at_risk': [], 'protocols': []}
    """
    stated: dict[str, Any] = pages.words.model_dump(mode="json")
    return {**stated, "logo": "own-words/logo" if pages.logo else None}


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(path, LARGEST_FILE_BYTES).decode("utf-8-sig"))
    except UnicodeDecodeError:
        message = f"{path.name} is not UTF-8 text; save it as UTF-8"
        raise OwnWordsError(message) from None
    except tomllib.TOMLDecodeError as error:
        message = f"{path.name} is not TOML: {error}"
        raise OwnWordsError(message) from None


def _read(path: Path, largest: int) -> bytes:
    """Read a file; one byte more than allowed is enough to refuse it."""
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise OwnWordsError(message) from None
    if len(content) > largest:
        message = f"{path.name} is larger than {largest:,} bytes"
        raise OwnWordsError(message)
    return content


def _checked(content: dict[str, Any], name: str) -> OwnWords:
    try:
        return OwnWords.model_validate(content)
    except ValidationError as error:
        problems = dict.fromkeys(map(_problem, error.errors()))
        message = f"{name}: {'; '.join(problems)}"
        raise OwnWordsError(message) from None


def _problem(mistake: Mapping[str, Any]) -> str:
    """Name the location as the file has it, counted from 1: "at_risk 2 outcome: must be one of ..."."""
    located = (
        str(part + 1) if isinstance(part, int) else part for part in mistake["loc"] if part not in NUMBERS
    )
    return f"{' '.join(located)}: {mistake.get('ctx', {}).get('error', mistake['msg'])}"
