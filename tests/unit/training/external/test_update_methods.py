"""Updates as extensions of one another: how many can be told, which fields, and what cannot be fitted."""

from dataclasses import replace

import numpy as np
import pytest

from features.log_odds import expit
from serving.model.risk_model import RiskModel
from tests.bundles import linear_part, risk_model
from tests.known_risk import some_patients
from training.dataset.stacked_labels import Stacked, least_information
from training.dataset.training_set import TrainingSet
from training.external.update_methods import (
    EVENTS_PER_PARAMETER,
    MOST_REVISED,
    Update,
    event_patients,
    fitted_update,
    possible_updates,
    prediction,
)

MODEL = RiskModel("severe_crs", "anchored", (30,), np.array([0.0]), linear_part())


def with_events(n_events, rng, *, n=400, model=MODEL):
    """Give the event to patients drawn by their risk."""
    patients = some_patients(n, rng)
    order = np.argsort(-model.risk(patients)[:, 0] - rng.logistic(size=n))
    label = np.zeros((n, 1))
    label[order[:n_events]] = 1
    return TrainingSet("severe_crs", (30,), patients, label, np.ones_like(label), np.arange(n))


def kinds(n_events, model=MODEL):
    training = with_events(n_events, np.random.default_rng(1), model=model)
    return possible_updates(prediction(model, training.patients, (30,)), training).updates


@pytest.mark.parametrize(
    ("n_events", "expected"),
    [
        (4, ["none"]),
        (5, ["none", "intercept"]),
        (19, ["none", "intercept"]),
        (20, ["none", "intercept", "recalibration"]),
        (29, ["none", "intercept", "recalibration"]),
        (30, ["none", "intercept", "recalibration", "revision"]),
        (370, ["none", "intercept", "recalibration", "revision"]),
        (396, ["none"]),
    ],
)
def test_events_say_how_much_may_be_asked(n_events, expected):
    """Of both kinds of patients: 10 for each parameter."""
    assert [each.kind for each in kinds(n_events)] == expected


def test_parameters_grow_with_events_to_a_limit():
    """Shift, slope, and as many fields as the events allow."""
    for n_events in (30, 45, 60, 200):
        asked = kinds(n_events)[-1].n_parameters
        assert asked == min(n_events // EVENTS_PER_PARAMETER, 2 + MOST_REVISED)


def test_the_fields_revised_are_those_that_move_these_patients_most():
    """By the spread of their part in the log-odds, whatever became of the patients."""
    training = with_events(200, np.random.default_rng(2))
    found = prediction(MODEL, training.patients, (30,))
    spreads = found.design[:, 2:].std(axis=0)
    assert (np.diff(spreads) <= 0).all()
    possible = possible_updates(found, training).updates
    assert tuple(possible[-1].added_factors) == found.fields[:MOST_REVISED]
    turned = TrainingSet(
        "severe_crs", (30,), training.patients, 1 - training.label, training.weight, training.groups
    )
    assert tuple(possible_updates(found, turned).updates[-1].added_factors) == tuple(
        possible[-1].added_factors
    )


def test_parts_add_up_to_what_moves_the_model():
    """Without trees the fields are all there is."""
    found = prediction(MODEL, some_patients(50, np.random.default_rng(3)), (30,))
    np.testing.assert_allclose(found.design[:, 2:].sum(axis=1), found.design[:, 1])
    np.testing.assert_allclose(found.log_odds[:, 0], found.design[:, 1])


def test_trees_have_a_slope_and_no_fields():
    """A model of trees alone can be recalibrated, not revised."""
    model = risk_model("severe_crs", np.random.default_rng(4), trees=True)
    trees_alone = RiskModel("severe_crs", "xgboost", (30,), np.array([0.0]), trees=model.trees)
    found = kinds(200, trees_alone)
    assert [each.kind for each in found] == ["none", "intercept", "recalibration"]


def test_one_risk_for_all_has_no_slope():
    """Nothing to stretch."""
    assert [each.kind for each in kinds(200, RiskModel("severe_crs", "prevalence", (30,), np.zeros(1)))] == [
        "none",
        "intercept",
    ]


def test_a_single_field_is_not_revised_beside_the_slope():
    """Its part is all that moves the model: factor and slope would be one."""
    one = RiskModel("severe_crs", "easix", (30,), np.zeros(1), linear_part({"age": 0.4}))
    assert [each.kind for each in kinds(200, one)][-1] == "recalibration"


def test_labels_told_apart_end_the_ladder():
    """A slope without limit is no update; the shift before it stands."""
    drawn = some_patients(400, np.random.default_rng(5))
    apart = np.abs(MODEL.log_odds(drawn)[:, 0]) > 1
    patients = drawn.take(np.flatnonzero(apart))
    found = prediction(MODEL, patients, (30,))
    label = (found.design[:, 1] > 0).astype(float)[:, None]
    training = TrainingSet("severe_crs", (30,), patients, label, np.ones_like(label), np.arange(len(label)))
    assert [each.kind for each in possible_updates(found, training).updates] == ["none", "intercept"]


def test_a_field_known_of_the_censored_alone_is_not_revised():
    """Among those whose labels count it says nothing: it is the same of all of them."""
    patients = some_patients(400, np.random.default_rng(8))
    found = prediction(MODEL, patients, (30,))
    widest = found.design[:, 2]
    far = np.abs(widest - np.median(widest))
    told = far < 1e-9 + np.quantile(far, 0.6)
    design = found.design.copy()
    design[told, 1] -= design[told, 2] - np.median(widest)
    design[told, 2] = np.median(widest)
    weight = told.astype(float)[:, None]
    label = (np.random.default_rng(9).random((400, 1)) < 0.5).astype(float) * weight
    training = TrainingSet("severe_crs", (30,), patients, label, weight, np.arange(400))
    possible = possible_updates(replace(found, design=design), training)
    assert (possible.updates[-1].kind, possible.ended) == ("revision", "")
    assert found.fields[0] not in possible.updates[-1].added_factors
    assert fitted_update(replace(found, design=design), training, "revision", columns=[0, 1, 2]) is None


def test_the_least_information_is_that_of_the_weakest_direction():
    """At even odds 1/4 in every direction, however small a group; where one is certain, nothing."""
    design = np.column_stack([np.ones(2), [0.0, 1.0]])
    rows = Stacked(design, np.zeros(2), np.array([0.99, 0.01]))
    assert least_information(rows, np.array([0.5, 0.5])) == pytest.approx(0.25)
    certain = least_information(rows, np.array([0.5, 1.0 - 1e-9]))
    assert certain == pytest.approx(0.0, abs=1e-6)


def test_a_patient_counts_once_whatever_the_infusions():
    """Five events of one patient are one."""
    patients = some_patients(10, np.random.default_rng(6))
    label = np.repeat([1.0, 0.0], 5)[:, None]
    weight = np.ones_like(label)
    weight[9] = 0
    groups = np.array([0, 0, 0, 0, 0, 1, 2, 3, 3, 4])
    training = TrainingSet("severe_crs", (30,), patients, label, weight, groups)
    assert event_patients(training) == (1, 3)


def test_an_update_states_its_parameters_in_the_order_of_the_columns():
    """Nothing, a shift, shift and slope less 1, then what fields have more."""
    assert Update().parameters.tolist() == []
    assert Update("intercept", 0.3).parameters.tolist() == [0.3]
    revised = Update("revision", 0.3, 1.5, {"age_years": -0.2})
    assert (revised.parameters.tolist(), revised.n_parameters) == ([0.3, 0.5, -0.2], 3)


def test_truth_is_recovered_at_every_horizon():
    """Shift and slope from many patients over two horizons, the second unknown in half of them."""
    rng = np.random.default_rng(7)
    model = RiskModel("relapse", "anchored", (365, 90), np.array([0.2, -0.6]), linear_part())
    patients = some_patients(20_000, rng)
    found = prediction(model, patients, (365, 90))
    point = rng.logistic(size=(20_000, 1))
    true = model.reference + 0.7 + 0.6 * found.design[:, [1]]
    label, weight = (point < true).astype(float), np.ones((20_000, 2))
    weight[:10_000, 0] = 0
    training = TrainingSet("relapse", (365, 90), patients, label, weight, np.arange(20_000))
    update = possible_updates(found, training).updates[2]
    assert (update.shift, update.slope) == (pytest.approx(0.7, abs=0.06), pytest.approx(0.6, abs=0.05))
    assert expit(np.array([update.shift]))[0] > 0.5
