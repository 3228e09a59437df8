"""Short representations of objects that hold patients: sizes and names, never a row or an identifier."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, is_dataclass
from html import escape
from typing import Any

import numpy as np

LONGEST_TEXT = 40
"""Characters of a text that are shown."""


class ShortRepr:
    """Base of dataclasses that hold patients; they are declared with ``repr=False``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, repr=False)
    ... class Values(ShortRepr):
    ...     name: str
    ...     column: np.ndarray
    ...     rows: tuple[str, ...]
    >>> Values("ldh", np.array([250.0, 310.0]), ("P-1", "P-2"))
    Values(name='ldh', column=<array of shape (2,)>, rows=<tuple of 2>)
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(_shown(self))})"

    def _repr_html_(self) -> str:
        """Show a notebook the same."""
        return f"<code>{escape(repr(self))}</code>"


def _shown(held: Any) -> list[str]:
    return [f"{field.name}={_short(getattr(held, field.name))}" for field in fields(held) if field.repr]


def _short(value: object) -> str:
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}...")
    kind = type(value).__name__
    if isinstance(value, np.ndarray):
        return f"<array of shape {value.shape}>"
    if isinstance(value, type):
        return value.__name__
    if is_dataclass(value):
        return f"<{kind}>"
    return f"<{kind} of {len(value)}>" if isinstance(value, Collection) else f"<{kind}>"
