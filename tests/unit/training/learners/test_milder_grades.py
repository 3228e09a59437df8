"""What milder grades add: worked by hand, and measured where they say much and where they say nothing."""

from dataclasses import replace

import numpy as np
import pytest

from features.log_odds import expit, logit
from features.observation import milder_than
from tests.known_risk import drawn_set, evidence, headline_prior, some_patients, truth
from training.dataset.milder_grade import MilderGrade
from training.learners.anchored import Anchored
from training.learners.anchored_linear import fit_linear, labeled_terms
from training.learners.labeled_terms import LabeledTerms
from training.learners.milder_grades import (
    LEVEL_SPREAD,
    fits_by_grades,
    parameters_by_grades,
    tells_grades,
)
from training.statistics.laplace import NormalPriors, fit_priors

RATE = 0.2


def few_infusions(n=40, *, seed=1):
    """Draw two terms, the event, and the grade below it; every fourth infusion without the event ungraded."""
    rng = np.random.default_rng(seed)
    terms = rng.normal(size=(n, 2))
    grade = (rng.logistic(size=n) < terms[:, 0] - 1.4).astype(float) * 3
    grade = np.where(grade < 3, 1 + (rng.random(n) < expit(terms[:, 0])), grade)
    seen = milder_than(3, np.where(np.arange(n) % 4 == 0, np.nan, grade))
    milder = MilderGrade(np.nan_to_num(seen), (~np.isnan(seen)).astype(float))
    return LabeledTerms(terms, (grade == 3).astype(float)[:, None], np.ones((n, 1)), milder)


def two_priors():
    """Believe in no effect, or in one of the first term."""
    return NormalPriors(np.array([[-1.4, 0.0, 0.0], [-1.4, 1.0, 0.0]]), np.stack([4 * np.eye(3)] * 2))


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
def test_a_cumulative_logit_gives_the_grade_below_one_minus_the_rate_of_the_effect(rate):
    """Slope of the log-odds of the grade below, among those without the event, at the rate."""

    def below(log_odds, cut):
        event, either = expit(np.array([log_odds])), expit(np.array([log_odds + cut]))
        return float(logit((either - event) / (1 - event))[0])

    for cut in (0.3, 1.0, 2.0):
        at, step = float(logit(np.array([rate]))[0]), 1e-4
        slope = (below(at + step, cut) - below(at - step, cut)) / (2 * step)
        assert slope == pytest.approx(1 - rate, abs=1e-6)


def log_posterior(parameters, known, mean, precision, *, events=True):
    """Write the objective out: event, then the grade below it with 1 - rate of the effects."""
    level, level_below, effects = parameters[0], parameters[1], parameters[2:]
    shift = known.terms @ effects

    def binomial(log_odds, label, weight):
        return (weight * (label * log_odds - np.logaddexp(0, log_odds))).sum()

    total = binomial(level_below + (1 - RATE) * shift, known.milder.label, known.milder.weight)
    if events:
        total += binomial(level + shift, known.label[:, 0], known.weight[:, 0])
    off = np.append(level, effects) - mean
    return total - off @ precision @ off / 2 - level_below**2 / LEVEL_SPREAD**2 / 2


def test_parameters_are_the_maximum_of_the_objective_written_out():
    """No step in any direction leads up."""
    known, priors = few_infusions(), two_priors()
    fits = fits_by_grades(known, priors, np.array([0.5, 0.5]), factor=1 - RATE)
    again = parameters_by_grades(known, priors, priors.mean, factor=1 - RATE)
    np.testing.assert_allclose(fits.parameters, again, atol=1e-6)
    for at, mean, precision in zip(fits.parameters, priors.mean, priors.precision, strict=True):

        def best(parameters, mean=mean, precision=precision):
            levels = np.linspace(-3, 3, 2001)
            whole = [np.insert(parameters, 1, level) for level in levels]
            return max(log_posterior(each, known, mean, precision) for each in whole)

        top = best(at)
        for step in 0.05 * np.vstack([np.eye(3), -np.eye(3)]):
            assert best(at + step) < top


def test_the_evidence_is_that_of_the_events_given_the_milder_grades():
    """That of both less that of the milder grades over all priors, from fits to stacked labels."""
    known, priors, mass = few_infusions(), two_priors(), np.array([0.3, 0.7])
    mean = np.insert(priors.mean, 1, 0.0, axis=1)
    precision = np.stack([np.diag([4.0, LEVEL_SPREAD**-2, 4.0, 4.0])] * 2)
    stacked = NormalPriors(mean, precision)
    label = np.column_stack([known.label, known.milder.label])

    def logs(events):
        weight = 2 * np.column_stack([events * known.weight, known.milder.weight])
        return fit_priors(known.terms, label, weight, stacked, acting=np.array([1.0, 1 - RATE])).log_evidence

    expected = logs(1.0) - np.log(mass @ np.exp(logs(0.0)))
    found = fits_by_grades(known, priors, mass, factor=1 - RATE).log_evidence
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_a_prior_without_mass_has_no_part_in_the_evidence():
    """Its own evidence is stated, that of the others does not depend on it."""
    known, priors = few_infusions(), two_priors()
    one = fits_by_grades(known, priors.take([0]), np.ones(1), factor=1 - RATE)
    both = fits_by_grades(known, priors, np.array([1.0, 0.0]), factor=1 - RATE)
    np.testing.assert_allclose(both.log_evidence[0], one.log_evidence[0])


def test_ungraded_infusions_say_nothing_of_milder_grades():
    """Their label is nothing: another one changes no parameter."""
    known, priors = few_infusions(), two_priors()
    other = replace(
        known,
        milder=MilderGrade(np.where(known.milder.weight == 0, 1.0, known.milder.label), known.milder.weight),
    )
    first, second = (
        parameters_by_grades(each, priors, priors.mean, factor=1 - RATE) for each in (known, other)
    )
    np.testing.assert_array_equal(first, second)


def test_nothing_is_compared_where_milder_grades_do_not_differ():
    """None known, one alone, or all the same."""
    known = few_infusions()
    assert tells_grades(known)
    assert not tells_grades(replace(known, milder=None))
    for label in (np.zeros(40), np.ones(40), np.arange(40) == 1):
        assert not tells_grades(replace(known, milder=MilderGrade(label.astype(float), np.ones(40))))
    with pytest.raises(ValueError, match="no milder grades"):
        parameters_by_grades(replace(known, milder=None), two_priors(), two_priors().mean, factor=1 - RATE)


def graded_set(n, seed, *, share):
    """Draw severe CRS for which the literature is right; its log-odds act on milder grades by a share."""
    true = truth(headline_prior("severe_crs").mean, base_rate=0.15)
    rng = np.random.default_rng(seed)
    training = drawn_set("severe_crs", true, n, rng)
    log_odds = share * true.log_odds(training.patients)
    event, either = expit(log_odds), expit(log_odds + 1.7)
    label = (rng.random(n) < (either - event) / (1 - event)).astype(float)
    free = training.label[:, 0] == 0
    return true, replace(training, milder=MilderGrade(np.where(free, label, 0.0), free.astype(float)))


def excess(training, true):
    """Fit the linear part; measure excess log loss, and the weight of milder grades."""
    anchor = Anchored(evidence())._anchor(training)
    fit = fit_linear(anchor, labeled_terms(anchor, training))
    tested = some_patients(1000, np.random.default_rng(99))
    log_odds = fit.average.intercepts + (anchor.terms(tested) @ fit.average.coefficients)[:, None]
    risk, expected = true.risk(tested), expit(log_odds[:, 0])
    loss = -(risk * np.log(expected / risk) + (1 - risk) * np.log((1 - expected) / (1 - risk))).mean()
    return float(loss), fit.weight_milder


def test_grades_that_follow_the_risk_make_the_model_better():
    """Mean excess log loss of 12 cohorts of 150 falls by a tenth or more; they keep their weight of 2/3."""
    with_grades, without = [], []
    for seed in range(12):
        true, training = graded_set(150, seed, share=1.0)
        with_grades.append(excess(training, true))
        without.append(excess(replace(training, milder=None), true))
    assert np.mean([loss for loss, _ in with_grades]) < 0.9 * np.mean([loss for loss, _ in without])
    assert np.mean([weight for _, weight in with_grades]) > 0.6
    assert not any(weight for _, weight in without)


def test_grades_that_follow_nothing_hardly_make_it_worse():
    """By less than a tenth, where trusting them would cost a third, and half of the weight is taken away."""
    with_grades, without = [], []
    for seed in range(12):
        true, training = graded_set(150, seed, share=0.0)
        with_grades.append(excess(training, true))
        without.append(excess(replace(training, milder=None), true))
    assert np.mean([loss for loss, _ in with_grades]) < 1.1 * np.mean([loss for loss, _ in without])
    assert np.mean([weight for _, weight in with_grades]) < 1 / 3


@pytest.mark.parametrize(("share", "likeliest"), [(1.0, 1), (0.5, 2)])
def test_many_infusions_tell_effects_in_full_from_half(share, likeliest):
    """3,000 give the wrong factor less than a hundredth of the weight of the right one."""
    _, training = graded_set(3000, 5, share=share)
    anchor = Anchored(evidence())._anchor(training)
    fit = fit_linear(anchor, labeled_terms(anchor, training))
    weights = fit.average.weights.reshape(3, -1).sum(axis=1)
    assert weights[3 - likeliest] < 0.01 * weights[likeliest]


def test_replicates_learn_from_milder_grades_too():
    """With those of others, the same draws end elsewhere, where the candidate that was drawn takes them."""
    _, training = graded_set(150, 3, share=1.0)
    learner = Anchored(evidence())
    choice = learner.choose(training, np.random.default_rng(1))
    other = replace(training, milder=MilderGrade(1 - training.milder.label, training.milder.weight))
    moved = []
    for seed in range(20):
        first, second = (
            learner.refit(each, choice, np.random.default_rng(seed)).linear.coefficients
            for each in (training, other)
        )
        assert np.isfinite(first).all()
        moved.append(np.abs(first - second).max() > 0.01)
    # As often as their weight says, not always.
    assert 4 <= sum(moved) <= 19
