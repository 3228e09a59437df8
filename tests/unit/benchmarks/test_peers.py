"""The peers of the benchmark: each learns, and falls back where it cannot."""

from dataclasses import replace

import numpy as np
import pytest

from tests.benchmarks.cohorts import cohort_of, test_set_of
from tests.benchmarks.measures import excess_log_loss
from tests.benchmarks.peer_cox import _subdistribution
from tests.benchmarks.peers import PEERS, predict, variants
from tests.benchmarks.worlds import right


@pytest.fixture(scope="module")
def setting():
    world = right("relapse", np.random.default_rng(1))
    data, test = (
        cohort_of(world, 1000, np.random.default_rng(2)),
        test_set_of(world, np.random.default_rng(3)),
    )
    prevalence = predict("prevalence", "terms", data, test.patients, np.random.default_rng(4))
    return data, test, excess_log_loss(test.risk, prevalence.risk)


@pytest.mark.parametrize("name", [name for name in PEERS if name != "prevalence"])
def test_every_peer_beats_the_prevalence(name, setting):
    """By far, with 1,000 patients and effects as published."""
    data, test, prevalence = setting
    predicted = predict(name, "terms", data, test.patients, np.random.default_rng(5))
    assert not predicted.fell_back
    assert excess_log_loss(test.risk, predicted.risk) < 0.5 * prevalence


@pytest.mark.parametrize("name", ["ridge_logistic", "xgboost", "ebm"])
def test_raw_columns_beat_the_prevalence_too(name, setting):
    data, test, prevalence = setting
    predicted = predict(name, "raw", data, test.patients, np.random.default_rng(5))
    assert not predicted.fell_back
    assert excess_log_loss(test.risk, predicted.risk) < 0.5 * prevalence


@pytest.mark.parametrize("name", [name for name in PEERS if name not in {"prevalence", "cox"}])
def test_a_cohort_of_one_class_falls_back_to_the_prevalence(name):
    world = right("severe_crs", np.random.default_rng(1))
    data, test = cohort_of(world, 8, np.random.default_rng(2)), test_set_of(world, np.random.default_rng(3))
    nobody = replace(data, observation=replace(data.observation, event=np.zeros(8, dtype=np.int64)))
    predicted = predict(name, "terms", nobody, test.patients, np.random.default_rng(4))
    prevalence = predict("prevalence", "terms", nobody, test.patients, np.random.default_rng(4))
    assert predicted.fell_back
    assert not prevalence.fell_back
    np.testing.assert_array_equal(predicted.risk, prevalence.risk)


def test_a_fit_that_fails_falls_back(setting, monkeypatch):
    def fails(task, rng):
        raise np.linalg.LinAlgError

    data, test, prevalence = setting
    monkeypatch.setitem(PEERS, "ridge_logistic", fails)
    predicted = predict("ridge_logistic", "terms", data, test.patients, np.random.default_rng(5))
    assert predicted.fell_back
    assert excess_log_loss(test.risk, predicted.risk) == prevalence


def test_a_mistake_in_the_benchmark_is_not_taken_for_a_failed_fit(setting, monkeypatch):
    def mistaken(task, rng):
        raise TypeError

    data, test, _ = setting
    monkeypatch.setitem(PEERS, "ridge_logistic", mistaken)
    with pytest.raises(TypeError):
        predict("ridge_logistic", "terms", data, test.patients, np.random.default_rng(5))


def test_the_dead_stay_at_risk_until_they_would_have_been_censored(setting):
    """Their days move back to days of censoring, or past all days; everybody else's stay."""
    data, _, _ = setting
    seen = data.observation
    day, relapsed = _subdistribution(data, np.random.default_rng(6))
    dead = seen.event == 2
    np.testing.assert_array_equal(day[~dead], seen.day[~dead])
    np.testing.assert_array_equal(relapsed, seen.event == 1)
    assert (day[dead] >= seen.day[dead]).all()
    assert np.isin(day[dead], np.append(seen.day[seen.event == 0], seen.day.max() + 1)).all()


def test_cox_and_pairs_are_fitted_where_they_make_sense():
    assert ("cox", "terms") not in variants("severe_crs", 1000)
    assert ("cox", "terms") in variants("relapse", 30)
    assert ("ebm_pairs", "terms") not in variants("relapse", 30)
    assert ("ebm_pairs", "raw") in variants("relapse", 1000)
