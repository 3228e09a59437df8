"""How much the risks would change had missing inputs been imputed many times instead of once."""

from __future__ import annotations

from typing import Any

import numpy as np

from serving.model.composed_risk import Composition
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.risk_model import RiskModel
from training.dataset.training_set import TrainingSet
from training.learners.imputation import N_IMPUTATIONS
from training.learners.learner import Learner

IMPUTATION_SEED = 20260103
"""Of a stream of its own, so that no other result depends on whether this is measured."""
PERCENTILES = (50, 95)


def imputation_sensitivity(
    learner: Learner,
    model: RiskModel,
    training: TrainingSet,
    choice: Any,
    composition: Composition | None = None,
) -> ImputationSensitivity | None:
    """Compare a model with the one whose linear part is fitted to multiple imputations.

    Both are given the training infusions as they would be served: missing inputs at their expected values.

    Parameters
    ----------
    learner : Learner
    model : RiskModel
        As the learner fitted it to the set with the choice.
    training : TrainingSet
    choice : object
        Of the learner.
    composition : Composition, optional
        What the risk is composed of, where it is.

    Returns
    -------
    sensitivity : ImputationSensitivity or None
        Differences are exactly 0 where no input is missing. None without a linear part fitted to patients.

    References
    ----------
    Rubin 1987, Multiple Imputation for Nonresponse in Surveys, doi:10.1002/9780470316696
    """
    imputed = learner.with_drawn_inputs(model, training, choice, np.random.default_rng(IMPUTATION_SEED))
    if imputed is None or model.linear is None:
        return None
    incomplete = np.isnan(model.linear.matrix(training.patients)).any(axis=1)
    risks = (each.composed_of(composition).risk(training.patients)[:, 0] for each in (imputed, model))
    difference = np.abs(np.subtract(*risks))
    median, largest = np.percentile(difference, PERCENTILES)
    return ImputationSensitivity(
        n_imputations=N_IMPUTATIONS if incomplete.any() else 0,
        share_incomplete=round(float(incomplete.mean()), 2),
        median_difference=float(median),
        difference_percentile_95=float(largest),
    )
