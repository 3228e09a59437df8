"""Groups of explanation rows that describe one thing, so that a reader sees them together."""

from __future__ import annotations

from collections.abc import Mapping

from features.disease_burden import BURDEN_FIELD, MRD_FIELD

EXPLANATION_GROUPS: Mapping[str, tuple[str, ...]] = {
    "disease_burden": (BURDEN_FIELD, MRD_FIELD, "extramedullary_disease", "cns_status"),
}
"""Rows by the name of their group: how much leukemia there is, and where."""

_BY_ROW = {row: group for group, rows in EXPLANATION_GROUPS.items() for row in rows}


def explanation_group(row: str) -> str:
    """Name the group of a row of the explanation.

    Parameters
    ----------
    row : str
        A column of `Patient`, or a composite.

    Returns
    -------
    group : str
        Empty where the row is in no group.

    Examples
    --------
    >>> explanation_group("cns_status"), explanation_group("easix")
    ('disease_burden', '')
    """
    return _BY_ROW.get(row, "")
