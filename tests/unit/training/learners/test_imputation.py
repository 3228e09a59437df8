"""What a missing term is expected to be."""

import numpy as np
import pytest

from features.disease_burden import HIGH_BURDEN_SHARE, high_burden_probability
from features.expected_terms import fill_missing, reference_profile
from features.predictors import predictors
from features.terms import term_matrix
from training.learners.imputation import expected_terms


def test_the_profile_stands_where_fewer_than_ten_infusions_are_known():
    """Nine patients tell too little, and too much of each."""
    rows = [{"marrow_blasts_pct": 50.0, "age_years": 80.0}] * 9
    found = expected_terms(predictors(rows), ("age",), np.ones(9))
    assert found.high_burden == reference_profile(("age",)).high_burden


def test_infusions_of_weight_zero_have_no_part():
    """Thirty of age 80 that do not count leave thirty of age 20."""
    rows = [{"marrow_blasts_pct": 1.0, "age_years": age} for age in [20.0] * 30 + [80.0] * 30]
    weight = np.repeat([1.0, 0.0], 30)
    found = expected_terms(predictors(rows), ("age",), weight)
    assert found.low_burden[0] == (30 * 2 + 10 * 4) / 40


def test_a_missing_term_follows_burden():
    """Low and high burden each get their own expectation; both are mixed where burden is missing too."""
    patients = predictors([{"marrow_blasts_pct": 1.0}, {"marrow_blasts_pct": 60.0}, {}])
    matrix = term_matrix(patients, ("age",))
    high = high_burden_probability(patients, gradual=False)
    filled = fill_missing(matrix, high, low_burden=np.array([2.0]), high_burden=np.array([6.0]))
    np.testing.assert_allclose(filled[:, 0], [2.0, 6.0, 2.0 + 4.0 * HIGH_BURDEN_SHARE])


def test_low_burden_becomes_high_gradually():
    """At 5 % it is half of either; from 4 to 6 % it moves by a fifth, and never falls."""
    blasts = [0.0, 1.0, 4.0, 5.0, 6.0, 40.0, 100.0]
    high = high_burden_probability(predictors([{"marrow_blasts_pct": each} for each in blasts]), gradual=True)
    assert high[3] == pytest.approx(0.5)
    assert high[4] - high[2] < 0.2
    assert (np.diff(high) >= 0).all()
    assert high[0] < 0.05
    assert high[-1] > 0.95
