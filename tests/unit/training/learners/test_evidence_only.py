"""The published evidence alone: no patient has a part in it."""

import numpy as np
import pytest

from features.log_odds import logit
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.terms import LEVEL_TERMS
from tests.bundles import patients as request_rows
from tests.known_risk import HEADLINE, drawn_set, evidence, headline_prior, population, truth
from training.evidence.evidence_set import Evidence
from training.learners.anchored import Anchored
from training.learners.evidence_only import Published, empty_set, without_patients


def published(training):
    """Fit, seeded."""
    learner = Published(evidence())
    return learner.fit(training, learner.choose(training, np.random.default_rng(1)))


def nobody(outcome):
    return empty_set(outcome, OUTCOMES[outcome].horizons_days)


def some_set(outcome, *, seed, rate):
    true = truth(headline_prior(outcome).mean, base_rate=rate)
    return drawn_set(outcome, true, 80, np.random.default_rng(seed))


@pytest.mark.parametrize("outcome", sorted(HEADLINE))
def test_patients_have_no_part(outcome):
    """Two cohorts of different rates and no cohort at all give the same model, bit for bit."""
    patients = population()
    models = [
        published(some_set(outcome, seed=2, rate=0.1)),
        published(some_set(outcome, seed=3, rate=0.6)),
        published(nobody(outcome)),
    ]
    for model in models[1:]:
        np.testing.assert_array_equal(model.log_odds(patients), models[0].log_odds(patients))


@pytest.mark.parametrize("outcome", sorted(HEADLINE))
def test_it_is_the_anchored_model_without_patients(outcome):
    """The same arithmetic: coefficients, intercepts and evidence weight."""
    learner = Anchored(evidence())
    anchored = learner.fit(nobody(outcome), learner.choose(nobody(outcome), np.random.default_rng(1)))
    model = published(nobody(outcome))
    np.testing.assert_array_equal(model.reference, anchored.reference)
    np.testing.assert_array_equal(model.linear.coefficients, anchored.linear.coefficients)
    assert model.evidence_weight == anchored.evidence_weight


@pytest.mark.parametrize("outcome", ["relapse", "severe_crs"])
def test_everything_is_published(outcome):
    """There is no local part in any contribution, and every published sign of an effect is kept."""
    model = published(nobody(outcome))
    found = model.explain(population())
    np.testing.assert_allclose(found.contributions, found.published, atol=1e-9)
    effects = headline_prior(outcome).effects
    moving, coefficients = effects != 0, model.linear.coefficients[: len(effects)]
    np.testing.assert_array_equal(np.sign(coefficients[moving]), np.sign(effects[moving]))
    assert not model.linear.coefficients[len(effects) :].any()


@pytest.mark.parametrize("outcome", sorted(HEADLINE))
def test_horizons_differ_as_the_published_course_does(outcome):
    """Log-odds of every horizon less the headline's: those of the published rates within .05."""
    learner, training = Published(evidence()), nobody(outcome)
    choice = learner.choose(training, np.random.default_rng(1))
    reference, published_rate = learner.fit(training, choice).reference, choice.anchor.prior.base_rate
    course = logit(published_rate) - logit(published_rate[:1])
    np.testing.assert_allclose(reference - reference[0], course, atol=0.05)


@pytest.mark.parametrize("outcome", sorted(HEADLINE))
def test_replicates_are_centres_and_the_model_is_their_middle(outcome):
    """The mean risk of 400 drawn centres is the model's within 3 points; they differ by a lot."""
    learner, training, rng = Published(evidence()), nobody(outcome), np.random.default_rng(4)
    choice = learner.choose(training, rng)
    patients = population().take(np.arange(300))
    whole = learner.fit(training, choice).risk(patients)[:, 0].mean()
    drawn = [learner.refit(training, choice, rng).risk(patients)[:, 0].mean() for _ in range(400)]
    assert np.mean(drawn) == pytest.approx(whole, abs=0.03)
    assert np.std(drawn) > 0.03


def test_curves_never_fall():
    """Nor those of 100 drawn centres."""
    learner, training, rng = Published(evidence()), nobody("relapse"), np.random.default_rng(5)
    choice = learner.choose(training, rng)
    patients = predictors(request_rows(20, rng))
    for model in (learner.fit(training, choice), *(learner.refit(training, choice, rng) for _ in range(100))):
        risk = model.risk(patients)[:, np.argsort(model.horizons_days)]
        assert (np.diff(risk, axis=1) >= 0).all()


def test_without_any_evidence_all_have_one_risk():
    """No effect is published, so none is stated.

    Only the product moves a risk, by less than two points: how much products differ is known no better than
    their rates, and a mean over wider differences is nearer to one half.
    """
    learner = Published(Evidence((), ()))
    model = learner.fit(nobody("relapse"), learner.choose(nobody("relapse"), np.random.default_rng(1)))
    effects = np.array([term not in LEVEL_TERMS for term in model.linear.terms])
    np.testing.assert_allclose(model.linear.coefficients[effects], 0.0, atol=1e-9)
    assert model.evidence_weight == 0.0
    assert np.ptp(model.risk(population()), axis=0).max() < 0.02


def test_leaving_everybody_out_keeps_outcome_and_horizons():
    """Of a set there is the question left."""
    training = without_patients(some_set("severe_crs", seed=6, rate=0.2))
    assert len(training) == 0
    assert (training.outcome, training.horizons_days) == ("severe_crs", (30,))
    assert Published(evidence()).parameters(None) == {}
