"""Overfitting: what a model is worth in its own training patients, beside what it is worth out of fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Values
from serving.model.risk_model import RiskModel
from training.dataset.outcome_dataset import OutcomeData
from training.statistics.metrics import METRICS
from training.validation.cross_validation import Validation


@dataclass(frozen=True)
class Overfitting:
    """Apparent and validated measures of a model at its headline horizon.

    Attributes
    ----------
    horizon_days : int
    apparent : mapping of str to float
        In the patients that the model was fitted to; a measure that does not exist is left out.
    validated : mapping of str to float
        Out of fold.
    optimism : mapping of str to float
        Apparent less validated. A model that is overfitted has a positive optimism in AUROC, and a negative
        one in log loss, which is lower where a model is better.
    """

    horizon_days: int
    apparent: Mapping[str, float]
    validated: Mapping[str, float]
    optimism: Mapping[str, float]


def overfitting(model: RiskModel, data: OutcomeData, validation: Validation) -> Overfitting:
    """Measure a model in its own training patients and compare that with its validation.

    Parameters
    ----------
    model : RiskModel
        Fitted on all infusions of ``data``.
    data : OutcomeData
    validation : Validation
        Of the learner that made the model, on the same infusions.

    Returns
    -------
    overfitting : Overfitting
        At the headline horizon of the validation. Both sides have the same labels and the same weights for
        censoring.

    References
    ----------
    Harrell, Lee & Mark 1996, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4
    """
    days, folds = validation.horizons_days[0], validation.folds
    risk = model.risk_by(data.patients, (days,))[:, 0]
    apparent = measures_of(risk, folds.label[:, 0], folds.weight[:, 0])
    figures = {name: figure.value for name, figure in validation.metrics[days].items()}
    validated = {name: value for name, value in figures.items() if value is not None}
    both = [name for name in apparent if name in validated]
    return Overfitting(days, apparent, validated, {name: apparent[name] - validated[name] for name in both})


def measures_of(risk: Values, label: Values, weight: Values) -> dict[str, float]:
    """Take every measure of one set of risks, without intervals.

    Parameters
    ----------
    risk, label, weight : ndarray of shape (n_infusions,)

    Returns
    -------
    measures : dict of str to float
        Without those that do not exist, such as an AUROC without events.

    Examples
    --------
    >>> found = measures_of(np.array([0.1, 0.2, 0.7, 0.8]), np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4))
    >>> found["auroc"], round(found["brier"], 3)
    (1.0, 0.045)
    >>> "auroc" in measures_of(np.array([0.1, 0.2, 0.3, 0.4]), np.zeros(4), np.ones(4))
    False
    """
    values = {name: float(metric(risk, label, weight[None])[0]) for name, metric in METRICS.items()}
    return {name: value for name, value in values.items() if np.isfinite(value)}


def mean_fold_losses(validation: Validation) -> tuple[float, float] | None:
    """Average the log loss over folds: of the training patients and of those held out.

    Returns
    -------
    training, held_out : float
        None where no fold has both.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> losses = {"fold_log_loss": np.array([[0.5, 0.7]]), "training_log_loss": np.array([[0.25, 0.25]])}
    >>> mean_fold_losses(SimpleNamespace(**losses))
    (0.25, 0.6)
    """
    if validation.training_log_loss is None:
        return None
    both = ~np.isnan(validation.training_log_loss) & ~np.isnan(validation.fold_log_loss)
    if not both.any():
        return None
    return float(validation.training_log_loss[both].mean()), float(validation.fold_log_loss[both].mean())
