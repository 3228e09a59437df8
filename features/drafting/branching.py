"""Branching logic of a REDCap form becomes a condition of a mapping file, where both can say the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

Tests = Mapping[str, tuple[str, ...]]
"""Columns and the values that are accepted of each."""

_TERM = re.compile(
    r"\[(?P<variable>[a-z0-9_]+)(?:\((?P<box>[^()\[\]]+)\))?\] *(?P<sign>=|<>|!=|>=|<=|>|<) *"
    r"(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<number>-?[0-9]+(?:\.[0-9]+)?))"
)
OR = "or"
_PART = re.compile(r" +(and|or) +", re.IGNORECASE)


def condition_of(logic: str) -> Tests | None:
    """Read branching logic.

    Parameters
    ----------
    logic : str
        As the data dictionary has it.

    Returns
    -------
    tests : mapping of str to tuple of str, or None
        What ``only_if`` accepts of each column. None where it cannot say the same: "or" between several
        variables, "and" mixed with "or", "is not" a code, functions, and variables of other events.

    Examples
    --------
    >>> condition_of("[crs] = '1'"), condition_of("[site(2)] = '1' and [grade] >= 3")
    ({'crs': ('1',)}, {'site___2': ('1',), 'grade': ('>= 3',)})
    >>> condition_of("[resp] = '1' or [resp] = '2'"), condition_of("[relapse_date] <> ''")
    ({'resp': ('1', '2')}, {'relapse_date': ('*',)})
    >>> condition_of("[a] = '1' or [b] = '1'"), condition_of("[a] <> '1'"), condition_of("sum([a]) > 1")
    (None, None, None)
    """
    plain = _without_parentheses(" ".join(logic.split()))
    parts = _PART.split(plain)
    joints = {joint.lower() for joint in parts[1::2]}
    terms = [_test(part.strip()) for part in parts[::2]]
    known = [term for term in terms if term is not None]
    if len(known) < len(terms) or len(joints) > 1:
        return None
    columns = [column for column, _ in known]
    if joints == {OR}:
        same = len(set(columns)) == 1
        return {columns[0]: tuple(dict.fromkeys(value for _, value in known))} if same else None
    return {column: (value,) for column, value in known} if len(set(columns)) == len(columns) else None


def _without_parentheses(logic: str) -> str:
    """Leave out parentheses around everything, and around single comparisons."""
    if logic.startswith("(") and logic.endswith(")") and "(" not in re.sub(r"\[[^\]]*\]", "", logic[1:-1]):
        logic = logic[1:-1].strip()
    return re.sub(rf"(?<![\w)])\( *({_ungrouped(_TERM)}) *\)", r"\1", logic)


def _ungrouped(pattern: re.Pattern[str]) -> str:
    return re.sub(r"\(\?P<[a-z]+>", "(?:", pattern.pattern)


def _test(term: str) -> tuple[str, str] | None:
    match = _TERM.fullmatch(term)
    if match is None:
        return None
    quoted = match["single"] if match["single"] is not None else match["double"]
    value = quoted if quoted is not None else match["number"]
    accepted = _accepted(match["sign"], value)
    if accepted is None:
        return None
    box = f"___{match['box'].strip().lower().replace('-', '_')}" if match["box"] else ""
    return match["variable"] + box, accepted


def _accepted(sign: str, value: str) -> str | None:
    """Write a comparison as a mapping file does."""
    if sign == "=":
        return value
    if sign in ("<>", "!="):
        return "*" if value == "" else None
    return f"{sign} {value}" if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", value) else None
