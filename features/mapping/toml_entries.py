"""Entries of a TOML file, taken with their types checked and every mistake kept for the report."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from features.advice import plain
from features.files.regular_file import regular_content
from features.files.typed_text import canonical_text
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import DataError, Problem

MAX_BYTES = 1_000_000

MOST_DAYS = 36_525
"""Of a window: a hundred years."""

QUOTES = "quote texts and column names that have spaces, points or letters beyond a-z"


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
        Of the file.

    Returns
    -------
    content : dict
        As the file says.

    Raises
    ------
    DataError
        If it cannot be read or is no TOML, with the line.
    """
    content = regular_content(path, most_bytes=MAX_BYTES, what="the mapping file")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        problem = Problem(Code.INVALID_TOML, f"the mapping file is not TOML: {error}", advice=plain(QUOTES))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(
            Code.NOT_UTF8,
            "the mapping file must be UTF-8 text",
            value_text=f"byte 0x{content[error.start]:02x} on line {line}",
        )
    except RecursionError:
        problem = Problem(Code.INVALID_TOML, "the mapping file is nested too deeply")
    except ValueError:
        problem = Problem(Code.INVALID_TOML, "the mapping file cannot be read (bad content)")
    raise DataError([problem], source=path.name)


class Entries:
    """One table of a TOML file; what is taken from it is checked, what is left over is a mistake.

    Parameters
    ----------
    where : str
        Name of the table, as ``fields.sex``; empty for the file itself.
    content : mapping
        Keys and values.
    problems : list of Problem
        Receives every mistake.

    Examples
    --------
    >>> problems: list[Problem] = []
    >>> table = Entries("table", {"decimal": 5, "mising": []}, problems)
    >>> table.text("decimal"), table.texts("missing")
    (None, ())
    >>> table.finish()
    >>> print(*problems, sep="; ")
    table.decimal must be a text, got 5; table.mising is not a key of a mapping file: did you mean missing?
    """

    def __init__(self, where: str, content: Mapping[str, Any], problems: list[Problem]) -> None:
        self._where = where
        self._content = content
        self._problems = problems
        self._known_keys: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def path(self, key: str) -> str:
        """Name a key with its table."""
        return f"{self._where}.{key}" if self._where else key

    def inside(self, key: str, content: Mapping[str, Any]) -> Entries:
        """Go into a table of this table; its mistakes join the same report."""
        return Entries(self.path(key), content, self._problems)

    def refuse(
        self, code: Code, key: str, rule: str, *, value_text: object = None, advice: str | None = None
    ) -> None:
        """Keep a mistake for the report."""
        shown = None if value_text is None else canonical_text(value_text)
        self._problems.append(
            Problem(code, rule, self.path(key), value_text=shown, advice=plain(advice) if advice else None)
        )

    def text(self, key: str) -> str | None:
        """Take a text."""
        value = self._take(key)
        if value is None or isinstance(value, str):
            return value
        self.refuse(Code.WRONG_TYPE, key, "must be a text", value_text=value)
        return None

    def choice(self, key: str, options: Iterable[str]) -> str | None:
        """Take one of several words."""
        value = self.text(key)
        if value is not None and value not in options:
            self.refuse(Code.NOT_AN_OPTION, key, f"must be one of {', '.join(options)}", value_text=value)
            return None
        return value

    def number(self, key: str) -> float | None:
        """Take a number."""
        value = self._take(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or abs(value) > 1e300
            or value != value
        ):
            self.refuse(Code.WRONG_TYPE, key, "must be a number", value_text=value)
            return None
        return float(value)

    def days(self, key: str) -> float | tuple[float, float] | None:
        """Take a number of days, or a list of the first and the last day.

        Examples
        --------
        >>> Entries("fields.ldh_u_l", {"days": [-7, 0]}, []).days("days")
        (-7.0, 0.0)
        """
        value = self._take(key)
        if _is_day(value) and value >= 0:
            return float(value)
        if isinstance(value, list) and len(value) == 2 and all(map(_is_day, value)):
            return float(value[0]), float(value[1])
        if value is not None:
            rule = "must be a whole number of days, or a list of the first and the last day"
            given = value if isinstance(value, list) else [value]
            if any(isinstance(day, int) and abs(day) > MOST_DAYS for day in given):
                rule = f"must be at most {MOST_DAYS} days (100 years)"
            self.refuse(Code.WRONG_TYPE, key, rule, value_text=str(value)[:64])
        return None

    def is_list(self, key: str) -> bool:
        """Whether the value of a key is a list."""
        return isinstance(self._content.get(key), list)

    def is_table(self, key: str) -> bool:
        """Whether the value of a key is a table."""
        return isinstance(self._content.get(key), dict)

    def keys_given(self) -> tuple[str, ...]:
        """Name the keys that are there."""
        return tuple(self._content)

    def flag(self, key: str) -> bool:
        """Take true or false; false where the key is not there."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.refuse(Code.WRONG_TYPE, key, "must be true or false, without quotes", value_text=value)
        return False

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts or numbers, or one alone."""
        value = self._take(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if all(is_scalar(item) for item in items):
            return tuple(canonical_text(item) for item in items)
        self.refuse(Code.WRONG_TYPE, key, "must be a list of texts or numbers")
        return ()

    def scalar(self, key: str) -> str | None:
        """Take a text, a number or true or false, as text."""
        value = self._take(key)
        if value is None or is_scalar(value):
            return None if value is None else canonical_text(value)
        self.refuse(Code.WRONG_TYPE, key, "must be a text, a number, true or false")
        return None

    def table(self, key: str) -> dict[str, Any] | None:
        """Take a table."""
        value = self._take(key)
        if value is None or isinstance(value, dict):
            return value
        self.refuse(Code.WRONG_TYPE, key, "must be a table", value_text=str(value)[:64])
        return None

    def tables(self, key: str) -> list[dict[str, Any]]:
        """Take a list of tables."""
        value = self._take(key)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        self.refuse(Code.WRONG_TYPE, key, "must be a list of tables")
        return []

    def finish(self, *, hints: Mapping[str, str] | None = None) -> None:
        """Report every key that was not read."""
        for key in self._content:
            if key not in self._known_keys:
                near = nearest(key, self._known_keys)
                hint = (hints or {}).get(key) or (f"did you mean {near}?" if near else None)
                keys = f"the keys here are {', '.join(self._known_keys)}"
                self.refuse(Code.UNKNOWN_KEY, key, "is not a key of a mapping file", advice=hint or keys)

    def _take(self, key: str) -> Any:
        self._known_keys.append(key)
        return self._content.get(key)


def is_scalar(value: object) -> bool:
    """Say whether a TOML value is a text, a number, true or false."""
    return isinstance(value, str | int | float | bool)


def _is_day(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_DAYS
