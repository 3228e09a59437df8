"""External validation, its update and comparisons give the same numbers whoever runs their tasks."""

from dataclasses import replace

import numpy as np
import pytest

from features.synthetic.simulation import simulated_cohort
from tests.bundles import make_bundle
from training.comparison.paired_comparison import compare_versions
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.external.external_validation import validate_externally
from training.external.update_learner import UPDATED
from training.external.update_version import updated_version
from training.fitting.train import train
from training.tasks.local import LocalProcesses
from training.tasks.serial import Serial

CONFIG = FitConfig(outcomes=("severe_crs", "relapse"), folds=3, repeats=1, bootstrap_draws=20, replicates=20)


@pytest.fixture(scope="module")
def two():
    with LocalProcesses(2, patience_seconds=0.0) as runner:
        yield runner


class Keys:
    """Runs tasks here, and collects their keys."""

    def __init__(self):
        self.seen = []

    def finished(self, tasks):
        self.seen += [task.key for task in tasks]
        return Serial().finished(tasks)


def far_off():
    """Make a bundle whose risks of severe CRS need an update."""
    bundle = make_bundle()
    model = bundle.models["severe_crs"]
    replicates = replace(model.replicates, intercepts=model.replicates.intercepts - 2.0)
    moved = replace(model, reference=model.reference - 2.0, replicates=replicates)
    return replace(bundle, models={**bundle.models, "severe_crs": moved}, digest="sha256:parent")


def cohort(seed, n=120):
    return simulated_cohort(n, rng=np.random.default_rng(seed))


def test_two_workers_validate_and_update_as_one_process(two):
    """To the last bit: measures, the update, its folds and its replicates."""
    elsewhere, parent = replace(cohort(4, 160), sha256="ee" * 32), far_off()
    alone = validate_externally(parent, elsewhere, CONFIG)
    together = validate_externally(parent, elsewhere, CONFIG, runner=two)
    for name, outcome in alone.outcomes.items():
        assert together.outcomes[name].validation.metrics == outcome.validation.metrics
        assert together.outcomes[name].choice.update == outcome.choice.update
    keys = Keys()
    one, other = updated_version(alone, runner=keys), updated_version(together, runner=two)
    assert "severe_crs" in one.outcomes
    for name, updated in one.outcomes.items():
        same = other.outcomes[name]
        np.testing.assert_array_equal(same.validation.risk, updated.validation.risk)
        assert same.summary.metrics == updated.summary.metrics
        for what in ("intercepts", "coefficients"):
            found, expected = (getattr(each.model.replicates, what) for each in (same, updated))
            np.testing.assert_array_equal(found, expected)
        assert f"{name}/{UPDATED}/repeat 0/fold 0" in keys.seen
    assert len({*keys.seen}) == len(keys.seen)


def test_two_workers_compare_as_one_process(two):
    """To the last bit; no task of a version is taken for one of the other, nor of other folds."""
    training_cohort = cohort(35)
    config = FitConfig(
        outcomes=("relapse",),
        models=("ridge",),
        folds=2,
        repeats=1,
        bootstrap_draws=20,
        replicates=2,
    )
    pair = []
    for number, seed in (("1", 1), ("2", 2)):
        own = replace(config, seed=seed)
        bundle = train(training_cohort, own).bundle
        stated = replace(bundle, digest=f"sha256:{number}", provenance={"version": number})
        pair.append(Contender(stated, Recipe(own)))
    keys = Keys()
    alone = compare_versions(tuple(pair), training_cohort, runner=keys)
    assert compare_versions(tuple(pair), training_cohort, runner=two) == alone
    # Folds of the first; of the second in its own folds and in those of the first.
    assert len(keys.seen) == len({*keys.seen})
    assert sum("fold" in key.rpartition("/")[2] for key in keys.seen) == 3 * 2
