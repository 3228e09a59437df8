"""The sets behind an interval: patients weighted at random, by the Bayesian bootstrap."""

import numpy as np
import pytest

from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import outcome_data
from training.learners.bootstrap_replicates import weighted_sets


def data(outcome, *, n_patients=150, seed=3):
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(seed))
    return outcome_data(cohort, OUTCOMES[outcome], FitConfig())


def uncensored(prepared):
    """Mark infusions whose weight is the patient's alone: known at the headline, and nobody censored."""
    return prepared.training_set().weight[:, 0] == 1.0


@pytest.mark.parametrize("n_replicates", [0, 1, 7])
def test_there_are_as_many_sets_as_asked_for(n_replicates):
    """Each with every infusion, in the cohort's order."""
    prepared = data("severe_crs")
    sets = list(weighted_sets(prepared, n_replicates, np.random.default_rng(1)))
    assert len(sets) == n_replicates
    for each in sets:
        np.testing.assert_array_equal(each.groups, prepared.groups)
        np.testing.assert_array_equal(
            each.patients["age_years"], prepared.training_set().patients["age_years"]
        )


def test_mean_weight_of_a_patient_is_one():
    """Severe CRS is known of everybody who was graded, so that an infusion has its patient's weight."""
    prepared = data("severe_crs")
    assert uncensored(prepared).all()
    _, first = np.unique(prepared.groups, return_index=True)
    for each in weighted_sets(prepared, 20, np.random.default_rng(2)):
        assert each.weight[first, 0].mean() == pytest.approx(1.0, abs=1e-12)


def test_infusions_of_a_patient_share_a_weight():
    """Patients are drawn, not infusions; some here have two or three."""
    prepared = data("severe_crs")
    assert np.bincount(prepared.groups).max() > 1
    for each in weighted_sets(prepared, 5, np.random.default_rng(3)):
        by_patient = [each.weight[prepared.groups == number, 0] for number in np.unique(prepared.groups)]
        assert max(np.ptp(weight) for weight in by_patient) == 0.0


def test_weights_are_exponential():
    """Variance 1 over patients: that of a draw with replacement, without anybody left out."""
    prepared = data("severe_crs", n_patients=400)
    _, first = np.unique(prepared.groups, return_index=True)
    weights = np.array(
        [each.weight[first, 0] for each in weighted_sets(prepared, 40, np.random.default_rng(4))]
    )
    assert weights.var() == pytest.approx(1.0, abs=0.1)
    assert (weights < 0.1).mean() == pytest.approx(1 - np.exp(-0.1), abs=0.015)
    assert weights.min() > 0


def test_censoring_is_estimated_anew_in_every_set():
    """At every horizon the weights sum to those of all patients, censored or not."""
    prepared = data("relapse")
    whole = prepared.training_set()
    assert (whole.weight == 0).any()
    for each in weighted_sets(prepared, 5, np.random.default_rng(5)):
        np.testing.assert_array_equal(each.weight > 0, whole.weight > 0)
        ratio = each.weight / np.where(whole.weight > 0, whole.weight, np.nan)
        # The same multiplicity at every horizon, but other chances of being censored.
        assert np.nanmax(np.abs(ratio[:, 0] - ratio[:, -1])) > 1e-3
        np.testing.assert_allclose(each.weight.sum(axis=0) / each.weight.sum(axis=0)[0], 1.0, rtol=1e-9)


def test_the_generator_decides():
    """The same gives the same sets, another others."""
    prepared = data("severe_crs")
    first, again, other = (
        next(weighted_sets(prepared, 1, np.random.default_rng(seed))).weight for seed in (6, 6, 7)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1
