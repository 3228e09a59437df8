"""Plain SVG charts: bars, columns, a stacked bar and a grid; colors come from the page's style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from markupsafe import Markup

WIDTH = 640
LINE = 22
LETTER = 7.2
"""Width of a letter, on the generous side."""


def bars(
    labels: Sequence[str], values: Sequence[float], notes: Sequence[str], *, title: str, most: float
) -> Markup:
    """Draw a horizontal bar for each label.

    Parameters
    ----------
    labels : sequence of str
    values : sequence of float
        Lengths, 0 to `most`.
    notes : sequence of str
        Text at the end of each bar.
    title : str
        Description of the chart for screen readers.
    most : float
        Value of a bar of full length.

    Returns
    -------
    svg : Markup

    Examples
    --------
    >>> bars(["a"], [1], ["1"], title="t", most=2).count("<rect")
    1
    """
    left = max((len(label) for label in labels), default=0) * LETTER + 10
    room = WIDTH - left - 90
    parts = []
    for line, (label, value, note) in enumerate(zip(labels, values, notes, strict=True)):
        y, length = line * LINE, room * value / most if most else 0.0
        parts.append(_text(left - 8, y + 15, label, anchor="end"))
        parts.append(_rect(left, y + 3, length, LINE - 7, "bar"))
        parts.append(_text(left + length + 6, y + 15, note))
    return _svg(parts, height=len(labels) * LINE + 4, title=title)


def columns(
    labels: Sequence[str], counts: Sequence[int], *, title: str, notes: Sequence[str] | None = None
) -> Markup:
    """Draw a column for each class, with its count, or its note, above and its label below.

    Examples
    --------
    >>> columns(["0 to 10", "10 to 20"], [3, 0], title="t").count("<rect")
    2
    """
    high, base, most = 110, 130, max([*counts, 1])
    width = min(70.0, (WIDTH - 20) / max(len(labels), 1))
    parts = []
    above = [str(count) for count in counts] if notes is None else notes
    for position, (label, count, note) in enumerate(zip(labels, counts, above, strict=True)):
        x, tall = 10 + position * width, high * count / most
        parts.append(_rect(x + 1, base - tall, width - 2, tall, "bar"))
        parts.append(_text(x + width / 2, base - tall - 4, note, anchor="middle", kind="count"))
        parts.append(_text(x + width / 2, base + 15, label.partition(" to ")[0], anchor="middle"))
    return _svg(parts, height=base + 24, title=title)


def paired(
    labels: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    notes: Sequence[tuple[str, str]],
    *,
    title: str,
) -> Markup:
    """Draw two bars for each label, one below the other.

    Examples
    --------
    >>> paired(["a"], [(1, 2)], [("1", "2")], title="t").count("<rect")
    2
    """
    left = max((len(label) for label in labels), default=0) * LETTER + 10
    room, most = WIDTH - left - 90, max([1, *(value for pair in pairs for value in pair)])
    parts = []
    for line, (label, pair, words) in enumerate(zip(labels, pairs, notes, strict=True)):
        top = line * 34
        parts.append(_text(left - 8, top + 20, label, anchor="end"))
        for side, (value, note) in enumerate(zip(pair, words, strict=True)):
            length = room * value / most
            parts.append(_rect(left, top + 3 + 14 * side, length, 13, f"part part{side + 1}"))
            parts.append(_text(left + length + 6, top + 14 + 14 * side, note))
    return _svg(parts, height=len(labels) * 34 + 4, title=title)


def stacked(
    rows: Sequence[tuple[str, Sequence[int]]], *, title: str, words: Callable[[int], str] = str
) -> Markup:
    """Draw a bar for each row, divided into parts; pieces that are wide enough show their number.

    Parameters
    ----------
    rows : sequence of (str, sequence of int)
        Label and parts.
    title : str
        Description of the chart for screen readers.
    words : callable
        Writes the number of a piece.

    Examples
    --------
    >>> stacked([("by day 30", [3, 7])], title="t").count("<rect")
    2
    """
    left = max((len(label) for label, _ in rows), default=0) * LETTER + 10
    parts = []
    for line, (label, counts) in enumerate(rows):
        y, x, total = line * 30, left, sum(counts) or 1
        parts.append(_text(left - 8, y + 18, label, anchor="end"))
        for position, count in enumerate(counts):
            length = (WIDTH - left) * count / total
            if count:
                parts.append(_rect(x, y + 2, length, 24, f"part part{position}"))
            if length > LETTER * (len(words(count)) + 1):
                parts.append(_text(x + length / 2, y + 19, words(count), anchor="middle", kind="onpart"))
            x += length
    return _svg(parts, height=len(rows) * 30, title=title)


def grid(
    rows: Sequence[Sequence[bool]],
    fields: Sequence[str],
    counts: Sequence[int],
    *,
    title: str,
    notes: Sequence[str] | None = None,
) -> Markup:
    """Draw a row of squares for each pattern, full where a field is missing, and how many have it.

    Parameters
    ----------
    rows : sequence of sequence of bool
        For each pattern whether each field is missing.
    fields : sequence of str
        Titles of the columns.
    counts : sequence of int
        Infusions with each pattern.
    title : str
        What the chart shows.
    notes : sequence of str, optional
        Text at the end of each row; its count by default.

    Returns
    -------
    svg : Markup

    Examples
    --------
    >>> grid([[True, False]], ["a", "b"], [5], title="t").count("gone")
    1
    """
    cell, left = 18, 20
    longest = max((len(field) for field in fields), default=0) * LETTER
    top = longest * 0.87 + 16
    parts = [
        f'<text class="text" transform="translate({left + position * cell + 13},{top - 6}) rotate(-60)">'
        f"{escape(field)}</text>"
        for position, field in enumerate(fields)
    ]
    end, most = left + len(fields) * cell, max([*counts, 1])
    beside = [str(count) for count in counts] if notes is None else notes
    for line, (row, count, note) in enumerate(zip(rows, counts, beside, strict=True)):
        y = top + line * cell
        for position, gone in enumerate(row):
            parts.append(
                _rect(left + position * cell + 2, y + 2, cell - 4, cell - 4, "gone" if gone else "given")
            )
        parts.append(_rect(end + 10, y + 3, 110 * count / most, cell - 6, "bar"))
        parts.append(_text(end + 16 + 110 * count / most, y + 14, note))
    return _svg(
        parts, height=top + len(rows) * cell + 4, title=title, width=max(WIDTH, end + 190, end + longest / 2)
    )


def intervals(
    labels: Sequence[str],
    figures: Sequence[tuple[float, float, float]],
    notes: Sequence[str],
    *,
    title: str,
) -> Markup:
    """Draw a figure with its interval for each label, beside a line at 0.

    Parameters
    ----------
    labels : sequence of str
    figures : sequence of (value, low, high)
    notes : sequence of str
        Text at the end of each line.
    title : str
        Description of the chart for screen readers.

    Returns
    -------
    svg : Markup

    Examples
    --------
    >>> intervals(["a"], [(0.2, -0.1, 0.5)], ["0.2"], title="t").count("<circle")
    1
    """
    left = max((len(label) for label in labels), default=0) * LETTER + 10
    right = max((len(note) for note in notes), default=0) * LETTER + 10
    ends = [0.0, *(end for figure in figures for end in figure)]
    room, most = max(WIDTH - left - right, 120), max(ends) - min(ends) or 1.0

    def across(value: float) -> float:
        return left + room * (value - min(ends)) / most

    high = len(labels) * LINE + 4
    parts = [_rect(across(0.0) - 0.5, 0, 1, high, "zero")]
    for line, (label, (value, lowest, highest), note) in enumerate(zip(labels, figures, notes, strict=True)):
        y = line * LINE
        parts.append(_text(left - 8, y + 15, label, anchor="end"))
        parts.append(_rect(across(lowest), y + 9, across(highest) - across(lowest), 3, "bar"))
        parts.append(f'<circle class="bar" cx="{across(value):.1f}" cy="{y + 10.5:.1f}" r="5"/>')
        parts.append(_text(left + room + 8, y + 15, note))
    return _svg(parts, height=high, title=title, width=left + room + right)


def _svg(parts: Sequence[str], *, height: float, title: str, width: float = WIDTH) -> Markup:
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    return Markup(f'<svg {size} role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>')


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    geometry = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{max(height, 0.5):.1f}"'
    return f'<rect class="{kind}" {geometry}/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "text") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
