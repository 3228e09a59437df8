"""The closed test: its likelihood against another program, its steps, and what it takes when."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import f as f_distribution

from features.log_odds import expit
from serving.model.risk_model import RiskModel
from tests.bundles import linear_part
from tests.known_risk import some_patients
from training.dataset.training_set import TrainingSet
from training.external.closed_testing import Step, choose_update, likelihood_step, log_likelihood
from training.external.update_methods import Update, possible_updates, prediction

MODEL = RiskModel("severe_crs", "anchored", (30,), np.array([-1.0]), linear_part())


def drawn(rng, *, n=200, shift=0.0, slope=1.0, per_patient=1, horizons=(30,)):
    """Draw what became of patients whose true log-odds are those of the model, moved."""
    patients = some_patients(n, rng)
    log_odds = -1.0 + shift + slope * MODEL.explain(patients).contributions.sum(axis=1)
    label = (rng.random(n) < expit(log_odds)).astype(float)[:, None]
    label = np.repeat(label, len(horizons), axis=1)
    return TrainingSet(
        "severe_crs", horizons, patients, label, np.ones_like(label), np.arange(n) // per_patient
    )


def predicted(training):
    return prediction(MODEL, training.patients, training.horizons_days)


def test_statistics_are_those_of_a_general_linear_model_with_offset():
    """Independent implementation: statsmodels, binomial, the released log-odds as offset."""
    training = drawn(np.random.default_rng(1), n=400)
    found = predicted(training)
    possible = possible_updates(found, training).updates
    offset, label = found.log_odds[:, 0], training.label[:, 0]
    fits = [
        sm.GLM(label, found.design[:, : max(1, size)], offset=offset, family=sm.families.Binomial()).fit()
        for size in (1, 2, len(possible[-1].added_factors) + 2)
    ]
    none = -np.logaddexp(0, -np.where(label == 1, offset, -offset)).sum()
    likelihoods = [none, *(fit.llf for fit in fits)]
    assert [log_likelihood(found, training, each) for each in possible] == pytest.approx(likelihoods)
    for place, update in enumerate(possible[1:]):
        np.testing.assert_allclose(update.parameters, fits[place].params, atol=1e-4)
    steps = [likelihood_step(found, training, each, possible) for each in possible[:-1]]
    expected = [2 * (likelihoods[-1] - each) for each in likelihoods[:-1]]
    assert [step.statistic for step in steps] == pytest.approx(expected, abs=1e-6)
    assert [step.df for step in steps] == [
        2 + len(possible[-1].added_factors),
        1 + len(possible[-1].added_factors),
        len(possible[-1].added_factors),
    ]


def test_a_shift_alone_is_worked_by_hand():
    """Everybody at even odds, 15 of 20 have the event: log(3), and twice 20 (log 2 - H(3/4))."""
    model = RiskModel("severe_crs", "prevalence", (30,), np.array([0.0]))
    patients = some_patients(20, np.random.default_rng(2))
    label = np.repeat([1.0, 0.0], [15, 5])[:, None]
    training = TrainingSet("severe_crs", (30,), patients, label, np.ones_like(label), np.arange(20))
    found = prediction(model, patients, (30,))
    possible = possible_updates(found, training).updates
    assert [each.kind for each in possible] == ["none", "intercept"]
    assert possible[-1].shift == pytest.approx(np.log(3), abs=1e-5)
    step = likelihood_step(found, training, Update(), possible)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert step.statistic == pytest.approx(2 * 20 * (np.log(2) - entropy), abs=1e-6)
    # Scores are 1/4 fifteen times and -3/4 five times: 3.75, the information too; and 20 of 19.
    assert step.design_effect == pytest.approx(20 / 19, abs=1e-5)
    assert step.df == 1
    assert step.p_value == pytest.approx(f_distribution.sf(step.statistic * 19 / 20, 1, 19), rel=1e-4)
    assert choose_update(found, training).update.kind == "intercept"


def test_patients_entered_twice_count_once():
    """Two infusions of one patient that say the same double the statistic and its divisor."""
    once = drawn(np.random.default_rng(3), n=150, shift=0.4)
    index = np.repeat(np.arange(150), 2)
    twice = once.take(index)
    steps = []
    for training in (once, twice):
        found = predicted(training)
        possible = [
            each for each in possible_updates(found, training).updates if each.kind in ("none", "intercept")
        ]
        steps.append(likelihood_step(found, training, possible[0], possible))
    assert steps[1].statistic == pytest.approx(2 * steps[0].statistic)
    assert steps[1].design_effect == pytest.approx(2 * steps[0].design_effect)
    assert steps[1].p_value == pytest.approx(steps[0].p_value)


def test_horizons_that_say_the_same_count_once():
    """Every horizon's label is the first one's: sharing the weight leaves statistic and test alike."""
    rng = np.random.default_rng(4)
    one = drawn(rng, n=150, shift=0.4)
    label = np.repeat(one.label, 2, axis=1)
    both = TrainingSet("severe_crs", (30, 60), one.patients, label, np.ones_like(label), one.groups)
    two = RiskModel("severe_crs", "anchored", (30, 60), np.array([-1.0, -1.0]), linear_part())
    first = choose_update(prediction(MODEL, one.patients, (30,)), one)
    second = choose_update(prediction(two, one.patients, (30, 60)), both)
    assert [step.p_value for step in first.steps] == pytest.approx([step.p_value for step in second.steps])
    assert first.update.shift == pytest.approx(second.update.shift)


def test_the_smallest_update_that_is_not_rejected_is_taken(monkeypatch):
    """Each smaller one is tested against the largest, in order, and no further than needed."""
    training = drawn(np.random.default_rng(5), n=300)
    found = predicted(training)
    kinds = [each.kind for each in possible_updates(found, training).updates]
    assert kinds == ["none", "intercept", "recalibration", "revision"]

    def choice(*p_values):
        stated = iter(p_values)
        monkeypatch.setattr(
            "training.external.closed_testing.likelihood_step",
            lambda predicted, training, smaller, possible: Step(
                smaller.kind, possible[-1].kind, 1.0, 1.0, 1, next(stated)
            ),
        )
        return choose_update(found, training)

    assert choice(0.05).update == Update()
    assert choice(0.049, 0.3).update.kind == "intercept"
    assert choice(0.01, 0.01, 0.05).update.kind == "recalibration"
    last = choice(0.01, 0.01, 0.01)
    assert last.update.kind == "revision"
    assert [step.smaller for step in last.steps] == ["none", "intercept", "recalibration"]


@pytest.mark.parametrize("shift", [-1.5, 1.5])
def test_a_shift_is_found_with_its_sign(shift):
    """And nothing else is changed."""
    training = drawn(np.random.default_rng(6), n=300, shift=shift)
    update = choose_update(predicted(training), training).update
    assert (update.kind, update.slope, update.added_factors) == ("intercept", 1.0, {})
    assert update.shift == pytest.approx(shift, abs=0.4)


def test_effects_that_do_not_carry_over_are_found():
    """Of no effect at all is left a slope near 0."""
    training = drawn(np.random.default_rng(7), n=600, slope=0.0)
    update = choose_update(predicted(training), training).update
    assert update.kind == "recalibration"
    assert update.slope == pytest.approx(0.0, abs=0.3)


def test_weights_have_no_scale():
    """Only the shares of the weights count, as for any design effect."""
    training = drawn(np.random.default_rng(8), n=200, shift=0.5)
    heavier = TrainingSet(
        training.outcome, (30,), training.patients, training.label, 3 * training.weight, training.groups
    )
    light, heavy = (choose_update(predicted(each), each) for each in (training, heavier))
    assert heavy.steps[0].p_value == pytest.approx(light.steps[0].p_value)
    assert heavy.steps[0].statistic == pytest.approx(3 * light.steps[0].statistic)


def quasi_separated(rng, *, n=240):
    """Draw patients of whom all with an earlier transplant had the event, the others by the model's risk."""
    model = RiskModel(
        "severe_crs",
        "anchored",
        (30,),
        np.array([-1.0]),
        linear_part({"prior_allo_hsct": 1.6, "age": 0.3, "log2_ferritin": 0.3}),
    )
    patients = some_patients(n, rng)
    drawn = rng.random(n) < model.risk(patients)[:, 0]
    label = (drawn | (patients["prior_allo_hsct"] == 1)).astype(float)[:, None]
    training = TrainingSet("severe_crs", (30,), patients, label, np.ones_like(label), np.arange(n))
    return prediction(model, patients, (30,)), training


@pytest.mark.parametrize("seed", range(3))
def test_a_revision_that_tells_labels_apart_is_not_fitted_and_said(seed):
    """It would take the residuals away, and with them the design effect, which is 1 in truth."""
    found, training = quasi_separated(np.random.default_rng(seed))
    choice = choose_update(found, training)
    assert choice.ended == (
        "revision could not be fitted: its terms separate events from non-events perfectly, "
        "or do not vary, in this cohort"
    )
    assert choice.possible[-1].kind == "recalibration"
    for step in choice.steps:
        assert step.design_effect == pytest.approx(1.0, abs=0.25)


def test_the_design_effect_of_a_fit_without_information_is_refused():
    """By what is wrong, not by an error of the arithmetic."""
    found, training = quasi_separated(np.random.default_rng(0))
    field = found.fields[0]
    endless = Update("revision", 400.0, 1.0, {field: 2000.0})
    told = "^revision cannot be tested: its information matrix is singular, so it has no finite fit$"
    with pytest.raises(ValueError, match=told):
        likelihood_step(found, training, Update(), [Update(), endless])


def test_too_few_events_are_not_tested():
    """Four events, or four patients without: as released."""
    rng = np.random.default_rng(9)
    patients = some_patients(60, rng)
    for label in (np.arange(60) < 4, np.arange(60) >= 4):
        column = label.astype(float)[:, None]
        training = TrainingSet("severe_crs", (30,), patients, column, np.ones_like(column), np.arange(60))
        choice = choose_update(predicted(training), training)
        assert (choice.update, choice.steps) == (Update(), ())
