"""A cohort from the view of one center: fitted to all, counted and validated in that one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.home_center import HomeCenterData, modeled_data
from training.dataset.unavailable import NoData
from training.learners.bootstrap_replicates import weighted_sets
from training.learners.prevalence import Prevalence
from training.validation.cross_validation import cross_validate
from training.validation.shared_folds import shared_folds

CONFIG = FitConfig(folds=3, repeats=1, bootstrap_draws=20, home_center=1)
NAMES = ("Ulm", "Ulm", "Ulm", "Kiel", "Bonn")


def cohort(seed: int = 5) -> Cohort:
    """Simulate a cohort with most patients in Ulm."""
    made = simulated_cohort(150, rng=np.random.default_rng(seed))
    of_patient = np.unique(made.patient_id, return_inverse=True)[1]
    return replace(made, center=np.array([NAMES[patient % len(NAMES)] for patient in of_patient]))


def at_home(outcome: str = "severe_crs", made: Cohort | None = None) -> HomeCenterData:
    found = modeled_data(made or cohort(), OUTCOMES[outcome], CONFIG)
    assert isinstance(found, HomeCenterData)
    return found


def test_infusions_and_events_are_those_of_the_home_center() -> None:
    """What is validated there is counted there."""
    data = at_home()
    assert set(data.center) == {"Ulm"}
    assert len(data) < len(data.whole)
    assert data.n_events == int((data.observation.event == 1).sum())
    assert data.n_events < data.whole.n_events


@pytest.mark.parametrize("outcome", ["severe_crs", "relapse", "death"])
def test_a_fold_is_fitted_to_all_other_centers(outcome: str) -> None:
    """Of the home center, only infusions that are not held out."""
    data = at_home(outcome)
    kept = np.flatnonzero(data.groups % 3 != 0)
    training = data.training_set(kept)
    others = int((data.whole.center != "Ulm").sum())
    assert len(training) == len(kept) + others
    assert training.centers is not None
    assert int((training.centers.number == training.centers.home).sum()) == len(kept)


def test_a_patient_of_two_centers_is_held_out_in_both() -> None:
    """A model must not have seen the patient anywhere."""
    made = cohort()
    patients = made.patient_id.copy()
    moved = int(np.flatnonzero(made.center == "Ulm")[0])
    patients[np.flatnonzero(made.center == "Kiel")[0]] = patients[moved]
    data = at_home(made=replace(made, patient_id=patients))
    at = int(np.flatnonzero(data.position == moved)[0])
    group = data.groups[at]
    training = data.training_set(np.flatnonzero(data.groups != group))
    same = data.whole.groups[np.flatnonzero(data.whole.position == moved)[0]]
    assert same not in training.groups


def test_the_whole_training_set_has_every_infusion() -> None:
    """The released model, and every replicate, is fitted to the whole cohort."""
    data = at_home()
    assert len(data.training_set()) == len(data.whole)
    weighted = next(weighted_sets(data, 1, np.random.default_rng(1)))
    assert len(weighted) == len(data.whole)


def test_prevalence_is_that_of_the_home_center() -> None:
    """Otherwise the level of the center alone would count as a gain over it."""
    data = at_home()
    model = Prevalence().fit(data.training_set(), None)
    observed = float(data.scoring_set().label[:, 0].mean())
    assert model.risk(data.patients)[0, 0] == pytest.approx(observed, abs=0.001)
    assert abs(observed - data.whole.scoring_set().label[:, 0].mean()) > 0.003


def test_validation_is_of_the_home_center() -> None:
    """Folds, risks and metrics have its infusions alone."""
    data = at_home()
    rng = np.random.default_rng(2)
    folds = shared_folds(data, CONFIG, rng)
    validation = cross_validate(Prevalence(), data, folds, rng)
    assert validation.risk.shape == (1, len(data), 1)


def test_parts_have_the_same_infusions() -> None:
    """A composed risk is validated in those of the home center."""
    data = at_home("death_without_relapse")
    assert np.array_equal(data.parts["relapse"].position, data.position)
    assert isinstance(data.parts["relapse"], HomeCenterData)


def test_horizons_are_those_to_which_the_center_follows_its_patients() -> None:
    """Others cannot be validated there, whatever the other centers know."""
    made = cohort()
    follow_up = made.follow_up
    ulm = made.center == "Ulm"
    short = dict(follow_up.values)
    for name in ("relapse_day", "death_day"):
        short[name] = np.where(ulm, np.nan, short[name])
    short["last_contact_day"] = np.where(ulm, 200.0, short["last_contact_day"])
    data = modeled_data(
        replace(made, follow_up=replace(follow_up, values=short)), OUTCOMES["relapse"], CONFIG
    )
    assert isinstance(data, HomeCenterData)
    assert max(data.horizons_days) < 200
    assert data.whole.horizons_days == data.horizons_days


def test_without_the_outcome_in_the_home_center_it_is_left_to_published_evidence() -> None:
    """And the reason says where nothing is known."""
    made = cohort()
    grades = np.where(made.center == "Ulm", np.nan, made.follow_up["crs_grade"])
    changed = replace(made.follow_up, values={**made.follow_up.values, "crs_grade": grades})
    data = modeled_data(replace(made, follow_up=changed), OUTCOMES["severe_crs"], CONFIG)
    assert isinstance(data, NoData)
    assert data.reason == "no infusion of the home center has crs_grade, crs_grading_system"


def test_multiplicities_are_of_all_patients() -> None:
    """A draw of the home center alone would be no draw of the training set."""
    data = at_home()
    with pytest.raises(ValueError, match="draw multiplicities for `fitted`, which has all patients"):
        data.training_set(multiplicity=np.ones(len(data)))
