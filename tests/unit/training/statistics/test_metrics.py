"""Weighted measures against values worked by hand and by independent implementations."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from features.log_odds import logit
from training.statistics.metrics import METRICS, auroc, calibration_slope, ici, net_benefit

RISK = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
LABEL = np.array([0.0, 0, 1, 0, 1, 0, 1, 1])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("brier", 0.18),
        ("auroc", 0.8125),
        ("observed_expected", 1.1111),
        ("calibration_in_the_large", 0.2556),
        ("calibration_slope", 1.3451),
        ("net_benefit_at_50", 0.25),
        ("brier_scaled", 0.28),
    ],
)
def test_measure_equals_the_value_worked_by_hand(name, expected):
    """Eight patients; the scaled Brier score is 1 - 0.18 / 0.25."""
    assert METRICS[name](RISK, LABEL, np.ones((1, 8)))[0] == pytest.approx(expected, abs=5e-5)


def test_net_benefit_of_treating_all_is_the_net_benefit_of_risk_one():
    """At a quarter: half have the event, so 0.5 - 0.5 / 3."""
    assert net_benefit(0.25)(np.ones(8), LABEL, np.ones((1, 8)))[0] == pytest.approx(1 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_weighted_measures_agree_with_scikit_learn(seed):
    """With ties and weights."""
    rng = np.random.default_rng(seed)
    risk, weight = rng.integers(1, 20, 200) / 20, rng.exponential(size=200)
    label = (rng.random(200) < risk).astype(float)
    found = {name: METRICS[name](risk, label, weight[None])[0] for name in ("auroc", "log_loss", "brier")}
    assert found["auroc"] == pytest.approx(roc_auc_score(label, risk, sample_weight=weight))
    assert found["log_loss"] == pytest.approx(sklearn_log_loss(label, risk, sample_weight=weight))
    assert found["brier"] == pytest.approx(brier_score_loss(label, risk, sample_weight=weight))


def test_calibration_slope_agrees_with_unpenalized_logistic_regression():
    """scikit-learn, practically without penalty."""
    rng = np.random.default_rng(2)
    risk, weight = rng.uniform(0.05, 0.95, 300), rng.exponential(size=300)
    label = (rng.random(300) < risk**1.5).astype(float)
    reference = LogisticRegression(C=1e10, tol=1e-10, max_iter=1000)
    reference.fit(logit(risk)[:, None], label, sample_weight=weight)
    assert calibration_slope(risk, label, weight[None])[0] == pytest.approx(reference.coef_[0, 0], rel=1e-4)


def test_draws_are_measured_as_if_alone():
    """One call for many weightings equals a call for each."""
    rng = np.random.default_rng(4)
    weight = rng.integers(0, 3, (6, 8)).astype(float)
    for name, metric in METRICS.items():
        together = metric(RISK, LABEL, weight)
        for draw, alone in zip(weight, together, strict=True):
            np.testing.assert_allclose(metric(RISK, LABEL, draw[None])[0], alone, rtol=1e-5, err_msg=name)


def test_auroc_does_not_exist_without_events():
    """NaN, not a guess."""
    assert np.isnan(auroc(RISK, np.zeros(8), np.ones((1, 8)))).all()


def test_calibration_slope_does_not_exist_for_one_risk():
    """A constant risk has no slope."""
    assert np.isnan(calibration_slope(np.full(8, 0.4), LABEL, np.ones((1, 8)))).all()


def test_ici_is_small_where_risks_are_right_and_large_where_doubled():
    """20,000 patients whose labels follow the risks."""
    rng = np.random.default_rng(5)
    risk = rng.uniform(0.02, 0.45, 20_000)
    label = (rng.random(20_000) < risk).astype(float)
    assert ici(risk, label, np.ones((1, 20_000)))[0] < 0.01
    assert ici(2 * risk, label, np.ones((1, 20_000)))[0] == pytest.approx(risk.mean(), abs=0.01)


def test_auroc_within_folds_compares_only_infusions_held_out_together():
    """Fold 0 orders its pair rightly, fold 1 wrongly, pairs across do not count."""
    risk, label = np.array([0.1, 0.2, 0.9, 0.8]), np.array([0.0, 1, 0, 1])
    fold = np.array([0, 0, 1, 1])
    assert auroc(risk, label, np.ones((1, 4)), fold=fold)[0] == 0.5
    assert auroc(risk, label, np.ones((1, 4)))[0] == 0.5


@pytest.mark.parametrize("seed", range(3))
def test_a_model_that_predicts_nothing_is_at_chance_within_folds(seed):
    """Each risk is the event share of the other folds: pooled it looks worse than chance."""
    rng = np.random.default_rng(seed)
    label, fold = (rng.random(200) < 0.15).astype(float), rng.integers(0, 5, 200)
    risk = np.array([label[fold != number].mean() for number in fold])
    assert auroc(risk, label, np.ones((1, 200)))[0] < 0.5
    assert auroc(risk, label, np.ones((1, 200)), fold=fold)[0] == pytest.approx(0.5)
    assert calibration_slope(risk, label, np.ones((1, 200)))[0] < -1
    assert np.isnan(calibration_slope(risk, label, np.ones((1, 200)), fold=fold)[0])


def test_calibration_slope_within_folds_agrees_with_fold_intercepts():
    """scikit-learn with a column a fold, practically without penalty."""
    rng = np.random.default_rng(6)
    risk, fold = rng.uniform(0.05, 0.95, 400), rng.integers(0, 4, 400)
    label = (rng.random(400) < risk**1.3).astype(float)
    design = np.column_stack([logit(risk), *(fold == number for number in range(4))])
    reference = LogisticRegression(C=1e10, tol=1e-10, max_iter=1000, fit_intercept=False).fit(design, label)
    found = calibration_slope(risk, label, np.ones((1, 400)), fold=fold)[0]
    assert found == pytest.approx(reference.coef_[0, 0], rel=1e-3)


def rare_events(seed, *, n=60):
    """Draw weakly informative risks near 0.1, with bootstrap multiplicities: what a small cohort gives."""
    rng = np.random.default_rng(seed)
    risk = 1 / (1 + np.exp(2.2 - rng.normal(scale=0.3, size=n)))
    label = (rng.random(n) < 0.12).astype(float)
    return risk, label, rng.multinomial(n, np.full(n, 1 / n), size=40).astype(float)


@pytest.mark.parametrize("seed", range(6))
def test_slope_of_rare_events_is_at_the_maximum_of_the_likelihood(seed):
    """Scipy's optimizer, draw by draw, ends at the same slope; a draw that has none is NaN."""
    risk, label, weight = rare_events(seed)
    x = logit(risk)
    for found, draw in zip(calibration_slope(risk, label, weight), weight, strict=True):
        if np.isnan(found):
            continue

        def loss(parameters, draw=draw):
            margin = parameters[0] * (x - x.mean()) + parameters[1]
            return float((draw * (np.logaddexp(0, margin) - label * margin)).sum())

        best = minimize(loss, [0.0, -2.0], method="BFGS", options={"gtol": 1e-7})
        assert found == pytest.approx(best.x[0], rel=0.02, abs=0.02)


@pytest.mark.parametrize("seed", range(6))
def test_slope_and_ici_exist_for_most_draws_of_rare_events(seed):
    """Nine of ten draws with at least three events have both, and no smooth curve runs away."""
    risk, label, weight = rare_events(seed)
    enough = weight @ label >= 3
    assert np.isfinite(calibration_slope(risk, label, weight)[enough]).mean() >= 0.9
    curves = ici(risk, label, weight)[enough]
    assert np.isfinite(curves).mean() >= 0.9
    assert np.nanmax(curves) < 0.3


def test_slope_scales_with_the_log_odds():
    """Log-odds three times as large, a third of the slope."""
    risk, label, weight = rare_events(1)
    inflated = 1 / (1 + np.exp(-3 * logit(risk)))
    once, third = (calibration_slope(values, label, weight[:1])[0] for values in (risk, inflated))
    assert third == pytest.approx(once / 3, rel=1e-3)


def test_separated_labels_have_no_slope():
    """Risks that tell the labels apart without error have an infinite slope, so none."""
    risk, label = np.array([0.1, 0.2, 0.3, 0.7, 0.8, 0.9]), np.array([0.0, 0, 0, 1, 1, 1])
    assert np.isnan(calibration_slope(risk, label, np.ones((1, 6)))).all()


def test_two_infusions_have_no_calibration_curve():
    """Fewer than the curve has coefficients."""
    risk, label, weight = np.array([0.2, 0.6]), np.array([0.0, 1.0]), np.ones((3, 2))
    assert np.isnan(ici(risk, label, weight)).all()
    assert np.isnan(calibration_slope(risk[:1], label[:1], weight[:, :1])).all()
