"""Metric names of a run in MLflow, grouped by ``/`` so that the page folds its charts.

A measure of the headline horizon has its plain name, and every other name its group: ``day_90/auroc``,
``interval/auroc_low``, ``gain/easix``, ``center_1/auroc``, ``relapse/auroc``.
`training.records.recorded_names` reads them back, and the names of the first release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from features.measures import GAIN, IN_RUN_LIST
from serving.model.group_results import CenterResult
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary

if TYPE_CHECKING:
    from training.validation.apparent_performance import Overfitting
    from training.validation.cross_validation import Validation

IN_SHORT = (GAIN, "log_loss", "brier_scaled", "auroc", "calibration_slope", "observed_expected")
"""Measures of the chosen models that the run of a training shows; the models' own runs have more."""
AT_OTHER_DAYS = ("log_loss", "auroc", "calibration_slope")
"""Measures that are metrics at horizons other than the headline; the table of measures has all."""
IN_CENTERS = ("auroc", "observed_expected")
"""Measures that are metrics in each center; the table of centers has all."""
MOST_CENTERS = 6
"""Centers whose measures are metrics; the table of centers has all."""
WITH_INTERVAL = tuple(dict.fromkeys((*IN_SHORT, *IN_RUN_LIST)))
"""Measures whose intervals are metrics; the table of measures has all."""
INTERVAL, GAINS, APPARENT, OPTIMISM, FOLDS = "interval", "gain", "apparent", "optimism", "fold"
"""Groups of names."""
GAIN_OVER = "log_loss_gain_over_"
HELD_OUT, TRAINING = f"{FOLDS}/held_out_log_loss", f"{FOLDS}/training_log_loss"
"""Log loss fold by fold: of the patients held out, and of those that the fold's model was fitted to."""


def model_metrics(summary: OutcomeSummary) -> dict[str, float]:
    """Name the metrics of a model; metrics that could not be computed are left out.

    Parameters
    ----------
    summary : OutcomeSummary
        Of the model.

    Returns
    -------
    metrics : dict of str to float
        Measures by horizon as in `horizon_metrics`; ``gain/<baseline>``, paired; ``instability_width``;
        differences in headline risk from multiple imputation, as ``imputation/median_difference``;
        ``riley_n_needed``; and measures in each center, by internal-external validation, as
        ``center_1/auroc``.

    Examples
    --------
    >>> summary = OutcomeSummary(20, 8, 0, {30: 0.4}, {}, {}, "", "",
    ...                          paired={"easix": Measured(0.02, 0.01), "ridge": Measured(None)},
    ...                          instability=Measured(0.3, 0.2, 0.4))
    >>> sorted(model_metrics(summary))
    ['gain/easix', 'instability_width', 'interval/gain/easix_low']
    """
    metrics = horizon_metrics(summary.metrics)
    for baseline, gain in summary.paired.items():
        name = f"{GAIN_OVER}{baseline}"
        # The gain over the prevalence is a measure already.
        metrics.update({} if name == GAIN else with_ends(gain_name(name), gain))
    if summary.instability is not None and summary.instability.value is not None:
        metrics["instability_width"] = summary.instability.value
    imputed = summary.imputation_sensitivity
    if imputed is not None:
        metrics["imputation/share_incomplete"] = imputed.share_incomplete
        metrics["imputation/median_difference"] = imputed.median_difference
        metrics["imputation/difference_percentile_95"] = imputed.difference_percentile_95
    if summary.sample_size is not None:
        metrics["riley_n_needed"] = float(summary.sample_size.n_needed)
    return {**metrics, **_center_metrics(summary.by_center)}


def horizon_metrics(metrics: Mapping[int, Mapping[str, Measured]]) -> dict[str, float]:
    """Name measures by horizon: plain names at the headline, which comes first, else in the day's group.

    Examples
    --------
    >>> horizon_metrics({365: {"auroc": Measured(0.7, 0.6)}, 90: {"auroc": Measured(0.8, 0.6)}})
    {'auroc': 0.7, 'interval/auroc_low': 0.6, 'day_90/auroc': 0.8}
    """
    named: dict[str, float] = {}
    for horizon, (days, measures) in enumerate(metrics.items()):
        for name, figure in measures.items():
            if horizon == 0:
                ends = with_ends(name, figure)
                named.update(
                    ends if name in WITH_INTERVAL else {key: ends[key] for key in ends if key == name}
                )
            elif name in AT_OTHER_DAYS and figure.value is not None:
                named[day_metric(name, days)] = figure.value
    return named


def stated_metrics(
    metrics: Mapping[int, Mapping[str, Measured]], shown: Mapping[int, Mapping[str, Measured]]
) -> dict[int, Mapping[str, Measured]]:
    """Keep the measures of the horizons that a summary shows measures of; the others have none.

    Examples
    --------
    >>> measures = {"auroc": Measured(0.8)}
    >>> stated_metrics({365: measures, 90: measures}, {365: {}, 90: {"ici": Measured(0.1)}})
    {365: {}, 90: {'auroc': Measured(value=0.8, low=None, high=None)}}
    """
    return {days: each if shown.get(days) else {} for days, each in metrics.items()}


def overfitting_metrics(overfitting: Overfitting | None, names: Iterable[str]) -> dict[str, float]:
    """Name apparent measures at the headline horizon, and their optimism: apparent less validated.

    Parameters
    ----------
    overfitting : Overfitting or None
    names : iterable of str
        Measures.

    Examples
    --------
    >>> from training.validation.apparent_performance import Overfitting
    >>> found = Overfitting(365, {"auroc": 0.75}, {"auroc": 0.5}, {"auroc": 0.25})
    >>> overfitting_metrics(found, ["auroc", "ici"])
    {'apparent/auroc': 0.75, 'optimism/auroc': 0.25}
    """
    if overfitting is None:
        return {}
    groups = {APPARENT: overfitting.apparent, OPTIMISM: overfitting.optimism}
    return {
        f"{group}/{name}": figures[name]
        for group, figures in groups.items()
        for name in names
        if name in figures
    }


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


def centers_table(by_center: Mapping[int, CenterResult]) -> dict[str, list[object]]:
    """Lay the measures of the centers out as a table, a row a center and measure.

    Examples
    --------
    >>> table = centers_table({2: CenterResult(40, 9, {"auroc": Measured(0.7)})})
    >>> table["center"], table["n_events"], table["value"]
    ([2], [9], [0.7])
    """
    rows = [
        (number, center.n_infusions, center.n_events, name, figure.value, figure.low, figure.high)
        for number, center in by_center.items()
        for name, figure in center.metrics.items()
    ]
    columns = ("center", "n_infusions", "n_events", "measure", "value", "low", "high")
    return {column: [row[position] for row in rows] for position, column in enumerate(columns)}


def with_ends(name: str, figure: Measured) -> dict[str, float]:
    """Name a figure and the ends of its interval; what does not exist is left out.

    Examples
    --------
    >>> with_ends("auroc", Measured(0.7, 0.6, 0.8))
    {'auroc': 0.7, 'interval/auroc_low': 0.6, 'interval/auroc_high': 0.8}
    """
    named = {name: figure.value, low_end(name): figure.low, high_end(name): figure.high}
    return {key: value for key, value in named.items() if value is not None}


def low_end(name: str) -> str:
    """Name the lower end of a metric's interval."""
    return f"{INTERVAL}/{name}_low"


def high_end(name: str) -> str:
    """Name the upper end of a metric's interval."""
    return f"{INTERVAL}/{name}_high"


def day_metric(name: str, days: int) -> str:
    """Name a measure at a horizon other than the headline.

    Examples
    --------
    >>> day_metric("auroc", 90)
    'day_90/auroc'
    """
    return f"day_{days}/{name}"


def gain_name(name: str) -> str:
    """Name a paired gain over something other than the prevalence.

    Examples
    --------
    >>> gain_name("log_loss_gain_over_easix")
    'gain/easix'
    """
    return f"{GAINS}/{name.removeprefix(GAIN_OVER)}"


def fold_losses(validation: Validation | None) -> dict[str, list[float]]:
    """List the log loss fold by fold, held out and of the training patients; nothing without validation."""
    if validation is None:
        return {}
    losses = {HELD_OUT: validation.fold_log_loss, TRAINING: validation.training_log_loss}
    listed = {name: loss[~np.isnan(loss)].tolist() for name, loss in losses.items() if loss is not None}
    return {name: values for name, values in listed.items() if values}


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
    >>> by_outcome("relapse", {"auroc": 0.7, "brier": 0.2, "interval/auroc_low": 0.6})
    {'relapse/auroc': 0.7}
    """
    return {outcome_metric(outcome, name): metrics[name] for name in IN_RUN_LIST if name in metrics}


def outcome_metric(outcome: str, measure: str) -> str:
    """Name a measure of an outcome where runs of several outcomes are side by side.

    Examples
    --------
    >>> outcome_metric("relapse", "auroc")
    'relapse/auroc'
    """
    return f"{outcome}/{measure}"


def of_parent(figures: Mapping[str, Mapping[str, Measured]]) -> dict[str, float]:
    """Name the measures of a run of several outcomes; their intervals are a tag, see `parent_intervals`.

    Parameters
    ----------
    figures : mapping of str to mapping of str to Measured
        By outcome and measure.

    Examples
    --------
    >>> of_parent({"relapse": {"log_loss": Measured(0.5, 0.4, 0.6), "auroc": Measured(None)}})
    {'relapse/log_loss': 0.5}
    """
    return {
        outcome_metric(outcome, name): figure.value
        for outcome, measures in figures.items()
        for name, figure in measures.items()
        if figure.value is not None
    }


def _center_metrics(by_center: Mapping[int, CenterResult]) -> dict[str, float]:
    largest = sorted(by_center, key=lambda number: -by_center[number].n_infusions)[:MOST_CENTERS]
    figures = {
        f"center_{number}/{name}": by_center[number].metrics[name].value
        for number in sorted(largest)
        for name in IN_CENTERS
        if name in by_center[number].metrics
    }
    return {name: value for name, value in figures.items() if value is not None}
