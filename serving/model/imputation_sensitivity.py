"""How much the risks depend on the expected values that missing inputs take in fitting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImputationSensitivity:
    """The released model against the same model with its linear part fitted to multiple imputations.

    Attributes
    ----------
    n_imputations : int
        Fits that were averaged; 0 where no input is missing, and then all else is 0.
    share_incomplete : float
        Share of the training infusions in which a term of the linear part is missing, to two decimals.
    median_difference, difference_percentile_95 : float
        Of the absolute difference in headline risk over the training infusions, in [0, 1].
    """

    n_imputations: int
    share_incomplete: float
    median_difference: float
    difference_percentile_95: float
