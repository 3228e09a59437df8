"""A heading is compared with the fields of the schema: by words that clinics use, and by spelling."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from features.drafting.word_parts import ACRONYMS, LONG_NAMES, PARTS, PEAK, SECTIONS, SECTIONS_AFTER
from features.drafting.words import IDLE, JOINED, LIGHT, PHRASES, SPELLINGS, UNITS
from features.files.heading_rows import JOINT
from features.known_units import units_of
from features.product_names import PRODUCT_NAME
from features.schema import all_fields

SURE, POSSIBLE = 0.75, 0.5
"""Likeness from which on a heading names a field, and may name one."""

LIGHT_WEIGHT = 0.2
MISSPELLED = 0.85
"""Similarity from which a word counts as another, and its weight then."""

RUN_TOGETHER, SHORTEST_PART = 0.9, 3
"""What words count that are written without a space, and letters that one of two must have."""

OTHER_UNIT = 0.7
"""What a heading counts whose unit the field does not have."""

TIMES = ("days", "weeks", "months", "years")
"""Units that are also words of other headings."""

DAYS = ("day", "days", "tag", "день", "d", "j", "jour", "día", "dia", "giorno")
"""Words before a number that make it a day."""

LONGEST = 200
"""Characters of a heading that are looked at."""


@dataclass(frozen=True)
class NameMatch:
    """How a heading names a field.

    Attributes
    ----------
    field : str
        Column of the schema, or one of the two dates that others are counted from.
    likeness : float
        0 to 1.
    unit : str
        Unit that the heading states, as a mapping file names it; empty where it states none.
    """

    field: str
    likeness: float
    unit: str = ""


def name_matches(heading: str) -> list[NameMatch]:
    """Find the fields that a heading may name.

    Parameters
    ----------
    heading : str
        Of a site's table.

    Returns
    -------
    matches : list of NameMatch
        Likeliest first; none below `POSSIBLE`.

    Examples
    --------
    >>> name_matches("CRP (mg/dl)")[0]
    NameMatch(field='crp_mg_l', likeness=1.0, unit='mg/dL')
    >>> [match.field for match in name_matches("Возраст")], name_matches("shoe size")
    (['age_years'], [])
    >>> [name_matches(heading)[0].likeness for heading in ("Section 2 / LDH", "At relapse / LDH")]
    [1.0, 0.5]
    """
    return list(_name_matches(heading))


@lru_cache(maxsize=4096)
def _name_matches(heading: str) -> tuple[NameMatch, ...]:
    exact = _schema_headings().get(heading.strip().casefold())
    if exact:
        # A name of the schema is a choice; its title may be what anybody writes, whatever the unit.
        own = all_fields()[exact]
        return (NameMatch(exact, 1.0, own.unit if heading.strip().casefold() == exact else ""),)
    matches = _of_words(_words(heading))
    section, _, rest = heading.partition(JOINT)
    if rest and not any(match.likeness >= SURE for match in matches):
        return _in_section(section, rest) or matches
    return matches


def _of_words(words: tuple[str, ...]) -> tuple[NameMatch, ...]:
    matches = [_match(field, words) for field in PHRASES]
    likely = [match for match in matches if match.likeness >= POSSIBLE]
    return tuple(sorted(likely, key=lambda match: (-match.likeness, not match.unit)))


def _in_section(section: str, rest: str) -> tuple[NameMatch, ...]:
    """Leave out the name of a section of the table, unless it may say when a value was measured."""
    words = {word for word in _words(section) if not word.isdigit() and len(word) > 1 and word not in IDLE}
    if not words <= SECTIONS | SECTIONS_AFTER:
        return ()
    after = _after_infusion() if words & SECTIONS_AFTER else frozenset(PHRASES)
    return tuple(match for match in _name_matches(rest) if match.field in after)


def unit_in(heading: str) -> frozenset[str]:
    """Give the words of a heading, in one spelling.

    Examples
    --------
    >>> sorted(unit_in("CRSGRD (max)"))
    ['crs', 'grade', 'max']
    """
    return frozenset(part for word in _words(heading) for part in _spelled(word)[0])


@lru_cache(maxsize=1)
def _schema_headings() -> dict[str, str]:
    """Give the fields by their names and titles."""
    return {text.casefold(): spec.name for spec in all_fields().values() for text in (spec.name, spec.title)}


def _match(field: str, words: tuple[str, ...]) -> NameMatch:
    """Compare with and without what may be a unit: kg is one of a weight and a word of a dose."""
    unit, rest = _unit(field, words)
    if not unit:
        unit, rest = _unit(field, tuple(part for word in words for part in _parts(word) or (word,)))
    whole, without = _likeness(field, words), _likeness(field, rest)
    likeness = max(whole, without) * (OTHER_UNIT if _has_other_unit(field, words, unit) else 1)
    return NameMatch(field, round(likeness, 3), unit)


def _likeness(field: str, words: tuple[str, ...]) -> float:
    """Give the share of a heading's words that a phrase of the field explains."""
    idle = IDLE | PEAK if field in _after_infusion() else IDLE
    spelled = [_spelled(word) for word in words if word not in idle and not word.isdigit()]
    certainty_of = {part: certainty for parts, certainty in spelled for part in parts if part not in IDLE}
    everything = sum(_weight(word) for word in certainty_of)
    explained = [
        sum(_weight(part) * certainty_of[part] for part in phrase) / everything
        for phrase in _phrases(field)
        if everything and all(part in certainty_of for part in phrase)
    ]
    return max(explained, default=0.0)


def _weight(word: str) -> float:
    return LIGHT_WEIGHT if word in LIGHT else 1.0


def _unit(field: str, words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Find a unit of the field among the words, longest first, and the words without it."""
    if field not in all_fields():
        return "", words
    written = [(form, unit) for unit in units_of(all_fields()[field]) for form in _unit_forms(unit)]
    for length in (4, 3, 2, 1):
        for start in range(len(words) - length + 1):
            joined = "".join(words[start : start + length])
            unit = next((unit for form, unit in written if form == joined), "")
            if unit:
                return unit, (*words[:start], *words[start + length :])
    return "", words


def _has_other_unit(field: str, words: tuple[str, ...], unit: str) -> bool:
    """Say whether a heading states a unit that the field does not have, as one per kg for a total."""
    own = units_of(all_fields()[field]) if field in all_fields() else {}
    known = max((len(form) for form in _unit_forms(unit)), default=0) if unit else 0
    joined = {
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + 4, len(words)) + 1)
    }
    others = joined & _forms_of_others(frozenset(own))
    return bool(own) and any(len(form) > max(known, SHORTEST_PART) for form in others)


@lru_cache(maxsize=64)
def _forms_of_others(own: frozenset[str]) -> frozenset[str]:
    return frozenset(form for unit in UNITS if unit not in (*own, *TIMES) for form in _unit_forms(unit))


@lru_cache(maxsize=256)
def _unit_forms(unit: str) -> tuple[str, ...]:
    return tuple(UNITS.get(unit, "").split()) or (re.sub(r"[^a-z0-9]+", "", unit.lower()),)


_SUPERSCRIPT = re.compile(r"[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")


_QUESTION = re.compile(r"\A\s*Q[0-9]{1,4}[a-z]?[\W_]+(?=\w)")
"""Number of a question before a heading: Q031_LDH."""


@lru_cache(maxsize=1024)
def _words(heading: str) -> tuple[str, ...]:
    """Part a heading into words: at signs, and where a small letter meets a capital."""
    plain = _SUPERSCRIPT.sub(lambda match: unicodedata.normalize("NFKC", match[0]), heading[:LONGEST])
    plain = _QUESTION.sub("", plain)
    plain = _long_names().sub(lambda match: LONG_NAMES[match[0].casefold()], plain)
    parted = re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])", " ", plain)
    words = re.findall(r"%|[^\W_]+", parted.lower())
    # The value of day 7 is another than that before the infusion.
    return tuple(
        f"day{word}" if word.isdigit() and int(word) and before in DAYS else word
        for before, word in zip(["", *words], words, strict=False)
    )


@lru_cache(maxsize=4096)
def _spelled(word: str) -> tuple[tuple[str, ...], float]:
    """Bring a word to one spelling, and say how certain that is."""
    known = _spellings()
    if word in JOINED or word in ACRONYMS:
        return JOINED.get(word) or ACRONYMS[word], 1.0
    if word in known:
        return (known[word],), 1.0
    parts = _parts(word)
    if parts:
        spelled = (PARTS.get(part, (known.get(part, part),)) for part in parts)
        return tuple(word for words in spelled for word in words), RUN_TOGETHER
    near = difflib.get_close_matches(word, known, n=1, cutoff=MISSPELLED) if len(word) > 4 else []
    return ((known[near[0]],), MISSPELLED) if near else ((word,), 1.0)


def _parts(word: str) -> tuple[str, ...]:
    """Part words that are run together, as crsgrd and datedeath, where all of them are known."""
    known = {*_spellings(), *IDLE, *PEAK, *PARTS}
    for end in range(len(word) - 2, 1, -1):
        first, rest = word[:end], word[end:]
        if first not in known:
            continue
        if rest in known and max(len(first), len(rest)) >= SHORTEST_PART:
            return first, rest
        if further_parts := _parts(rest):
            return first, *further_parts
    return ()


@lru_cache(maxsize=1)
def _after_infusion() -> frozenset[str]:
    """Name the fields whose highest value is the one that counts."""
    return frozenset(spec.name for spec in all_fields().values() if spec.known_when == "follow_up")


@lru_cache(maxsize=1)
def _long_names() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(LONG_NAMES, key=len, reverse=True))), re.IGNORECASE)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    known = {alias: word for word, aliases in SPELLINGS.items() for alias in (word, *aliases.split())}
    return {unaccented(alias): word for alias, word in known.items()} | known


def unaccented(word: str) -> str:
    """Write a word of Latin letters without accents, as many exports do; others stay.

    Examples
    --------
    >>> unaccented("décès"), unaccented("й")
    ('deces', 'й')
    """
    plain = "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))
    return plain if plain.isascii() else word


@lru_cache(maxsize=128)
def _phrases(field: str) -> tuple[tuple[str, ...], ...]:
    """Give the phrases of a field; its own name and title are among them."""
    spec = all_fields().get(field)
    own = [_of_schema(field, text) for text in (spec.name, spec.title)] if spec else []
    if field == PRODUCT_NAME:
        # A site's name of the product is that of all of them; the field is for those that are not listed.
        own = []
    return tuple(dict.fromkeys([*(tuple(phrase.split()) for phrase in PHRASES[field]), *filter(None, own)]))


def _of_schema(field: str, text: str) -> tuple[str, ...]:
    has_unit = text == field and all_fields()[field].unit != "days"
    words = _unit(field, _words(text))[1] if has_unit else _words(text)
    return tuple(dict.fromkeys(part for word in words if word not in IDLE for part in _spelled(word)[0]))
