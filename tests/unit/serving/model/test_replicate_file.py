"""Replicates come back from their file as they were, from an earlier format too."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.predictors import predictors
from serving.model.forest import forest_of
from serving.model.replicate_file import packed, unpacked
from serving.model.replicates import Replicates
from serving.model.trees import TREE_COLUMNS
from tests.bundles import patients, risk_model, tree_parts

COHORT = predictors(patients(30, np.random.default_rng(1)))


def replicates(*, trees: bool) -> Replicates:
    made = risk_model("relapse", np.random.default_rng(3), trees=trees).replicates
    assert made is not None
    return made


def margins(made: Replicates) -> np.ndarray:
    assert made.forest is not None
    return made.forest.margins(COHORT)


def boosters() -> tuple[Replicates, bytes]:
    """Make replicates, and the file that format 5 had for them."""
    _, ubjs = tree_parts(np.random.default_rng(3))
    made, buffer = replace(replicates(trees=False), forest=forest_of(ubjs)), io.BytesIO()
    np.savez_compressed(
        buffer,
        intercepts=made.intercepts,
        coefficients=made.coefficients,
        missing=made.missing,
        trees=np.frombuffer(b"".join(ubjs), dtype=np.uint8),
        tree_lengths=np.array([len(ubj) for ubj in ubjs], dtype=np.int64),
    )
    return made, buffer.getvalue()


@pytest.mark.parametrize("trees", [True, False])
def test_replicates_come_back(trees: bool) -> None:
    """Every array, and the file of what came back is the same."""
    before = replicates(trees=trees)
    after = unpacked(packed(before), TREE_COLUMNS)
    for name in ("intercepts", "coefficients", "missing"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    assert (after.forest is None) == (not trees)
    assert packed(after) == packed(before)
    if trees:
        np.testing.assert_array_equal(margins(after), margins(before))


def test_boosters_of_an_earlier_format_are_read() -> None:
    """As they were written up to format 5; the file of this one is smaller."""
    expected, raw = boosters()
    found = unpacked(raw, TREE_COLUMNS)
    np.testing.assert_array_equal(margins(found), margins(expected))
    assert len(packed(found)) < len(raw)


def changed(**arrays: Any) -> bytes:
    with np.load(io.BytesIO(packed(replicates(trees=True)))) as held:
        written, buffer = {**held, **arrays}, io.BytesIO()
    np.savez(buffer, **written)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "arrays",
    [
        {"tree_counts": np.array([3], dtype=np.int32)},
        {"tree_counts": np.array([-1, 101], dtype=np.int32), "intercepts": np.zeros((2, 1))},
        {"tree_column": np.full((100, 3), -1)},
        {"tree_leaf": np.zeros((2, 3), dtype=np.float32)},
        {"tree_column": np.full((100, 3), len(TREE_COLUMNS), dtype=np.uint16)},
        {"tree_threshold": np.zeros((100, 7), dtype=np.float32)},
        {"intercepts": np.zeros((3, 4))},
    ],
    ids=lambda arrays: next(iter(arrays)),
)
def test_trees_that_do_not_belong_are_refused(arrays: dict[str, Any]) -> None:
    """A file that was put together by hand."""
    with pytest.raises(ValueError, match=r"^the trees do not belong to the replicates$"):
        unpacked(changed(**arrays), TREE_COLUMNS)
