"""Gains over baselines in the same folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.columns import Values
from training.validation.cross_validation import Validation, log_loss_gain
from training.validation.paired_differences import paired_gains
from training.validation.shared_folds import Folds

LABEL = np.array([0.0, 0.0, 1.0, 1.0])


def folds(*, n_draws: int = 300) -> Folds:
    """Four infusions of four patients, all known, in two folds."""
    draws = np.random.default_rng(2).multinomial(4, np.full(4, 0.25), size=n_draws).astype(float)
    return Folds(np.array([[0, 1, 0, 1]]), LABEL[:, None], np.ones((4, 1)), draws)


def validation(risk: Values, shared: Folds) -> Validation:
    return Validation((30,), risk[None, :, None], shared, {}, np.zeros((1, 2)))


def test_gains_are_those_worked_by_hand() -> None:
    """Half for all against 0.2 and 0.8: log 2 - log 1.25 in log loss, 0.25 - 0.04 in Brier score."""
    shared = folds()
    half, sure = validation(np.full(4, 0.5), shared), validation(np.array([0.2, 0.2, 0.8, 0.8]), shared)
    gains = paired_gains(sure, {"prevalence": half})
    assert gains["prevalence"]["log_loss"].value == pytest.approx(np.log(2) - np.log(1.25))
    assert gains["prevalence"]["brier"].value == pytest.approx(0.21)


def test_gain_that_is_the_same_for_everybody_has_no_width() -> None:
    """Paired: what differs between patients alike for both models cancels."""
    shared = folds()
    half, sure = validation(np.full(4, 0.5), shared), validation(np.array([0.2, 0.2, 0.8, 0.8]), shared)
    gain = paired_gains(sure, {"prevalence": half})["prevalence"]["brier"]
    assert gain.low == pytest.approx(0.21)
    assert gain.high == pytest.approx(0.21)


def test_every_baseline_has_both_gains() -> None:
    """By name; over itself a model gains nothing."""
    shared = folds()
    one, other = validation(np.array([0.1, 0.4, 0.6, 0.7]), shared), validation(np.full(4, 0.5), shared)
    gains = paired_gains(one, {"itself": one, "prevalence": other})
    assert {name: set(found) for name, found in gains.items()} == {
        "itself": {"log_loss", "brier"},
        "prevalence": {"log_loss", "brier"},
    }
    assert gains["itself"]["log_loss"].high == 0.0
    assert gains["prevalence"]["log_loss"] == log_loss_gain(one, other)


def test_interval_covers_a_known_gain() -> None:
    """Over 200 cohorts the 90 % interval of the Brier gain holds its true value as often as it says."""
    rng, covered, n = np.random.default_rng(8), 0, 120
    truth = np.tile([0.2, 0.6], n // 2)
    true_gain = np.mean((0.4 - truth) ** 2)
    for _ in range(200):
        label = (rng.random(n) < truth).astype(float)[:, None]
        draws = rng.multinomial(n, np.full(n, 1 / n), size=200).astype(float)
        shared = Folds(np.zeros((1, n), dtype=np.int64), label, np.ones((n, 1)), draws)
        gain = paired_gains(validation(truth, shared), {"all alike": validation(np.full(n, 0.4), shared)})
        brier = gain["all alike"]["brier"]
        assert brier.low is not None
        assert brier.high is not None
        covered += brier.low <= true_gain <= brier.high
    assert 0.84 <= covered / 200 <= 0.95


def test_other_folds_are_refused() -> None:
    """Bootstrap draws of other patients would not be paired."""
    one = validation(np.full(4, 0.5), folds())
    with pytest.raises(ValueError, match=r"^a paired gain needs two validations in the same folds$"):
        paired_gains(one, {"other": replace(one, folds=folds())})
