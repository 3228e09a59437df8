"""Ends of intervals are the percentiles of the replicates, stretched to the estimate."""

from __future__ import annotations

import numpy as np
import pytest

from features.log_odds import expit
from serving.model.interval_ends import INTERVAL_LEVEL, interval_ends, interval_ends_of_log_odds


@pytest.mark.parametrize("n", [1, 2, 3, 20, 21, 100, 199, 200, 201, 1000])
def test_ends_are_numpys_percentiles(n: int) -> None:
    """To the last bit, whatever the number of replicates."""
    drawn = np.random.default_rng(n).random((4, n))
    low, high = interval_ends(drawn, np.median(drawn, axis=1))
    tail = 100 * (1 - INTERVAL_LEVEL) / 2
    expected = np.percentile(drawn, [tail, 100 - tail], axis=1)
    np.testing.assert_array_equal((low, high), expected)


def test_ends_reach_the_estimate() -> None:
    """An estimate outside of all replicates is an end."""
    low, high = interval_ends(np.full((2, 5), 0.5), np.array([0.1, 0.9]))
    assert low.tolist() == [0.1, 0.5]
    assert high.tolist() == [0.5, 0.9]


def test_ends_of_log_odds_are_those_of_their_risks() -> None:
    """Interpolated between risks, not between log-odds."""
    log_odds = np.random.default_rng(3).normal(size=(2, 3, 40))
    risks, estimate = expit(log_odds), np.full((2, 3), 0.5)
    np.testing.assert_allclose(
        interval_ends_of_log_odds(log_odds.copy(), estimate), interval_ends(risks, estimate), rtol=1e-14
    )


def test_a_replicate_that_is_not_known_makes_the_ends_unknown() -> None:
    """Of its row alone."""
    drawn = np.array([[0.1, np.nan, 0.3], [0.1, 0.2, 0.3]])
    low, high = interval_ends(drawn, np.array([0.2, 0.2]))
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False]
