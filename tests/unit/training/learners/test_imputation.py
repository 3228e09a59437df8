"""What a missing term is expected to be."""

import numpy as np

from features.predictors import predictors
from features.terms import HIGH_BURDEN_SHARE, fill_missing, reference_profile, term_matrix
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
    filled = fill_missing(matrix, patients, low_burden=np.array([2.0]), high_burden=np.array([6.0]))
    np.testing.assert_allclose(filled[:, 0], [2.0, 6.0, 2.0 + 4.0 * HIGH_BURDEN_SHARE])
