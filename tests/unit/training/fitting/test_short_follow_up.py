"""A cohort that is followed for months: some models have horizons that others lack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.cohort import Cohort
from features.columns import Columns
from features.predictors import predictors
from features.synthetic.simulation import simulated_cohort
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import patients
from training.dataset.fit_config import FitConfig
from training.fitting.train import Training, train

LAST_DAY = 200
CONFIG = FitConfig(
    outcomes=("death",), models=("ridge", "anchored"), validate=False, replicates=5, bootstrap_draws=20
)


def followed_until(cohort: Cohort, last_day: int) -> Cohort:
    """Censor a cohort."""
    known = {name: column.copy() for name, column in cohort.follow_up.values.items()}
    for name in ("relapse_day", "death_day", "next_infusion_day"):
        known[name][known[name] > last_day] = np.nan
    known["last_contact_day"] = np.minimum(known["last_contact_day"], last_day)
    return replace(cohort, follow_up=Columns(cohort.follow_up.model, known))


@pytest.fixture(scope="module")
def training() -> Training:
    cohort = simulated_cohort(70, rng=np.random.default_rng(3))
    return train(followed_until(cohort, LAST_DAY), CONFIG)


def test_a_risk_is_composed_at_the_horizons_that_all_its_models_have(training: Training) -> None:
    """Relapse by ridge regression has those of the cohort; death without it by evidence would have all."""
    models = training.bundle.models
    assert models["relapse"].method == "ridge"
    assert models["death_without_relapse"].method == "anchored"
    assert {model.horizons_days for model in models.values()} == {(90, 180)}
    people = predictors(patients(20, np.random.default_rng(4)))
    risks = {name: model.risk(people) for name, model in models.items()}
    assert (risks["relapse"] + risks["death_without_relapse"] < 1).all()
    assert (risks["death"] > risks["death_without_relapse"]).all()
    for model in models.values():
        low, high = model.interval(people)
        assert low.shape == high.shape == (20, 2)
        assert all(each.reference.shape == (2,) for each in model.without_sources)


def test_its_bundle_answers_the_same(training: Training, tmp_path: Path) -> None:
    """Written and read again."""
    write_bundle(training.shared_bundle, tmp_path / "bundle")
    again = read_bundle(tmp_path / "bundle")
    people = predictors(patients(5, np.random.default_rng(4)))
    for name, model in training.bundle.models.items():
        np.testing.assert_array_equal(again.models[name].risk(people), model.risk(people))
