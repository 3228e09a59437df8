"""Internal-external validation: who is held out, who is fitted on, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from serving.model.risk_model import RiskModel
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.training_set import TrainingSet
from training.statistics.metrics import brier
from training.validation.internal_external import CENTER_METRICS, internal_external

Centers = NDArray[np.str_]


def prepared(outcome: str = "severe_crs", *, n_patients: int = 150) -> OutcomeData:
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(21))
    data = outcome_data(cohort, OUTCOMES[outcome], FitConfig())
    assert isinstance(data, OutcomeData)
    return data


def by_patient(data: OutcomeData, name: Callable[[int], str]) -> Centers:
    """Give every patient one center."""
    return np.array([name(int(group)) for group in data.groups])


def thirds(data: OutcomeData) -> Centers:
    """Half of the patients in Ulm, a third in Aix, a sixth in Bari."""
    return by_patient(data, lambda group: ("Ulm", "Ulm", "Ulm", "Aix", "Aix", "Bari")[group % 6])


class Spy:
    """A learner that notes what it was fitted on and predicts a quarter for all."""

    name = "spy"
    interval_note = None

    def __init__(self) -> None:
        self.seen: list[TrainingSet] = []

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> None:
        self.seen.append(training)

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        pass

    def fit(self, training: TrainingSet, choice: None) -> RiskModel:
        reference = np.full(len(training.horizons_days), -np.log(3))
        return RiskModel(training.outcome, "spy", training.horizons_days, reference=reference)

    def refit(self, training: TrainingSet, choice: None, rng: np.random.Generator) -> RiskModel:
        return self.fit(training, choice)

    def parameters(self, choice: None) -> dict[str, float | int | str]:
        return {}


def test_each_center_is_predicted_by_all_others() -> None:
    """The largest first, named by its place alone."""
    data, spy = prepared(), Spy()
    center = thirds(data)
    found = internal_external(spy, data, center, np.random.default_rng(1), n_draws=50)
    assert [each.number for each in found.centers] == [1, 2, 3]
    for each, training, name in zip(found.centers, spy.seen, ("Ulm", "Aix", "Bari"), strict=True):
        assert each.n_infusions == (center == name).sum()
        assert set(training.groups) == set(data.groups[center != name])
    assert found.notes == ()


def test_measures_are_those_of_the_center_alone() -> None:
    """A risk of a quarter for all: its Brier score and O:E in the center's own infusions."""
    data = prepared()
    center, whole = thirds(data), data.training_set()
    found = internal_external(Spy(), data, center, np.random.default_rng(1), n_draws=50).centers[1]
    here = center == "Aix"
    label, weight = whole.label[here, 0], whole.weight[here, 0]
    expected = brier(np.full(here.sum(), 0.25), label, weight[None])[0]
    assert set(found.metrics) == set(CENTER_METRICS)
    assert found.metrics["brier"].value == pytest.approx(expected)
    assert found.metrics["observed_expected"].value == pytest.approx(
        (weight * label).sum() / weight.sum() / 0.25
    )
    assert found.n_events == int(label[weight > 0].sum())
    brier_low, brier_high = found.metrics["brier"].low, found.metrics["brier"].high
    assert brier_low is not None
    assert brier_high is not None
    assert brier_low < expected < brier_high
    assert found.metrics["auroc"].value == 0.5
    assert found.metrics["calibration_slope"].value is None


def test_patient_of_two_centers_is_in_the_training_part_of_neither() -> None:
    """Nor is an infusion whose center is not recorded, which may be of the one held out."""
    data, spy = prepared(), Spy()
    center = thirds(data)
    several = np.flatnonzero(np.bincount(data.groups) > 1)
    moved = int(several[0])
    first, second = np.flatnonzero(data.groups == moved)[:2]
    center[first], center[second] = "Ulm", "Aix"
    unrecorded = np.flatnonzero(data.groups == several[1])
    center[unrecorded] = ""
    internal_external(spy, data, center, np.random.default_rng(1), n_draws=20)
    ulm, aix, bari = (set(training.groups.tolist()) for training in spy.seen)
    assert moved not in ulm | aix
    assert moved in bari
    assert int(several[1]) not in ulm | aix | bari


def test_center_that_is_not_recorded_may_be_none() -> None:
    """Blank and None are the same."""
    data = prepared()
    blank = thirds(data)
    blank[::9] = ""
    as_none = np.array([name or None for name in blank], dtype=object)
    found = [
        internal_external(Spy(), data, center, np.random.default_rng(1), n_draws=20)
        for center in (blank, as_none)
    ]
    assert found[0].centers == found[1].centers
    assert found[0].notes == found[1].notes
    np.testing.assert_array_equal(found[0].risk, found[1].risk)


def test_small_center_is_fitted_on_but_not_held_out() -> None:
    """Nine patients are too few to be told of; their infusions still teach the others' model."""
    data, spy = prepared(), Spy()
    center = by_patient(data, lambda group: "Graz" if group < 9 else ("Ulm", "Aix", "Bari")[group % 3])
    found = internal_external(spy, data, center, np.random.default_rng(1), n_draws=20)
    assert len(found.centers) == 3
    assert found.notes == ("3 of 4 centers have at least 10 patients, 3 with the event and 3 without",)
    assert set(range(9)) & set(data.groups) <= set(spy.seen[0].groups)


def test_center_with_two_events_is_not_held_out() -> None:
    """With two, more than a tenth of the bootstrap draws have none."""
    data = prepared()
    label = data.training_set().label[:, 0]
    events = [int(group) for group in np.unique(data.groups[label == 1])]
    free = [int(group) for group in np.unique(data.groups) if group not in events]
    few = set(events[:2] + free[:30])
    center = by_patient(data, lambda group: "Graz" if group in few else ("Ulm", "Aix")[group % 2])
    found = internal_external(Spy(), data, center, np.random.default_rng(1), n_draws=20)
    assert found.centers == ()
    assert found.notes == (
        "2 of 3 centers have at least 10 patients, 3 with the event and 3 without; 3 are needed",
    )


def test_without_recorded_centers_nothing_is_done_or_said() -> None:
    """A cohort of one place has no others to predict it by."""
    data, spy = prepared(), Spy()
    found = internal_external(spy, data, np.full(len(data), ""), np.random.default_rng(1), n_draws=20)
    assert found.notes == ()
    assert spy.seen == []


def test_center_without_which_too_few_events_are_left_is_said() -> None:
    """Aix has its three events in patients of Ulm, so that without Ulm only Bari's three are left."""
    data = prepared()
    event = np.flatnonzero(data.training_set().label[:, 0] == 1)
    free = np.flatnonzero(data.training_set().label[:, 0] == 0)
    center = np.full(len(data), "Ulm", dtype="<U4")
    center[event[:3]], center[free[:30]] = "Aix", "Aix"
    center[event[3:6]], center[free[30:50]] = "Bari", "Bari"
    groups = np.arange(len(data))
    groups[event[6:9]] = groups[event[:3]]
    shared = replace(data, groups=np.unique(groups, return_inverse=True)[1].astype(np.int64))
    found = internal_external(Spy(), shared, center, np.random.default_rng(1), n_draws=20)
    assert [each.number for each in found.centers] == [2, 3]
    assert found.notes[0] == (
        "center 1 was not predicted by the others: they have fewer than 5 patients with the event by day 30 "
        "and a masked number of patients without, at least 5 of each are needed"
    )


def test_horizon_that_the_others_cannot_estimate_is_left_out_of_their_model() -> None:
    """One center alone followed its patients for two years."""
    data, spy = prepared("relapse"), Spy()
    center = thirds(data)
    observation = data.observation
    short = center != "Ulm"
    day = np.where(short, np.minimum(observation.day, 400), observation.day)
    event = np.where(short & (observation.day > 400), 0, observation.event)
    shortened = replace(data, observation=replace(observation, day=day, event=event))
    internal_external(spy, shortened, center, np.random.default_rng(1), n_draws=20)
    assert data.horizons_days[0] == 365
    assert 730 in data.horizons_days
    assert [730 in training.horizons_days for training in spy.seen] == [False, True, True]


def test_headline_that_the_others_cannot_estimate_is_said() -> None:
    """Then that center is not predicted, by its place and with the reason."""
    data = prepared("relapse")
    center = thirds(data)
    observation = data.observation
    short = center != "Ulm"
    for name in ("Aix", "Bari"):
        short[np.flatnonzero((center == name) & (observation.day > 365))[:4]] = False
    day = np.where(short, np.minimum(observation.day, 300), observation.day)
    event = np.where(short & (observation.day > 300), 0, observation.event)
    shortened = replace(data, observation=replace(observation, day=day, event=event))
    found = internal_external(Spy(), shortened, center, np.random.default_rng(1), n_draws=20)
    assert found.notes[0] == (
        "center 1 was not predicted by the others: without it, fewer than 10 infusions are at risk at "
        "day 365 (8)"
    )
    assert 1 not in [each.number for each in found.centers]


def test_centers_must_be_those_of_the_infusions() -> None:
    """Not those of the whole cohort."""
    data = prepared()
    with pytest.raises(ValueError, match=rf"^there are {len(data)} infusions and 3 centers$"):
        internal_external(Spy(), data, np.array(["a", "b", "c"]), np.random.default_rng(1), n_draws=20)
