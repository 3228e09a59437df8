"""Sources left out by name: a center's own publications would count twice beside its own patients."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from features.nearest_name import nearest
from features.problems import Refused

PREFIXES = ("https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:")
MOST_LISTED = 3


def refuse_unknown_sources(excluded: Iterable[str], sources: Iterable[str]) -> None:
    """Refuse a name that is the source of no row.

    Parameters
    ----------
    excluded : iterable of str
        DOI, with or without https://doi.org/, PMID or citation, in any case.
    sources : iterable of str
        As the rows state them.

    Raises
    ------
    Refused
        With the sources that were probably meant.

    Examples
    --------
    >>> refuse_unknown_sources(["10.1000/1x"], ["10.1000/1", "PMID:30728140"])
    Traceback (most recent call last):
        ...
    features.problems.Refused: no row has the source 10.1000/1x: did you mean 10.1000/1?
    """
    listed = dict.fromkeys(sources)
    known = {_plain(source) for source in listed}
    for name in excluded:
        if _plain(name) not in known:
            message = f"no row has the source {name}: {_suggestion(name, listed)}"
            raise Refused(message)


def is_excluded(sources: Iterable[str], excluded: Iterable[str]) -> bool:
    """Whether a row goes: one that rests on several sources goes with any of them.

    Examples
    --------
    >>> is_excluded(["10.1/A", "10.2/b"], ["https://doi.org/10.1/a"])
    True
    """
    return not {_plain(name) for name in excluded}.isdisjoint(map(_plain, sources))


def _plain(source: str) -> str:
    """Write a source in one way."""
    folded = " ".join(source.split()).casefold()
    for prefix in PREFIXES:
        folded = folded.removeprefix(prefix)
    return folded


def _suggestion(name: str, sources: Iterable[str]) -> str:
    """List what was probably meant: sources that hold the name, then those alike."""
    by_plain = {_plain(source): source for source in sources}
    plain = _plain(name)
    near = [source for folded, source in by_plain.items() if plain and plain in folded]
    alike = nearest(plain, by_plain)
    near += [by_plain[alike]] if alike else []
    near += [by_plain[folded] for folded in get_close_matches(plain, by_plain, n=MOST_LISTED, cutoff=0.8)]
    listed = list(dict.fromkeys(near))[:MOST_LISTED]
    return f"did you mean {' or '.join(listed)}?" if listed else "see cart-outcomes evidence"
