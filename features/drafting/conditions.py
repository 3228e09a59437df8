"""A condition is added to the entry of a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from features.drafting.entries import Entry
from features.drafting.toml_text import inline, key, quoted


def with_condition(entry: Entry, column: str, tests: Mapping[str, Sequence[str]], reason: str) -> Entry:
    """Add ``only_if`` to an entry.

    Parameters
    ----------
    entry : Entry
        Of a field, without a condition.
    column : str
        That it is read from.
    tests : mapping of str to sequence of str
        Columns and the values that are accepted of each.
    reason : str
        Why.

    Returns
    -------
    entry : Entry
        The same without tests, and for a list of entries.

    Examples
    --------
    >>> entry = with_condition(Entry('"crs_gr"', "by its name"), "crs_gr", {"crs": ("1",)}, "as asked")
    >>> print(entry.toml)
    { column = "crs_gr", only_if = { crs = 1 } }
    """
    if not tests or entry.toml.startswith("["):
        return entry
    condition = f"only_if = {inline([(name, _accepted(values)) for name, values in tests.items()])}"
    if entry.toml.startswith("{"):
        toml = f"{entry.toml.removesuffix(' }')}, {condition} }}"
    else:
        toml = f"{{ column = {quoted(column)}, {condition} }}"
    return replace(entry, toml=toml, reason=f"{entry.reason}; {reason}")


def _accepted(values: Sequence[str]) -> str:
    written = [value if key(value) == value and value.isdecimal() else quoted(value) for value in values]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"
