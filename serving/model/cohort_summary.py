"""The training cohort of a bundle in aggregates, never a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CohortSummary:
    """The training cohort in aggregates.

    Attributes
    ----------
    name, sha256 : str
        File name and digest of the file.
    synthetic : bool
        Whether it was generated.
    n_infusions, n_patients, n_centers : int
        Sizes; ``n_centers`` is 0 where centers are not recorded.
    ranges : mapping of str to (low, high)
        Per numeric column the 2.5th and 97.5th percentile, where at least ten patients have a value.
    options : mapping of str to mapping of str to int
        Per choice or boolean column the number of infusions with each option, rounded down to tens. Under
        ``product_name`` the same by name, where ten patients or more share one; absent where none is.
    missing : mapping of str to float
        Share of infusions in which each column is blank, to two decimals; a share that would be a small
        count is left out (`serving.model.masked_bundle`).
    alike : mapping of str to int
        Infusions by profile (`serving.model.patient_groups`), rounded down to fives; a profile of fewer is
        not there.
    home_center : int
        Number of the center whose patients the models answer for, 1 for the one with most infusions; 0 for
        patients of a new center, as in all bundles of earlier versions.
    """

    name: str
    sha256: str
    synthetic: bool
    n_infusions: int
    n_patients: int
    n_centers: int
    ranges: Mapping[str, tuple[float, float]]
    options: Mapping[str, Mapping[str, int]]
    missing: Mapping[str, float]
    alike: Mapping[str, int]
    home_center: int = 0

    @property
    def trained(self) -> bool:
        """Whether there was a cohort at all; without one the models are the published evidence."""
        return self.n_infusions > 0


NO_COHORT = CohortSummary(
    name="",
    sha256="",
    synthetic=False,
    n_infusions=0,
    n_patients=0,
    n_centers=0,
    ranges={},
    options={},
    missing={},
    alike={},
)
"""Stands in a bundle of published evidence only."""
