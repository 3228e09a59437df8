"""A difference is that of the same replicates; its published share is that of the moves."""

from __future__ import annotations

import numpy as np
import pytest

from serving.model.explanation import Explanation
from serving.model.risk_differences import paired_differences, published_share


def explanation(contributions: list[list[float]], published: list[list[float]]) -> Explanation:
    """Explain two patients."""
    rows = np.array(contributions)
    fields = tuple(f"field_{at}" for at in range(rows.shape[1]))
    return Explanation(np.zeros(1), fields, rows, np.array(published), np.array(published))


def test_what_both_are_unsure_of_alike_does_not_widen_the_difference() -> None:
    """Replicates that shift both patients by the same amount agree on the difference."""
    shift = np.random.default_rng(1).normal(0, 0.05, 200)
    replicates = np.stack([0.3 + shift, 0.2 + shift])
    difference, low, high = paired_differences(np.array([0.3, 0.2]), replicates, others=[1], base=0)
    assert (difference[0], low[0], high[0]) == pytest.approx((-0.1, -0.1, -0.1))


def test_the_interval_is_stretched_to_the_difference() -> None:
    """As intervals of risks are."""
    _, low, high = paired_differences(
        np.array([0.0, 0.5]), np.array([[0.0, 0.0], [0.1, 0.2]]), others=[1], base=0
    )
    assert (low[0], high[0]) == (pytest.approx(0.105), 0.5)


def test_a_patient_does_not_differ_from_itself() -> None:
    """To the last bit."""
    drawn = np.random.default_rng(2).random((1, 50))
    assert [each.tolist() for each in paired_differences(drawn[:, 0], drawn, others=[0, 0], base=0)] == [
        [0, 0]
    ] * 3


@pytest.mark.parametrize(
    ("contributions", "published", "share"),
    [
        ([[0.0, 0.1], [0.4, 0.1]], [[0.0, 0.0], [0.4, 0.0]], 1.0),
        ([[0.0, 0.1], [0.4, 0.3]], [[0.0, 0.0], [0.4, 0.0]], 2 / 3),
        ([[0.0], [0.1]], [[0.0], [0.5]], 0.0),
        ([[0.3], [0.3]], [[0.1], [0.1]], None),
        ([[0.0], [1e-12]], [[0.0], [0.0]], None),
    ],
    ids=["all published", "in part", "cancelled by local data", "nothing moves", "rounding"],
)
def test_the_published_share_worked_by_hand(
    contributions: list[list[float]], published: list[list[float]], share: float | None
) -> None:
    """Of the absolute moves, row by row."""
    found = published_share([explanation(contributions, published)], other=1, base=0)
    assert found == (pytest.approx(share) if share is not None else None)


def test_all_that_a_risk_is_composed_of_counts() -> None:
    """Half published and half local."""
    local, by_literature = (
        explanation([[0.0], [0.2]], [[0.0], [0.0]]),
        explanation([[0.0], [0.2]], [[0.0], [0.2]]),
    )
    assert published_share([local, by_literature], other=1, base=0) == pytest.approx(0.5)
