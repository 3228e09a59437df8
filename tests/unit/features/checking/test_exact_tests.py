"""Tests of chance against values from outside, and their behavior without any effect."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking.exact_tests import count_by_chance, event_strata, holm, trend_by_chance

# scipy 1.16: tail = min(hypergeom(M, n, N).cdf(k), hypergeom(M, n, N).sf(k - 1)); min(1, 2 * tail)
HYPERGEOMETRIC = [
    ((40, 12, 9), 7, 2.7, 0.0022926952),
    ((191, 84, 49), 36, 21.5497382, 2.78774454e-06),
    ((30, 15, 6), 3, 3.0, 1.0),
]


@pytest.mark.parametrize(("stratum", "observed", "expected", "p_value"), HYPERGEOMETRIC)
def test_one_stratum_is_the_hypergeometric_distribution(stratum, observed, expected, p_value) -> None:
    """Expected count and two-sided p value."""
    count, chance = count_by_chance([stratum], observed)
    assert count == pytest.approx(expected)
    assert chance == pytest.approx(p_value, rel=1e-6)


def test_strata_add_up() -> None:
    """Worked by hand: two strata of two patients, one of the group in each, one event in each."""
    expected, p_value = count_by_chance([(2, 1, 1), (2, 1, 1)], observed=2)
    assert expected == pytest.approx(1.0)
    assert p_value == pytest.approx(0.5)


def test_chance_is_rarely_small_without_an_effect() -> None:
    """Of 400 draws of a group with no effect, at most 5 % are below 0.05."""
    rng = np.random.default_rng(1)
    small = 0
    for _ in range(400):
        day, event = rng.exponential(100, 40), rng.integers(0, 2, 40)
        strata, observed = event_strata(day, event, np.arange(40) < 15)
        small += count_by_chance(strata, observed)[1] < 0.05
    assert small <= 0.05 * 400


def test_ranks_of_equal_values_are_their_mean() -> None:
    """A correlation does not depend on the order of equal values."""
    over, values = np.arange(30), np.repeat([0.0, 1.0, 2.0], 10)
    shuffled = np.random.default_rng(1).permutation(30)
    assert trend_by_chance(over[shuffled], values[shuffled]) == pytest.approx(trend_by_chance(over, values))


@pytest.mark.parametrize("values", [[1.0] * 20, [1.0, 2.0, 3.0]])
def test_what_does_not_vary_or_is_too_short_has_no_trend(values) -> None:
    """The p value is 1."""
    assert trend_by_chance(range(len(values)), values) == 1.0


def test_holm_keeps_order_and_never_exceeds_one() -> None:
    """Worked by hand, and nothing of nothing."""
    assert holm([0.04, 0.01, 0.03, 0.9]) == pytest.approx([0.09, 0.04, 0.09, 0.9])
    assert holm([]) == []
