"""The peers of the benchmark: each learns, and falls back where it cannot."""

from dataclasses import replace

import numpy as np
import pytest

from tests.benchmarks.cohorts import Center, cohort_of, test_set_of
from tests.benchmarks.measures import excess_log_loss
from tests.benchmarks.peer_cox import _subdistribution
from tests.benchmarks.peer_published import _intercept, published_log_odds
from tests.benchmarks.peer_task import task_of, without_gaps
from tests.benchmarks.peers import PEERS, QUICK, WITHOUT_PATIENTS, predict, variants
from tests.benchmarks.settings import SETTINGS
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


@pytest.mark.parametrize("name", [name for name in PEERS if name not in {"prevalence", "firth"}])
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


@pytest.mark.parametrize("name", [name for name in PEERS if name not in {*WITHOUT_PATIENTS, "cox"}])
def test_a_cohort_of_one_class_falls_back_to_the_prevalence(name):
    world = right("severe_crs", np.random.default_rng(1))
    data, test = cohort_of(world, 8, np.random.default_rng(2)), test_set_of(world, np.random.default_rng(3))
    no_event = replace(data, observation=replace(data.observation, event=np.zeros(8, dtype=np.int64)))
    predicted = predict(name, "terms", no_event, test.patients, np.random.default_rng(4))
    prevalence = predict("prevalence", "terms", no_event, test.patients, np.random.default_rng(4))
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


def test_firth_beats_the_prevalence(setting):
    """With the terms that are published as strongest alone: by less than those that take all."""
    data, test, prevalence = setting
    predicted = predict("firth", "terms", data, test.patients, np.random.default_rng(5))
    assert not predicted.fell_back
    assert excess_log_loss(test.risk, predicted.risk) < 0.7 * prevalence


def test_evidence_alone_is_the_same_for_every_cohort(setting):
    data, test, _ = setting
    few = cohort_of(right("relapse", np.random.default_rng(1)), 8, np.random.default_rng(9))
    first, second = (
        predict("evidence_only", "terms", each, test.patients, np.random.default_rng(5)).risk
        for each in (data, few)
    )
    np.testing.assert_array_equal(first, second)


def test_recalibration_is_a_line_of_the_published_log_odds(setting):
    """With 1,000 patients near the least-squares line of the true log-odds on the published ones."""
    data, test, _ = setting
    task = task_of(data, test.patients, "terms")
    published = published_log_odds(task, test.patients)
    risk = predict("evidence_recalibrated", "terms", data, test.patients, np.random.default_rng(5)).risk
    slope, level = np.polyfit(published, np.log(risk / (1 - risk)), 1)
    np.testing.assert_allclose(np.log(risk / (1 - risk)), level + slope * published, atol=1e-8)
    truth = np.polyfit(published, np.log(test.risk / (1 - test.risk)), 1)
    assert slope == pytest.approx(truth[0], rel=0.2)


def test_few_patients_leave_the_published_line_nearly_as_it_is(setting):
    _, test, _ = setting
    few = cohort_of(right("severe_crs", np.random.default_rng(1)), 8, np.random.default_rng(9))
    task = task_of(few, test.patients, "terms")
    risk = predict("evidence_recalibrated", "terms", few, test.patients, np.random.default_rng(5)).risk
    slope, _ = np.polyfit(published_log_odds(task, test.patients), np.log(risk / (1 - risk)), 1)
    assert slope == pytest.approx(1.0, abs=0.4)


def test_intercept_gives_the_observed_mean():
    moved, weight = np.array([-1.0, 0.0, 2.0]), np.array([1.0, 2.0, 1.0])
    risk = 1 / (1 + np.exp(-(_intercept(moved, 0.3, weight) + moved)))
    assert np.average(risk, weights=weight) == pytest.approx(0.3)


def test_gaps_are_filled_by_the_cohort_and_marked_where_many():
    """Column 1 lacks one of 30 and is filled only; column 2 lacks three and is marked too."""
    cohort = np.column_stack([np.arange(30.0), np.arange(30.0)])
    cohort[0, 0] = np.nan
    cohort[:3, 1] = np.nan
    filled, later = without_gaps(cohort, np.array([[np.nan, np.nan], [1.0, 2.0]]))
    assert filled.shape == (30, 3)
    assert (filled[0, 0], filled[0, 1]) == (15.0, 16.0)
    np.testing.assert_array_equal(filled[:, 2], np.arange(30) < 3)
    np.testing.assert_array_equal(later, [[15.0, 16.0, 1.0], [1.0, 2.0, 0.0]])


@pytest.mark.parametrize("inputs", ["terms", "raw"])
def test_peers_cope_with_gaps(inputs):
    """All of them are given rows without gaps; the quick ones are fitted."""
    world = right("relapse", np.random.default_rng(1))
    drawn = Center(world, SETTINGS["informative_gaps"], np.random.default_rng(2))
    data, test = drawn.cohort(60, np.random.default_rng(3)).data, drawn.test_set(np.random.default_rng(4))
    task = task_of(data, test.patients, inputs)
    for rows in (task.rows, task.test, task.cohort):
        assert not np.isnan(rows).any()
    for name in [name for name, given in variants("relapse", 60) if given == inputs and name in QUICK]:
        predicted = predict(name, inputs, data, test.patients, np.random.default_rng(5))
        assert not predicted.fell_back, name
        assert excess_log_loss(test.risk, predicted.risk) < 0.4, name


def test_cox_and_pairs_are_fitted_where_they_make_sense():
    assert ("cox", "terms") not in variants("severe_crs", 1000)
    assert ("cox", "terms") in variants("relapse", 30)
    assert ("ebm_pairs", "terms") not in variants("relapse", 30)
    assert ("ebm_pairs", "raw") in variants("relapse", 1000)
