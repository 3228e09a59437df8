"""Censoring by further therapy: who goes to transplant is not a matter of chance, so it is modeled."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.disease_burden import high_burden_probability
from features.expected_terms import fill_missing, reference_profile
from features.observation import Observation
from features.short_repr import ShortRepr
from features.terms import term_matrix

COVARIATES = ("high_burden", "age", "prior_allo_hsct")
"""What decides about transplant in remission and bears on relapse too."""
PRIOR_SPREAD = 1.0
"""Prior standard deviation of a log hazard ratio per standard deviation of its covariate: a fixed prior, so
that it gives way to data."""
FEWEST_THERAPIES = 10
"""With fewer transplants or later infusions three covariates cannot be fitted."""
LOWEST_SURVIVAL = 0.05
"""No patient counts for more than twenty: the floor under an individual probability of no further therapy."""


@dataclass(frozen=True, repr=False)
class FurtherTherapyCensoring(ShortRepr):
    """Probability of no further therapy yet, given burden, age and prior transplant.

    Attributes
    ----------
    coefficients : ndarray of shape (3,)
        Log hazard ratios of `COVARIATES`.
    days, cumulative_hazard : ndarray of shape (n_steps,)
        Baseline.
    """

    coefficients: Values
    days: Values
    cumulative_hazard: Values

    def survival_before(self, patients: Columns, day: Values) -> Values:
        """Probability of no further therapy before each infusion's own day."""
        steps = np.concatenate([[0.0], self.cumulative_hazard])
        baseline = steps[np.searchsorted(self.days, day, side="left")]
        survival: Values = np.exp(-baseline * np.exp(_covariates(patients) @ self.coefficients))
        return np.maximum(survival, LOWEST_SURVIVAL)


def can_model(patients: Columns, seen: Observation) -> bool:
    """Say whether a cohort has the transplants and later infusions for a censoring model.

    Parameters
    ----------
    patients : Columns of `Patient`
    seen : Observation
        Of the same infusions.

    Returns
    -------
    possible : bool
        From `FEWEST_THERAPIES` on.
    """
    ended = seen.further_therapy
    if ended.sum() < FEWEST_THERAPIES:
        return False
    return fit_further_therapy(patients, seen.day, ended, np.ones(len(seen))) is not None


def fit_further_therapy(
    patients: Columns, day: Values, ended: NDArray[np.bool_], multiplicity: Values
) -> FurtherTherapyCensoring | None:
    """Fit the censoring model, or return None if there is nothing to fit: no patient had further therapy.

    Parameters
    ----------
    patients : Columns of `Patient`
    day : ndarray of shape (n_infusions,)
        Day of event or censoring.
    ended : ndarray of bool, shape (n_infusions,)
        Whether further therapy ended the observation.
    multiplicity : ndarray of shape (n_infusions,)
        How many times each infusion counts.

    Returns
    -------
    model : FurtherTherapyCensoring or None
    """
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    rows = np.flatnonzero(multiplicity > 0)
    covariates, counted = _covariates(patients)[rows], multiplicity[rows]
    varying = np.ptp(covariates, axis=0) > 0
    if not varying.any() or not ended[rows].any():
        return None
    table = pd.DataFrame(covariates[:, varying], columns=np.array(COVARIATES)[varying])
    table = table.assign(day=np.maximum(day[rows], 0.5), ended=ended[rows], counted=counted)
    cox: Any = CoxPHFitter(penalizer=1 / (PRIOR_SPREAD**2 * counted.sum()))
    try:
        with warnings.catch_warnings():
            # lifelines remarks on low variance of a covariate, which does not matter under a prior, and on
            # weights that are no counts, whose standard errors are not used.
            warnings.simplefilter("ignore")
            cox.fit(table, duration_col="day", event_col="ended", weights_col="counted")
    except (ConvergenceError, ValueError):
        return None
    baseline = cox.baseline_cumulative_hazard_.iloc[:, 0]
    coefficients = np.zeros(len(COVARIATES))
    coefficients[varying] = cox.params_.to_numpy(dtype=float)
    # lifelines states the baseline at the covariates' means; move it to zero.
    shift = float(np.exp(-(cox._norm_mean.to_numpy() @ coefficients[varying])))
    return FurtherTherapyCensoring(
        coefficients=coefficients,
        days=baseline.index.to_numpy(dtype=float),
        cumulative_hazard=baseline.to_numpy(dtype=float) * shift,
    )


def _covariates(patients: Columns) -> Values:
    profile = reference_profile(COVARIATES)
    matrix = term_matrix(patients, COVARIATES)
    high = high_burden_probability(patients, gradual=False)
    filled = fill_missing(matrix, high, low_burden=profile.low_burden, high_burden=profile.high_burden)
    return filled - profile.centre
