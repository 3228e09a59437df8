"""Cumulative incidence: R's `survival`, theory and hand calculation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.aalen_johansen import aalen_johansen
from training.statistics.incidence_interval import at_risk_on, incidence_steps

BY_R_SCRIPT = """
d <- c(...); e <- c(...)
s <- survfit(Surv(d, factor(e, 0:2)) ~ 1)
x <- summary(s, times = c(10, 30, 60, 100)); x$pstate; x$std.err
k <- summary(survfit(Surv(d, as.integer(e == 1)) ~ 1), times = c(10, 30, 60, 100)); 1 - k$surv
"""
"""How the values below were computed by R 4.2.2 with survival."""
DAY = [5, 5, 8, 12, 12, 12, 20, 25, 31, 31, 40, 44, 52, 60, 60, 75, 80, 91, 120, 150]
EVENT = [1, 2, 0, 1, 1, 0, 2, 0, 1, 1, 0, 2, 1, 0, 0, 1, 0, 2, 0, 0]
AT = [10, 30, 60, 100]
BY_R = {
    1: ([0.05, 0.155882352941, 0.347058823529, 0.442647058824],
        [0.0487339717240, 0.0827884861674, 0.1163977500391, 0.1319722819223]),
    2: ([0.05, 0.106722689076, 0.175, 0.302450980392],
        [0.0487339717240, 0.0715691343862, 0.0929562092220, 0.1363243363177]),
}  # fmt: skip


def drawn(rng: np.random.Generator, n: int = 60, *, censored: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Draw days with ties, and events of both kinds."""
    day = rng.integers(1, 40, n).astype(float)
    return day, rng.choice([0, 1, 2] if censored else [1, 2], n)


@pytest.mark.parametrize("kind", [1, 2])
def test_estimate_and_error_are_those_of_r(kind: int) -> None:
    """With ties, two kinds of event and censoring."""
    steps = incidence_steps(DAY, EVENT, kind=kind)
    position = np.searchsorted(steps.days, AT, side="right") - 1
    np.testing.assert_allclose(steps.incidence[position], BY_R[kind][0], rtol=1e-10)
    np.testing.assert_allclose(steps.standard_error[position], BY_R[kind][1], rtol=1e-10)


def test_interval_without_competing_events_is_that_of_r() -> None:
    """1 minus Kaplan-Meier, with an interval on the scale log(-log) of the incidence."""
    steps = incidence_steps(DAY, [1 if each == 1 else 0 for each in EVENT])
    incidence, low, high = steps.at(AT)
    np.testing.assert_allclose(incidence, [0.05, 0.161764705882, 0.388786764706, 0.511029411765], rtol=1e-10)
    reach = 1.959963984540054 * steps.standard_error[np.searchsorted(steps.days, AT, side="right") - 1]
    scale = np.log(-np.log(incidence))
    error = reach / (incidence * -np.log(incidence))
    np.testing.assert_allclose(np.log(-np.log(low)), scale + error)
    np.testing.assert_allclose(np.log(-np.log(high)), scale - error)
    assert ((low < incidence) & (incidence < high)).all()


@pytest.mark.parametrize("seed", range(5))
def test_estimate_is_that_of_the_tests_own_estimator(seed: int) -> None:
    """Two implementations, the same steps."""
    day, event = drawn(np.random.default_rng(seed))
    days, incidence = aalen_johansen(day, event)
    np.testing.assert_allclose(incidence_steps(day, event).at(days)[0], incidence)


@pytest.mark.parametrize("seed", range(5))
def test_error_without_censoring_is_that_of_a_share(seed: int) -> None:
    """Root of F (1 - F) / n, by both kinds, at every day."""
    day, event = drawn(np.random.default_rng(seed), censored=False)
    for kind in (1, 2):
        steps = incidence_steps(day, event, kind=kind)
        share = np.array([np.mean((day <= at) & (event == kind)) for at in steps.days])
        np.testing.assert_allclose(steps.incidence, share)
        np.testing.assert_allclose(steps.standard_error, np.sqrt(share * (1 - share) / len(day)), atol=1e-9)


def test_kinds_and_event_free_add_up_to_one() -> None:
    """At the last day of an event: Kaplan-Meier of both kinds together."""
    day, event = drawn(np.random.default_rng(3))
    both = sum(incidence_steps(day, event, kind=kind).incidence for kind in (1, 2))
    np.testing.assert_allclose(both, incidence_steps(day, event > 0).incidence)


def test_nothing_happens() -> None:
    """No event, no infusion at all: 0 at every day, without an interval."""
    for day, event in (([3.0, 9.0], [0, 0]), ([], [])):
        estimate, low, high = incidence_steps(day, event).at([0, 30])
        assert estimate.tolist() == [0, 0]
        assert np.isnan(low).all()
        assert np.isnan(high).all()


def test_one_event_and_all_events() -> None:
    """One event of four has an interval around 25 %; where all have it there is none."""
    estimate, low, high = incidence_steps([5, 9, 9, 9], [1, 0, 0, 0]).at([9])
    assert estimate[0] == 0.25
    assert 0 < low[0] < 0.25 < high[0] < 1
    estimate, low, _ = incidence_steps([5, 5], [1, 1]).at([5])
    assert (estimate[0], np.isnan(low[0])) == (1, True)


def test_numbers_at_risk() -> None:
    """Just before each day: an infusion whose day it is still counts."""
    assert at_risk_on(DAY, [0, 5, 12, 13, 151]).tolist() == [20, 20, 17, 14, 0]
