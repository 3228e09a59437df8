"""Regular expressions of a mapping file: what they find in a cell, in bounded time."""

from __future__ import annotations

import re

from features.advice import plain
from features.checking.parse_cell import CellError
from features.files.stored_numbers import StoredNumber
from features.problem_codes import Code

LONGEST_CELL = 200
"""Characters of a cell that is matched with a pattern: the work grows with a power of the length."""

MOST_REPEATS, MOST_CHOICES = 4, 8
"""Of ``* + {}``, which set that power, and of ``? |``, which can each double the work."""

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[:P=!<][^>)]*?>?|\{[0-9]+\}|.", re.DOTALL)


def pattern_problem(pattern: str) -> str | None:
    """Say why a pattern cannot be used.

    Parameters
    ----------
    pattern : str
        Regular expression.

    Returns
    -------
    rule : str or None
        None for a pattern with one group whose work is bounded.

    Examples
    --------
    >>> pattern_problem("([0-9.]+) ?%"), pattern_problem("(a+)+")
    (None, 'must not repeat a group: )+')
    """
    try:
        groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError) as error:
        return f"is not a regular expression ({error})"
    if groups != 1:
        return "must have one group in parentheses"
    tokens = [match[0] for match in _TOKEN.finditer(pattern)]
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token == ")" and (following[:1] in ("*", "+", "{") and following):
            return f"must not repeat a group: ){following}"
    if sum(token in ("*", "+", "{") for token in tokens) > MOST_REPEATS:
        return f"must have at most {MOST_REPEATS} of * + {{ }}"
    if sum(token in ("?", "|") for token in tokens) > MOST_CHOICES:
        return f"must have at most {MOST_CHOICES} of ? |"
    return None


def matched_part(pattern: str | None, cell: str) -> str:
    """Take the part of a cell that matches the group of a pattern; the whole cell without a pattern.

    Raises
    ------
    CellError
        If the cell does not match.
    """
    if pattern is None:
        return cell
    if len(cell) > LONGEST_CELL:
        rule = f"must have at most {LONGEST_CELL} characters to match a pattern"
        raise CellError(Code.CELL_TOO_LONG, rule, plain("shorten the cell, or leave the pattern out"))
    match = re.fullmatch(pattern, cell)
    if match is None or not (match[1] or "").strip():
        unknown = 'only if the cell means "unknown", add it to missing'
        advice = plain(f'correct the cell, or the pattern "{pattern}"; {unknown}')
        raise CellError(Code.PATTERN_NOT_FOUND, "must match its pattern", advice)
    part = match[1].strip()
    return StoredNumber(part) if isinstance(cell, StoredNumber) else part
