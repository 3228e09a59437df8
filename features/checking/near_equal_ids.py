"""Identifiers that differ in spelling only: probably one patient, entered twice."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LOOK_ALIKE = str.maketrans("авекмнорстухіј", "abekmhopctyxij")
"""Cyrillic letters that look like Latin ones."""

_MARKS = re.compile(r"[\s_\-.,/\\:#\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff]+")
"""Among them invisible characters without width."""


def spelling_key(identifier: str) -> str:
    """Reduce an identifier to what its spellings share.

    Upper and lower case, space and marks between letters and numbers, zeros before a number, full-width and
    look-alike letters do not count. A mark between two numbers does: 1-11 and 11-1 are two patients.

    Examples
    --------
    >>> [spelling_key(each) for each in ("P-1", "p 01", "P001", "001", "1", "1-11", "11-1")]
    ['p1', 'p1', 'p1', '1', '1', '1-11', '11-1']
    """
    plain = unicodedata.normalize("NFKC", identifier).casefold().translate(_LOOK_ALIKE)
    marked = _MARKS.sub("-", plain).strip("-")
    joined = re.sub(r"(?<=\d)-(?=\D)|(?<=\D)-(?=\d)|(?<=[^\W\d])-(?=[^\W\d])", "", marked)
    return re.sub(r"(?<!\d)0+(?=\d)", "", joined) or plain


def near_equal(identifiers: Sequence[str] | NDArray[np.str_]) -> NDArray[np.bool_]:
    """Mark infusions whose patient's identifier is spelled nearly like another patient's.

    Parameters
    ----------
    identifiers : sequence of str
        One for each infusion; equal ones are one patient.

    Returns
    -------
    marked : ndarray of bool, shape (n_infusions,)

    Examples
    --------
    >>> near_equal(["P-1", "p-1", "P-2", "P-2"])
    array([ True,  True, False, False])
    """
    spellings: dict[str, set[str]] = defaultdict(set)
    keys = [spelling_key(str(each)) for each in identifiers]
    for key, identifier in zip(keys, identifiers, strict=True):
        spellings[key].add(str(identifier))
    return np.array([len(spellings[key]) > 1 for key in keys], dtype=bool)
