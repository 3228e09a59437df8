"""The settings of the benchmark: rates, products, gaps, centers and grades are as they claim."""

from dataclasses import replace

import numpy as np
import pytest

from features.field import specs
from features.log_odds import expit, logit
from features.products import PRODUCTS
from features.schema import Patient
from features.synthetic.patients import first_infusions
from tests.benchmarks.centers import CENTER_SPREAD, DRIFT_SPREAD, NEW_CENTER, drawn_centers
from tests.benchmarks.cohorts import Center, cohort_of
from tests.benchmarks.grades import partly_proportional, proportional, unrelated
from tests.benchmarks.missing_values import NEVER_MISSING, informative_gaps
from tests.benchmarks.pooled_centers import Pooled
from tests.benchmarks.settings import SETTINGS
from tests.benchmarks.worlds import right
from training.evidence.evidence_set import read_evidence
from training.learners.anchored import Anchored

OUTCOMES = ("relapse", "severe_crs")


def center(setting, outcome="severe_crs", seed=1):
    return Center(right(outcome, np.random.default_rng(1)), SETTINGS[setting], np.random.default_rng(seed))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_plain_cohort_is_the_one_without_a_setting(outcome):
    world = right(outcome, np.random.default_rng(1))
    first = center("plain", outcome).cohort(50, np.random.default_rng(2)).data
    second = cohort_of(world, 50, np.random.default_rng(2))
    np.testing.assert_array_equal(first.observation.event, second.observation.event)
    np.testing.assert_array_equal(first.patients["age_years"], second.patients["age_years"])


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_gives_a_cohort_and_later_patients(setting, outcome):
    drawn = center(setting, outcome)
    data, test = drawn.cohort(30, np.random.default_rng(2)).data, drawn.test_set(np.random.default_rng(3))
    assert len(data) == 30
    assert len(test.risk) == len(test.patients) == len(test.center) == 2000
    assert ((test.risk > 0) & (test.risk < 1)).all()
    assert (
        data.patients["age_years"][0]
        == center("plain", outcome).cohort(30, np.random.default_rng(2)).data.patients["age_years"][0]
    )


def test_other_rate_is_off_by_one_up_or_down():
    plain = center("plain").world.base_rate
    moved = [logit(np.array(center("other_rate", seed=seed).world.base_rate)) for seed in range(20)]
    apart = np.round(np.array(moved) - logit(np.array(plain)), 9)
    assert set(apart) == {-1.0, 1.0}


def test_named_products_are_given_as_usual():
    """The construct, the schedule and about the dose of the product, to the cohort and to later patients."""
    drawn = center("two_products")
    assert len(set(drawn.products)) == 2
    options = specs(Patient)["product"].options
    for patients in (
        drawn.cohort(400, np.random.default_rng(2)).data.patients,
        drawn.test_set(np.random.default_rng(3)).patients,
    ):
        assert {options[int(code)] for code in patients["product"]} == set(drawn.products)
        for name in drawn.products:
            given = patients.take(patients["product"] == options.index(name))
            assert (given["split_dose"] == PRODUCTS[name].split_dose).all()
            dose = np.median(given["dose_1e6_per_kg"]) / PRODUCTS[name].usual_dose_1e6_per_kg
            assert dose == pytest.approx(1.0, abs=0.1)


def test_gaps_leave_true_risks_those_of_complete_charts():
    complete, gappy = (center(name).test_set(np.random.default_rng(3)) for name in ("plain", "gaps"))
    np.testing.assert_array_equal(complete.risk, gappy.risk)
    assert not np.isnan(complete.patients["ldh_u_l"]).any()
    assert 0.05 < np.isnan(gappy.patients["ldh_u_l"]).mean() < 0.2


def test_informative_gaps_are_more_frequent_at_low_risk():
    patients = first_infusions(4000, rng=np.random.default_rng(1)).patients
    log_odds = right("relapse", np.random.default_rng(1)).log_odds(patients)
    missing = np.isnan(informative_gaps(patients, log_odds, np.random.default_rng(2))["ferritin_ug_l"])
    low = log_odds < np.median(log_odds)
    assert missing[low].mean() > 2 * missing[~low].mean()
    for name in NEVER_MISSING:
        shown = informative_gaps(patients, log_odds, np.random.default_rng(2))
        np.testing.assert_array_equal(shown[name], patients[name])


def test_gaps_are_blind_where_all_have_one_risk():
    patients = first_infusions(4000, rng=np.random.default_rng(1)).patients
    shown = informative_gaps(patients, np.zeros(4000), np.random.default_rng(2))
    assert np.isnan(shown["ferritin_ug_l"]).mean() == pytest.approx(0.16, abs=0.02)


def test_centers_have_the_stated_spread_and_drift_over_time():
    rng = np.random.default_rng(5)
    drawn = [drawn_centers("severe_crs", rng) for _ in range(300)]
    assert np.std([each.shift for each in drawn]) == pytest.approx(CENTER_SPREAD, rel=0.1)
    assert np.std([each.drift for each in drawn]) == pytest.approx(DRIFT_SPREAD, rel=0.15)
    patients = first_infusions(2, rng=np.random.default_rng(1)).patients
    here = np.zeros(2, dtype=np.int64)
    first, last = (drawn[0].log_odds(patients, here, np.full(2, time)) for time in (0.0, 1.0))
    np.testing.assert_allclose(last - first, drawn[0].drift)


def test_centers_are_named_in_the_cohort_and_a_new_one_is_not_among_them():
    drawn = center("new_center")
    known = set(drawn.cohort(200, np.random.default_rng(2)).data.center)
    assert len(known) == NEW_CENTER
    assert set(drawn.test_set(np.random.default_rng(3)).center).isdisjoint(known)
    same = center("centers").test_set(np.random.default_rng(3)).center
    assert set(same) == known


def test_a_home_center_is_one_of_the_cohort_and_all_later_patients_are_of_it():
    drawn = center("home_center")
    data = drawn.cohort(200, np.random.default_rng(2)).data
    assert set(drawn.test_set(np.random.default_rng(3)).center) == {data.home}
    centers = data.training_set().centers
    assert (data.center[centers.number == centers.home] == data.home).all()


def test_pooled_knows_no_centers():
    data = center("home_center").cohort(80, np.random.default_rng(2)).data
    training, rng = data.training_set(), np.random.default_rng(4)
    pooled, plain = Pooled(read_evidence()), Anchored(read_evidence())
    bare = replace(training, centers=None)
    models = [
        learner.fit(each, learner.choose(each, rng)) for learner, each in ((pooled, training), (plain, bare))
    ]
    np.testing.assert_array_equal(models[0].reference, models[1].reference)


@pytest.mark.parametrize("grader", [proportional, partly_proportional, unrelated])
def test_grades_agree_with_the_event_and_use_all_of_the_scale(grader):
    rng = np.random.default_rng(6)
    log_odds = rng.normal(-1.8, 1.0, 5000)
    latent = rng.logistic(size=5000)
    grades = grader(log_odds, latent, rng)
    np.testing.assert_array_equal(grades >= 3, latent < log_odds)
    assert set(grades) == {0.0, 1.0, 2.0, 3.0, 4.0}


def slope_of_lower_grades(grader):
    """Difference in log-odds of grade 1 or 2 between two groups whose true log-odds differ by 2."""
    rng = np.random.default_rng(7)
    log_odds, shares = np.repeat([-3.0, -1.0], 40_000), []
    latent = rng.logistic(size=len(log_odds))
    grades = grader(log_odds, latent, rng)
    for level in (-3.0, -1.0):
        mild = grades[(log_odds == level) & (grades < 3)]
        shares.append((mild > 0).mean())
    return np.diff(logit(np.array(shares)))[0]


def test_lower_grades_depend_on_predictors_wholly_partly_or_not_at_all():
    whole, part, none = (
        slope_of_lower_grades(each) for each in (proportional, partly_proportional, unrelated)
    )
    assert whole > part + 0.3 > part > none + 0.3
    assert none == pytest.approx(0.0, abs=0.06)


def test_proportional_grades_have_one_slope_at_every_cut():
    """Patients with log-odds of -1.8: grade 2 or higher at -.1, 47.5 %."""
    rng = np.random.default_rng(8)
    log_odds = np.full(40_000, -1.8)
    grades = proportional(log_odds, rng.logistic(size=40_000), rng)
    assert (grades >= 2).mean() == pytest.approx(float(expit(np.array(-0.1))), abs=0.01)


def test_grades_change_no_event():
    first, second = (
        center(name).cohort(200, np.random.default_rng(2)) for name in ("plain", "unrelated_grades")
    )
    np.testing.assert_array_equal(first.data.observation.event, second.data.observation.event)
    np.testing.assert_array_equal(first.grades >= 3, first.data.observation.event == 1)
    assert not np.array_equal(first.grades, second.grades)
    assert center("plain", "relapse").cohort(30, np.random.default_rng(2)).grades is None
