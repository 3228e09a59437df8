"""Random-effects pooling of estimates from several cohorts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values

SMALLEST_ERROR = 1e-6
"""No study is exact: the floor under a standard error, so that a variance of zero does not divide by zero."""


@dataclass(frozen=True)
class Pooled:
    """A pooled estimate.

    Attributes
    ----------
    mean, standard_error : float
        Of the pooled mean.
    tau2 : float
        Variance between cohorts; 0 for one cohort.
    weights : ndarray of shape (n_studies,)
        Share of each study in the mean; they add up to 1.
    """

    mean: float
    standard_error: float
    tau2: float
    weights: Values


def pool(estimates: Values, standard_errors: Values) -> Pooled:
    """Pool estimates by random effects, with the variance between cohorts by Paule and Mandel.

    Parameters
    ----------
    estimates : ndarray of shape (n_studies,)
        At least one, on a scale where errors are normal (log odds).
    standard_errors : ndarray of shape (n_studies,)
        0 or more; see `SMALLEST_ERROR`.

    Returns
    -------
    pooled : Pooled

    Raises
    ------
    ValueError
        If there is no estimate.

    References
    ----------
    DerSimonian and Kacker 2007, doi:10.1016/j.cct.2006.04.004

    Examples
    --------
    >>> pooled = pool(np.array([0.2, 1.0]), np.array([0.2, 0.2]))
    >>> round(pooled.mean, 4), round(pooled.standard_error, 4), round(pooled.tau2, 4)
    (0.6, 0.4, 0.28)
    >>> pool(np.array([0.7]), np.array([0.3])).standard_error
    0.3
    """
    if len(estimates) == 0:
        message = "nothing to pool: there is no estimate."
        raise ValueError(message)
    variances = np.maximum(standard_errors, SMALLEST_ERROR) ** 2
    if _excess_heterogeneity(estimates, variances) <= 0:
        return _weighted(estimates, variances, tau2=0.0)
    # Imported where it is needed, because it takes long and few trainings need it.
    from statsmodels.stats.meta_analysis import combine_effects

    # Identical estimates or a single one would make it divide by zero; neither comes this far.
    pooled = combine_effects(estimates, variances, method_re="iterated")
    return _weighted(estimates, variances, tau2=float(pooled.tau2))


def _excess_heterogeneity(estimates: Values, variances: Values) -> float:
    """Cochran's Q less its expectation; at or below 0 the variance between cohorts is 0."""
    common = _weighted(estimates, variances, tau2=0.0)
    return float(np.sum((estimates - common.mean) ** 2 / variances)) - (len(estimates) - 1)


def _weighted(estimates: Values, variances: Values, *, tau2: float) -> Pooled:
    precision = 1 / (variances + tau2)
    weights: Values = precision / precision.sum()
    return Pooled(float(weights @ estimates), float(precision.sum() ** -0.5), tau2, weights)
