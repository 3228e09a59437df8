"""Riley's minimum sample size, held to the published and to independently computed numbers."""

from __future__ import annotations

import numpy as np
import pytest

from features.log_odds import expit
from training.statistics.riley_sample_size import (
    binary_sample_size,
    cox_snell_r2,
    sample_size_verdict,
)


@pytest.mark.parametrize(
    ("r2", "parameters", "prevalence", "by_criterion", "n"),
    [
        (0.288, 24, 0.174, (623, 662, 221), 662),
        (0.55, 24, 0.174, (255, 532, 221), 532),
        (0.288, 36, 0.174, (934, 992, 221), 992),
        (0.288, 24, 0.25, (623, 590, 289), 623),
    ],
)
def test_binary_sizes_are_the_published_ones(
    r2: float, parameters: int, prevalence: float, by_criterion: tuple[int, int, int], n: int
) -> None:
    """The numbers that pmsampsize 1.1.3 (R) gives, binary outcome, shrinkage 0.9."""
    needed = binary_sample_size(r2, parameters=parameters, prevalence=prevalence)
    assert (needed.by_criterion, needed.n) == (by_criterion, n)
    assert needed.events == pytest.approx(n * prevalence)


def test_third_criterion_knows_the_overall_risk_to_five_points() -> None:
    """With weak demands on the model the overall risk decides: 1.96^2 x 0.25 / 0.05^2 = 384.2."""
    needed = binary_sample_size(0.4, parameters=1, prevalence=0.5)
    assert needed.by_criterion[2] == needed.n == 385
    assert needed.risk_high - needed.risk == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("c_statistic", "prevalence", "r2"), [(0.89, 0.174, 0.291), (0.81, 0.77, 0.212)], ids=["0.89", "0.81"]
)
def test_c_statistic_gives_the_published_r2(c_statistic: float, prevalence: float, r2: float) -> None:
    """The deterministic integral of Riley 2021."""
    assert round(cox_snell_r2(c_statistic, prevalence), 3) == r2


def test_r2_is_that_of_simulated_patients() -> None:
    """Binormal predictors drawn outright, the true log-odds taken as the model: within Monte-Carlo error."""
    rng, n, prevalence, apart = np.random.default_rng(4), 400_000, 0.2, 1.0
    label = (rng.random(n) < prevalence).astype(float)
    log_odds = np.log(0.25) + apart * (rng.normal(size=n) + apart * label) - apart**2 / 2
    risk, share = expit(log_odds), label.mean()
    gain = np.where(label == 1, np.log(risk / share), np.log((1 - risk) / (1 - share))).mean()
    c_statistic = 0.76024993890652  # Phi(1 / sqrt(2))
    assert cox_snell_r2(c_statistic, prevalence) == pytest.approx(1 - np.exp(-2 * gain), abs=0.002)


@pytest.mark.parametrize(
    ("prevalence", "c_statistic", "five", "ten"),
    [(0.15, 0.75, 411, 821), (0.15, 0.80, 273, 545), (0.25, 0.75, 289, 569), (0.45, 0.70, 381, 701)],
)
def test_what_outcomes_after_car_t_cells_need(
    prevalence: float, c_statistic: float, five: int, ten: int
) -> None:
    """Five parameters and ten, at the risks and AUROCs that are usual here."""
    r2 = cox_snell_r2(c_statistic, prevalence)
    sizes = [binary_sample_size(r2, parameters=p, prevalence=prevalence).n for p in (5, 10)]
    assert sizes == [five, ten]


def test_small_cohort_is_below_the_recommended_size() -> None:
    """One sentence with what there is and what is needed."""
    verdict = sample_size_verdict(232, 104, 10, 0.70, 0.45)
    assert not verdict.sufficient
    assert (verdict.n_needed, verdict.events_needed) == (701, 316)
    assert verdict.words == (
        "232 infusions, 104 events; 701 infusions and 316 events needed for 10 parameters at AUROC 0.70 "
        "(Riley 2019): below recommended size"
    )


def test_large_cohort_is_of_recommended_size_only_with_its_events() -> None:
    """Censoring may leave too few events among enough infusions."""
    verdict = sample_size_verdict(701, 316, 10, 0.70, 0.45)
    assert verdict.sufficient
    assert verdict.words.endswith("at AUROC 0.70 (Riley 2019): of recommended size")
    assert not sample_size_verdict(701, 315, 10, 0.70, 0.45).sufficient
    assert not sample_size_verdict(700, 316, 10, 0.70, 0.45).sufficient


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_missing_auroc_is_assumed_and_said(missing: float | None) -> None:
    """The size is that at 0.70."""
    verdict = sample_size_verdict(60, 1, 1, missing, 0.45)
    assert verdict.n_needed == sample_size_verdict(60, 1, 1, 0.7, 0.45).n_needed
    assert verdict.words == (
        "60 infusions, 1 event; 381 infusions and 172 events needed for 1 parameter at an assumed AUROC of "
        "0.70 (Riley 2019): below recommended size"
    )


@pytest.mark.parametrize(("measured", "taken"), [(0.41, 0.55), (0.5, 0.55), (0.99, 0.95), (1.0, 0.95)])
def test_auroc_is_bounded_and_said(measured: float, taken: float) -> None:
    """One below chance has no size, one near 1 would excuse any."""
    verdict = sample_size_verdict(60, 20, 5, measured, 0.3)
    assert verdict.n_needed == sample_size_verdict(60, 20, 5, taken, 0.3).n_needed
    assert f"at AUROC {taken:.2f} (taken for {measured:.2f}) (Riley 2019)" in verdict.words


def test_arguments_outside_their_limits_are_refused() -> None:
    """By name, with what was found."""
    with pytest.raises(ValueError, match=r"^parameters must be at least 1, got 0\.$"):
        binary_sample_size(0.2, parameters=0, prevalence=0.3)
    with pytest.raises(ValueError, match=r"^prevalence must be above 0 and below 1, got 0\.$"):
        binary_sample_size(0.2, parameters=1, prevalence=0)
    with pytest.raises(ValueError, match=r"^prevalence must be above 0 and below 1, got 1\.$"):
        cox_snell_r2(0.7, 1)
