"""Repeated grouped cross-validation of the very arithmetic that is served, everything refitted a fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from serving.model.measured import Measured
from training.console.stopwatch import Stopwatch
from training.dataset.outcome_dataset import OutcomeData
from training.learners.learner import Fitter
from training.statistics.metrics import Metric, log_loss
from training.tasks.serial import SERIAL
from training.tasks.task import Runner, Shared, Task
from training.tasks.work import Work, run
from training.validation.bootstrap_intervals import all_measures, measured, metric_draws
from training.validation.composed_folds import composed_out_of_fold
from training.validation.fold_tasks import fold_tasks, joined_risks
from training.validation.shared_folds import Folds


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
    fitted_risk : ndarray of shape (n_folds, n_repeats, n_infusions, n_horizons), optional
        Risks by the model of each fold of the infusions that it was fitted to; NaN where it was not.
    """

    horizons_days: tuple[int, ...]
    risk: Values
    folds: Folds
    metrics: Mapping[int, Mapping[str, Measured]]
    fold_log_loss: Values
    fitted_risk: Values | None = None

    def risk_at(self, horizons_days: tuple[int, ...]) -> Values:
        """Out-of-fold risk at horizons of the validation: shape (n_repeats, n_infusions, n_horizons)."""
        return self.risk[:, :, [self.horizons_days.index(days) for days in horizons_days]]

    @property
    def mean_risk(self) -> Values:
        """Out-of-fold risk averaged over repeats, for pictures: shape (n_infusions, n_horizons)."""
        return self.risk.mean(axis=0)

    @property
    def training_log_loss(self) -> Values | None:
        """Log loss of each fold's model in the infusions that it was fitted to, as `fold_log_loss`."""
        if self.fitted_risk is None:
            return None
        label, weight = self.folds.label[:, 0], self.folds.weight[:, 0]
        losses = np.full_like(self.fold_log_loss, np.nan)
        for repeat, fold in np.ndindex(*losses.shape):
            seen = ~np.isnan(self.fitted_risk[fold, repeat, :, 0])
            risk = self.fitted_risk[fold, repeat, seen, 0]
            losses[repeat, fold] = (
                log_loss(risk, label[seen], weight[None, seen])[0] if seen.any() else np.nan
            )
        return losses

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
    name: str = "",
    runner: Runner = SERIAL,
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
    name : str
        Of the learner in the keys of tasks: another one each time that a runner validates the same outcome.
    runner : Runner
        Runs the folds.
    advance : callable
        Called after each fold.

    Returns
    -------
    validation : Validation
        Censoring weights, expected terms, penalties and rounds are estimated within every fold.
    """
    work = cross_validated({name: learner}, Shared(data), folds, {name: rng}, parts=lambda: {name: parts})
    return run(work, runner, advance=advance)[name]


def cross_validated(
    learners: Mapping[str, Fitter],
    data: Shared,
    folds: Folds,
    rngs: Mapping[str, np.random.Generator],
    *,
    parts: Callable[[], Mapping[str, Mapping[str, Validation]] | None],
    watch: Stopwatch | None = None,
) -> Work[dict[str, Validation]]:
    """Cross-validate several learners in the same folds.

    Parameters
    ----------
    learners : mapping of str to Fitter
    data : Shared
        Of `OutcomeData`.
    folds : Folds
    rngs : mapping of str to numpy.random.Generator
        Of each learner.
    parts : callable
        Gives, for each learner, the validations that its risks are composed with; None until they are known.
    watch : Stopwatch, optional
        Counts the work on each learner.

    Returns
    -------
    work : Work
        Its result has the validation of each learner, as `cross_validate` returns it.
    """
    known, counted = data.value, watch or Stopwatch()
    tasks = fold_tasks(learners, data, folds, rngs)
    done = yield [task for each in tasks.values() for task in each]
    risks: dict[str, Values] = {}
    of_fitted: dict[str, Values] = {}
    for name, each in tasks.items():
        fitted, done = done[: len(each)], done[len(each) :]
        counted.add_all(name, fitted)
        risks[name], of_fitted[name] = joined_risks(fitted, known, folds)
    while (composed_of := parts()) is None:
        yield []
    for name, risk in risks.items():
        at_horizons = {part: each.risk_at(known.horizons_days) for part, each in composed_of[name].items()}
        composed = composed_out_of_fold(known.outcome, risk, known.horizons_days, at_horizons)
        # As another process gets it: the order in memory decides the last bit of a sum.
        risks[name] = np.ascontiguousarray(composed)
    compositions = {
        name: _composed_fitted(known, risk, composed_of[name]) for name, risk in of_fitted.items()
    }
    measured_at = [(name, position) for name in learners for position in range(len(known.horizons_days))]
    shared = Shared(folds)
    done = yield [
        Task(
            f"{known.outcome.name}/{name}/measures at {known.horizons_days[position]}",
            _measures_at,
            (risks[name], shared, position),
            steps=0,
        )
        for name, position in measured_at
    ]
    metrics: dict[str, dict[int, dict[str, Measured]]] = {name: {} for name in learners}
    for (name, position), measures in zip(measured_at, done, strict=True):
        counted.add_all(name, [measures])
        metrics[name][known.horizons_days[position]] = measures.value
    return {
        name: Validation(
            known.horizons_days,
            risk,
            folds,
            metrics[name],
            _fold_log_loss(risk, folds),
            compositions[name],
        )
        for name, risk in risks.items()
    }


def _composed_fitted(data: OutcomeData, risk: Values, parts: Mapping[str, Validation]) -> Values | None:
    """Compose the risks of the fitted infusions, where those of every part are known."""
    known: dict[str, Values] = {}
    for name, part in parts.items():
        if part.fitted_risk is None or len(part.fitted_risk) != len(risk):
            return None
        at = [part.horizons_days.index(days) for days in data.horizons_days]
        known[name] = part.fitted_risk[..., at]
    return composed_out_of_fold(data.outcome, risk, data.horizons_days, known)


def _measures_at(risk: Values, folds: Folds, position: int) -> dict[str, Measured]:
    return all_measures(risk[:, :, position], folds, position)


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
