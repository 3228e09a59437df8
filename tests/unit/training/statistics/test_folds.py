"""Folds keep patients together and events spread."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from training.statistics.folds import grouped_folds, strata_of
from training.statistics.quick_folds import QuickFolds


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.parametrize("seed", range(20))
def test_folds_are_those_of_scikit_learn(seed):
    """Whatever the number of patients, classes and folds."""
    rng = np.random.default_rng(seed)
    n, folds = int(rng.integers(60, 200)), int(rng.integers(2, 11))
    groups = rng.integers(0, rng.integers(20, n), n)
    strata = (rng.random(n) < rng.uniform(0.1, 0.6)).astype(int) + (rng.random(n) < 0.2 * (seed % 3))
    dealt = [
        [
            held_out.tolist()
            for _, held_out in kind(folds, shuffle=True, random_state=seed).split(strata, strata, groups)
        ]
        for kind in (QuickFolds, StratifiedGroupKFold)
    ]
    assert dealt[0] == dealt[1]


@pytest.mark.parametrize("seed", range(5))
def test_a_patient_is_in_one_fold_only(seed):
    """Whatever the seed, and however many infusions a patient has."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 60, 100)
    fold = grouped_folds(rng.integers(0, 2, 100), groups, folds=5, rng=rng)
    assert all(len(np.unique(fold[groups == group])) == 1 for group in np.unique(groups))
    assert set(fold) == set(range(5))


def test_events_are_spread_over_folds():
    """Twenty events in a hundred patients: each of five folds has three to five."""
    strata = np.repeat([1, 0], [20, 80])
    fold = grouped_folds(strata, np.arange(100), folds=5, rng=np.random.default_rng(1))
    assert all(3 <= (strata[fold == number] == 1).sum() <= 5 for number in range(5))


def test_fewer_folds_where_events_are_few():
    """Three events make at most three folds."""
    strata = np.repeat([1, 0], [3, 50])
    fold = grouped_folds(strata, np.arange(53), folds=5, rng=np.random.default_rng(1))
    assert len(np.unique(fold)) == 3


def test_a_single_event_still_gives_two_folds():
    """Nothing to stratify by, but patients can be dealt."""
    fold = grouped_folds(np.repeat([1, 0], [1, 9]), np.arange(10), folds=5, rng=np.random.default_rng(1))
    assert len(np.unique(fold)) == 2


def test_one_patient_cannot_be_dealt():
    """Said in words."""
    with pytest.raises(ValueError, match=r"^cross-validation needs infusions of at least two patients$"):
        grouped_folds(np.array([0, 1, 0]), np.zeros(3, dtype=int), folds=5, rng=np.random.default_rng(1))


def test_infusions_censored_early_do_not_cost_folds():
    """One of them among many events and many without still gives five folds."""
    label = np.repeat([1.0, 0.0, 0.0], [20, 30, 1])[:, None]
    weight = np.repeat([1.0, 1.0, 0.0], [20, 30, 1])[:, None]
    fold = grouped_folds(strata_of(label, weight), np.arange(51), folds=5, rng=np.random.default_rng(1))
    assert len(np.unique(fold)) == 5
