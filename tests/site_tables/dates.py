"""Forms in which a site writes dates, and what its mapping says of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

GERMAN = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
RUSSIAN = ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _days_since(first: datetime.date, unit: int = 1) -> Callable[[datetime.date], str]:
    return lambda date: str((date - first).days * unit)


@dataclass(frozen=True)
class DateForm:
    """How one site writes dates.

    Parameters
    ----------
    write : callable
        Of a date.
    mapping : mapping of str to str
        Keys of ``[table]``, as TOML.
    split : bool
        Whether year, month and day are columns of their own.
    partial : str
        A date without a day: a format of `strftime`; blank where the site has none.
    language : str
        Of the sites that write so; blank for all.
    """

    write: Callable[[datetime.date], str]
    mapping: Mapping[str, str] = field(default_factory=dict)
    split: bool = False
    partial: str = ""
    language: str = ""


def _in_words(names: tuple[str, ...]) -> Callable[[datetime.date], str]:
    return lambda date: f"{date.day:02d} {names[date.month - 1]} {date.year}"


FORMS: Mapping[str, DateForm] = {
    "iso": DateForm(str, partial="%Y-%m"),
    "points": DateForm(lambda d: f"{d:%d.%m.%Y}", {"dates": '"DD.MM.YYYY"'}, partial="??.%m.%Y"),
    "one digit": DateForm(
        lambda d: f"{d.day}.{d.month}.{d.year}", {"dates": '"DD.MM.YYYY"'}, partial="%m.%Y"
    ),
    "european": DateForm(lambda d: f"{d:%d/%m/%Y}", {"dates": '"DD/MM/YYYY"'}, partial="%Y"),
    "american": DateForm(lambda d: f"{d:%m/%d/%Y}", {"dates": '"MM/DD/YYYY"'}, partial="%m/%Y"),
    "two digits": DateForm(
        lambda d: f"{d:%d.%m.%y}", {"dates": '"DD.MM.YY"', "two_digit_years": "35"}, partial="00.%m.%y"
    ),
    "english names": DateForm(_in_words(ENGLISH), {"dates": '"DD MON YYYY"'}),
    "german names": DateForm(_in_words(GERMAN), {"dates": '"DD MON YYYY"'}, language="german"),
    "russian names": DateForm(_in_words(RUSSIAN), {"dates": '"DD MON YYYY"'}, language="russian"),
    "midnight": DateForm(lambda d: f"{d} 00:00:00"),
    "zone": DateForm(
        lambda d: f"{d - datetime.timedelta(days=1)}T22:30:00Z", {"time_zone": '"Europe/Moscow"'}
    ),
    "excel": DateForm(_days_since(datetime.date(1899, 12, 30)), {"dates": '"excel"'}),
    "excel 1904": DateForm(_days_since(datetime.date(1904, 1, 1)), {"dates": '"excel_1904"'}),
    "spss": DateForm(_days_since(datetime.date(1582, 10, 14), 86_400), {"dates": '"spss"'}),
    "sas": DateForm(_days_since(datetime.date(1960, 1, 1)), {"dates": '"sas"'}),
    "stata time": DateForm(_days_since(datetime.date(1960, 1, 1), 86_400_000), {"dates": '"stata_datetime"'}),
    "split": DateForm(str, split=True, partial="%Y-%m"),
    "mixed": DateForm(
        lambda d: f"{d:%d.%m.%Y}" if d.day % 2 else f"{d:%d}-{ENGLISH[d.month - 1]}-{d.year}",
        {"dates": '["DD.MM.YYYY", "DD-MON-YYYY"]'},
    ),
}
"""Forms, by name."""

COMPLETED: Mapping[str, tuple[int, int]] = {"first": (1, 1), "middle": (15, 7)}
"""Day of the month, and month of the year (1st of it), by which a rule completes a partial date."""
