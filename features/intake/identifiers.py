"""What must never be in a cohort: names, dates and contact details of a person."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATE = re.compile(
    r"(?:1[89]|20)[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2(?:1[89]|20)[0-9]{2}"
)
_NAME = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]{2,})?,? [^\W\d_]{2,}(?: [^\W\d_]{2,})?")
_NO_NAMES = frozenset(["patient", "subject", "case", "participant", "pt", "id"])

PERSONAL_WORDS = frozenset(
    ["name", "surname", "firstname", "lastname", "forename", "birth", "birthdate", "birthday", "dob", "mrn"]
    + ["hospital_number", "ssn", "passport", "address", "street", "city", "postcode", "zip", "phone"]
    + ["telephone", "mobile", "email", "mail", "date"]
)
"""Words in a heading that tell of a person, or of a day in a person's life."""


def not_pseudonymous(identifier: str) -> str | None:
    """Say what an identifier looks like when it gives a person away.

    Parameters
    ----------
    identifier : str
        Of a patient.

    Returns
    -------
    looks_like : str or None
        ``an e-mail address``, ``a date`` or ``a name``; None for anything that may be a code.

    Examples
    --------
    >>> not_pseudonymous("1987-03-12"), not_pseudonymous("Jane Doe")
    ('a date', 'a name')
    >>> [not_pseudonymous(code) for code in ("101", "BMT-001", "P 12", "Patient A", "MOSCOW 07")]
    [None, None, None, None, None]
    """
    if _EMAIL.search(identifier):
        return "an e-mail address"
    if _DATE.search(identifier):
        return "a date"
    words = re.split(r",? ", identifier)
    if _NAME.fullmatch(identifier) and words[0].lower() not in _NO_NAMES and all(w.istitle() for w in words):
        return "a name"
    return None


def personal_column(column: str) -> bool:
    """Whether a column's name says that it identifies a person.

    Examples
    --------
    >>> personal_column("Date of Birth"), personal_column("birth_date"), personal_column("update_flag")
    (True, True, False)
    """
    words = [word for word in re.split(r"[^a-z]+", column.lower()) if word]
    return bool(PERSONAL_WORDS.intersection([*words, "_".join(words)]))
