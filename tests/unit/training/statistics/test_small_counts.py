"""Masked counts, attacked: by linear bounds, and by trying every table that a reader cannot exclude."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from features.small_counts import FEWEST_SHOWN
from training.statistics.small_counts import masked_cells, possible_range


def small(counts: np.ndarray) -> np.ndarray:
    """Mark the counts of 1 to 4."""
    return (counts > 0) & (counts < FEWEST_SHOWN)


def with_total(groups: np.ndarray) -> np.ndarray:
    """Add the column of all."""
    return np.column_stack([groups, groups.sum(axis=1)])


def columns_of(counts: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """List every column of a group that has its sum and its shown cells."""
    rest, cells = counts[hidden].sum(), np.flatnonzero(hidden)
    if not len(cells):
        return counts[None, :]
    parts = [each for each in product(range(rest + 1), repeat=len(cells) - 1) if sum(each) <= rest]
    columns = np.repeat(counts[None, :], len(parts), axis=0)
    columns[:, cells] = [(*each, rest - sum(each)) for each in parts]
    return columns


def consistent(counts: np.ndarray, masked: np.ndarray) -> np.ndarray:
    """List every table of two groups that agrees with what a reader sees, by trying all of them."""
    first, second = (columns_of(counts[:, at], masked[:, at]) for at in (0, 1))
    total = first[:, None, :] + second[None, :, :]
    agrees = (total == counts[:, -1])[..., ~masked[:, -1]].all(axis=-1)
    at = np.argwhere(agrees)
    return np.stack([first[at[:, 0]], second[at[:, 1]], total[at[:, 0], at[:, 1]]], axis=-1)


@pytest.mark.parametrize("seed", range(25))
def test_every_small_count_stays_open_to_a_reader_who_tries_every_table(seed: int) -> None:
    """No linear program here: all tables that agree with the cells and sums, counted one by one."""
    rng = np.random.default_rng(seed)
    counts = with_total(rng.poisson(rng.choice([2, 5, 9], size=(3, 2))))
    masked = masked_cells(counts, small(counts))
    assert (masked | small(counts)).tolist() == masked.tolist()
    if masked.all():
        return
    tables = consistent(counts, masked)
    for row, column in np.argwhere(small(counts)):
        possible = set(tables[:, row, column].tolist())
        assert set(range(1, FEWEST_SHOWN)) <= possible, (counts, masked)


@pytest.mark.parametrize("seed", range(20))
def test_wide_tables_are_protected(seed: int) -> None:
    """Up to six categories and five groups."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(2, 7), rng.integers(2, 6)
    counts = with_total(rng.poisson(rng.choice([1, 3, 8, 20], size=shape)))
    masked = masked_cells(counts, small(counts))
    for row, column in np.argwhere(small(counts)) if not masked.all() else []:
        low, high = possible_range(counts, masked, (row, column))
        assert low <= 1
        assert high >= FEWEST_SHOWN - 1


def test_range_is_that_of_all_tables() -> None:
    """Linear bounds and trying agree."""
    counts = with_total(np.array([[3, 7], [6, 4], [5, 5]]))
    masked = masked_cells(counts, small(counts))
    tables = consistent(counts, masked)
    for row, column in np.argwhere(masked):
        assert possible_range(counts, masked, (row, column)) == (
            tables[:, row, column].min(),
            tables[:, row, column].max(),
        )


def test_column_of_all_does_not_depend_on_the_groups() -> None:
    """Two tables of the same cohort by other groups mask the same totals, and their whole rows."""
    total = np.array([3, 20, 9, 40])
    first = masked_cells(with_total(np.array([[1, 2], [9, 11], [4, 5], [18, 22]])), small(with_total(
        np.array([[1, 2], [9, 11], [4, 5], [18, 22]]))))  # fmt: skip
    alone = masked_cells(total[:, None], small(total[:, None]))
    assert first[:, -1].tolist() == alone[:, 0].tolist() == [True, False, True, False]
    assert first[[0, 2]].all()


def test_large_counts_and_zeros_are_shown() -> None:
    """Zero is a fact about no patient."""
    counts = with_total(np.array([[10, 20], [0, 30], [7, 0]]))
    assert not masked_cells(counts, small(counts)).any()


def test_rows_that_are_not_printed_are_masked_first() -> None:
    """So that the printed ones stay."""
    counts = with_total(np.array([[60, 50], [30, 28], [3, 7]]))
    masked = masked_cells(counts, small(counts), np.array([True, False, False]))
    assert masked.astype(int).tolist() == [[1, 1, 0], [0, 0, 0], [1, 1, 0]]


def test_group_too_small_for_its_sums_is_masked_as_a_whole() -> None:
    """Two infusions leave nothing open."""
    counts = with_total(np.array([[1, 30], [1, 40]]))
    assert masked_cells(counts, small(counts)).all()


def test_one_category_is_its_own_sum() -> None:
    """A single row equals the size of its group, so it is masked with it."""
    assert masked_cells(np.array([[3]]), np.array([[True]])).tolist() == [[True]]
