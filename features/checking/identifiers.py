"""What must never be in a cohort: names, dates and contact details of a person."""

from __future__ import annotations

import re
from enum import StrEnum

from features.checking.dates import read_date
from features.checking.month_names import MONTHS

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATE = re.compile(
    r"(?:1[89]|20)[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2(?:1[89]|20)[0-9]{2}"
    r"|(?<![0-9])[0-9]{1,2}([/.])[0-9]{1,2}\3[0-9]{2}(?![0-9])"
)
_MONTH = re.compile(
    rf"(?<![^\W_])[0-9]{{1,2}}[-. ]*(?:{'|'.join(MONTHS)})[a-z]{{0,6}}[-., ]*[0-9]{{2,4}}(?![0-9])",
    re.IGNORECASE,
)
_EIGHT_DIGITS = re.compile(r"(?<![0-9])[0-9]{8}(?![0-9])")
_LAST_AND_FIRST = re.compile(r"[^\W\d_]{2,}, *[^\W\d_]+")
_YEARS = range(1900, 2036)
_NO_NAMES = frozenset(["patient", "subject", "case", "participant", "pt", "id"])

PERSONAL_WORDS = frozenset(
    ["name", "surname", "firstname", "lastname", "forename", "birth", "birthdate", "birthday", "dob", "mrn"]
    + ["hospital_number", "ssn", "passport", "address", "street", "city", "postcode", "zip", "phone"]
    + ["telephone", "mobile", "email", "mail", "date"]
)
"""Words in a heading that name personal data or dates."""


class LooksLike(StrEnum):
    """What an identifier may be that gives a person away, as a message names it."""

    EMAIL = "an e-mail address"
    DATE = "a date"
    NAME = "a name"


def not_pseudonymous(identifier: str) -> LooksLike | None:
    """Say what an identifier looks like when it gives a person away.

    Parameters
    ----------
    identifier : str
        Of a patient.

    Returns
    -------
    looks_like : LooksLike or None
        None for anything that may be a code.

    Examples
    --------
    >>> print(not_pseudonymous("1987-03-12"), not_pseudonymous("Jane Doe"), sep=", ")
    a date, a name
    >>> [not_pseudonymous(code) for code in ("101", "BMT-001", "P 12", "Patient A", "MOSCOW 07")]
    [None, None, None, None, None]
    """
    if _EMAIL.search(identifier):
        return LooksLike.EMAIL
    if _DATE.search(identifier) or _MONTH.search(identifier) or _is_packed_date(identifier):
        return LooksLike.DATE
    return LooksLike.NAME if _is_name(identifier) else None


def _is_packed_date(identifier: str) -> bool:
    """Find eight digits that are a day as YYYYMMDD or DDMMYYYY; other running numbers are none."""
    return any(
        date.year in _YEARS
        for digits in _EIGHT_DIGITS.findall(identifier)
        for written in ("YYYYMMDD", "DDMMYYYY")
        if (date := read_date(digits, written))
    )


def _is_name(identifier: str) -> bool:
    """Distinguish names from codes: a code has a digit, or only single letters and up to 3 capitals."""
    if _LAST_AND_FIRST.search(identifier):
        return True
    if any(map(str.isdigit, identifier)):
        return False
    words = [word for word in re.split(r"[^\w]+|_", identifier) if word]
    real = [word for word in words if word.isalpha() and word.lower() not in _NO_NAMES]
    return any(len(word) > 3 or (len(word) > 1 and not word.isupper()) for word in real)


def personal_column(column: str) -> bool:
    """Whether a column's name says that it identifies a person.

    Examples
    --------
    >>> personal_column("Date of Birth"), personal_column("birth_date"), personal_column("update_flag")
    (True, True, False)
    """
    words = [word for word in re.split(r"[^a-z]+", column.lower()) if word]
    return bool(PERSONAL_WORDS.intersection([*words, "_".join(words)]))
