"""Folds that keep a patient's infusions together and the event share alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST_SEED = 2**31 - 1


def grouped_folds(
    strata: NDArray[np.int64], groups: NDArray[np.int64], *, folds: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Deal infusions into folds.

    Parameters
    ----------
    strata : ndarray of shape (n_infusions,)
        Classes to spread evenly, e.g. the label at the headline horizon.
    groups : ndarray of shape (n_infusions,)
        Patient of each infusion; a patient is in one fold only.
    folds : int
        Wanted; fewer where the rarest class has fewer patients, at least two.
    rng : numpy.random.Generator

    Returns
    -------
    fold : ndarray of shape (n_infusions,)
        0 to folds - 1.

    Raises
    ------
    ValueError
        If all infusions are of one patient.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> fold = grouped_folds(np.array([0, 0, 1, 1]), np.array([7, 7, 8, 9]), folds=2, rng=rng)
    >>> bool(fold[0] == fold[1]), bool(fold[2] != fold[3])
    (True, True)
    """
    patients_per_class = [len(np.unique(groups[strata == stratum])) for stratum in np.unique(strata)]
    rarest = np.bincount(np.unique(strata, return_inverse=True)[1]).min()
    possible = max(2, min(folds, *patients_per_class, int(rarest)))
    if len(np.unique(groups)) < possible:
        message = "cross-validation needs infusions of at least two patients"
        raise ValueError(message)
    if rarest < possible:
        strata = np.zeros_like(strata)  # nothing to spread
    seed = int(rng.integers(LARGEST_SEED))
    # It imports scikit-learn, which takes half a second.
    from training.statistics.quick_folds import QuickFolds

    splitter = QuickFolds(n_splits=possible, shuffle=True, random_state=seed)
    fold = np.empty(len(strata), dtype=np.int64)
    for number, (_, held_out) in enumerate(splitter.split(strata, strata, groups)):
        fold[held_out] = number
    return fold


def skip_dealing(rng: np.random.Generator) -> None:
    """Draw what `grouped_folds` draws, and deal nothing."""
    rng.integers(LARGEST_SEED)


def strata_of(label: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Classes to stratify by: 1 with the event by the headline horizon, 0 without or not known."""
    return ((weight[:, 0] > 0) & (label[:, 0] == 1)).astype(np.int64)
