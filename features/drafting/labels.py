"""A label of a form is compared with the fields of the schema, as a heading is, without its idle words."""

from __future__ import annotations

import re

from features.drafting.headings import SURE, NameMatch, name_matches
from features.drafting.word_parts import OF_LABELS

LONGEST_NOTE = 40
"""Characters of a note that may state a unit."""


def label_matches(label: str, note: str = "") -> list[NameMatch]:
    """Find the fields that a label may name.

    Parameters
    ----------
    label : str
        What a form asks.
    note : str
        What it says beside the answer: perhaps the unit.

    Returns
    -------
    matches : list of NameMatch
        Likeliest first.

    Examples
    --------
    >>> label_matches("What was the highest grade of CRS?")[0].field
    'crs_grade'
    >>> label_matches("Lactate dehydrogenase", "U/L")[0]
    NameMatch(field='ldh_u_l', likeness=1.0, unit='U/L')
    """
    words = [word for word in re.split(r"(\W+)", label) if word.casefold() not in OF_LABELS]
    plain = "".join(words).strip()
    matches = name_matches(plain) if plain else []
    if not (plain and note and len(note) <= LONGEST_NOTE):
        return matches
    noted = name_matches(f"{plain} ({note})")
    if noted and (noted[0].unit or noted[0].likeness >= SURE):
        return noted
    return matches
