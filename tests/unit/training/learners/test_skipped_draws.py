"""Learners say what they draw: tasks can be given their random numbers before earlier ones have run."""

from dataclasses import replace

import numpy as np
import pytest

from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import outcome_data
from training.evidence.evidence_set import read_evidence
from training.fitting.nested_tuning import Tuned
from training.fitting.optuna_study import Search
from training.learners.bootstrap_replicates import weighted_sets
from training.learners.learner import learners

EVIDENCE = read_evidence()
LEARNERS = {**learners(EVIDENCE), "tuned_xgboost": Tuned("xgboost", EVIDENCE, Search(None, 1))}


def data(n_patients, outcome="severe_crs"):
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(4))
    return outcome_data(cohort, OUTCOMES[outcome], FitConfig())


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("n_patients", [20, 150], ids=["without trees", "with trees"])
def test_skipping_draws_as_many_numbers_as_choosing_and_refitting(name, n_patients):
    """Both generators give the same number afterwards."""
    learner, prepared = LEARNERS[name], data(n_patients, "relapse")
    made, skipped = np.random.default_rng(2), np.random.default_rng(2)
    whole = prepared.training_set()
    choice = learner.choose(whole, made)
    learner.skip_choice(whole, skipped)
    assert made.random() == skipped.random()
    (again,) = weighted_sets(prepared, 1, np.random.default_rng(3))
    learner.refit(again, choice, made)
    learner.skip_refit(choice, skipped)
    assert made.random() == skipped.random()


def test_a_large_cohort_deals_its_folds_twice():
    """Skipping knows."""
    learner, whole = LEARNERS["anchored"], data(60, "relapse").training_set()
    many = whole.take(np.tile(np.arange(len(whole)), 1000 // len(whole) + 1))
    many = replace(many, groups=np.arange(len(many)))
    rng, other = np.random.default_rng(2), np.random.default_rng(2)
    learner.skip_choice(many, rng)
    other.integers(2**31 - 1, size=1)
    other.integers(2**31 - 1, size=1)
    assert rng.random() == other.random()
