"""What the bedside index EASIX alone would say: the index, and the risk by logistic regression on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit
from features.scores import easix
from features.terms import TERMS

INPUTS = TERMS["log2_easix"].inputs
"""Columns that the index is computed from, in the order in which `features.scores.easix` takes them."""


@dataclass(frozen=True)
class EasixModel:
    """Logistic regression on log2 EASIX at one horizon.

    Attributes
    ----------
    intercept : float
        Log-odds of the risk where EASIX is 1; not centered.
    coefficient : float
        Log-odds per doubling of EASIX.
    """

    intercept: float
    coefficient: float

    def risk(self, index: Values) -> Values:
        """State the risk of patients by their index.

        Parameters
        ----------
        index : ndarray of shape (n_infusions,)
            EASIX, above 0.

        Returns
        -------
        risk : ndarray of shape (n_infusions,)
            Cumulative incidence by the headline horizon; NaN where the index is missing.

        Examples
        --------
        >>> EasixModel(intercept=-1.0, coefficient=0.5).risk(np.array([4.0, np.nan]))
        array([0.5, nan])
        """
        return expit(self.intercept + self.coefficient * np.log2(index))


def easix_index(patients: Columns) -> Values:
    """Compute EASIX of patients.

    Returns
    -------
    index : ndarray of shape (n_infusions,)
        LDH x creatinine / platelets; NaN where one of them is missing.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> labs = {"ldh_u_l": 250.0, "creatinine_mg_dl": 1.0, "platelets_1e9_l": 100.0}
    >>> easix_index(predictors([labs, labs | {"ldh_u_l": None}]))
    array([2.5, nan])
    """
    return easix(*(patients[name] for name in INPUTS))
