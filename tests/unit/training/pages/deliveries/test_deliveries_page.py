"""The page and the data of two deliveries: what is masked, and what is never there."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from features.cohort import Cohort, cohort_from_rows
from features.synthetic.simulation import simulate
from training.comparison.deliveries import Deliveries, compare_deliveries
from training.pages.deliveries.masked_deliveries import shown_deliveries
from training.pages.deliveries.page import deliveries_json, deliveries_page

Rows = list[dict[str, Any]]


def cohort_of(rows: Rows, name: str) -> Cohort:
    return cohort_from_rows(rows, name=name, sha256="00" * 32, present=frozenset(rows[0]))


def deliveries(changed: int, added: int, removed: int = 0, *, seed: int = 1) -> Deliveries:
    """Make two deliveries that differ in as many grades and infusions."""
    rows = simulate(60, rng=np.random.default_rng(seed)).rows
    for number, row in enumerate(rows):
        row.update(patient_id=f"secret-{number:03d}", infusion_number=1, icans_grade=0)
    later = [{**row, "icans_grade": 3 if at < changed else 0} for at, row in enumerate(rows[removed:])]
    end = len(rows) - added
    return compare_deliveries(cohort_of(rows[:end], "a.csv"), cohort_of(later, "b.csv"))


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_small_counts_are_masked_with_what_gives_them_away(small: int) -> None:
    """Added infusions, changed cells and events gained, from one to four."""
    shown = shown_deliveries(deliveries(small, small))
    (grades,) = [each for each in shown.fields if each.field == "icans_grade"]
    (icans,) = [each for each in shown.events if each.outcome == "severe_icans"]
    assert (shown.matched, shown.added, shown.removed) == (None, None, None)
    assert (grades.changed, grades.same, grades.higher) == (None, None, None)
    assert (icans.later, icans.gained, icans.of_added) == (None, None, None)
    everything = shown_deliveries(deliveries(small, small), small_counts=True)
    assert (everything.added, everything.events[1].gained) == (small, small)


def test_larger_counts_are_shown() -> None:
    """Six changed grades are six."""
    shown = shown_deliveries(deliveries(6, 6))
    (grades,) = [each for each in shown.fields if each.field == "icans_grade"]
    assert (shown.added, shown.removed, grades.changed, grades.higher) == (6, 0, 6, 6)


@pytest.mark.parametrize("seed", range(4))
def test_no_shown_count_is_small_and_masked_sizes_do_not_follow(seed: int) -> None:
    """With sizes masked, no column shows all five of its counts."""
    rng = np.random.default_rng(seed)
    changed, added, removed = (int(each) for each in rng.integers(1, 9, 3))
    shown = json.loads(deliveries_json(deliveries(changed, added, removed, seed=seed)))
    counts = [value for each in [*shown["fields"], *shown["events"]] for value in each.values()]
    assert not any(isinstance(value, int) and 0 < value < 5 for value in counts)
    if shown["matched"] is None:
        parts = ("same", "changed", "became_blank", "became_known", "blank")
        assert all(None in [each[part] for part in parts] for each in shown["fields"])


def test_page_names_no_patient_and_stands_alone() -> None:
    """Neither as page nor as data; no script; the charts have a table."""
    compared = deliveries(6, 6)
    page = deliveries_page(compared)
    assert "secret-" not in page
    assert "secret-" not in deliveries_json(compared, small_counts=True)
    assert "<script" not in page
    assert page.count("<svg") == page.count("<details>") == 1
    assert "Counts of 1 to 4 are masked" in page
    assert "Do not publish" in deliveries_page(compared, small_counts=True)


def test_equal_deliveries_say_so() -> None:
    """Without a chart."""
    page = deliveries_page(deliveries(0, 0))
    assert "None: the infusions of both deliveries have equal values" in page
    assert "<svg" not in page
