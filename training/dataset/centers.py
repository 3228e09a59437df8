"""The center of each infusion, as a number, and the one whose patients are answered for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.short_repr import ShortRepr

FEWEST_CENTERS = 3
"""With two, one difference is all that is known of how centers differ."""
NOT_RECORDED = -1
"""Number of an infusion whose center is not recorded."""


@dataclass(frozen=True, repr=False)
class Centers(ShortRepr):
    """Centers of the infusions of a training set.

    Attributes
    ----------
    number : ndarray of shape (n_infusions,)
        From 0; `NOT_RECORDED` where the center is not recorded.
    n_named : int
        Centers of the whole cohort; a part of it may have no infusion of some.
    home : int, optional
        Number of the center whose patients are answered for; None for those of a new center.
    """

    number: NDArray[np.int64]
    n_named: int
    home: int | None = None

    def take(self, index: NDArray[Any]) -> Centers:
        """Pick infusions; numbers stay."""
        return Centers(self.number[index], self.n_named, self.home)

    @property
    def columns(self) -> Values:
        """Mark the center of each infusion: shape (n_infusions, n_columns).

        After the named centers come the infusions without one, together as if of one more center, and a new
        center, of which there is no infusion.
        """
        at = np.where(self.number == NOT_RECORDED, self.n_named, self.number)
        return np.asarray(at[:, None] == np.arange(self.n_columns), dtype=np.float64)

    @property
    def n_columns(self) -> int:
        """Named centers, those not recorded, and a new one."""
        return self.n_named + 2

    @property
    def answered(self) -> int:
        """Column of the center whose patients are answered for."""
        return self.n_columns - 1 if self.home is None else self.home


def numbered_centers(
    names: NDArray[np.str_], counted: NDArray[np.int64], *, home: str = ""
) -> Centers | None:
    """Give the centers of a cohort numbers, in the order in which they appear.

    Parameters
    ----------
    names : ndarray of shape (n_infusions,)
        Empty (or None) where not recorded.
    counted : ndarray of shape (n_counted,)
        Positions of infusions that say something of the outcome.
    home : str
        Center whose patients are answered for; empty for a new center.

    Returns
    -------
    centers : Centers or None
        None where fewer than three centers have infusions that count.

    Examples
    --------
    >>> names = np.array(["Ulm", "Ulm", "", "Kiel", "Bonn"])
    >>> numbered_centers(names, np.arange(5), home="Kiel").number
    array([ 0,  0, -1,  1,  2])
    >>> numbered_centers(names, np.arange(4)) is None
    True
    """
    named = named_centers(names)
    if len(set(named[counted].tolist()) - {""}) < FEWEST_CENTERS:
        return None
    order = list(dict.fromkeys(name for name in named.tolist() if name))
    numbers = {name: number for number, name in enumerate(order)}
    of_infusion = [numbers.get(name, NOT_RECORDED) for name in named.tolist()]
    return Centers(np.array(of_infusion, dtype=np.int64), len(order), numbers.get(home))


def named_centers(names: NDArray[np.str_]) -> NDArray[np.str_]:
    """State names as texts, empty where no center is recorded."""
    return np.array(["" if name is None else str(name) for name in names], dtype=np.str_)


def centers_by_size(names: NDArray[np.str_]) -> list[str]:
    """List the centers of a cohort, the one with most infusions first.

    Examples
    --------
    >>> centers_by_size(np.array(["Ulm", "Kiel", "", "Kiel"]))
    ['Kiel', 'Ulm']
    """
    named = named_centers(names)
    centers, sizes = np.unique(named[named != ""], return_counts=True)
    return [str(centers[position]) for position in np.argsort(-sizes, kind="stable")]
