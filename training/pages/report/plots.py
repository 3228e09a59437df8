"""The curves of a validation as plain SVG; colors come from the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import ceil, floor

from markupsafe import Markup

from serving.model.validation_curves import Calibration, DecisionCurve

SIDE = 300
MARGIN = 44
HEAD = 26
MOST_TICKS = 5
TICK_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
LEAST_DEPTH = -0.05
"""Net benefit below it is cut off: treating everyone at a high threshold would flatten everything else."""


@dataclass(frozen=True)
class Axes:
    """A square with two axes from 0 or below to a greatest value.

    Attributes
    ----------
    across : float
        Greatest value to the right; from 0.
    low, high : float
        Ends upwards.
    """

    across: float
    low: float
    high: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Place a value, in units of the picture."""
        right = MARGIN + SIDE * min(x / self.across, 1.0)
        share = (min(max(y, self.low), self.high) - self.low) / (self.high - self.low)
        return right, HEAD + SIDE * (1 - share)

    def path(self, xs: Sequence[float], ys: Sequence[float | None], kind: str) -> str:
        """Draw a line through the values; where one is missing it is broken."""
        known = [(x, y) for x, y in zip(xs, ys, strict=True)]
        drawn = []
        for is_known, piece in groupby(known, key=lambda pair: pair[1] is not None):
            if is_known:
                points = [self.point(x, y) for x, y in piece if y is not None]
                drawn.append(" ".join(f"{x:.1f},{y:.1f}" for x, y in points))
        return "".join(f'<polyline class="{kind}" points="{points}"/>' for points in drawn)


def calibration_plot(curve: Calibration, *, title: str) -> Markup:
    """Draw observed against predicted risk: the smooth curve with its band, groups, a histogram below.

    Parameters
    ----------
    curve : Calibration
    title : str
        Description of the picture for screen readers.

    Returns
    -------
    svg : Markup
    """
    ends = [*curve.risk, *curve.group_risk, *curve.group_observed, *(y for y in curve.high if y is not None)]
    most = _round_up(max(ends, default=1.0))
    axes = Axes(most, 0.0, most)
    groups = zip(curve.group_risk, curve.group_observed, strict=True)
    parts = [
        *_frame(axes, "predicted risk", "observed risk"),
        axes.path([0, most], [0, most], "ideal"),
        _band(axes, curve),
        *_histogram(axes, curve.histogram),
        axes.path(curve.risk, curve.observed, "line"),
        *(_dot(axes, x, y) for x, y in groups),
    ]
    return _svg(parts, title)


def decision_plot(curve: DecisionCurve, *, title: str) -> Markup:
    """Draw net benefit by threshold, for the model, treating everyone and treating no one.

    Parameters
    ----------
    curve : DecisionCurve
    title : str
        What the picture shows.

    Returns
    -------
    svg : Markup
    """
    known = [y for y in (*curve.model, *curve.treat_all) if y is not None]
    axes = Axes(max(curve.threshold), LEAST_DEPTH, _round_up(max(known, default=0.1)))
    shown = [y if y is None or y >= LEAST_DEPTH else None for y in curve.treat_all]
    parts = [
        *_frame(axes, "risk threshold", "net benefit"),
        axes.path([0, axes.across], [0, 0], "ideal"),
        axes.path(curve.threshold, shown, "line all"),
        axes.path(curve.threshold, curve.model, "line"),
    ]
    return _svg(parts, title)


def _round_up(value: float) -> float:
    """Give the next of a few round ends.

    Examples
    --------
    >>> _round_up(0.31), _round_up(0.04)
    (0.4, 0.05)
    """
    return next((end for end in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if value <= end), 1.0)


def _frame(axes: Axes, across: str, upwards: str) -> list[str]:
    left, bottom = axes.point(0, axes.low)
    right, top = axes.point(axes.across, axes.high)
    parts = [f'<rect class="axes" x="{left}" y="{top}" width="{SIDE}" height="{SIDE}"/>']
    for x in _ticks(0, axes.across):
        parts.append(_text(axes.point(x, 0)[0], bottom + 16, f"{x:g}", anchor="middle"))
    for y in _ticks(axes.low, axes.high):
        parts.append(_text(left - 6, axes.point(0, y)[1] + 4, f"{y:g}".replace("-", "−"), anchor="end"))
    parts.append(_text((left + right) / 2, bottom + 36, across, anchor="middle"))
    parts.append(_text(left, top - 8, upwards))
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Choose round values between two ends, six at most.

    Examples
    --------
    >>> _ticks(-0.05, 0.1), _ticks(0, 0.5)
    ([-0.05, 0.0, 0.05, 0.1], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    """
    step = next((step for step in TICK_STEPS if (high - low) / step <= MOST_TICKS), 1.0)
    multiples = range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
    return [round(multiple * step, 10) + 0.0 for multiple in multiples]


def _band(axes: Axes, curve: Calibration) -> str:
    """Draw the band where both of its ends are known."""
    edges = [
        (x, low, high)
        for x, low, high in zip(curve.risk, curve.low, curve.high, strict=True)
        if low is not None and high is not None
    ]
    outline = [axes.point(x, high) for x, _, high in edges]
    outline += [axes.point(x, low) for x, low, _ in reversed(edges)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in outline)
    return f'<polygon class="band" points="{points}"/>' if edges else ""


def _histogram(axes: Axes, counts: Sequence[int]) -> list[str]:
    """Draw how the predicted risks lie, along the foot, a tenth of the height at most."""
    width, most, parts = 1 / len(counts), max([*counts, 1]), []
    for number, count in enumerate(counts):
        if count and number * width < axes.across:
            left, foot = axes.point(number * width, axes.low)
            right, tall = axes.point((number + 1) * width, 0)[0], SIDE / 10 * count / most
            size = f'x="{left:.1f}" y="{foot - tall:.1f}" width="{right - left:.1f}" height="{tall:.1f}"'
            parts.append(f'<rect class="histogram" {size}/>')
    return parts


def _dot(axes: Axes, x: float, y: float) -> str:
    right, up = axes.point(x, y)
    return f'<circle class="dot" cx="{right:.1f}" cy="{up:.1f}" r="4"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(parts: Sequence[str], title: str) -> Markup:
    size = f'viewBox="0 0 {SIDE + MARGIN + 16} {SIDE + HEAD + 46}"'
    return Markup(f'<svg class="plot" {size} role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>')
