"""A masked bundle states no small count, nor what would give one away; its models stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from features.decisions import Decision
from serving.model.bundle import Bundle
from serving.model.group_results import CenterResult
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.masked_bundle import masked_bundle, masked_horizon, masked_summary
from serving.model.measured import Measured
from serving.model.status_at_horizon import HorizonCounts
from serving.model.validation_summary import Doubt, OutcomeSummary, Reason, SampleSize, Status
from tests.bundles import make_bundle

AREA = {"auroc": Measured(0.71, 0.6, 0.8)}
N = 300


def summary(events: int = 40, *, competing: int = 0, free: int = 200, **changed: Any) -> OutcomeSummary:
    """Sum up a month of 300 infusions; all others are censored before."""
    counts = HorizonCounts(events, competing, free, N - events - competing - free)
    stated = OutcomeSummary(
        n_infusions=N,
        n_events=events,
        n_competing=competing,
        cumulative_incidence={30: events / N},
        dropped_horizons={},
        counts={},
        grading="",
        censoring="",
        metrics={30: AREA},
        horizon_counts={30: counts},
        mean_risk={30: events / N},
    )
    return replace(stated, **changed)


def test_enough_events_are_shown() -> None:
    """Nothing changes where no count is small."""
    assert masked_summary(summary()) == summary()
    bundle = make_bundle()
    assert masked_bundle(bundle, small_counts=True) is bundle


def test_a_masked_bundle_stays_as_it_is() -> None:
    """Written again it is the same, so that it keeps its digest."""
    bundle = make_bundle()
    few = {name: replace(each, n_events=3) for name, each in bundle.summaries.items()}
    once = masked_bundle(replace(bundle, summaries=few))
    assert masked_bundle(once) == once
    assert once.models is bundle.models
    again = masked_summary(summary(3, counts={Decision.REPEATED: 2}))
    assert masked_summary(again) == again


@pytest.mark.parametrize("events", [1, 2, 3, 4])
def test_few_events_hide_what_they_could_be_computed_from(events: int) -> None:
    """Totals, incidence, metrics, curves and the size of the cohort against its need."""
    size = SampleSize(n_needed=900, events_needed=90, n=N, events=events, parameters=9, verdict="too small")
    masked = masked_summary(summary(events, sample_size=size, paired={"easix": Measured(0.1)}))
    assert (masked.n_events, masked.n_competing, masked.events_by(30)) == (None, 0, None)
    assert (masked.cumulative_incidence, masked.mean_risk, masked.metrics) == ({}, {}, {30: {}})
    assert (masked.sample_size, masked.paired) == (None, {})


def test_few_competing_events_hide_no_incidence() -> None:
    """It is that of the event, whose number is shown."""
    masked = masked_summary(summary(40, competing=3))
    assert (masked.n_events, masked.n_competing) == (40, None)
    assert masked.horizon_counts[30] == HorizonCounts(40, None, None, 57)
    assert masked.cumulative_incidence == summary(40).cumulative_incidence


def test_event_free_infusions_are_masked_before_others() -> None:
    """Of the counts that would give a small one away."""
    assert masked_horizon(HorizonCounts(40, 2, 200, 58)) == HorizonCounts(40, None, None, 58)
    assert masked_horizon(HorizonCounts(40, 0, 200, 60)) == HorizonCounts(40, 0, 200, 60)


def test_another_horizon_keeps_the_figures_of_the_headline() -> None:
    """Few events by day 90 hide what is stated of day 90."""
    counts = {30: HorizonCounts(40, 0, 200, 60), 90: HorizonCounts(3, 0, 200, 97)}
    stated = summary(
        metrics={30: AREA, 90: AREA}, horizon_counts=counts, paired={"easix": Measured(0.1)}, n_events=40
    )
    masked = masked_summary(stated)
    assert masked.metrics == {30: AREA, 90: {}}
    assert masked.paired == stated.paired


def test_a_bundle_without_counts_by_horizon_is_masked_by_its_total() -> None:
    """As earlier versions wrote them."""
    masked = masked_summary(summary(3, horizon_counts={}))
    assert (masked.n_events, masked.cumulative_incidence, masked.metrics) == (None, {}, {30: {}})


def test_centers_are_masked_given_the_events_of_all() -> None:
    """A single masked center would be the rest: so is the one with the fewest events beside it."""
    by_center = {n: CenterResult(80, events, AREA) for n, events in enumerate((30, 7, 3), start=1)}
    masked = masked_summary(summary(40, by_center=by_center)).by_center
    assert [each.n_events for each in masked.values()] == [30, None, None]
    assert [each.n_infusions for each in masked.values()] == [80, 80, 80]
    assert [each.metrics for each in masked.values()] == [AREA, {}, {}]


def test_masked_centers_stay_as_they_are() -> None:
    """In a bundle that is masked again."""
    by_center = {n: CenterResult(80, events, AREA) for n, events in enumerate((30, 7, 3), start=1)}
    once = masked_summary(summary(40, by_center=by_center))
    assert masked_summary(once) == once
    few = masked_summary(summary(3, by_center={1: CenterResult(80, 3, AREA), 2: CenterResult(220, 0, {})}))
    assert [each.n_events for each in few.by_center.values()] == [None, None]


def test_a_center_of_nearly_only_events_is_masked_too() -> None:
    """The few others would be known."""
    by_center = {1: CenterResult(80, 20, AREA), 2: CenterResult(12, 10, AREA), 3: CenterResult(80, 10, AREA)}
    masked = masked_summary(summary(40, by_center=by_center)).by_center
    assert [each.n_events for each in masked.values()] == [20, None, None]


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (
            Reason("few_events", "3 events and 57 non-events", {"events": 3, "non_events": 57}),
            "too few events or non-events to validate a model",
        ),
        (
            Reason("few_events", "8 events and 4 non-events", {"events": 8, "non_events": 4}),
            "too few events or non-events to validate a model",
        ),
        (
            Reason("few_events", "8 events and 57 non-events", {"events": 8, "non_events": 57}),
            "8 events and 57 non-events",
        ),
        (Reason("not_cross_validated", "not cross-validated"), "not cross-validated"),
    ],
)
def test_reasons_state_no_small_count(fact: Reason, words: str) -> None:
    """They stay in the answer, by their codes."""
    masked = masked_summary(summary(40, status_facts=(fact,), status_reasons=(fact.text,)))
    assert masked.status_reasons == (words,)
    assert [each.code for each in masked.status_facts] == [fact.code]
    assert masked.status is Status.NOT_VALIDATED


def test_doubts_state_no_small_count() -> None:
    """Nor the rate of a center whose size they state."""
    doubts = (
        Doubt("near_equal_ids", "2 infusions of patients whose identifiers differ"),
        Doubt("event_rate_of_center", "in one of 3 centers (12 infusions) in 25%"),
        Doubt("single_field_auroc", "ferritin alone predicts severe_crs"),
    )
    few = {Decision.NEAR_EQUAL: 2}
    texts = [each.text for each in masked_summary(summary(doubts=doubts, counts=few)).doubts]
    assert texts == [
        "the identifiers of a few patients differ only in spelling: use one identifier per patient",
        "the event rate of a center is far from the published one",
        "ferritin alone predicts severe_crs",
    ]
    many = masked_summary(summary(doubts=doubts, counts={Decision.NEAR_EQUAL: 12}))
    assert many.doubts[0] == doubts[0]


def test_shares_that_are_small_counts_are_left_out() -> None:
    """Of missing values, and of infusions with one."""
    bundle = make_bundle()
    imputed = ImputationSensitivity(20, 0.01, 0.1, 0.2)
    summaries = {"severe_crs": summary(imputation_sensitivity=imputed)}
    cohort = replace(bundle.cohort, n_infusions=N, missing={"ecog": 0.01, "sex": 0.3, "ldh_u_l": 0.99})
    masked = masked_bundle(Bundle("treatment_policy", cohort, {}, summaries, {}, []))
    assert masked.cohort.missing == {"sex": 0.3}
    assert masked.summaries["severe_crs"].imputation_sensitivity is None
