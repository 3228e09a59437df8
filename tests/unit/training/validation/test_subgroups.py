"""Groups of patients: who is in one, which are told of, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.columns import Columns
from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.status_at_horizon import horizon_counts
from training.validation.cross_validation import Validation
from training.validation.shared_folds import Folds, patient_bootstrap
from training.validation.subgroups import (
    FEWEST_INFUSIONS,
    FEWEST_OF_EACH,
    FEWEST_TO_ORDER,
    SUBGROUP_FIELDS,
    SUBGROUP_METRICS,
    by_subgroup,
)


@pytest.fixture(scope="module")
def data() -> OutcomeData:
    cohort = simulated_cohort(150, rng=np.random.default_rng(21))
    found = outcome_data(cohort, OUTCOMES["severe_crs"], FitConfig())
    assert isinstance(found, OutcomeData)
    return found


def with_field(data: OutcomeData, name: str, values: np.ndarray) -> OutcomeData:
    """Replace one column of the patients."""
    columns = {**data.patients.values, name: values.astype(float)}
    return replace(data, patients=Columns(data.patients.model, columns))


def validated(data: OutcomeData, risk: np.ndarray, *, label: np.ndarray | None = None) -> Validation:
    """Make a validation in one repeat of two folds, as if these risks had been found out of fold."""
    whole = data.training_set()
    shown = whole.label if label is None else label[:, None].astype(float)
    draws = patient_bootstrap(data.groups, 60, np.random.default_rng(2))
    number = (data.groups % 2)[None]
    folds = Folds(number, shown, np.ones_like(shown), draws)
    return Validation(data.horizons_days, risk[None, :, None], folds, {}, np.zeros((1, 2)))


def halves(data: OutcomeData, n_first: int) -> OutcomeData:
    """Call the first so many infusions female, the others male."""
    return with_field(data, "sex", np.arange(len(data)) >= n_first)


def every_third(data: OutcomeData) -> np.ndarray:
    return np.arange(len(data)) % 3 == 0


def test_observed_over_expected_by_hand(data: OutcomeData) -> None:
    """One in three has the event: right where a third is predicted, half as many where two thirds are."""
    label = every_third(data)
    first = np.arange(len(data)) < 60
    found = by_subgroup(halves(data, 60), validated(data, np.where(first, 1 / 3, 2 / 3), label=label))["sex"]
    assert found["female"].metrics["observed_expected"].value == pytest.approx(1.0)
    assert found["female"].metrics["calibration_in_the_large"].value == pytest.approx(0.0, abs=1e-9)
    rest = label[60:].mean()
    assert found["male"].metrics["observed_expected"].value == pytest.approx(rest / (2 / 3))
    shift = np.log(rest / (1 - rest)) - np.log(2)
    assert found["male"].metrics["calibration_in_the_large"].value == pytest.approx(shift, abs=1e-4)


def test_risks_that_order_a_group_have_an_auroc_of_one(data: OutcomeData) -> None:
    """In one group the risks are the labels, in the other their opposite."""
    label = every_third(data)
    first = np.arange(len(data)) < 60
    risk = np.where(label == first, 0.8, 0.2)
    found = by_subgroup(halves(data, 60), validated(data, risk, label=label))["sex"]
    assert found["female"].metrics["auroc"].value == 1.0
    assert found["male"].metrics["auroc"].value == 0.0


def test_every_figure_has_an_interval_about_it(data: OutcomeData) -> None:
    """From the bootstrap of patients."""
    risk = np.random.default_rng(4).uniform(0.1, 0.6, len(data))
    found = by_subgroup(halves(data, 80), validated(data, risk, label=every_third(data)))
    for result in found["sex"].values():
        assert set(result.metrics) == set(SUBGROUP_METRICS)
        for figure in result.metrics.values():
            assert figure.low < figure.value < figure.high


def test_small_groups_are_not_told(data: OutcomeData) -> None:
    """One infusion too few, and with it the field, since one group is compared with nothing."""
    validation = validated(data, np.full(len(data), 0.3), label=every_third(data))
    assert "sex" in by_subgroup(halves(data, FEWEST_INFUSIONS), validation)
    assert "sex" not in by_subgroup(halves(data, FEWEST_INFUSIONS - 1), validation)


@pytest.mark.parametrize("most", ["free", "event"])
def test_groups_in_which_nearly_all_are_alike_are_not_told(data: OutcomeData, most: str) -> None:
    """Otherwise every patient's outcome would be known; five events and five without are needed."""
    first, rare = np.arange(len(data)) < 40, np.arange(len(data)) < FEWEST_OF_EACH - 1
    label = np.where(first, rare, every_third(data))
    label = np.where(first & (most == "event"), ~label, label).astype(bool)
    assert "sex" not in by_subgroup(halves(data, 40), validated(data, np.full(len(data), 0.3), label=label))


@pytest.mark.parametrize("most", ["free", "event"])
def test_few_pairs_have_no_auroc(data: OutcomeData, most: str) -> None:
    """Nine with the event, or nine without: the level is told, the order is not; of ten both are."""
    for fewer, known in ((FEWEST_TO_ORDER - 1, False), (FEWEST_TO_ORDER, True)):
        first, rare = np.arange(len(data)) < 60, np.arange(len(data)) < fewer
        label = np.where(first, rare != (most == "event"), every_third(data))
        risk = np.random.default_rng(4).uniform(0.1, 0.6, len(data))
        found = by_subgroup(halves(data, 60), validated(data, risk, label=label))["sex"]
        assert (found["female"].metrics["auroc"].value is not None) == known
        assert found["female"].metrics["observed_expected"].value is not None
        assert found["male"].metrics["auroc"].value is not None


def test_groups_of_few_patients_are_not_told(data: OutcomeData) -> None:
    """Thirty infusions of five patients are five patients."""
    few = replace(data, groups=np.where(np.arange(len(data)) < 30, data.groups % 5, data.groups))
    found = by_subgroup(halves(few, 30), validated(data, np.full(len(data), 0.3), label=every_third(data)))
    assert "sex" not in found


def test_counts_are_rounded_down(data: OutcomeData) -> None:
    """What is left out cannot be had by subtraction."""
    found = by_subgroup(halves(data, 63), validated(data, np.full(len(data), 0.3), label=every_third(data)))
    assert (found["sex"]["female"].n_infusions, found["sex"]["female"].n_events) == (60, 20)
    for result in (result for groups in found.values() for result in groups.values()):
        assert (result.n_infusions % 5, result.n_events % 5) == (0, 0)


def test_unknown_is_no_group(data: OutcomeData) -> None:
    """Who has no value is in none."""
    sex = np.where(np.arange(len(data)) < 100, np.arange(len(data)) % 2, np.nan)
    validation = validated(data, np.full(len(data), 0.3), label=every_third(data))
    found = by_subgroup(with_field(data, "sex", sex), validation)
    assert [result.n_infusions for result in found["sex"].values()] == [50, 50]


def test_centres_have_numbers_and_no_names(data: OutcomeData) -> None:
    """The largest is the first, as in internal-external validation."""
    named = np.where(np.arange(len(data)) < 60, "Ulm", "Aix")
    validation = validated(data, np.full(len(data), 0.3), label=every_third(data))
    found = by_subgroup(replace(data, center=named), validation)["center"]
    assert list(found) == ["1", "2"]
    assert found["2"].n_infusions == 60
    assert "Ulm" not in repr(found)


def test_age_and_construct_are_grouped_as_elsewhere(data: OutcomeData) -> None:
    """Words of the groups of patients alike."""
    groups, place = SUBGROUP_FIELDS["age_years"](with_field(data, "age_years", np.full(len(data), 40.0)))
    assert groups[int(place[0])].words == "40 or older"
    groups, _ = SUBGROUP_FIELDS["target_antigen"](data)
    assert [group.words for group in groups] == ["CD19", "CD22", "CD19 and CD22"]


def test_counts_at_a_horizon_add_up() -> None:
    """Every infusion of which anything is known is one of four."""
    cohort = simulated_cohort(120, rng=np.random.default_rng(5))
    data = outcome_data(cohort, OUTCOMES["relapse"], FitConfig())
    assert isinstance(data, OutcomeData)
    for days in data.horizons_days:
        counts = horizon_counts(data.observation, horizon_days=days)
        assert counts.events + counts.competing + counts.free + counts.censored == len(data)
        known = data.observation.day <= days
        assert counts.events == int((known & (data.observation.event == 1)).sum())
