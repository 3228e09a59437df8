"""Which of a few coarse groups a patient is in: by disease burden, age, target antigen and prior lines."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.disease_burden import BURDEN_FIELD, HIGH_BURDEN_PCT
from features.field import specs
from features.schema import Patient

FEWEST_ALIKE = 5
"""Groups of fewer are not told apart from none: a small one would point at the patients in it."""

ALIKE_ROUNDED_TO = 5
"""Counts are rounded down to it. Exact counts of two models, one trained before and one after a patient was
added, would differ by one in that patient's group, and so tell it."""

YOUNGEST_YEARS = 18
"""Age from which the risks are intended."""

OLDER_YEARS = 40.0
"""Age from which protocols for adults take the place of those for adolescents and young adults."""

MANY_LINES = 3.0
"""Lines of therapy from which a patient counts as heavily treated: beyond first line and one salvage."""


@dataclass(frozen=True)
class Group:
    """One group of a dimension.

    Attributes
    ----------
    code : str
        For a program; letters, digits and underscores.
    words : str
        In English.
    """

    code: str
    words: str


@dataclass(frozen=True)
class Dimension:
    """One column of `Patient`, cut into groups.

    Attributes
    ----------
    field : str
        The column.
    groups : tuple of Group
        From low to high; those of a choice in the order of its options.
    cuts : tuple of float
        Where each group after the first begins; empty for a choice.
    """

    field: str
    groups: tuple[Group, ...]
    cuts: tuple[float, ...] = ()

    @property
    def title(self) -> str:
        """Title of the column."""
        return specs(Patient)[self.field].title

    def group(self, value: float) -> Group:
        """Group of a patient whose column has a value."""
        return self.groups[bisect_right(self.cuts, value) if self.cuts else int(value)]

    def group_positions(self, patients: Columns) -> Values:
        """Position of each patient's group: shape (n_infusions,), NaN where the column is missing."""
        column = patients[self.field]
        if not self.cuts:
            return column
        return np.where(np.isnan(column), np.nan, np.digitize(column, self.cuts).astype(float))


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(
        BURDEN_FIELD,
        (Group("low", f"below {HIGH_BURDEN_PCT:g} %"), Group("high", f"{HIGH_BURDEN_PCT:g} % or more")),
        cuts=(HIGH_BURDEN_PCT,),
    ),
    Dimension(
        "age_years",
        (
            Group("child", f"below {YOUNGEST_YEARS}"),
            Group("young_adult", f"{YOUNGEST_YEARS} to {OLDER_YEARS - 1:g}"),
            Group("older_adult", f"{OLDER_YEARS:g} or older"),
        ),
        cuts=(float(YOUNGEST_YEARS), OLDER_YEARS),
    ),
    Dimension(
        "target_antigen",
        (Group("cd19", "CD19"), Group("cd22", "CD22"), Group("cd19_cd22", "CD19 and CD22")),
    ),
    Dimension(
        "prior_lines",
        (Group("few", f"0 to {MANY_LINES - 1:g}"), Group("many", f"{MANY_LINES:g} or more")),
        cuts=(MANY_LINES,),
    ),
)
"""What makes two patients alike, coarse enough that a few hundred infusions fill the common groups."""


def profiles(patients: Columns) -> list[tuple[Group, ...] | None]:
    """Name the groups of every patient.

    Parameters
    ----------
    patients : Columns of `Patient`

    Returns
    -------
    profiles : list of tuple of Group, or None
        One group for each of `DIMENSIONS`; None where one of the columns is missing.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> row = {"marrow_blasts_pct": 5.0, "age_years": 39.9, "target_antigen": "cd22", "prior_lines": 2}
    >>> known, unknown = profiles(predictors([row, row | {"prior_lines": None}]))
    >>> [group.words for group in known], unknown
    (['5 % or more', '18 to 39', 'CD22', '0 to 2'], None)
    """
    columns = (patients[dimension.field].tolist() for dimension in DIMENSIONS)
    return [
        None
        if any(map(math.isnan, row))
        else tuple(dimension.group(value) for dimension, value in zip(DIMENSIONS, row, strict=True))
        for row in zip(*columns, strict=True)
    ]


def profile_key(groups: tuple[Group, ...]) -> str:
    """Write a profile as the key under which a bundle counts it.

    Examples
    --------
    >>> profile_key((Group("high", "5 % or more"), Group("young_adult", "18 to 39")))
    'high/young_adult'
    """
    return "/".join(group.code for group in groups)


def n_alike(counts: Mapping[str, int], groups: tuple[Group, ...]) -> int:
    """Look up how many infusions had a profile, rounded down; 0 for fewer than `FEWEST_ALIKE`."""
    return counts.get(profile_key(groups), 0)
