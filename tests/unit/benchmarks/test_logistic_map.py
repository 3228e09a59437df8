"""Logistic regression of the peers: known optima, priors and separation."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from features.log_odds import expit
from tests.benchmarks.logistic_map import firth, logistic_map


@pytest.fixture
def rows():
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(80), rng.normal(size=(80, 3))])
    label = (rng.random(80) < expit(design @ [-0.5, 1.0, 0.0, -0.7])).astype(float)
    return design, label, rng.exponential(size=80)


def test_ridge_is_that_of_scikit_learn(rows):
    design, label, weight = rows
    own = logistic_map(design, label, weight, mean=np.zeros(4), precision=np.array([0.0, 2.0, 2.0, 2.0]))
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(
        design[:, 1:], label, sample_weight=weight
    )
    np.testing.assert_allclose(own, [theirs.intercept_[0], *theirs.coef_[0]], atol=1e-5)


def test_a_sure_prior_is_kept(rows):
    design, label, weight = rows
    mean = np.array([0.0, 0.3, -0.2, 0.1])
    np.testing.assert_allclose(
        logistic_map(design, label, weight, mean=mean, precision=np.full(4, 1e9)), mean, atol=1e-6
    )


def test_where_the_steps_start_does_not_matter(rows):
    design, label, weight = rows
    settings = {"mean": np.zeros(4), "precision": np.ones(4)}
    first = logistic_map(design, label, weight, **settings)
    second = logistic_map(design, label, weight, start=np.full(4, 3.0), **settings)
    np.testing.assert_allclose(first, second, atol=1e-7)


def test_firth_of_a_two_by_two_table_adds_half_a_patient_to_each_cell():
    """1 of 10 against 6 of 10: log odds ratio of 6.5 x 9.5 / (4.5 x 1.5) = 2.214."""
    exposed = np.repeat([0.0, 1.0], 10)
    label = np.concatenate([np.arange(10) < 1, np.arange(10) < 6]).astype(float)
    intercept, effect = firth(np.column_stack([np.ones(20), exposed]), label, np.ones(20))
    assert effect == pytest.approx(np.log(6.5 * 9.5 / (4.5 * 1.5)), abs=1e-6)
    assert intercept == pytest.approx(np.log(1.5 / 9.5), abs=1e-6)


def test_firth_stays_finite_where_labels_are_separated():
    exposed = np.repeat([0.0, 1.0], 5)
    fitted = firth(np.column_stack([np.ones(10), exposed]), exposed, np.ones(10))
    np.testing.assert_allclose(fitted, [np.log(0.5 / 5.5), 2 * np.log(5.5 / 0.5)], atol=1e-6)
