"""Names of months in the languages of site tables."""

from __future__ import annotations

from collections.abc import Mapping

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""English short names, from January on."""

NAMES: Mapping[int, str] = {
    1: "jan january januar jänner jän янв январь января",
    2: "feb february februar фев февр февраль февраля",
    3: "mar march mär märz mrz maerz мар март марта",
    4: "apr april апр апрель апреля",
    5: "may mai май мая",
    6: "jun june juni июн июнь июня",
    7: "jul july juli июл июль июля",
    8: "aug august авг август августа",
    9: "sep sept september сен сент сентябрь сентября",
    10: "oct october okt oktober окт октябрь октября",
    11: "nov november ноя нояб ноябрь ноября",
    12: "dec december dez dezember дек декабрь декабря",
}
"""English, German and Russian names, short and long; no name means two months."""

_NUMBERS = {name: number for number, names in NAMES.items() for name in names.split()}


def month_number(written: str) -> int | None:
    """Read a month that is written as a number or a name.

    Parameters
    ----------
    written : str
        Digits, or a name with or without a point at its end.

    Returns
    -------
    month : int or None
        None for a name that is not known. A number is not checked.

    Examples
    --------
    >>> [month_number(word) for word in ("03", "Nov", "Mär.", "марта", "13", "xyz")]
    [3, 11, 3, 3, 13, None]
    """
    if written.isdecimal():
        return int(written)
    return _NUMBERS.get(written.casefold().rstrip("."))
