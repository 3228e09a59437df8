"""Centers of a cohort: which have a level of their own, and how they are numbered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from training.dataset.centers import Centers, centers_by_size, numbered_centers
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data


def data_with(names: list[str], outcome: str = "severe_crs") -> OutcomeData:
    """Prepare a simulated cohort whose patients are in these centers, in turn."""
    cohort = simulated_cohort(60, rng=np.random.default_rng(3))
    of_patient = np.unique(cohort.patient_id, return_inverse=True)[1]
    center = np.array([names[patient % len(names)] for patient in of_patient])
    found = outcome_data(replace(cohort, center=center), OUTCOMES[outcome], FitConfig())
    assert isinstance(found, OutcomeData)
    return found


@pytest.mark.parametrize("names", [[""], ["Ulm"], ["Ulm", "Kiel"], ["Ulm", "Kiel", ""]])
def test_fewer_than_three_named_centers_have_no_levels(names: list[str]) -> None:
    """Infusions without a center are no center that counts."""
    assert data_with(names).training_set().centers is None


def test_numbers_follow_the_order_of_rows_and_not_the_names() -> None:
    """Renaming or exchanging names leaves every number as it is."""
    first, second = data_with(["Ulm", "Kiel", "Bonn"]), data_with(["c", "a", "b"])
    assert first.centers is not None
    assert second.centers is not None
    assert np.array_equal(first.centers.number, second.centers.number)


def test_a_part_of_the_cohort_keeps_all_columns() -> None:
    """A fold without one of the centers is fitted like the whole."""
    whole = data_with(["Ulm", "Kiel", "Bonn"])
    part = whole.training_set(np.flatnonzero(whole.center != "Kiel")).centers
    assert part is not None
    assert part.columns.shape[1] == 5
    assert part.columns.sum(axis=0)[1] == 0


def test_infusions_without_a_center_are_one_more() -> None:
    """They are not of the typical center; of a new center there is no infusion."""
    centers = Centers(np.array([0, -1, 2, 1]), 3)
    assert centers.columns.tolist() == [[1, 0, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 1, 0, 0], [0, 1, 0, 0, 0]]
    assert centers.answered == 4
    assert replace(centers, home=1).answered == 1


def test_a_center_where_nobody_can_have_the_outcome_does_not_count() -> None:
    """It says nothing of how centers differ."""
    names = np.array(["Ulm", "Kiel", "Bonn", "Ulm"])
    assert numbered_centers(names, np.array([0, 1, 3])) is None
    assert numbered_centers(names, np.arange(4)) is not None


def test_taking_infusions_takes_their_centers() -> None:
    """Labels and centers stay together."""
    training = data_with(["Ulm", "Kiel", "Bonn"]).training_set()
    index = np.array([5, 2, 9])
    taken = training.take(index).centers
    assert taken is not None
    assert training.centers is not None
    assert taken.number.tolist() == training.centers.number[index].tolist()


def test_centers_of_equal_size_have_an_order() -> None:
    """The number of a home center is the same whenever the cohort is read."""
    assert centers_by_size(np.array(["b", "a", "c", "c", ""])) == ["c", "a", "b"]
