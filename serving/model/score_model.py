"""The risk by a published bedside score alone: logistic regression on its points."""

from __future__ import annotations

from dataclasses import dataclass

from features.columns import Values
from features.log_odds import expit


@dataclass(frozen=True)
class ScoreModel:
    """Logistic regression on the points of a score at one horizon.

    Attributes
    ----------
    intercept : float
        Log-odds of the risk at no points.
    coefficient : float
        Log-odds per point.
    """

    intercept: float
    coefficient: float

    def risk(self, points: Values) -> Values:
        """State the risk of patients by their points.

        Parameters
        ----------
        points : ndarray of shape (n_infusions,)

        Returns
        -------
        risk : ndarray of shape (n_infusions,)
            Cumulative incidence by the headline horizon; NaN where the points are missing.

        Examples
        --------
        >>> import numpy as np
        >>> ScoreModel(intercept=-1.0, coefficient=0.5).risk(np.array([2.0, np.nan]))
        array([0.5, nan])
        """
        return expit(self.intercept + self.coefficient * points)
