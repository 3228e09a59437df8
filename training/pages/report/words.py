"""Names of baselines, fields and groups for people."""

from __future__ import annotations

from collections.abc import Mapping

from features.field import specs
from features.schema import Patient, RowId

BASELINES: Mapping[str, str] = {
    "prevalence": "prevalence: the same risk for all",
    "easix": "EASIX alone",
    "published": "published evidence alone",
    "ridge": "ridge: local data alone, linear",
    "xgboost": "XGBoost: local data alone, trees",
    "anchored": "anchored: evidence and local data",
    "original": "the released model",
}


def field_title(name: str) -> str:
    """Title of a column of the schema.

    Examples
    --------
    >>> field_title("sex")
    'Sex'
    """
    return {**specs(Patient), **specs(RowId)}[name].title


def group_title(field: str, group: str) -> str:
    """Name a group of patients.

    Parameters
    ----------
    field : str
        Column of the schema by which patients are grouped.
    group : str
        Its title.

    Examples
    --------
    >>> group_title("sex", "female")
    'Sex: female'
    """
    return f"{field_title(field)}: {group}"
