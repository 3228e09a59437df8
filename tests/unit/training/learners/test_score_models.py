"""The risk by a published bedside score alone, fitted on a cohort."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from features.bedside_scores import BEDSIDE_SCORES
from features.columns import Columns, Values
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.synthetic.simulation import simulated_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.training_set import TrainingSet
from training.learners.easix import COEFFICIENT_SPREAD
from training.learners.score_models import score_models

SCORE = "car_hematotox"


def training_set(outcome: str = "severe_icaht") -> TrainingSet:
    cohort = simulated_cohort(200, rng=np.random.default_rng(11))
    data = outcome_data(cohort, OUTCOMES[outcome], FitConfig())
    assert isinstance(data, OutcomeData)
    return data.training_set()


def points_of(patients: Columns) -> Values:
    return BEDSIDE_SCORES[SCORE].compute(patients)


def test_points_are_those_of_the_published_table() -> None:
    """Platelets 60: 2, neutrophils .5: 1, hemoglobin 8.5: 1, CRP 4.5 mg/dL: 1, ferritin 1000: 1."""
    labs = {
        "platelets_1e9_l": 60.0,
        "anc_1e9_l": 0.5,
        "hemoglobin_g_dl": 8.5,
        "crp_mg_l": 45.0,
        "ferritin_ug_l": 1000.0,
    }
    points = points_of(predictors([labs, labs | {"crp_mg_l": 10.0}, labs | {"ferritin_ug_l": None}]))
    np.testing.assert_array_equal(points, [6.0, 5.0, np.nan])
    assert set(BEDSIDE_SCORES[SCORE].inputs) == set(labs)


def test_the_model_equals_scikit_learn() -> None:
    """The same penalty on the infusions whose points are known."""
    training = training_set()
    model = score_models(training, horizon_days=30)[SCORE]
    points = points_of(training.patients)
    known = ~np.isnan(points) & (training.weight[:, 0] > 0)
    scaled = (points[known] - points[known].mean()) / points[known].std()
    reference = LogisticRegression(C=COEFFICIENT_SPREAD**2, tol=1e-10, max_iter=5000)
    reference.fit(scaled[:, None], training.label[known, 0], sample_weight=training.weight[known, 0])
    found = model.risk(points[known])
    np.testing.assert_allclose(found, reference.predict_proba(scaled[:, None])[:, 1], atol=5e-3)
    np.testing.assert_allclose(found.mean(), training.label[known, 0].mean(), atol=5e-4)


def test_outcomes_that_name_no_score_have_no_model() -> None:
    """CAR-HEMATOTOX was made for neutropenia."""
    assert [name for name, outcome in OUTCOMES.items() if outcome.scores] == ["severe_icaht"]
    assert score_models(training_set("severe_crs"), horizon_days=30) == {}


@pytest.mark.parametrize("name", [name for outcome in OUTCOMES.values() for name in outcome.scores])
def test_every_score_that_an_outcome_names_exists(name: str) -> None:
    """With a DOI."""
    assert BEDSIDE_SCORES[name].source.startswith("10.")


def test_too_few_known_points_or_another_horizon_give_no_model() -> None:
    """Five with the event suffice; four do not, nor points that are all the same."""
    training = training_set()
    assert score_models(training, horizon_days=60) == {}
    known = ~np.isnan(points_of(training.patients)) & (training.weight[:, 0] > 0)
    events = np.flatnonzero(known & (training.label[:, 0] == 1))
    free = np.flatnonzero(training.label[:, 0] == 0)
    assert score_models(training.take(np.append(free, events[:4])), horizon_days=30) == {}
    assert score_models(training.take(np.append(free, events[:5])), horizon_days=30)
    same = {name: np.full(len(training.patients), 1.0) for name in BEDSIDE_SCORES[SCORE].inputs}
    patients = Columns(training.patients.model, {**training.patients.values, **same})
    assert score_models(replace(training, patients=patients), horizon_days=30) == {}
