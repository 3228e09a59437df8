"""Forms in which a site writes dates, and what its mapping says of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

GERMAN = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
RUSSIAN = ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

PIVOT = "35"
"""Last year of this century that two digits mean."""


def _days_since(first: datetime.date, unit: int = 1) -> Callable[[datetime.date], str]:
    return lambda date: str((date - first).days * unit)


@dataclass(frozen=True)
class DateForm:
    """How one site writes dates.

    Parameters
    ----------
    write : callable
        Of a date; of a split date the parts, with blanks between them.
    mapping : mapping of str to str
        Keys of ``[table]``, as TOML.
    split : tuple of str
        Headings of the columns with year, month and day, with a place for that of the date; none for a date
        in one column.
    partial : str
        A date without a day: a format of `strftime`; blank where the site has none.
    language : str
        Of the sites that write so; blank for all.
    stored : callable, optional
        What a workbook stores, if it is no text.
    """

    write: Callable[[datetime.date], str]
    mapping: Mapping[str, str] = field(default_factory=dict)
    split: tuple[str, str, str] | tuple[()] = ()
    partial: str = ""
    language: str = ""
    stored: Callable[[datetime.date], datetime.date | int] | None = None


def _in_words(names: tuple[str, ...], between: str = " ") -> Callable[[datetime.date], str]:
    return lambda date: between.join((f"{date.day:02d}", names[date.month - 1], str(date.year)))


def _parts(date: datetime.date) -> str:
    return f"{date.year} {date.month} {date.day}"


EXCEL, EXCEL_1904 = datetime.date(1899, 12, 30), datetime.date(1904, 1, 1)
SAS, SPSS = datetime.date(1960, 1, 1), datetime.date(1582, 10, 14)

FORMS: Mapping[str, DateForm] = {
    "iso": DateForm(str, partial="%Y-%m", stored=lambda d: d),
    "points": DateForm(
        lambda d: f"{d:%d.%m.%Y}", {"dates": '"DD.MM.YYYY"'}, partial="??.%m.%Y", stored=lambda d: d
    ),
    "one digit": DateForm(
        lambda d: f"{d.day}.{d.month}.{d.year}", {"dates": '"DD.MM.YYYY"'}, partial="%m.%Y"
    ),
    "european": DateForm(lambda d: f"{d:%d/%m/%Y}", {"dates": '"DD/MM/YYYY"'}, partial="%Y"),
    "american": DateForm(lambda d: f"{d:%m/%d/%Y}", {"dates": '"MM/DD/YYYY"'}, partial="%m/%Y"),
    "year first": DateForm(lambda d: f"{d:%Y/%m/%d}", {"dates": '"YYYY/MM/DD"'}),
    "dashes": DateForm(lambda d: f"{d:%d-%m-%Y}", {"dates": '"DD-MM-YYYY"'}),
    "two digits": DateForm(
        lambda d: f"{d:%d.%m.%y}", {"dates": '"DD.MM.YY"', "two_digit_years": PIVOT}, partial="00.%m.%y"
    ),
    "american two digits": DateForm(
        lambda d: f"{d:%m/%d/%y}", {"dates": '"MM/DD/YY"', "two_digit_years": PIVOT}
    ),
    "english two digits": DateForm(
        lambda d: f"{d:%d}-{ENGLISH[d.month - 1]}-{d:%y}",
        {"dates": '"DD-MON-YY"', "two_digit_years": PIVOT},
    ),
    "english names": DateForm(_in_words(ENGLISH), {"dates": '"DD MON YYYY"'}),
    "run together": DateForm(
        lambda d: _in_words(ENGLISH, "")(d).upper(), {"dates": '"DDMONYYYY"'}, language="codes"
    ),
    "german names": DateForm(_in_words(GERMAN), {"dates": '"DD MON YYYY"'}, language="german"),
    "german points": DateForm(
        lambda d: f"{d.day}. {GERMAN[d.month - 1]} {d.year}", {"dates": '"DD. MON YYYY"'}, language="german"
    ),
    "russian names": DateForm(_in_words(RUSSIAN), {"dates": '"DD MON YYYY"'}, language="russian"),
    "midnight": DateForm(lambda d: f"{d} 00:00:00"),
    "zone": DateForm(
        lambda d: f"{d - datetime.timedelta(days=1)}T22:30:00Z", {"time_zone": '"Europe/Moscow"'}
    ),
    "excel": DateForm(_days_since(EXCEL), {"dates": '"excel"'}, stored=lambda d: (d - EXCEL).days),
    "excel 1904": DateForm(
        _days_since(EXCEL_1904), {"dates": '"excel_1904"'}, stored=lambda d: (d - EXCEL_1904).days
    ),
    "spss": DateForm(_days_since(SPSS, 86_400), {"dates": '"spss"'}),
    "sas": DateForm(_days_since(SAS), {"dates": '"sas"'}),
    "stata time": DateForm(_days_since(SAS, 86_400_000), {"dates": '"stata_datetime"'}),
    "split": DateForm(_parts, split=("{}_Y", "{}_M", "{}_D"), partial="%Y %m"),
    "split in words": DateForm(
        _parts, split=("{} year", "{} month", "{} day"), partial="%Y", language="registry"
    ),
    "split in german": DateForm(_parts, split=("{} Jahr", "{} Monat", "{} Tag"), language="german"),
    "split in russian": DateForm(_parts, split=("{} год", "{} месяц", "{} день"), language="russian"),
    "split two digits": DateForm(
        lambda d: f"{d:%y} {d.month} {d.day}",
        {"two_digit_years": PIVOT},
        split=("{}YY", "{}MM", "{}DD"),
        language="codes",
    ),
    "mixed": DateForm(
        lambda d: f"{d:%d.%m.%Y}" if d.day % 2 else f"{d:%d}-{ENGLISH[d.month - 1]}-{d.year}",
        {"dates": '["DD.MM.YYYY", "DD-MON-YYYY"]'},
    ),
}
"""Forms, by name."""

COMPLETED: Mapping[str, tuple[int, int]] = {"first": (1, 1), "middle": (15, 7)}
"""Day of the month, and month of the year (1st of it), by which a rule completes a partial date."""
