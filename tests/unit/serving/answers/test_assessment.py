"""The verdict on a model follows from its status, its AUROC and its calibration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from features.measures import GAIN
from serving.answers.assessment import Ground, Verdict, WeakestCenters, assessment
from serving.model.group_results import CenterResult
from serving.model.measured import Measured
from serving.model.status_at_horizon import HorizonCounts
from serving.model.validation_summary import Doubt, OutcomeSummary, Reason, SampleSize, Status
from tests.bundles import full_summary, make_published_bundle

GOOD = {
    "auroc": Measured(0.7, 0.62, 0.78),
    "observed_expected": Measured(1.0, 0.8, 1.2),
    "calibration_slope": Measured(0.9, 0.5, 1.3),
    GAIN: Measured(0.05, 0.01, 0.09),
}
"""Metrics in which there is no fault."""
ENOUGH = SampleSize(100, 50.0, 150, 60, 6, "sufficient")


def summary(metrics: dict[str, Measured] | None = None, **changes: Any) -> OutcomeSummary:
    """Make the summary of a validated model in one center, with some metrics replaced."""
    made: dict[str, Any] = {
        "status": Status.VALIDATED,
        "status_facts": (),
        "sample_size": ENOUGH,
        "by_center": {},
        "paired": {},
        "metrics": {30: GOOD | (metrics or {})},
    }
    return replace(full_summary(), **made | changes)


def verdict(metrics: dict[str, Measured] | None = None, **changes: Any) -> tuple[Verdict, list[Ground]]:
    judged = assessment(summary(metrics, **changes), (30,))
    return judged.verdict, list(judged.grounds)


def center(auroc: float | None, ratio: float | None) -> CenterResult:
    """Make the result of a center, with an AUROC interval of 0.1 to each side."""
    low, high = (None, None) if auroc is None else (auroc - 0.1, auroc + 0.1)
    return CenterResult(50, 12, {"auroc": Measured(auroc, low, high), "observed_expected": Measured(ratio)})


def test_a_validated_model_is_used_with_care() -> None:
    """There is no better verdict: a validation on one cohort is no license."""
    assert verdict() == (Verdict.USE_WITH_CARE, [Ground.VALIDATED])


def test_a_small_cohort_and_a_weak_center_limit_it() -> None:
    """A center is weak where the interval of its AUROC is not above 0.5."""
    small, weak = replace(ENOUGH, n_needed=9000), {1: center(0.75, 1.0), 2: center(0.58, 1.0)}
    limits = [Ground.SMALL_COHORT, Ground.WEAK_CENTER]
    assert verdict(sample_size=small, by_center=weak) == (
        Verdict.USE_WITH_CARE,
        [Ground.VALIDATED, *limits],
    )
    assert verdict(by_center={1: center(0.75, 1.0)}) == (Verdict.USE_WITH_CARE, [Ground.VALIDATED])


@pytest.mark.parametrize(
    ("auroc", "ground"),
    [
        (Measured(None), Ground.NO_AUROC),
        (Measured(0.9), Ground.NO_AUROC),
        (Measured(0.5, 0.5, 0.5), Ground.SAME_RISK),
        (Measured(0.4, 0.3, 0.49), Ground.AUROC_BELOW_CHANCE),
        (Measured(0.6, 0.5, 0.7), Ground.AUROC_INCLUDES_CHANCE),
    ],
)
def test_without_an_auroc_above_chance_it_does_not_discriminate(auroc: Measured, ground: Ground) -> None:
    """Whatever the status is; an AUROC without an interval shows nothing."""
    assert verdict({"auroc": auroc}) == (Verdict.NO_DISCRIMINATION, [ground])


@pytest.mark.parametrize("gain", [Measured(None), Measured(0.01, 0.0, 0.02), Measured(0.01, -0.01, 0.03)])
def test_a_model_no_better_than_the_prevalence_does_not_discriminate(gain: Measured) -> None:
    """In log loss, which an AUROC above 0.5 does not imply."""
    assert verdict({GAIN: gain}) == (Verdict.NO_DISCRIMINATION, [Ground.NO_GAIN])


def test_the_gain_may_be_that_of_the_paired_comparison() -> None:
    """Where the metrics do not have it."""
    metrics = {name: figure for name, figure in GOOD.items() if name != GAIN}
    judged = assessment(replace(summary(), metrics={30: metrics}, paired={"prevalence": GOOD[GAIN]}), (30,))
    assert judged.verdict is Verdict.USE_WITH_CARE


@pytest.mark.parametrize(
    ("metric", "figure", "ground"),
    [
        ("observed_expected", Measured(1.5, 1.1, 2.0), Ground.OBSERVED_EXPECTED),
        ("calibration_slope", Measured(0.5, 0.2, 0.9), Ground.CALIBRATION_SLOPE),
        ("calibration_slope", Measured(0.9, -0.1, 1.9), Ground.CALIBRATION_SLOPE),
    ],
)
def test_numbers_are_wrong_where_calibration_is(metric: str, figure: Measured, ground: Ground) -> None:
    """The interval excludes 1, or that of the slope includes 0."""
    assert verdict({metric: figure}) == (Verdict.MISCALIBRATED, [ground])


def test_discrimination_comes_before_calibration() -> None:
    """Risks that do not separate patients are no better for being calibrated."""
    poor = {"auroc": Measured(0.55, 0.4, 0.7), "observed_expected": Measured(3.0, 2.0, 4.0)}
    assert verdict(poor)[0] is Verdict.NO_DISCRIMINATION


def test_too_few_events_are_a_ground() -> None:
    """By the code of the status, never by its words."""
    few = {"status": Status.NOT_VALIDATED, "status_facts": (Reason("few_events", "few"),)}
    assert verdict(**few) == (Verdict.NOT_ESTABLISHED, [Ground.TOO_FEW_EVENTS])
    assert verdict({GAIN: Measured(None)}, **few) == (
        Verdict.NO_DISCRIMINATION,
        [Ground.NO_GAIN, Ground.TOO_FEW_EVENTS],
    )


def test_a_model_without_a_fault_still_needs_its_status() -> None:
    """Its reasons are those of the status."""
    assert verdict(status=Status.NOT_VALIDATED) == (Verdict.NOT_ESTABLISHED, [Ground.STATUS])


def test_without_metrics_nothing_is_validated() -> None:
    """Then no horizon was judged."""
    judged = assessment(replace(summary(), metrics={}, horizon_counts={}), (30,))
    assert (judged.verdict, judged.grounds) == (Verdict.NOT_VALIDATED, ())
    assert (judged.horizon_days, judged.n_events) == (None, None)


def test_implausible_data_outweigh_every_metric() -> None:
    """As they outweigh them in the status."""
    assert verdict(doubts=(Doubt("repeated", "patients twice"),)) == (Verdict.IMPLAUSIBLE_DATA, [])


def test_published_evidence_alone_was_not_tested_here() -> None:
    """As a bundle without a cohort has it."""
    for made in make_published_bundle().summaries.values():
        assert assessment(made, (30,)).verdict is Verdict.PUBLISHED_EVIDENCE_ONLY


def test_the_headline_horizon_is_judged_where_it_was_measured() -> None:
    """Else the first that was; events are counted by then."""
    counts = {
        days: HorizonCounts(events=events, competing=0, free=90, censored=0)
        for days, events in ((365, 40), (90, 21))
    }
    both = replace(summary(), metrics={365: GOOD, 90: GOOD}, horizon_counts=counts)
    judged = assessment(both, (365, 90))
    assert (judged.horizon_days, judged.n_events) == (365, 40)
    judged = assessment(replace(both, metrics={365: {}, 90: GOOD}), (365, 90))
    assert (judged.horizon_days, judged.n_events) == (90, 21)


def test_the_weakest_centers_are_named_by_number() -> None:
    """Lowest AUROC; O:E farthest from 1 as a ratio, so that a half is as far as a double."""
    centers = {1: center(0.7, 1.9), 2: center(0.6, 0.5), 3: center(None, None)}
    assert assessment(summary(by_center=centers), (30,)).weakest_centers == WeakestCenters(
        auroc=2, observed_expected=2
    )
    assert assessment(summary(by_center=centers | {4: center(0.8, 0.0)}), (30,)).weakest_centers == (
        WeakestCenters(auroc=2, observed_expected=4)
    )
    assert assessment(summary(), (30,)).weakest_centers == WeakestCenters(auroc=None, observed_expected=None)
