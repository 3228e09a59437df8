"""Overfitting: apparent beside validated performance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss as plain_log_loss
from sklearn.metrics import roc_auc_score

from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from tests.recorded import LIGHT
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.fitting.train import train
from training.learners.prevalence import Prevalence
from training.learners.ridge import Ridge
from training.validation.apparent_performance import mean_fold_losses, measures_of, overfitting
from training.validation.cross_validation import cross_validate
from training.validation.shared_folds import shared_folds


def crs(n_patients: int, seed: int) -> OutcomeData:
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(seed))
    data = outcome_data(cohort, OUTCOMES["severe_crs"], LIGHT)
    assert isinstance(data, OutcomeData)
    return data


def test_measures_are_those_of_scikit_learn() -> None:
    """With weights, as for censoring."""
    rng = np.random.default_rng(3)
    risk, weight = rng.uniform(0.05, 0.95, 60), rng.uniform(0.5, 2, 60)
    label = (rng.uniform(size=60) < risk).astype(float)
    found = measures_of(risk, label, weight)
    assert found["auroc"] == pytest.approx(roc_auc_score(label, risk, sample_weight=weight))
    assert found["log_loss"] == pytest.approx(plain_log_loss(label, risk, sample_weight=weight))


def test_a_model_that_knows_nothing_has_no_optimism_in_auroc() -> None:
    """The prevalence ranks nobody, in training and out of fold."""
    data = crs(90, 5)
    folds = shared_folds(data, LIGHT, np.random.default_rng(1))
    learner, rng = Prevalence(), np.random.default_rng(2)
    validation = cross_validate(learner, data, folds, rng)
    whole = data.training_set()
    found = overfitting(learner.fit(whole, learner.choose(whole, rng)), data, validation)
    assert found.optimism["auroc"] == 0
    assert abs(found.optimism["log_loss"]) < 0.02


def test_apparent_measures_are_of_the_models_own_predictions() -> None:
    """On its training patients, with the labels and weights of the validation."""
    trained = train(
        simulated_cohort(90, rng=np.random.default_rng(5)), replace(LIGHT, outcomes=("severe_crs",))
    )
    fitted = trained.outcomes["severe_crs"]
    for model in fitted.models.values():
        assert model.validation is not None
        found = overfitting(model.model, fitted.data, model.validation)
        folds = model.validation.folds
        risk = model.model.risk(fitted.data.patients)[:, 0]
        known = folds.weight[:, 0] > 0
        assert found.apparent["auroc"] == pytest.approx(
            roc_auc_score(folds.label[known, 0], risk[known], sample_weight=folds.weight[known, 0])
        )
        assert found.validated["auroc"] == model.validation.metrics[30]["auroc"].value
        assert found.optimism["auroc"] == found.apparent["auroc"] - found.validated["auroc"]
    losses = mean_fold_losses(fitted.models["ridge"].validation)  # type: ignore[arg-type]
    assert losses is not None
    assert losses[0] < losses[1]


def test_training_loss_of_a_fold_is_of_the_infusions_it_was_fitted_to() -> None:
    """Every infusion is either held out or fitted to; the loss is worked by hand."""
    data = crs(60, 8)
    folds = shared_folds(data, LIGHT, np.random.default_rng(1))
    learner, rng = Ridge(), np.random.default_rng(2)
    validation = cross_validate(learner, data, folds, rng)
    risk = validation.fitted_risk
    assert risk is not None
    for fold in range(LIGHT.folds):
        assert (np.isnan(risk[fold, 0, :, 0]) == (folds.number[0] == fold)).all()
    seen = folds.number[0] != 1
    expected = plain_log_loss(
        folds.label[seen, 0], risk[1, 0, seen, 0], sample_weight=folds.weight[seen, 0], labels=[0, 1]
    )
    assert validation.training_log_loss is not None
    assert validation.training_log_loss[0, 1] == pytest.approx(expected)
