"""Disease burden on one scale, from the detection limit of flow cytometry to a marrow full of blasts."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Values

BURDEN_FIELD = "marrow_blasts_pct"
"""The column of disease burden."""
MRD_FIELD = "mrd_pct"
"""The column that says more of it below 5 % blasts."""

HIGH_BURDEN_PCT = 5.0
"""Marrow blasts from which burden is called high: the cut of the published effects (M1 is below 5 %)."""

HIGH_BURDEN_SHARE = 0.6
"""Assumed share of adults infused with high burden; used where marrow blasts are missing."""

LOWEST_MRD_PCT = 0.01
"""Burden below the usual sensitivity of flow cytometry counts as this."""
LOWEST_BLASTS_PCT = 0.5
"""Without MRD, blasts below count as this: a count of 200 cells cannot tell less."""

LOW_LOG10, HIGH_LOG10 = -0.5, 1.5
"""Typical log10 burden, in %, below and from 5 % blasts: 0.3 % and 32 %. A step from one to the other is what
published comparisons of high with low burden compare, so it is the unit of the scale."""

BLUR_DECADES = 0.25
"""How gradually, in decades about 5 %, blasts take over from MRD, and low burden becomes high: morphology and
flow differ by as much from one sample to the next."""


def burden_scale(blasts: Values, mrd: Values, *, high: Values | None = None) -> Values:
    """Put disease burden on one scale without a cliff.

    Parameters
    ----------
    blasts : ndarray of shape (n_infusions,)
        Marrow blasts, %, NaN where not known.
    mrd : ndarray of shape (n_infusions,)
        Marrow MRD, %, NaN where not known.
    high : ndarray of shape (n_infusions,), optional
        `high_burden_share` of the same blasts, where it is known already.

    Returns
    -------
    burden : ndarray of shape (n_infusions,)
        0 for typical low burden, 1 for typical high burden, linear in the logarithm; below 5 % blasts MRD
        takes over gradually where it is known. NaN where blasts are missing.

    Examples
    --------
    >>> blasts, mrd = np.array([0.0, 1.0, 5.0, 100.0]), np.array([0.01, np.nan, np.nan, np.nan])
    >>> burden_scale(blasts, mrd).round(2)
    array([-0.73,  0.25,  0.6 ,  1.25])
    """
    of_blasts = np.log10(np.maximum(blasts, LOWEST_BLASTS_PCT))
    of_mrd = np.log10(np.maximum(mrd, LOWEST_MRD_PCT))
    high = high_burden_share(blasts) if high is None else high
    log10 = np.where(np.isnan(mrd), of_blasts, (1 - high) * of_mrd + high * of_blasts)
    scale: Values = (log10 - LOW_LOG10) / (HIGH_LOG10 - LOW_LOG10)
    return scale


def high_burden_share(blasts: Values) -> Values:
    """Say how far marrow blasts count as high burden: 0.5 at 5 %, NaN where not known.

    Examples
    --------
    >>> high_burden_share(np.array([0.0, 1.0, 5.0, 30.0])).round(2)
    array([0.02, 0.06, 0.5 , 0.96])
    """
    decades = np.log10(np.maximum(blasts, LOWEST_BLASTS_PCT) / HIGH_BURDEN_PCT)
    share: Values = 1 / (1 + np.exp(-decades / BLUR_DECADES))
    return share


def known_burden_share(patients: Columns) -> Values:
    """Give `high_burden_share` of patients, computed once: read-only."""
    known = patients.derived.get(high_burden_share)
    if known is None:
        known = high_burden_share(patients[BURDEN_FIELD])
        known.flags.writeable = False
        patients.derived[high_burden_share] = known
    return known


def is_high_burden(blasts: Values) -> Values:
    """1 from 5 % marrow blasts, 0 below, NaN where not known."""
    return np.where(np.isnan(blasts), np.nan, (blasts >= HIGH_BURDEN_PCT).astype(float))


def high_burden_probability(patients: Columns, *, gradual: bool) -> Values:
    """Say how far patients count as high burden where a term is missing and is expected given burden.

    Parameters
    ----------
    patients : Columns of `Patient`
    gradual : bool
        Whether low burden becomes high gradually; models of the first versions have a step at 5 %.

    Returns
    -------
    high : ndarray of shape (n_infusions,)
        0 to 1; `HIGH_BURDEN_SHARE` where marrow blasts are missing.
    """
    high = known_burden_share(patients) if gradual else is_high_burden(patients[BURDEN_FIELD])
    return np.where(np.isnan(high), HIGH_BURDEN_SHARE, high)
