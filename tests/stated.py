"""Where a card's figures are stated, and how they are rounded there: for tests that places agree."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from typing import Any

Card = dict[str, Any]
"""The card, or a part of it, as `GET /model` gives it."""
Figure = Mapping[str, float | None]
Rows = list[list[str]]
NO_FIGURE: Figure = {"value": None, "low": None, "high": None}


def half_up(value: float, digits: int, *, times: int = 1) -> str:
    """Round as one does by hand: halves away from 0, by the shortest decimal that is the float."""
    step = Decimal(1).scaleb(-digits)
    rounded = (Decimal(repr(float(value))) * times).quantize(step, rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def said(figure: Figure, digits: int, none: str) -> str:
    """Write a figure with its interval, as reports do."""
    value, low, high = (figure[part] for part in ("value", "low", "high"))
    if value is None:
        return none
    interval = "" if low is None or high is None else f" ({half_up(low, digits)} to {half_up(high, digits)})"
    return half_up(value, digits) + interval


def plain(text: str) -> str:
    """Take off what a page adds to a number: its sign, a true minus, the unit."""
    return text.replace("−", "-").lstrip("+").removesuffix("%").rstrip()


class Tables(HTMLParser):
    """Every table of a page, with its caption, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Rows]] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag == "table":
            self.found.append(("", []))
        elif tag == "tr":
            self.found[-1][1].append([])
        elif tag in ("th", "td"):
            self.found[-1][1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "caption" in self._open:
            caption, rows = self.found[-1]
            self.found[-1] = (caption + data, rows)
        elif {"th", "td"} & set(self._open):
            self.found[-1][1][-1][-1] += data

    def __getitem__(self, caption: str) -> Rows:
        (rows,) = (rows for known, rows in self.found if known == caption)
        return rows


def with_ends(name: str, figure: Figure) -> dict[str, float]:
    ends = {f"interval/{name}_{end}": figure[end] for end in ("low", "high")}
    named = {name: figure["value"], **ends}
    return {key: value for key, value in named.items() if value is not None}


def metrics_of(outcome: Card) -> dict[str, float]:
    """Every figure of the card under the name that MLflow has for it."""
    found: dict[str, float] = {}
    for days, measures in outcome["metrics"].items():
        group = "" if int(days) == outcome["headline_days"] else f"day_{days}/"
        for name, figure in measures.items():
            found |= with_ends(f"{group}{name}", figure)
    for baseline, gain in outcome["paired"].items():
        found |= with_ends(f"gain/{baseline}", gain)
    for label, center in outcome["by_center"].items():
        for name, figure in center["metrics"].items():
            found |= with_ends(f"center_{label}/{name}", figure)
    found |= with_ends("instability_width", outcome["instability"])
    if outcome["imputation_sensitivity"] is not None:
        named = ("share_incomplete", "median_difference", "difference_percentile_95")
        found |= {f"imputation/{name}": outcome["imputation_sensitivity"][name] for name in named}
    return found | {"riley_n_needed": float(outcome["sample_size"]["n_needed"])}
