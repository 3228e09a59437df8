"""Names of measures and baselines for people, in the order in which they are shown."""

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
    "original": "the model as released",
}


def field_title(name: str) -> str:
    """Title of a column of the schema.

    Examples
    --------
    >>> field_title("sex"), field_title("center")
    ('Sex', 'Treating centre')
    """
    return {**specs(Patient), **specs(RowId)}[name].title
