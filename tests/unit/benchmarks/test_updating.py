"""The closed test on cohorts of known truth: updates where they are called for, and only there."""

from collections import Counter

import numpy as np
import pytest

from features.synthetic.patients import first_infusions
from tests.benchmarks.updating import CASES, WITH_OUTCOMES, kinds, world_model
from tests.benchmarks.worlds import right


@pytest.mark.parametrize("outcome", WITH_OUTCOMES)
def test_the_model_is_the_truth_of_the_world(outcome):
    """Nothing is to be found where nothing changed."""
    world = right(outcome, np.random.default_rng(1))
    patients = first_infusions(300, rng=np.random.default_rng(2)).patients
    np.testing.assert_allclose(world_model(world).log_odds(patients)[:, 0], world.log_odds(patients))
    for make in CASES.values():
        assert make(world).outcome == outcome


@pytest.mark.parametrize("outcome", WITH_OUTCOMES)
def test_a_right_model_is_left_alone(outcome):
    """At least 90 of 100; the test is at .05."""
    assert Counter(kinds("nothing changed", outcome, 200, 100))["none"] >= 90


@pytest.mark.parametrize("outcome", WITH_OUTCOMES)
def test_a_base_rate_that_is_off_is_found(outcome):
    """By 1.0 on the log-odds scale, 200 patients: at least 80 of 100, and mostly by a shift alone."""
    counts = Counter(kinds("base rate up by 1.0", outcome, 200, 100))
    assert counts["none"] <= 20
    assert counts["intercept"] >= 80


def test_a_reversed_effect_is_found():
    """The strongest of relapse, disease burden: at least 15 of 20 cohorts of 200 indicate a revision."""
    assert Counter(kinds("strongest effect reversed", "relapse", 200, 20))["revision"] >= 15
