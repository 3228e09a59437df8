"""The name that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST_NAME = 64


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that a mistyped one was probably meant to be.

    Parameters
    ----------
    name : str
        As written.
    known : iterable of str
        Names that exist.

    Returns
    -------
    name : str or None
        The only known name that begins with it, else the most similar, None where none is similar.

    Examples
    --------
    >>> nearest("ldh", ["ldh_u_l", "sex"]), nearest("age_yaers", ["age_years"]), nearest("x", ["sex"])
    ('ldh_u_l', 'age_years', None)
    """
    folded = {each.casefold(): each for each in known}
    written = name[:LONGEST_NAME].casefold()
    begun = [each for each in folded if each.startswith(f"{written}_")]
    if len(begun) == 1:
        return folded[begun[0]]
    alike = difflib.get_close_matches(written, folded, n=1, cutoff=0.7)
    return folded[alike[0]] if alike else None
