"""The anchored learner: sums that add up, shares that are told, curves that do not cross, and replicates."""

import dataclasses

import numpy as np
import pytest

from features.log_odds import logit
from features.predictors import predictors
from features.terms import TERMS
from tests.bundles import patients as request_rows
from tests.known_risk import drawn_set, evidence, headline_prior, some_patients, truth
from training.dataset.training_set import TrainingSet
from training.learners.anchored import Anchored
from training.learners.residual_trees import FEWEST_EVENTS, TreeChoice
from training.statistics.penalized_logistic import never_falling

CURVE = {90: 0.9, 180: 0.4}
"""Horizons before the headline, and by how much their log-odds are less."""


def relapse_set(n_infusions, *, seed, factor=1.0):
    """Draw a cohort whose effects are the published ones times a factor."""
    prior = headline_prior("relapse")
    true = truth(factor * prior.effects, base_rate=float(prior.base_rate[0]))
    return drawn_set("relapse", true, n_infusions, np.random.default_rng(seed), earlier=CURVE)


def with_labels(training, label):
    return dataclasses.replace(training, label=np.broadcast_to(label, training.label.shape).astype(float))


def with_trees(choice, training, *, rounds):
    """Take trees whether or not they help, upon a margin that knows nothing."""
    return dataclasses.replace(choice, trees=TreeChoice(rounds), margin=np.zeros_like(training.label))


def fitted(training, *, rounds=0):
    """Fit without trees, or with a number of rounds."""
    learner = Anchored(evidence())
    choice = learner.choose(training.take(np.zeros(0, dtype=np.int64)), np.random.default_rng(1))
    choice = dataclasses.replace(choice, training=training)
    return learner.fit(training, with_trees(choice, training, rounds=rounds))


def random_patients(n_patients, *, seed):
    """Draw patients of whom a third of the optional fields is missing."""
    return predictors(request_rows(n_patients, np.random.default_rng(seed)))


@pytest.mark.parametrize("rounds", [0, 10])
def test_reference_and_contributions_are_the_log_odds_of_the_risk(rounds):
    """Within 10^-9 for every patient and horizon, with trees and without."""
    model = fitted(relapse_set(200, seed=2), rounds=rounds)
    patients = random_patients(50, seed=3)
    found = model.explain(patients)
    total = model.reference + found.contributions.sum(axis=1)[:, None]
    np.testing.assert_allclose(total, logit(model.risk(patients)), atol=1e-9)


@pytest.mark.parametrize("factor", [1.0, -1.0])
def test_published_and_local_parts_of_a_contribution_add_up(factor):
    """Published is evidence weight x published mean x term, whatever the data say; the rest is local."""
    model = fitted(relapse_set(300, seed=4, factor=factor), rounds=5)
    patients = random_patients(40, seed=5)
    found, linear = model.explain(patients), model.linear
    assert linear is not None
    of_terms = linear.published * linear.centered(patients)
    by_field = np.stack(
        [of_terms[:, np.array(linear.parents) == field].sum(axis=1) for field in found.fields], axis=1
    )
    np.testing.assert_allclose(found.published, by_field, atol=1e-12)
    local = found.contributions - found.published
    np.testing.assert_allclose(found.published + local, found.contributions, atol=1e-12)
    assert np.abs(local).max() > 0


@pytest.mark.parametrize(("factor", "weight"), [(1.0, 1.0), (0.4, 0.4), (0.0, 0.0), (-1.0, 0.0), (2.0, 1.0)])
def test_evidence_weight_is_the_share_of_the_published_effects_within_0_and_1(factor, weight):
    """Coefficients that are the means themselves, some of them, none, their opposite, and twice as large.

    What published rates say of products is published in full, whatever the weight.
    """
    learner, training = Anchored(evidence()), relapse_set(10, seed=6)
    choice = learner.choose(training, np.random.default_rng(1))
    effects, linear = choice.anchor.prior.effects, choice.linear
    average = dataclasses.replace(linear.average, coefficients=factor * effects)
    choice.__dict__["linear"] = dataclasses.replace(linear, average=average)
    model = learner.fit(training, choice)
    assert model.evidence_weight == pytest.approx(weight, abs=1e-12)
    published = weight * effects + choice.anchor.published_levels
    np.testing.assert_allclose(model.linear.published, published, atol=1e-12)


def test_intercepts_that_fall_are_lifted_to_the_earlier_ones():
    """Day 90 at -1, day 180 below it, day 365 above: headline first, as the horizons are ordered."""
    found = never_falling(np.array([0.5, -1.0, -1.2]), (365, 90, 180))
    np.testing.assert_array_equal(found, [0.5, -1.0, -1.0])


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_curves_never_fall(seed):
    """Labels drawn without regard to time, so that intercepts would fall; no risk of 60 patients does."""
    training = relapse_set(80, seed=seed)
    rng = np.random.default_rng(seed)
    shuffled = with_labels(training, rng.random(training.label.shape) < np.array([0.2, 0.5, 0.4]))
    learner = Anchored(evidence())
    choice = learner.choose(shuffled, rng)
    for model in (learner.fit(shuffled, choice), learner.refit(shuffled, choice, rng)):
        risk = model.risk(random_patients(60, seed=seed))[:, np.argsort(model.horizons_days)]
        assert (np.diff(risk, axis=1) >= 0).all()


def test_the_same_generator_gives_the_same_models():
    """Choice, fit and replicate, bit for bit; another generator another replicate."""
    training, patients = relapse_set(120, seed=10), random_patients(20, seed=11)

    def log_odds(seed):
        rng, learner = np.random.default_rng(seed), Anchored(evidence())
        choice = learner.choose(training, rng)
        models = learner.fit(training, choice), learner.refit(training, choice, rng)
        return [model.log_odds(patients) for model in models]

    first, again, other = log_odds(1), log_odds(1), log_odds(2)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first[1] - other[1]).max() > 1e-3


def test_a_replicate_of_another_set_is_refused():
    """The cross-fitted margin belongs to the rows that it was made of."""
    training, learner = relapse_set(40, seed=12), Anchored(evidence())
    choice = learner.choose(training, np.random.default_rng(1))
    with pytest.raises(ValueError) as refused:
        learner.refit(training.take(np.arange(39)), choice, np.random.default_rng(1))
    assert str(refused.value) == "a replicate has 39 infusions, the choice was made on 40"


def test_replicates_lie_about_the_model():
    """The mean risk of 120 replicates is the model's within three points, over all patients.

    Patients are ordered alike, though not as closely: replicates draw from more candidates than the average.
    """
    training, learner, rng = relapse_set(100, seed=13), Anchored(evidence()), np.random.default_rng(14)
    choice = learner.choose(training, rng)
    patients = some_patients(200, rng)
    whole = learner.fit(training, choice).risk(patients)

    def replicate():
        weight = rng.exponential(size=(100, 1))
        weighted = dataclasses.replace(training, weight=training.weight * weight / weight.mean())
        return learner.refit(weighted, choice, rng).risk(patients)

    drawn = np.mean([replicate() for _ in range(120)], axis=0)
    np.testing.assert_allclose(drawn.mean(axis=0), whole.mean(axis=0), atol=0.03)
    assert np.corrcoef(drawn[:, 0], whole[:, 0])[0, 1] > 0.93


def test_few_patients_move_the_model_little_and_many_far():
    """Patients against every published sign: two leave most of the evidence weight, 500 nothing of it."""
    none, few, many = (fitted(relapse_set(n, seed=15, factor=-1.0)).evidence_weight for n in (0, 2, 500))
    assert 0.5 * none < few < none
    assert many == 0.0


@pytest.mark.parametrize(
    ("outcome", "happened", "low", "high"),
    [("relapse", 0.0, 0.01, 0.05), ("relapse", 1.0, 0.95, 0.99), ("severe_crs", 0.0, 0.005, 0.05)],
)
def test_sixty_patients_of_whom_all_fare_alike_outweigh_published_rates(outcome, happened, low, high):
    """Sixty of 60 without relapse: their mean risk is below 5 %, far from the published half."""
    training = drawn_set(outcome, truth(np.zeros(len(TERMS)), base_rate=0.3), 60, np.random.default_rng(17))
    alike = dataclasses.replace(training, label=np.full_like(training.label, happened))
    assert low < fitted(alike).risk(training.patients)[:, 0].mean() < high


def test_no_trees_are_looked_for_with_few_events():
    """A cohort of 40 has not 25 events and 25 infusions without; the margin is not even made."""
    training = relapse_set(40, seed=16)
    assert min(training.label[:, 0].sum(), (1 - training.label[:, 0]).sum()) < FEWEST_EVENTS
    choice = Anchored(evidence()).choose(training, np.random.default_rng(1))
    assert choice.trees.rounds == 0
    assert len(choice.margin) == 0


@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("n_infusions", [1, 60])
def test_cohorts_of_one_label_have_a_model(label, n_infusions):
    """Any number of patients, with the event or without: risks stay between 0 and 1, on the right side."""
    training = with_labels(relapse_set(n_infusions, seed=17), label)
    patients = random_patients(30, seed=18)
    risk = fitted(training).risk(patients)
    nobody = fitted(training.take(np.zeros(0, dtype=np.int64))).risk(patients)
    assert ((risk > 0) & (risk < 1)).all()
    assert np.sign(risk.mean() - nobody.mean()) == (1.0 if label else -1.0)


def test_a_horizon_that_the_cohort_cannot_tell_does_not_weaken_the_others():
    """The headline alone, or with earlier horizons of the same labels: coefficients of the same size."""
    alone = relapse_set(200, seed=19).take(np.arange(200))
    alone = TrainingSet(
        alone.outcome, (365,), alone.patients, alone.label[:, :1], alone.weight[:, :1], alone.groups
    )
    same = dataclasses.replace(
        alone, horizons_days=(365, 90), label=np.tile(alone.label, 2), weight=np.tile(alone.weight, 2)
    )
    first, second = (fitted(training).linear.coefficients for training in (alone, same))
    assert np.linalg.norm(first - second) < 0.1 * np.linalg.norm(first)


def test_parameters_tell_of_trees_and_weights():
    """What a run records."""
    training, learner = relapse_set(40, seed=20), Anchored(evidence())
    choice = learner.choose(training, np.random.default_rng(1))
    found, weights = learner.parameters(choice), choice.linear.average.weights
    assert found["rounds"] == 0
    assert found["weight_no_effect"] == weights[choice.anchor.candidates.no_effect].sum()
    assert found["strongest_candidate_weight"] == weights.max()
