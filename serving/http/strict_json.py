"""Reading JSON from strangers: UTF-8, no NaN, no name twice, no number or nesting that is too much."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

NAME = re.compile(r"[a-z_][a-z0-9_]{0,63}")
"""What a column can be called. Only such a name is repeated to the sender; another may be data."""

LONGEST_NUMBER = 100
"""Characters of a number; a longer one is refused, since reading it takes more than linear time."""


class NotJSONError(ValueError):
    """Bytes that are refused as JSON; says why in words, without repeating them."""


def read_json(raw: bytes) -> object:
    r"""Read a JSON document.

    Parameters
    ----------
    raw : bytes
        UTF-8 without a byte order mark.

    Returns
    -------
    document : object
        Numbers too large for a float are infinite, so that they lie outside every limit.

    Raises
    ------
    NotJSONError
        If it is not JSON (RFC 8259), or names something twice in one object.

    Examples
    --------
    >>> read_json(b'{"age_years": 1e400}')
    {'age_years': inf}
    >>> read_json(b'{"age_years": 3, "age_years": 4}')
    Traceback (most recent call last):
        ...
    serving.http.strict_json.NotJSONError: age_years appears twice in the body
    >>> read_json(b'{"age_years": NaN}')
    Traceback (most recent call last):
        ...
    serving.http.strict_json.NotJSONError: the body is not JSON: NaN and Infinity are not JSON numbers
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        message = "the body is not JSON: it is not UTF-8"
        raise NotJSONError(message) from None
    try:
        return DECODER.decode(text)
    except RecursionError:
        message = "the body is nested too deeply"
        raise NotJSONError(message) from None
    except json.JSONDecodeError as error:
        message = f"the body is not JSON: line {error.lineno}, column {error.colno}"
        raise NotJSONError(message) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            named = name if NAME.fullmatch(name) else "a field"
            message = f"{named} appears twice in the body"
            raise NotJSONError(message)
        fields[name] = value
    return fields


def _no_constant(_name: str) -> NoReturn:
    message = "the body is not JSON: NaN and Infinity are not JSON numbers"
    raise NotJSONError(message)


def _whole(digits: str) -> int | float:
    return int(_of_sane_length(digits))


def _decimal(digits: str) -> float:
    return float(_of_sane_length(digits))


def _of_sane_length(digits: str) -> str:
    if len(digits) > LONGEST_NUMBER:
        message = f"the body has a number of more than {LONGEST_NUMBER} characters"
        raise NotJSONError(message)
    return digits


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_whole, parse_float=_decimal
)
