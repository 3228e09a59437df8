"""Repeated grouped cross-validation of the very arithmetic that is served, everything refitted a fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from serving.model.measured import Measured
from training.dataset.outcome_dataset import OutcomeData
from training.learners.learner import Fitter
from training.statistics.metrics import DISTANCES, METRICS, WITHIN_FOLDS, Metric, log_loss
from training.validation.composed_folds import composed_out_of_fold
from training.validation.shared_folds import Folds

INTERVAL_PERCENTILES = (5.0, 95.0)
FEWEST_DRAWS = 0.9
"""Share of bootstrap draws in which a measure must exist; percentiles of the rest would be a selection."""


@dataclass(frozen=True, repr=False)
class Validation(ShortRepr):
    """Out-of-fold risks and what they are worth.

    Attributes
    ----------
    horizons_days : tuple of int
    risk : ndarray of shape (n_repeats, n_infusions, n_horizons)
        Each from a model that saw no infusion of the same patient.
    folds : Folds
    metrics : mapping of int to mapping of str to Measured
        By horizon: each measure averaged over repeats, with its 90 % interval.
    fold_log_loss : ndarray of shape (n_repeats, n_folds)
        At the headline horizon.
    """

    horizons_days: tuple[int, ...]
    risk: Values
    folds: Folds
    metrics: Mapping[int, Mapping[str, Measured]]
    fold_log_loss: Values

    def risk_at(self, horizons_days: tuple[int, ...]) -> Values:
        """Out-of-fold risk at horizons of the validation: shape (n_repeats, n_infusions, n_horizons)."""
        return self.risk[:, :, [self.horizons_days.index(days) for days in horizons_days]]

    @property
    def mean_risk(self) -> Values:
        """Out-of-fold risk averaged over repeats, for pictures: shape (n_infusions, n_horizons)."""
        return self.risk.mean(axis=0)

    @property
    def headline_log_loss(self) -> float:
        """Out-of-fold log loss at the headline horizon."""
        value = self.metrics[self.horizons_days[0]]["log_loss"].value
        return float("inf") if value is None else value


def cross_validate(
    learner: Fitter,
    data: OutcomeData,
    folds: Folds,
    rng: np.random.Generator,
    *,
    parts: Mapping[str, Validation] = MappingProxyType({}),
    advance: Callable[[], None] = lambda: None,
) -> Validation:
    """Predict every infusion by models that never saw its patient.

    Parameters
    ----------
    learner : Fitter
    data : OutcomeData
    folds : Folds
        Shared by all learners of the outcome.
    rng : numpy.random.Generator
        For the choices inside the folds.
    parts : mapping of str to Validation
        Of the outcomes that this one is composed of, in the same folds and at least at its horizons.
    advance : callable
        Called after each fold.

    Returns
    -------
    validation : Validation
        Censoring weights, expected terms, penalties and rounds are estimated within every fold.
    """
    risk = np.empty((*folds.number.shape, len(data.horizons_days)))
    for repeat, numbers in enumerate(folds.number):
        for fold in range(int(numbers.max()) + 1):
            held_out = np.flatnonzero(numbers == fold)
            training = data.training_set(np.flatnonzero(numbers != fold))
            model = learner.fit(training, learner.choose(training, rng))
            risk[repeat, held_out] = model.risk_by(data.patients.take(held_out), data.horizons_days)
            advance()
    at_horizons = {name: part.risk_at(data.horizons_days) for name, part in parts.items()}
    risk = composed_out_of_fold(data.outcome, risk, data.horizons_days, at_horizons)
    metrics = {
        days: all_measures(risk[:, :, position], folds, position)
        for position, days in enumerate(data.horizons_days)
    }
    return Validation(data.horizons_days, risk, folds, metrics, _fold_log_loss(risk, folds))


def _fold_log_loss(risk: Values, folds: Folds) -> Values:
    """Log loss of every fold at the headline horizon: shape (n_repeats, n_folds)."""
    losses = np.full((len(folds.number), int(folds.number.max()) + 1), np.nan)
    for repeat, numbers in enumerate(folds.number):
        for fold in range(int(numbers.max()) + 1):
            held_out = np.flatnonzero(numbers == fold)
            at_headline = risk[repeat, held_out, 0], folds.label[held_out, 0], folds.weight[None, held_out, 0]
            losses[repeat, fold] = log_loss(*at_headline)[0]
    return losses


def log_loss_gain(model: Validation, baseline: Validation, *, position: int = 0) -> Measured:
    """Paired gain in out-of-fold log loss over a baseline in the same folds; above 0 is better."""
    return paired_gain(model, baseline, log_loss, position=position)


def paired_gain(model: Validation, baseline: Validation, loss: Metric, *, position: int = 0) -> Measured:
    """Measure how much lower the out-of-fold loss of a model is than that of a baseline.

    Parameters
    ----------
    model, baseline : Validation
        Of the same `Folds`, so that every bootstrap draw has the same patients for both.
    loss : callable
        A proper score in `training.statistics.metrics`, lower is better.
    position : int
        Horizon, by its position.

    Returns
    -------
    gain : Measured
        Above 0 the model is better; with the 90 % interval over patient-bootstrap draws.

    Raises
    ------
    ValueError
        If the two were not validated in the same folds: the difference would not be paired.
    """
    if model.folds is not baseline.folds:
        message = "a paired gain needs two validations in the same folds"
        raise ValueError(message)
    before, after = (
        metric_draws(loss, each.risk[:, :, position], each.folds, position) for each in (baseline, model)
    )
    return measured(before - after)


def metric_draws(
    metric: Metric, risk: Values, folds: Folds, position: int, *, within: bool = False
) -> Values:
    """Measure the cohort and its bootstrap draws, averaged over repeats.

    Parameters
    ----------
    metric : callable
        As in `training.statistics.metrics`.
    risk : ndarray of shape (n_repeats, n_infusions)
        Out of fold.
    folds : Folds
    position : int
        Horizon, by its position.
    within : bool
        Whether to measure within folds.

    Returns
    -------
    values : ndarray of shape (1 + n_draws,)
        The cohort first. NaN where the measure does not exist.
    """
    weight = _with_draws(folds.weight[:, position], folds.draws)
    label = folds.label[:, position]
    by_repeat = [
        metric(repeat, label, weight, **({"fold": number} if within else {}))
        for repeat, number in zip(risk, folds.number, strict=True)
    ]
    return np.mean(by_repeat, axis=0)


def measured(values: Values) -> Measured:
    """Sum up a measure and its bootstrap draws; no interval where too many draws have none.

    Parameters
    ----------
    values : ndarray of shape (1 + n_draws,)
        As `metric_draws` gives them.

    Returns
    -------
    measured : Measured
        With the 90 % interval.

    Examples
    --------
    >>> measured(np.array([0.5, 0.0, 0.5, 1.0]))
    Measured(value=0.5, low=0.05, high=0.95)
    """
    value, drawn = values[0], values[1:][~np.isnan(values[1:])]
    if np.isnan(value) or len(drawn) < FEWEST_DRAWS * (len(values) - 1):
        return Measured(None if np.isnan(value) else float(value))
    low, high = np.percentile(drawn, INTERVAL_PERCENTILES)
    return Measured(float(value), float(low), float(high))


def measured_distance(values: Values) -> Measured:
    """Sum up a distance and its bootstrap draws; the interval reaches down to what chance may have added.

    Risks that are right have an ICI above 0 by chance, and a bootstrap draw adds as much again: percentiles
    of the draws never hold the truth 0, and at times not the figure itself. What chance adds, it adds to the
    square of a distance, so the lower end is the basic bootstrap's on the squares: the square of the figure
    less by how much the square of the upper percentile exceeds it, and 0 where less than nothing is left. The
    upper end is the percentile.

    Parameters
    ----------
    values : ndarray of shape (1 + n_draws,)
        As `metric_draws` gives them.

    Returns
    -------
    measured : Measured
        With an interval that holds the figure and is one of 90 % at least: of 300 simulated cohorts each of
        100 and 300 patients, risks right, of half the slope or off by .2 to 1 in log-odds, it held the true
        ICI in 91 to 100 of 100 (percentiles: in 0 where the risks are right, elsewhere in 41 to 93).

    Examples
    --------
    >>> measured_distance(np.array([0.05, 0.06, 0.08, 0.09]))
    Measured(value=0.05, low=0.0, high=0.089)
    >>> round(measured_distance(np.array([0.5, 0.6, 0.6, 0.6])).low, 3)
    0.374
    """
    plain = measured(values)
    if plain.value is None or plain.high is None:
        return plain
    high = max(plain.high, plain.value)
    low = float(np.sqrt(max(0.0, 2 * plain.value**2 - high**2)))
    return Measured(plain.value, low, high)


def all_measures(risk: Values, folds: Folds, position: int) -> dict[str, Measured]:
    """Take every measure at one horizon; ``risk`` has shape (n_repeats, n_infusions)."""
    return {
        name: (measured_distance if name in DISTANCES else measured)(
            metric_draws(metric, risk, folds, position, within=name in WITHIN_FOLDS)
        )
        for name, metric in METRICS.items()
    }


def _with_draws(weight: Values, draws: Values) -> Values:
    """Stack the cohort's own weights on those of its bootstrap draws."""
    return np.vstack([weight, weight * draws])
