"""Counts of a column's cells in words: why they have a value, or none, and what is in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from training.omop.chosen_cell import Chosen, Status
from training.omop.recipe import ColumnRule


def report(rule: ColumnRule, cells: Iterable[Chosen]) -> str:
    """Count why the cells of a column have a value, or none.

    Parameters
    ----------
    rule : ColumnRule
        Of the column.
    cells : iterable of Chosen
        One for each infusion.

    Returns
    -------
    line : str

    Examples
    --------
    >>> from training.omop.recipe import Source
    >>> rule = ColumnRule("ldh", Source(("measurement",), ("ldh",)), (-14, -1))
    >>> report(rule, [Chosen("<5", Status.USED), Chosen("", Status.TOO_OLD), Chosen("", Status.NEVER)])
    'ldh: 1 used (1 beyond a limit), 1 only before the window, 1 without record'
    """
    cells = list(cells)
    counts = Counter(cell.status for cell in cells)
    limits = sum(cell.cell[:1] in ("<", ">") for cell in cells)
    anchors = " or ".join(dict.fromkeys([rule.anchor, *([rule.until] if rule.until else [])]))
    words = [
        f"{counts[status]} {text.format(anchor=anchors)}" for status, text in WORDS.items() if counts[status]
    ]
    if limits and counts[Status.USED]:
        words[0] += f" ({limits} beyond a limit)"
    doubts = {
        f"from the day of {rule.anchor}, time of day unknown": sum(cell.is_open for cell in cells),
        "with equal numbers at one time, all added": sum(cell.repeats for cell in cells),
    }
    noticed = [f"; {count} {text}" for text, count in doubts.items() if count]
    return f"{rule.name}: {', '.join(words)}{''.join(noticed)}"


WORDS = {
    Status.USED: "used",
    Status.TOO_OLD: "only before the window",
    Status.ONLY_LATER: "only after the window",
    Status.NO_ANCHOR: "without {anchor}",
    Status.VALUE_UNKNOWN: "recorded without a value",
    Status.REFUSED: "refused",
    Status.NEVER: "without record",
}
"""What the report says of each status, in its order."""
