"""What a term is expected to be in a patient of whom it is not known, and the profile that centers terms."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from features.columns import Values
from features.disease_burden import HIGH_BURDEN_SHARE
from features.project_files import EVIDENCE

PROFILE_FILE = EVIDENCE / "reference_profile.csv"


@dataclass(frozen=True)
class Expected:
    """Expected values of terms given disease burden, and where the terms are centered.

    Attributes
    ----------
    low_burden, high_burden : ndarray of shape (n_terms,)
        Expected value of patients with low and with high burden.
    centre : ndarray of shape (n_terms,)
        Value of the reference profile.
    spread : ndarray of shape (n_terms,)
        Standard deviation in patients.
    """

    low_burden: Values
    high_burden: Values
    centre: Values
    spread: Values


def fill_missing(matrix: Values, high: Values, *, low_burden: Values, high_burden: Values) -> Values:
    """Give missing terms their expected value given disease burden.

    One rule for fitting and answering; intervals draw about it (`serving.model.replicates`).

    Parameters
    ----------
    matrix : ndarray of shape (n_infusions, n_terms)
        From `features.terms.term_matrix`.
    high : ndarray of shape (n_infusions,)
        How far each infusion counts as of high burden, from
        `features.disease_burden.high_burden_probability`.
    low_burden, high_burden : ndarray of shape (n_terms,)
        Expected values.

    Returns
    -------
    filled : ndarray of shape (n_infusions, n_terms)
        Without NaN.

    Examples
    --------
    >>> fill_missing(np.array([[np.nan], [7.0]]), np.array([0.25, 0.0]), low_burden=np.array([1.0]),
    ...              high_burden=np.array([3.0]))
    array([[1.5],
           [7. ]])
    """
    share = high[:, None]
    return np.where(np.isnan(matrix), (1 - share) * low_burden + share * high_burden, matrix)


@cache
def reference_profile(names: tuple[str, ...], file: Path = PROFILE_FILE) -> Expected:
    """Read the reference profile for the named terms.

    Raises
    ------
    ValueError
        If a term is not in the file.

    Examples
    --------
    >>> reference_profile(("age",)).centre
    array([4.])
    """
    with file.open(encoding="utf-8", newline="") as lines:
        rows = {row["term"]: row for row in csv.DictReader(lines)}
    absent = [name for name in names if name not in rows]
    if absent:
        message = f"{file.name} has no row for {', '.join(absent)}"
        raise ValueError(message)
    low, high, spread = (
        np.array([float(rows[name][column]) for name in names])
        for column in ("low_burden", "high_burden", "spread")
    )
    centre = (1 - HIGH_BURDEN_SHARE) * low + HIGH_BURDEN_SHARE * high
    return Expected(low_burden=low, high_burden=high, centre=centre, spread=spread)
