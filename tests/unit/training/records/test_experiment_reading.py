"""What the figures of a training say in sentences."""

from __future__ import annotations

import pytest

from training.records.experiment_entry import Entry
from training.records.experiment_reading import (
    CALIBRATED,
    MISCALIBRATED,
    NOT_OVERFIT,
    OVERFIT,
    SLOPE_UNCLEAR,
    UNCLEAR,
    calibration,
    overfitting,
    reading,
    why_models,
)
from training.records.run_differences import Facts

PAGE = "#/runs/1?workflowType=machine_learning"


def entry(metrics: dict[str, float], **tags: str) -> Entry:
    return Entry("run", "2026-01-01T00:00:00+00:00", PAGE, Facts({}, tags), metrics, "1")


def slope(low: float, value: float, high: float) -> dict[str, float]:
    ends = {"interval/relapse/calibration_slope_low": low, "interval/relapse/calibration_slope_high": high}
    return {"relapse/calibration_slope": value, **ends}


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        (slope(0.6, 0.9, 1.3), f"{CALIBRATED}: `relapse` 0.90 (0.60 to 1.30)."),
        (slope(0.2, 0.5, 0.8), f"{MISCALIBRATED}: `relapse` calibration slope 0.50 (0.20 to 0.80)."),
        (slope(1.1, 1.5, 2.0), MISCALIBRATED),
        (slope(-0.4, 0.5, 1.4), UNCLEAR),
    ],
)
def test_calibration_is_judged_by_the_interval(figures: dict[str, float], verdict: str) -> None:
    """An interval that includes 0 says nothing, even if it includes 1."""
    assert verdict in calibration(entry(figures))


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        (slope(0.6, 0.9, 1.3), NOT_OVERFIT),
        (slope(1.1, 1.5, 2.0), NOT_OVERFIT),
        (slope(0.2, 0.5, 0.8), OVERFIT),
        (slope(-0.4, 0.5, 1.4), SLOPE_UNCLEAR),
        ({}, SLOPE_UNCLEAR),
    ],
)
def test_overfitting_is_judged_by_the_slope(figures: dict[str, float], verdict: str) -> None:
    """Beside the figures in the training patients and in others, which say how much."""
    words = overfitting(entry(figures | {"relapse/auroc": 0.7, "apparent/relapse/auroc": 0.76}))
    assert f"{verdict}: `relapse` 0.76 and 0.70. [Figure]" in words
    assert words.endswith("[page](#/runs/1/artifacts/index.html?workflowType=machine_learning).")
    assert "[Figure](#/runs/1/artifacts/figures/overfitting.svg?workflowType=machine_learning)" in words


def test_the_candidates_are_listed_with_their_log_loss() -> None:
    """Of the main outcomes."""
    words = why_models(entry({}, **{"log_losses.relapse": "ridge* 0.500, easix 0.600"}))
    assert "`relapse`: ridge\\* 0.500, easix 0.600" in words


def test_without_a_validation_nothing_is_claimed() -> None:
    """No sentence about what was not measured."""
    assert not any(reading(entry({})))
