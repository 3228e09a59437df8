"""Own learners of the benchmark: candidates by address, and learners without trees."""

import numpy as np
import pytest

from tests.benchmarks.cohorts import cohort_of
from tests.benchmarks.own_learners import LinearOnly, own_learners, parse_variant
from tests.benchmarks.worlds import interactions, right
from training.evidence.evidence_set import read_evidence
from training.learners.anchored import Anchored
from training.learners.hyperparameters import AnchoredSettings

READY_MADE = Anchored(read_evidence(), AnchoredSettings(prior_scale=2.0))


def wide(evidence):
    return Anchored(evidence, AnchoredSettings(prior_scale=1.5))


@pytest.mark.parametrize(("attribute", "scale"), [("wide", 1.5), ("READY_MADE", 2.0)])
def test_candidate_is_made_by_a_function_or_is_a_learner(attribute, scale):
    learner = own_learners(((attribute, f"{__name__}:{attribute}"),))[attribute]
    assert learner._settings.prior_scale == scale


@pytest.mark.parametrize("text", ["", "wide", "wide=module", "=module:attribute", "wide=:attribute"])
def test_an_incomplete_address_is_refused(text):
    with pytest.raises(ValueError, match="is not name=module:attribute"):
        parse_variant(text)


def test_linear_only_has_no_trees_and_otherwise_the_same_linear_part():
    """Interactions of 250 patients are looked for by trees, unless they are switched off."""
    world = interactions("relapse", np.random.default_rng(1))
    training = cohort_of(world, 250, np.random.default_rng(2)).training_set()
    learner = own_learners()["anchored"]
    linear = LinearOnly(learner)
    choice = linear.choose(training, np.random.default_rng(3))
    assert choice.trees.rounds == 0
    model = linear.fit(training, choice)
    assert model.trees is None
    np.testing.assert_array_equal(model.linear.coefficients, choice.linear.average.coefficients)


def test_trees_come_back_after_linear_only(monkeypatch):
    """What is switched off is switched off for one choice."""
    seen = []
    monkeypatch.setattr("training.learners.anchored.worth_looking", lambda training: seen.append(1))
    training = cohort_of(
        right("relapse", np.random.default_rng(1)), 30, np.random.default_rng(2)
    ).training_set()
    learner = own_learners()["anchored"]
    LinearOnly(learner).choose(training, np.random.default_rng(3))
    assert not seen
    learner.choose(training, np.random.default_rng(3))
    assert seen
