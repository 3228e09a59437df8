"""Standardized mean differences: formulas by hand, limits, and what cannot be computed."""

from __future__ import annotations

import numpy as np
import pytest

from training.statistics.standardized_difference import (
    largest_mean_difference,
    largest_share_difference,
    mean_difference,
    share_difference,
)


def test_mean_difference_by_hand() -> None:
    """Means 2 and 5, variances 1 and 4: 3 over the root of 2.5."""
    assert mean_difference([1, 2, 3], [3, 5, 7]) == pytest.approx(3 / np.sqrt(2.5))


@pytest.mark.parametrize("seed", range(3))
def test_two_categories_follow_the_formula_of_one_share(seed: int) -> None:
    """Difference of shares over the root of the mean of p (1 - p)."""
    first, second = np.random.default_rng(seed).integers(1, 40, (2, 2))
    p, q = first[0] / first.sum(), second[0] / second.sum()
    by_hand = abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert share_difference(first, second) == pytest.approx(by_hand)


def test_order_of_categories_and_of_groups_does_not_matter() -> None:
    """A distance, whichever category is left out."""
    first, second = np.array([4.0, 9, 7, 0]), np.array([8.0, 2, 6, 3])
    distance = share_difference(first, second)
    assert share_difference(second, first) == pytest.approx(distance)
    assert share_difference(first[[2, 0, 3, 1]], second[[2, 0, 3, 1]]) == pytest.approx(distance)


def test_equal_groups_do_not_differ() -> None:
    """Whatever their sizes."""
    assert share_difference([2, 4, 6], [10, 20, 30]) == pytest.approx(0)
    assert mean_difference([1, 2, 3], [1, 1, 2, 2, 3, 3]) == pytest.approx(0)


def test_what_cannot_be_computed() -> None:
    """One value, no value, nothing varies, an empty group."""
    assert np.isnan(mean_difference([1], [1, 2]))
    assert np.isnan(mean_difference([np.nan, np.nan], [1, 2]))
    assert np.isnan(share_difference([0, 0], [1, 2]))
    assert np.isnan(largest_mean_difference([]))


def test_largest_of_several_groups() -> None:
    """Of all pairs, those that cannot be computed left out."""
    groups = [np.array([1.0, 2, 3]), np.array([3.0, 5, 7]), np.array([4.0])]
    assert largest_mean_difference(groups) == mean_difference(groups[0], groups[1])
    shares = [np.array([5.0, 5]), np.array([2.0, 8]), np.array([5.0, 5])]
    assert largest_share_difference(shares) == share_difference([5, 5], [2, 8])


@pytest.mark.parametrize(("first", "second"), [([5, 0], [0, 7]), ([5, 3, 0], [0, 0, 6])])
def test_groups_without_a_common_category_differ_infinitely(first: list[int], second: list[int]) -> None:
    """The share of the formula goes to infinity as the groups come apart; 0 would call them equal."""
    assert share_difference(first, second) == np.inf
    nearly = np.where(np.array([first, second]) > 0, [first, second], 1e-9)
    assert share_difference(*nearly) > 1e3
    assert largest_share_difference([np.array(first), np.array(second), np.array(first)]) == np.inf


def test_equal_decimals_do_not_vary() -> None:
    """The variance of three times 0.1 is not exactly 0 in binary numbers."""
    assert np.isnan(mean_difference([0.1] * 3, [0.1] * 7))
    assert mean_difference([0.1] * 3, [0.2] * 7) == np.inf
    assert mean_difference([0.1] * 3, [0.1, 0.2, 0.3]) == pytest.approx(0.1 / np.sqrt(0.01 / 2))
