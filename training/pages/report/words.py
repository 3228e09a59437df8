"""Names of measures and baselines for people, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from features.field import specs
from features.schema import Patient, RowId

MEASURES: Mapping[str, str] = {
    "auroc": "AUROC",
    "observed_expected": "observed : expected events (O:E)",
    "calibration_in_the_large": "calibration in the large",
    "calibration_slope": "calibration slope",
    "ici": "integrated calibration index (ICI)",
    "log_loss": "log loss",
    "log_loss_gain_over_prevalence": "gain in log loss over the prevalence",
    "brier": "Brier score",
    "brier_scaled": "scaled Brier score",
    "net_benefit_at_10": "net benefit at a threshold of 10 %",
    "net_benefit_at_20": "net benefit at a threshold of 20 %",
    "net_benefit_at_30": "net benefit at a threshold of 30 %",
    "net_benefit_at_50": "net benefit at a threshold of 50 %",
}

BASELINES: Mapping[str, str] = {
    "prevalence": "prevalence: the same risk for all",
    "easix": "EASIX alone",
    "published": "published evidence alone",
    "ridge": "ridge: local data alone, linear",
    "xgboost": "XGBoost: local data alone, trees",
    "anchored": "anchored: evidence and local data",
    "original": "the model as released",
}


def measure_title(name: str) -> str:
    """Name a measure for people; one that is not known here keeps its name.

    Examples
    --------
    >>> measure_title("auroc"), measure_title("another_measure")
    ('AUROC', 'another measure')
    """
    return MEASURES.get(name, name.replace("_", " "))


def in_order(names: Iterable[str]) -> list[str]:
    """Sort measures as they are shown, unknown ones last.

    Examples
    --------
    >>> in_order(["brier", "another", "auroc"])
    ['auroc', 'brier', 'another']
    """
    known = list(MEASURES)
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def field_title(name: str) -> str:
    """Title of a column of the schema.

    Examples
    --------
    >>> field_title("sex"), field_title("center")
    ('Sex', 'Treating centre')
    """
    return {**specs(Patient), **specs(RowId)}[name].title
