"""A training gives the same numbers whoever runs its tasks."""

import numpy as np
import pytest

from features.synthetic.simulation import simulated_cohort
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from training.dataset.fit_config import FitConfig
from training.fitting.optuna_study import Search
from training.fitting.train import train
from training.fitting.tune import tune
from training.tasks.local import LocalProcesses

CONFIG = FitConfig(
    outcomes=("severe_crs", "crs_grade_2_or_higher"),
    folds=2,
    repeats=1,
    bootstrap_draws=20,
    replicates=12,
)
"""One of its outcomes is composed of the other."""


@pytest.fixture(scope="module")
def cohort():
    return simulated_cohort(120, rng=np.random.default_rng(35))


@pytest.fixture(scope="module")
def two():
    with LocalProcesses(2, patience_seconds=0.0) as runner:
        yield runner


def digest_of(training, folder):
    """Digest every number of a bundle."""
    write_bundle(training.bundle, folder)
    return read_bundle(folder).digest


def test_two_workers_give_the_bundle_of_one_process(cohort, two, tmp_path):
    """To the last bit."""
    alone, together = train(cohort, CONFIG), train(cohort, CONFIG, runner=two)
    assert digest_of(together, tmp_path / "b") == digest_of(alone, tmp_path / "a")
    for name, fitted in alone.outcomes.items():
        others = together.outcomes[name]
        assert others.chosen == fitted.chosen
        for each, model in fitted.models.items():
            np.testing.assert_array_equal(others.models[each].validation.risk, model.validation.risk)


def test_two_workers_find_the_settings_of_one_process(cohort, two, tmp_path):
    """Each search has its own seed; the trials are in the file."""
    config = FitConfig(outcomes=("relapse",), folds=2, repeats=1, bootstrap_draws=20, replicates=2)

    def tuned(name, **how):
        return tune(cohort, config, "xgboost", Search(tmp_path / name, 2), **how)

    alone, together = tuned("a.db"), tuned("b.db", runner=two)
    assert together.trials == alone.trials
    assert digest_of(together.training, tmp_path / "b") == digest_of(alone.training, tmp_path / "a")
    assert (tmp_path / "b.db").stat().st_size > 0
