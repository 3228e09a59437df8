"""What a coded answer means: positive, CNS 2, complete remission."""

from __future__ import annotations

from collections.abc import Mapping

from features.checking.dates import shape
from features.checking.parse_cell import is_date_like
from features.mapping.site_values import ANY, matching_code
from training.omop.records import Record

MOST_SHOWN = 40
"""Characters of an answer's text in a message; a longer one may be a report, and is not shown."""


def meaning_of(record: Record, codes: Mapping[str, str]) -> str | None:
    """Find what an answer means.

    Parameters
    ----------
    record : Record
        With a concept as its answer, or only a text or a number.
    codes : mapping of str to str
        Meanings by concept id, or by text in any case of letters; ``*`` is any other answer.

    Returns
    -------
    meaning : str or None
        Blank if it is known that the answer says nothing, or there is none; None if no code has it.

    Examples
    --------
    >>> import datetime
    >>> record = Record(1, datetime.date(2021, 3, 4), None, "", "", "", "", answer=9191, text="pos")
    >>> codes = {"9191": "yes", "neg": "no"}
    >>> meaning_of(record, codes), meaning_of(record, {"POS": "yes"}), meaning_of(record, {"neg": "no"})
    ('yes', 'yes', None)
    """
    given = [text for text in (str(record.answer or ""), record.text, record.number) if text]
    if not given:
        return ""
    named = [code for code in codes if code != ANY]
    known = (code for text in given if (code := matching_code(text, named)) is not None)
    code = next(known, ANY)
    return codes.get(code)


def shown_answer(record: Record) -> str:
    """Show an answer in a message; never a date, nor a long text.

    Examples
    --------
    >>> import datetime
    >>> record = Record(1, datetime.date(2021, 3, 4), None, "", "", "", "", text="seen on 4 March " * 5)
    >>> shown_answer(record)
    'a text of 80 characters'
    """
    if record.answer:
        return str(record.answer)
    text = record.text or record.number
    if len(text) > MOST_SHOWN:
        return f"a text of {len(text)} characters"
    return shape(text) if is_date_like(text) else text
