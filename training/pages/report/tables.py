"""Cells of the report's tables."""

from __future__ import annotations

from markupsafe import Markup, escape


def lines(*parts: str) -> Markup:
    """Put parts below each other, in one cell; empty ones are left out.

    Examples
    --------
    >>> lines("<a>", "", Markup("<b>b</b>"))
    Markup('&lt;a&gt;<br><b>b</b>')
    """
    return Markup("<br>").join(part for part in parts if part)


def text(words: str) -> Markup:
    """Set a cell as text, though it may be of numbers alone."""
    return escape(words)


def soft(words: str) -> Markup:
    """Set words as less important."""
    return Markup('<span class="soft">{}</span>').format(words) if words else Markup("")


def strong(words: str) -> Markup:
    """Set words as important."""
    return Markup("<strong>{}</strong>").format(words)
