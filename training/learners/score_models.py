"""What each published bedside score of an outcome alone says, for comparison with the released model."""

from __future__ import annotations

import numpy as np

from features.bedside_scores import BEDSIDE_SCORES
from features.columns import Values
from features.outcomes import OUTCOMES
from serving.model.score_model import ScoreModel
from training.dataset.fit_config import FEWEST_EVENTS
from training.dataset.training_set import TrainingSet
from training.learners.easix import COEFFICIENT_SPREAD
from training.statistics.penalized_logistic import penalized_logistic


def score_models(training: TrainingSet, *, horizon_days: int) -> dict[str, ScoreModel]:
    """Fit a logistic regression on the points of each score that the outcome names.

    Parameters
    ----------
    training : TrainingSet
        The whole cohort.
    horizon_days : int
        Headline horizon of the released model.

    Returns
    -------
    models : dict of str to ScoreModel
        By score. Infusions without the score have no part. A score is left out where fewer than
        `FEWEST_EVENTS` infusions with known points had the event by the horizon, or did not have it, where
        all have the same points, and where the fit does not settle; all are where the training set does not
        have the horizon first.

    References
    ----------
    Rejeski et al. 2021, doi:10.1182/blood.2020010543 (CAR-HEMATOTOX).
    """
    if training.horizons_days[0] != horizon_days:
        return {}
    points = {
        name: BEDSIDE_SCORES[name].compute(training.patients) for name in OUTCOMES[training.outcome].scores
    }
    fitted = {name: _fitted(training, each) for name, each in points.items()}
    return {name: model for name, model in fitted.items() if model is not None}


def _fitted(training: TrainingSet, points: Values) -> ScoreModel | None:
    known = ~np.isnan(points) & (training.weight[:, 0] > 0)
    label, weight, points = training.label[known, :1], training.weight[known, :1], points[known]
    if min((label == value).sum() for value in (0, 1)) < FEWEST_EVENTS or np.ptp(points) == 0:
        return None
    center, spread = float(points.mean()), float(points.std())
    try:
        fit = penalized_logistic(
            (points - center)[:, None],
            label,
            weight,
            horizons_days=training.horizons_days[:1],
            mean=np.zeros(1),
            precision=np.array([[(spread / COEFFICIENT_SPREAD) ** 2]]),
        )
    except (FloatingPointError, np.linalg.LinAlgError):
        return None
    coefficient = float(fit.coefficients[0])
    return ScoreModel(float(fit.intercepts[0] - coefficient * center), coefficient)
