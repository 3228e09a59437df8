"""What a missing term is expected to be: the reference profile, or the cohort's own mean where it has one."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Values
from features.disease_burden import high_burden_probability
from features.expected_terms import Expected, reference_profile
from features.terms import term_matrix

PROFILE_PATIENTS = 10.0
"""The reference profile counts as much as this many infusions of the cohort."""
FEWEST_INFUSIONS = 10
"""A mean over fewer reveals single patients and is imprecise: the profile is used instead."""


def expected_terms(patients: Columns, names: tuple[str, ...], weight: Values) -> Expected:
    """Estimate the expected terms of low- and high-burden patients.

    Parameters
    ----------
    patients : Columns of `Patient`
        Infusions of the training cohort or fold.
    names : tuple of str
        Terms.
    weight : ndarray of shape (n_infusions,)
        Infusions of weight 0 have no part.

    Returns
    -------
    expected : Expected
        Means of at least ten infusions, drawn toward the reference profile; the profile's center and spread.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> young = predictors([{"marrow_blasts_pct": 1.0, "age_years": 20.0}] * 30)
    >>> expected = expected_terms(young, ("age",), np.ones(30))
    >>> expected.low_burden, expected.high_burden
    (array([2.5]), array([4.]))
    """
    profile = reference_profile(names)
    matrix = np.where((weight > 0)[:, None], term_matrix(patients, names), np.nan)
    high = high_burden_probability(patients, gradual=False)
    return Expected(
        low_burden=_drawn(profile.low_burden, matrix[high == 0]),
        high_burden=_drawn(profile.high_burden, matrix[high == 1]),
        centre=profile.centre,
        spread=profile.spread,
    )


def _drawn(profile: Values, matrix: Values) -> Values:
    """Mean of the known values and of `PROFILE_PATIENTS` times the profile."""
    known = (~np.isnan(matrix)).sum(0)
    own = (np.nansum(matrix, axis=0) + PROFILE_PATIENTS * profile) / (known + PROFILE_PATIENTS)
    return np.where(known >= FEWEST_INFUSIONS, own, profile)
