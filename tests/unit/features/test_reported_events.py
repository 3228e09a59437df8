"""Reports that can all be true of one patient never contradict each other; impossible ones do."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from features.columns import Columns
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.reported_events import ReportedEvent, contradicted
from features.schema import FollowUp
from features.synthetic.simulation import simulate

Reports = dict[str, ReportedEvent]


def report(happened: bool, day: int | None = None) -> ReportedEvent:
    return ReportedEvent(happened, day)


IMPOSSIBLE: list[Reports] = [
    {"relapse": report(True, 100), "death_without_relapse": report(True, 150)},
    {"relapse": report(True), "death_without_relapse": report(True)},
    {"relapse": report(True, 200), "death": report(True, 100)},
    {"death_without_relapse": report(True, 150), "death": report(False, 150)},
    {"death_without_relapse": report(True, 150), "death": report(True, 400)},
    {"death_without_relapse": report(True, 150), "death": report(True, 100)},
    {"relapse": report(False, 150), "death_without_relapse": report(False, 150), "death": report(True, 150)},
    {"severe_crs": report(True, 4), "crs_grade_2_or_higher": report(False)},
    {"severe_crs": report(True), "crs_grade_2_or_higher": report(False, 3)},
    {"severe_crs": report(True, 4), "crs_grade_2_or_higher": report(True, 6)},
]

POSSIBLE: list[Reports] = [
    {"relapse": report(True, 100), "death": report(True, 100)},
    {"relapse": report(True, 100), "death_without_relapse": report(False, 100), "death": report(True, 150)},
    {"relapse": report(True, 200), "death": report(False, 200)},
    {"relapse": report(False, 100), "death_without_relapse": report(False, 400), "death": report(True, 150)},
    {"relapse": report(False), "death_without_relapse": report(False), "death": report(True, 150)},
    {"relapse": report(False, 150), "death_without_relapse": report(True, 150), "death": report(True)},
    {"severe_crs": report(False), "crs_grade_2_or_higher": report(True, 3)},
    {"severe_crs": report(True, 4), "crs_grade_2_or_higher": report(True, 2)},
    {"severe_crs": report(True, 40), "crs_grade_2_or_higher": report(False)},
    {"severe_crs": report(True, 4), "severe_icans": report(False), "iec_hs": report(True, 10)},
]


@pytest.mark.parametrize("reports", IMPOSSIBLE)
def test_the_last_of_impossible_reports_contradicts_all_others(reports: Reports) -> None:
    """In any order; each of these sets is possible without one of its reports."""
    for order in permutations(reports):
        others = {name: reports[name] for name in order[:-1]}
        assert set(contradicted(order[-1], reports[order[-1]], others)) == set(others)


@pytest.mark.parametrize("reports", POSSIBLE)
def test_possible_reports_contradict_nothing(reports: Reports) -> None:
    """In any order."""
    for order in permutations(reports):
        for number, name in enumerate(order):
            assert (
                contradicted(name, reports[name], {other: reports[other] for other in order[:number]}) == ()
            )


def test_the_fewest_reports_are_named() -> None:
    """What is unrelated, or not needed for the contradiction, is not among them."""
    others = {"severe_crs": report(True, 3), "death": report(True, 150), "relapse": report(True, 100)}
    assert contradicted("death_without_relapse", report(True, 150), others) == ("relapse",)


def test_a_report_replaces_the_earlier_one_of_its_outcome() -> None:
    """A correction is never held against itself."""
    for name in OUTCOMES:
        assert contradicted(name, report(False, 10), {name: report(True, 5)}) == ()


@pytest.mark.parametrize("name", [name for name in OUTCOMES if len(OUTCOMES[name].horizons_days) > 1])
@pytest.mark.parametrize("reports", IMPOSSIBLE)
def test_a_report_without_event_and_day_is_always_accepted(name: str, reports: Reports) -> None:
    """So any wrong report can be taken back, whatever the record holds."""
    assert contradicted(name, report(False), reports) == ()


@pytest.mark.parametrize("reports", IMPOSSIBLE)
def test_a_record_that_is_impossible_already_can_be_corrected(reports: Reports) -> None:
    """What was wrong before a report is not held against it."""
    for name, stated in reports.items():
        assert contradicted(name, stated, reports) in ((), tuple(other for other in reports if other != name))
    assert contradicted("severe_icans", report(True, 5), reports) == ()


@pytest.mark.parametrize("seed", range(3))
def test_what_follow_up_says_is_never_contradictory(seed: int) -> None:
    """Of each infusion of a simulated cohort, every outcome is reported as training reads it."""
    rng = np.random.default_rng(seed)
    rows = simulate(250, rng=rng).rows
    follow_up = Columns.from_rows(FollowUp, rows)
    seen = {name: observe(outcome, follow_up) for name, outcome in OUTCOMES.items()}
    number = 0
    for row in range(len(rows)):
        reports: Reports = {}
        for name in rng.permutation(list(seen)):
            each = seen[name]
            if each.known[row]:
                stated = report(bool(each.event[row] == 1), int(each.day[row]))
                assert contradicted(name, stated, reports) == ()
                reports[name] = stated
                number += 1
    assert number > 1000
