"""Small counts are masked, with what gives them away."""

from __future__ import annotations

import numpy as np
import pytest

from features.small_counts import (
    count_cell,
    count_words,
    counts_words,
    masked_parts,
    shown_counts,
    shown_of,
)


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_a_small_count_is_masked_with_one_more(small: int) -> None:
    """The sum is public, so that a single masked count could be computed."""
    shown = shown_counts([40, small, 12])
    assert shown == [40, None, None]


@pytest.mark.parametrize("seed", range(20))
def test_no_small_count_follows_from_the_others(seed: int) -> None:
    """For whoever knows the sum, the masked ones together leave room."""
    counts = np.random.default_rng(seed).integers(0, 12, 6).tolist()
    shown = shown_counts(counts)
    masked = [count for count, each in zip(counts, shown, strict=True) if each is None]
    assert all(count == 0 or count >= 5 for count in shown if count is not None)
    assert len(masked) != 1 or sum(counts) == masked[0]


def test_everything_is_masked_where_the_sum_is_small() -> None:
    """One and two of three could be nothing else."""
    assert shown_counts([1, 2]) == [None, None]
    assert masked_parts([3, 0], expendable={1}) == [True, True]


def test_reasons_state_few_in_words() -> None:
    """Whether or not small counts are shown, since a reason is one text."""
    assert [count_words(count) for count in (0, 1, 4, 5)] == ["0", "fewer than 5", "fewer than 5", "5"]
    assert counts_words(2, 40) == ["fewer than 5", "a masked number of"]
    assert counts_words(20, 40) == ["20", "40"]


def test_all_is_shown_on_request() -> None:
    """Also nothing of nothing."""
    assert shown_counts([1, 2], small_counts=True) == [1, 2]
    assert shown_counts([]) == []


def test_part_of_a_total_hides_with_a_small_rest() -> None:
    """38 of 40 says that two are not."""
    assert [shown_of(count, 40) for count in (0, 4, 5, 35, 36, 40)] == [0, None, 5, 35, None, 40]
    assert count_cell(None) == "masked"
