"""The cohorts of the benchmark: what is seen of them agrees with the true risk."""

import numpy as np
import pytest

from tests.benchmarks.cohorts import DEATH_SHARE, cohort_of, test_set_of
from tests.benchmarks.worlds import right


@pytest.mark.parametrize("outcome", ["relapse", "severe_crs"])
def test_weighted_labels_have_the_true_risk(outcome):
    """Weighted for censoring, the share of events at the headline horizon is the mean true risk."""
    world = right(outcome, np.random.default_rng(1))
    data = cohort_of(world, 4000, np.random.default_rng(2))
    training = data.training_set()
    share = (training.weight * training.label)[:, 0].sum() / training.weight[:, 0].sum()
    expected = world.risk(data.patients).mean()
    assert share == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 4000))


def test_labels_agree_with_the_true_risk_in_high_and_low_risk():
    world = right("relapse", np.random.default_rng(1))
    data = cohort_of(world, 4000, np.random.default_rng(3))
    training, risk = data.training_set(), world.risk(data.patients)
    for part in (risk < np.median(risk), risk >= np.median(risk)):
        weight = training.weight[part, 0]
        share = (weight * training.label[part, 0]).sum() / weight.sum()
        assert share == pytest.approx(risk[part].mean(), abs=0.04)


@pytest.mark.parametrize("seed", range(20))
def test_headline_horizon_stands_with_eight_patients(seed):
    """Few are followed longer, so that nobody is censored before it."""
    data = cohort_of(right("relapse", np.random.default_rng(1)), 8, np.random.default_rng(seed))
    assert data.horizons_days[0] == 365
    assert (data.training_set().weight[:, 0] > 0).all()


def test_a_small_part_dies_without_relapse():
    """Only of those who would never relapse, so fewer than the stated share of all."""
    data = cohort_of(right("relapse", np.random.default_rng(1)), 4000, np.random.default_rng(4))
    assert 0.03 < (data.observation.event == 2).mean() < DEATH_SHARE


def test_test_patients_are_fresh_and_complete():
    world, rng = right("relapse", np.random.default_rng(1)), np.random.default_rng(5)
    first, second = test_set_of(world, rng), test_set_of(world, rng)
    assert len(first.patients) == len(first.risk) == 2000
    assert not np.array_equal(first.risk, second.risk)
    np.testing.assert_array_equal(first.risk, world.risk(first.patients))
