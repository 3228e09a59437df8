"""Texts, keys and tables as TOML writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable


def quoted(text: str) -> str:
    r"""Write a text in quotes.

    Examples
    --------
    >>> print(quoted('CRP "high"'))
    "CRP \"high\""
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Write a key, in quotes where TOML needs them.

    Examples
    --------
    >>> print(key("ldh"), key("LDH (U/l)"))
    ldh "LDH (U/l)"
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def inline(pairs: Iterable[tuple[str, str]]) -> str:
    """Write a table in braces; its values are TOML already.

    Examples
    --------
    >>> print(inline([("column", quoted("crp")), ("unit", quoted("mg/dL"))]))
    { column = "crp", unit = "mg/dL" }
    """
    return "{ " + ", ".join(f"{key(name)} = {value}" for name, value in pairs) + " }"
