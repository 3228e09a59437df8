"""Small counts are not in a report that may leave the center."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from serving.model.bundle import Bundle
from serving.model.measured import Measured
from serving.model.status_at_horizon import HorizonCounts
from tests.bundles import make_bundle
from training.pages.report.contents import MASKING, as_json, report_of
from training.pages.report.page import report_page

TOO_FEW = "too few events or non-events to validate a model"
FEW = 317
"""Infusions with a known outcome."""


def with_counts(outcome: str, **changed: Any) -> Bundle:
    """Give one outcome of a small bundle other counts."""
    bundle = make_bundle()
    summary = replace(bundle.summaries[outcome], n_infusions=FEW, **changed)
    return replace(bundle, summaries={**bundle.summaries, outcome: summary})


def few_events(events: int) -> Bundle:
    """Make a bundle with few events of severe CRS and metrics of them."""
    (days,) = make_bundle().models["severe_crs"].horizons_days
    return with_counts(
        "severe_crs",
        n_events=events,
        n_competing=0,
        horizon_counts={days: HorizonCounts(events, 0, 200, FEW - 200 - events)},
        cumulative_incidence={days: events / FEW},
        counts={"no_grade": events, "early_death": 9},
        metrics={days: {"auroc": Measured(0.71, 0.6, 0.8)}},
        status_reasons=(f"only {events} events",),
    )


def card_of(bundle: Bundle, **options: Any) -> dict[str, Any]:
    twin = json.loads(as_json(report_of(bundle, **options)))
    return next(each for each in twin["card"]["outcomes"] if each["name"] == "severe_crs")


@pytest.mark.parametrize("events", [1, 2, 3, 4])
def test_few_events_are_in_neither_page_nor_data(events: int) -> None:
    """Nor are incidence, metrics and reasons, from which they could be computed."""
    bundle = few_events(events)
    card = card_of(bundle)
    assert (card["n_events"], card["n_competing"]) == (None, 0)
    masked = {"events": None, "competing": 0, "free": None, "censored": FEW - 200 - events}
    assert (card["horizon_counts"], card["cumulative_incidence"]) == ({"30": masked}, {})
    assert (card["metrics"], card["status_reasons"]) == ({"30": {}}, [TOO_FEW])
    assert card["counts"] == {"early_death": 9}
    page = report_page(report_of(bundle))
    assert MASKING in page
    assert f"{events} event" not in page
    assert "a masked number of events" in page


def test_everything_is_shown_on_request() -> None:
    """In the center."""
    card = card_of(few_events(3), small_counts=True)
    assert card["n_events"] == 3
    assert card["horizon_counts"]["30"]["events"] == 3
    assert MASKING not in report_page(report_of(few_events(3), small_counts=True))


def test_a_small_number_of_others_hides_counts_but_no_figure() -> None:
    """Two censored infusions: the events are not small."""
    counts = {30: HorizonCounts(events=40, competing=0, free=FEW - 42, censored=2)}
    card = card_of(with_counts("severe_crs", n_events=40, n_competing=0, horizon_counts=counts))
    assert card["horizon_counts"]["30"] == {"events": 40, "competing": 0, "free": None, "censored": None}
    assert card["n_events"] == 40
