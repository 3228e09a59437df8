"""Metric names of a run in MLflow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.measures import IN_RUN_LIST
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary
from training.validation.cross_validation import Validation


def model_metrics(summary: OutcomeSummary) -> dict[str, float]:
    """Name every metric of a model; metrics that could not be computed are left out.

    Parameters
    ----------
    summary : OutcomeSummary
        Of the model.

    Returns
    -------
    metrics : dict of str to float
        Measures by horizon as in `horizon_metrics`; ``log_loss_gain_over_<baseline>``, paired;
        ``instability_width``, whose ends are quartiles over infusions; differences in headline risk from
        multiple imputation, as ``imputation_median_difference``; ``riley_n_needed``; and measures in each
        center, by internal-external validation, as ``center_1.auroc``.

    Examples
    --------
    >>> summary = OutcomeSummary(20, 8, 0, {30: 0.4}, {}, {}, "", "",
    ...                          paired={"easix": Measured(0.02), "ridge": Measured(None)},
    ...                          instability=Measured(0.3, 0.2, 0.4))
    >>> sorted(model_metrics(summary))
    ['instability_width', 'instability_width_high', 'instability_width_low', 'log_loss_gain_over_easix']
    """
    metrics = horizon_metrics(summary.metrics)
    for baseline, gain in summary.paired.items():
        metrics.update(with_ends(f"log_loss_gain_over_{baseline}", gain))
    if summary.instability is not None:
        metrics.update(with_ends("instability_width", summary.instability))
    imputed = summary.imputation_sensitivity
    if imputed is not None:
        metrics["imputation_share_incomplete"] = imputed.share_incomplete
        metrics["imputation_median_difference"] = imputed.median_difference
        metrics["imputation_difference_percentile_95"] = imputed.difference_percentile_95
    if summary.sample_size is not None:
        metrics["riley_n_needed"] = float(summary.sample_size.n_needed)
    for number, center in summary.by_center.items():
        prefix = f"center_{number}"
        metrics[f"{prefix}.n_infusions"] = float(center.n_infusions)
        metrics[f"{prefix}.n_events"] = float(center.n_events)
        for name, figure in center.metrics.items():
            metrics.update(with_ends(f"{prefix}.{name}", figure))
    return metrics


def horizon_metrics(metrics: Mapping[int, Mapping[str, Measured]]) -> dict[str, float]:
    """Name measures by horizon, the headline first: its names are plain, others end in the day.

    Examples
    --------
    >>> horizon_metrics({365: {"auroc": Measured(0.7)}, 90: {"auroc": Measured(0.8, 0.6)}})
    {'auroc': 0.7, 'auroc_at_90_days': 0.8, 'auroc_at_90_days_low': 0.6}
    """
    named: dict[str, float] = {}
    for horizon, (days, measures) in enumerate(metrics.items()):
        ending = "" if horizon == 0 else f"_at_{days}_days"
        for name, figure in measures.items():
            named.update(with_ends(f"{name}{ending}", figure))
    return named


def measures_table(metrics: Mapping[int, Mapping[str, Measured]]) -> dict[str, list[object]]:
    """Lay measures out as a table, a row a horizon and measure.

    Examples
    --------
    >>> measures_table({365: {"auroc": Measured(0.7, 0.6, 0.8)}})
    {'horizon_days': [365], 'measure': ['auroc'], 'value': [0.7], 'low': [0.6], 'high': [0.8]}
    """
    rows = [
        (days, name, figure.value, figure.low, figure.high)
        for days, measures in metrics.items()
        for name, figure in measures.items()
    ]
    columns = ("horizon_days", "measure", "value", "low", "high")
    return {column: [row[position] for row in rows] for position, column in enumerate(columns)}


def with_ends(name: str, figure: Measured) -> dict[str, float]:
    """Name a figure and the ends of its interval; what does not exist is left out.

    Examples
    --------
    >>> with_ends("auroc", Measured(0.7, 0.6, 0.8))
    {'auroc': 0.7, 'auroc_low': 0.6, 'auroc_high': 0.8}
    """
    named = {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return {key: value for key, value in named.items() if value is not None}


def fold_log_loss(validation: Validation | None) -> dict[str, list[float]]:
    """List the log loss fold by fold; nothing without validation."""
    if validation is None:
        return {}
    losses = validation.fold_log_loss.ravel()
    return {"fold_log_loss": losses[~np.isnan(losses)].tolist()}


def by_outcome(outcome: str, metrics: Mapping[str, float]) -> dict[str, float]:
    """Name the measures of one outcome's model as the view and the parent run name them.

    Parameters
    ----------
    outcome : str
    metrics : mapping of str to float
        Of a run of this outcome alone.

    Returns
    -------
    metrics : dict of str to float
        Those of `IN_RUN_LIST` that exist.

    Examples
    --------
    >>> by_outcome("relapse", {"auroc": 0.7, "brier": 0.2, "auroc_low": 0.6})
    {'relapse.auroc': 0.7}
    """
    return {outcome_metric(outcome, name): metrics[name] for name in IN_RUN_LIST if name in metrics}


def outcome_metric(outcome: str, measure: str) -> str:
    """Name a measure of an outcome where runs of several outcomes are side by side.

    Examples
    --------
    >>> outcome_metric("relapse", "auroc")
    'relapse.auroc'
    """
    return f"{outcome}.{measure}"
