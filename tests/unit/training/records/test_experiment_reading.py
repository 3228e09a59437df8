"""What the figures of a training say in sentences."""

from __future__ import annotations

import pytest

from training.records.experiment_entry import Entry
from training.records.experiment_reading import (
    CALIBRATED,
    MISCALIBRATED,
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
        (slope(0.6, 0.9, 1.3), CALIBRATED),
        (slope(0.2, 0.5, 0.8), f"{MISCALIBRATED}: `relapse` (calibration slope 0.50 (0.20 to 0.80))"),
        (slope(1.1, 1.5, 2.0), MISCALIBRATED),
        (slope(-0.4, 0.5, 1.4), UNCLEAR),
    ],
)
def test_calibration_is_judged_by_the_interval(figures: dict[str, float], verdict: str) -> None:
    """An interval that includes 0 says nothing, even if it includes 1."""
    assert verdict in calibration(entry(figures))


def test_the_largest_optimism_is_named() -> None:
    """With both values."""
    figures = {"relapse/auroc": 0.7, "apparent/relapse/auroc": 0.72}
    figures |= {"severe_crs/auroc": 0.6, "apparent/severe_crs/auroc": 0.85}
    words = overfitting(entry(figures))
    assert "largest optimism `severe_crs`, AUROC 0.85 in the training patients and 0.60 out-of-fold" in words
    assert words.endswith("[page](#/runs/1/artifacts/index.html?workflowType=machine_learning).")
    assert "[Figure](#/runs/1/artifacts/figures/overfitting.png?workflowType=machine_learning)" in words


def test_the_candidates_are_listed_with_their_log_loss() -> None:
    """Of the main outcomes."""
    words = why_models(entry({}, **{"log_losses.relapse": "ridge* 0.500, easix 0.600"}))
    assert "`relapse`: ridge\\* 0.500, easix 0.600" in words


def test_without_a_validation_nothing_is_claimed() -> None:
    """No sentence about what was not measured."""
    assert not any(reading(entry({})))
