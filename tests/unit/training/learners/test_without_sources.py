"""Fits without a source: the trees stay, what training would refuse is left out, others rest on no source."""

import dataclasses

import numpy as np
import pytest

from features.predictors import predictors
from features.problems import Refused
from tests.bundles import patients
from tests.known_risk import drawn_set, headline_prior, truth
from training.evidence.evidence_set import Evidence, read_evidence
from training.learners import kept_priors
from training.learners.anchored import Anchored
from training.learners.evidence_only import Published, empty_set
from training.learners.learner import learners
from training.learners.residual_trees import TreeChoice

EVIDENCE = read_evidence()
PATIENTS = predictors(patients(25, np.random.default_rng(2)))


def relapse_set(n_infusions):
    prior = headline_prior("relapse")
    true = truth(prior.effects, base_rate=float(prior.base_rate[0]))
    return drawn_set("relapse", true, n_infusions, np.random.default_rng(7), earlier={90: 0.9})


def with_trees(choice, training):
    """Take trees upon a part of the linear part, whether or not they help."""
    return dataclasses.replace(
        choice, trees=TreeChoice(8, 0.6), margin=np.zeros_like(training.label), training=training
    )


def test_the_trees_of_the_model_stay():
    """With the same trees and the prior of the evidence without the source, the model is the same to 1e-9."""
    training, nobody = relapse_set(150), empty_set("relapse", (365, 90))
    learner, rng = Anchored(EVIDENCE), np.random.default_rng(1)
    choice = with_trees(learner.choose(nobody, rng), training)
    model = learner.fit(training, choice)
    assert model.trees is not None
    without = learner.without_sources(model, training, choice)
    found = dataclasses.replace(model, without_sources=without).explain(PATIENTS).risk_without
    for place in range(0, len(without), 6):
        less = Anchored(EVIDENCE.without(without[place].sources))
        expected = less.fit(training, with_trees(less.choose(nobody, rng), training)).risk(PATIENTS)
        np.testing.assert_allclose(found[:, place], expected, atol=1e-9)


def test_risks_by_horizon_never_fall():
    """Without any source, as with all."""
    training = relapse_set(60)
    learner = Anchored(EVIDENCE)
    choice = learner.choose(training, np.random.default_rng(1))
    model = learner.fit(training, choice)
    in_time = np.argsort(model.horizons_days)
    for each in learner.without_sources(model, training, choice):
        assert (np.diff(each.reference[in_time]) >= 0).all()


def test_a_source_whose_loss_training_refuses_is_not_listed(monkeypatch):
    """--exclude-source says why; the other sources are listed all the same."""
    row = next(row for row in EVIDENCE.effects if row.outcome == "severe_icans" and row.use == "estimate")
    two = [dataclasses.replace(row, id=name, cohort_group=name, sources=(name,)) for name in ("far", "near")]
    evidence = Evidence(tuple(two), EVIDENCE.base_rates)
    refused = []
    true_prior = kept_priors.published_prior

    def strict(outcome, horizons_days, evidence):
        if not any("near" in row.sources for row in evidence.effects):
            refused.append(outcome)
            message = "the effects together are too large"
            raise Refused(message)
        return true_prior(outcome, horizons_days, evidence)

    monkeypatch.setattr(kept_priors, "published_prior", strict)
    learner, nobody = Published(evidence), empty_set("severe_icans", (30,))
    choice = learner.choose(nobody, np.random.default_rng(1))
    named = [each.sources for each in learner.without_sources(learner.fit(nobody, choice), nobody, choice)]
    assert refused
    assert ("far",) in named
    assert ("near",) not in named


@pytest.mark.parametrize("with_patients", [True, False])
def test_without_the_only_source_there_is_a_model_only_of_patients(with_patients):
    """As in training: no evidence and no patient give no model."""
    rates = tuple(row for row in EVIDENCE.base_rates if row.outcome == "severe_icans")
    alone = tuple(row for row in rates if row.use == "estimate")[:1]
    learner = Anchored(Evidence((), alone))
    training = empty_set("severe_icans", (30,))
    if with_patients:
        prior = headline_prior("severe_icans")
        true = truth(prior.effects, base_rate=float(prior.base_rate[0]))
        training = drawn_set("severe_icans", true, 30, np.random.default_rng(3))
    choice = learner.choose(training, np.random.default_rng(1))
    found = learner.without_sources(learner.fit(training, choice), training, choice)
    assert [each.sources for each in found] == ([alone[0].sources] if with_patients else [])


@pytest.mark.parametrize("name", ["prevalence", "easix", "ridge", "xgboost"])
def test_what_rests_on_no_source_has_none_to_leave_out(name):
    training, learner = relapse_set(120), learners(EVIDENCE)[name]
    choice = learner.choose(training, np.random.default_rng(1))
    assert learner.without_sources(learner.fit(training, choice), training, choice) == ()
