"""Published bedside scores: arrays in, array out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]

MG_L_PER_MG_DL = 10.0
"""C-reactive protein: mg/L in the schema, mg/dL in the published scores."""

HIGH_HEMATOTOX_POINTS = 2
"""CAR-HEMATOTOX points from which a patient is at high risk."""


def easix(ldh: ArrayLike, creatinine_mg_dl: ArrayLike, platelets: ArrayLike) -> Values:
    """Endothelial activation and stress index.

    Parameters
    ----------
    ldh : array-like of shape (n_patients,)
        Lactate dehydrogenase, U/L.
    creatinine_mg_dl : array-like of shape (n_patients,)
        Serum creatinine, mg/dL.
    platelets : array-like of shape (n_patients,)
        Platelet count, 10^9/L. Must be above zero.

    Returns
    -------
    index : ndarray of shape (n_patients,)
        ``ldh * creatinine / platelets``, 0 or more. NaN where any input is missing.

    Raises
    ------
    ValueError
        If any platelet count is zero or negative, or any other input negative.

    References
    ----------
    Pennisi et al. 2021, doi:10.1182/bloodadvances.2020003885

    Examples
    --------
    >>> easix(ldh=[250, 600], creatinine_mg_dl=[1.0, 0.8], platelets=[100, np.nan])
    array([2.5, nan])
    >>> easix(ldh=250, creatinine_mg_dl=1.0, platelets=0)
    Traceback (most recent call last):
        ...
    ValueError: platelets must be above 0 (10^9/L), got 0.0.
    """
    return (
        _not_negative("ldh", ldh, unit="U/L")
        * _not_negative("creatinine_mg_dl", creatinine_mg_dl, unit="mg/dL")
        / _positive("platelets", platelets, unit="10^9/L")
    )


def modified_easix(ldh: ArrayLike, crp_mg_l: ArrayLike, platelets: ArrayLike) -> Values:
    """EASIX with C-reactive protein in place of creatinine (m-EASIX).

    Parameters
    ----------
    ldh : array-like of shape (n_patients,)
        Lactate dehydrogenase, U/L.
    crp_mg_l : array-like of shape (n_patients,)
        C-reactive protein, **mg/L** as in the schema. The published index is in mg/dL, so the value is
        divided by 10 here.
    platelets : array-like of shape (n_patients,)
        Platelet count, 10^9/L. Must be above zero.

    Returns
    -------
    index : ndarray of shape (n_patients,)
        ``ldh * (crp_mg_l / 10) / platelets``, 0 or more. NaN where any input is missing.

    Raises
    ------
    ValueError
        If any platelet count is zero or negative, or any other input negative.

    References
    ----------
    Pennisi et al. 2021, doi:10.1182/bloodadvances.2020003885

    Examples
    --------
    >>> modified_easix(ldh=[250, 600], crp_mg_l=[20, np.nan], platelets=[100, 50])
    array([ 5., nan])
    >>> modified_easix(ldh=250, crp_mg_l=-2, platelets=100)
    Traceback (most recent call last):
        ...
    ValueError: crp_mg_l must be 0 or more (mg/L), got -2.0.
    """
    crp_mg_dl = _not_negative("crp_mg_l", crp_mg_l, unit="mg/L") / MG_L_PER_MG_DL
    return (
        _not_negative("ldh", ldh, unit="U/L") * crp_mg_dl / _positive("platelets", platelets, unit="10^9/L")
    )


def car_hematotox(
    platelets: ArrayLike,
    anc: ArrayLike,
    *,
    hemoglobin_g_dl: ArrayLike,
    crp_mg_l: ArrayLike,
    ferritin: ArrayLike,
) -> Values:
    """CAR-HEMATOTOX: points for prolonged neutropenia, from values before lymphodepletion.

    Derived in large B-cell lymphoma.

    ============================  ========  ============  ========
    points                               0             1         2
    ============================  ========  ============  ========
    platelets, 10^9/L              > 175     75 to 175      < 75
    neutrophils, 10^9/L            > 1.2      <= 1.2
    hemoglobin, g/dL               > 9        <= 9
    C-reactive protein, mg/dL      < 3        >= 3
    ferritin, ug/L                 < 650     650 to 2000    > 2000
    ============================  ========  ============  ========

    Parameters
    ----------
    platelets, anc : array-like of shape (n_patients,)
        Platelet and absolute neutrophil count, 10^9/L.
    hemoglobin_g_dl : array-like of shape (n_patients,)
        Hemoglobin, g/dL.
    crp_mg_l : array-like of shape (n_patients,)
        C-reactive protein, **mg/L** as in the schema; the published limit of 3 mg/dL is 30 mg/L.
    ferritin : array-like of shape (n_patients,)
        Serum ferritin, ug/L (the same number in ng/mL).

    Returns
    -------
    points : ndarray of shape (n_patients,)
        0 to 7; high from ``HIGH_HEMATOTOX_POINTS``. NaN where any input is missing.

    Raises
    ------
    ValueError
        If any input is negative.

    References
    ----------
    Rejeski et al. 2021, doi:10.1182/blood.2020010543

    Examples
    --------
    >>> car_hematotox([200, 60, np.nan], [2.0, 0.5, 2.0], hemoglobin_g_dl=[11, 8.5, 11],
    ...               crp_mg_l=[10, 45, 10], ferritin=[300, 2500, 300])
    array([ 0.,  7., nan])
    >>> car_hematotox(200, 2.0, hemoglobin_g_dl=11, crp_mg_l=10, ferritin=-1)
    Traceback (most recent call last):
        ...
    ValueError: ferritin must be 0 or more (ug/L), got -1.0.
    """
    platelets = _not_negative("platelets", platelets, unit="10^9/L")
    anc = _not_negative("anc", anc, unit="10^9/L")
    hemoglobin = _not_negative("hemoglobin_g_dl", hemoglobin_g_dl, unit="g/dL")
    crp_mg_dl = _not_negative("crp_mg_l", crp_mg_l, unit="mg/L") / MG_L_PER_MG_DL
    ferritin = _not_negative("ferritin", ferritin, unit="ug/L")
    points = (
        (platelets <= 175).astype(float)
        + (platelets < 75)
        + (anc <= 1.2)
        + (hemoglobin <= 9)
        + (crp_mg_dl >= 3)
        + (ferritin >= 650)
        + (ferritin > 2000)
    )
    missing = np.isnan(platelets + anc + hemoglobin + crp_mg_dl + ferritin)
    return np.where(missing, np.nan, points)


def _not_negative(name: str, values: ArrayLike, *, unit: str) -> Values:
    measured = np.asarray(values, dtype=np.float64)
    _refuse(name, measured, measured < 0, rule=f"0 or more ({unit})")
    return measured


def _positive(name: str, values: ArrayLike, *, unit: str) -> Values:
    measured = np.asarray(values, dtype=np.float64)
    _refuse(name, measured, measured <= 0, rule=f"above 0 ({unit})")
    return measured


def _refuse(name: str, measured: Values, wrong: NDArray[np.bool_], *, rule: str) -> None:
    """Name the first value that cannot be; infinity is none either."""
    impossible = wrong | np.isinf(measured)
    if impossible.any():
        msg = f"{name} must be {rule}, got {float(measured[impossible].flat[0])}."
        raise ValueError(msg)
