"""How the values of a field lie: counts by class, the median and the middle half."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

import numpy as np

from features.columns import Values
from features.field import FieldSpec

MOST_CLASSES = 14
MOST_WHOLE = 12
"""Different whole numbers up to which each is a class of its own."""
SKEWED = 50.0
"""Largest over least value from which on classes widen by 1, 2, 5, 10."""


@dataclass(frozen=True)
class Distribution:
    """How the values of a field lie.

    Attributes
    ----------
    known, rows : int
        Infusions with a value, and all.
    labels : tuple of str
        Of the classes; a class of numbers holds its lower end, the last one its upper end too.
    counts : tuple of int
        Infusions in each class.
    median, lower, upper : float or None
        Of numbers: median and quartiles.
    """

    known: int
    rows: int
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    median: float | None = None
    lower: float | None = None
    upper: float | None = None


def distribution(spec: FieldSpec, column: Values) -> Distribution:
    """Count the values of a field by class.

    Parameters
    ----------
    spec : FieldSpec
        What the schema says of it.
    column : ndarray of shape (n_infusions,)
        Encoded values, NaN where missing.

    Returns
    -------
    distribution : Distribution

    Examples
    --------
    >>> ecog = FieldSpec("ecog", "integer", "ECOG", low=0, high=4)
    >>> shown = distribution(ecog, np.array([0.0, 1.0, 1.0, np.nan]))
    >>> shown.labels, shown.counts, shown.known
    (('0', '1', '2', '3', '4'), (1, 2, 0, 0, 0), 3)
    """
    known = column[~np.isnan(column)]
    if spec.kind in ("choice", "boolean"):
        options = spec.options or ("no", "yes")
        counts = tuple(int((known == code).sum()) for code in range(len(options)))
        return Distribution(len(known), len(column), options, counts)
    if len(known) == 0:
        return Distribution(0, len(column), (), ())
    labels, counts = _whole(spec, known) or _classes(known)
    lower, median, upper = (float(each) for each in np.quantile(known, [0.25, 0.5, 0.75]))
    return Distribution(len(known), len(column), labels, counts, median, lower, upper)


def side_by_side(
    spec: FieldSpec, first: Values, second: Values
) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
    """Count two columns of values by the same classes.

    Parameters
    ----------
    spec : FieldSpec
        What the schema says of both.
    first, second : ndarray
        Encoded values, NaN where missing.

    Returns
    -------
    labels : tuple of str
    counts, others : tuple of int
        Of the first and of the second column.

    Examples
    --------
    >>> ecog = FieldSpec("ecog", "integer", "ECOG", low=0, high=4)
    >>> side_by_side(ecog, np.array([0.0, 1.0]), np.array([1.0, np.nan]))[1:]
    ((1, 1, 0, 0, 0), (0, 1, 0, 0, 0))
    """
    labels = distribution(spec, np.concatenate([first, second])).labels
    columns = [column[~np.isnan(column)] for column in (first, second)]
    known = np.concatenate(columns)
    if spec.kind in ("choice", "boolean"):
        values = np.arange(len(labels), dtype=float)
        one, other = ([int((column == value).sum()) for value in values] for column in columns)
    elif not len(known):
        one, other = [], []
    elif _whole(spec, known) is not None:
        one, other = ([int((column == int(label)).sum()) for label in labels] for column in columns)
    else:
        edges = class_edges(float(known.min()), float(known.max()))
        one, other = ([int(count) for count in np.histogram(column, edges)[0]] for column in columns)
    return labels, tuple(one), tuple(other)


def _whole(spec: FieldSpec, known: Values) -> tuple[tuple[str, ...], tuple[int, ...]] | None:
    """Give every whole number of a short scale a class of its own."""
    if spec.kind != "integer":
        return None
    first, last = int(known.min()), int(known.max())
    if spec.low is not None and spec.high is not None and spec.high - spec.low < MOST_WHOLE:
        first, last = int(spec.low), int(spec.high)
    if last - first >= MOST_WHOLE:
        return None
    values = range(first, last + 1)
    return tuple(map(str, values)), tuple(int((known == value).sum()) for value in values)


def _classes(known: Values) -> tuple[tuple[str, ...], tuple[int, ...]]:
    edges = class_edges(float(known.min()), float(known.max()))
    counts = np.histogram(known, edges)[0]
    labels = tuple(f"{low:g} to {high:g}" for low, high in pairwise(edges))
    return labels, tuple(int(count) for count in counts)


def class_edges(low: float, high: float) -> list[float]:
    """Choose round ends of classes that hold all values.

    Examples
    --------
    >>> class_edges(3.0, 61.0)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    >>> class_edges(12.0, 4100.0)
    [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0]
    """
    if low > 0 and high / low >= SKEWED:
        return _widening(low, high)
    step = _round_step((high - low) / 8 or 1.0)
    first = floor(low / step)
    last = max(first + 1, ceil(high / step - 1e-9))
    edges = [round(multiple * step, 10) for multiple in range(first, last + 1)]
    # A value at an end may differ from it in its last digit: 0.05 + 0.025 is above 0.075.
    return [min(edges[0], low), *edges[1:-1], max(edges[-1], high)]


def _widening(low: float, high: float) -> list[float]:
    powers = range(floor(log10(low)) - 1, ceil(log10(high)) + 2)
    steps = [part * 10.0**power for power in powers for part in (1, 2, 5)]
    if high / low > 10 ** (MOST_CLASSES / 3):
        steps = [10.0**power for power in range(min(powers), max(powers) + 2)]
    inside = [edge for edge in steps if low < edge < high]
    ends = max(edge for edge in steps if edge <= low), min(edge for edge in steps if edge >= high)
    return [ends[0], *inside, ends[1]]


def _round_step(width: float) -> float:
    """Give the least of 1, 2, 5 times a power of ten that is no narrower."""
    power = 10.0 ** floor(log10(width))
    return next(part * power for part in (1.0, 2.0, 5.0, 10.0) if part * power >= width * (1 - 1e-9))
