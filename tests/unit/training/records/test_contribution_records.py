"""Contributions of single infusions are recorded of a synthetic cohort, of a real one only on demand."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from features.cohort import Cohort
from tests.recorded import CANARY, LIGHT, canary_cohort
from training.external.external_validation import validate_externally
from training.fitting.train import Training, train
from training.records.run_figures import model_figures
from training.records.training_runs import RunRecord, child_records
from training.records.validation_runs import outcome_records

OF_INFUSIONS = {"contributions.svg", "dependence.svg"}
OF_GROUPS = {"groups.svg", "typical_patient.svg"}
TABLE = "contributions/severe_crs.csv"


def as_if_real(cohort: Cohort) -> Cohort:
    return replace(cohort, patient_id=np.char.replace(cohort.patient_id, "synthetic-", "P-"))


@pytest.fixture(scope="module")
def synthetic() -> Training:
    config = replace(LIGHT, outcomes=("severe_crs",))
    return train(canary_cohort(60, np.random.default_rng(5)), config)


@pytest.fixture(scope="module")
def real(synthetic: Training) -> Training:
    assert synthetic.cohort is not None
    return replace(synthetic, cohort=as_if_real(synthetic.cohort))


def chosen(training: Training) -> RunRecord:
    name = training.outcomes["severe_crs"].chosen
    return next(each for each in child_records(training) if each.parameters["model"] == name)


def test_of_a_synthetic_cohort_everything_is_recorded(synthetic: Training) -> None:
    """Figures, and a table whose rows add up to the log-odds of the risk."""
    record = chosen(synthetic)
    assert set(record.figures) >= OF_INFUSIONS | OF_GROUPS
    table = pd.read_csv(io.StringIO(record.tables[TABLE]))
    fitted = synthetic.outcomes["severe_crs"]
    risk = fitted.models[fitted.chosen].model.risk(fitted.data.patients)[:, 0]
    np.testing.assert_allclose(1 / (1 + np.exp(-table["log_odds"])), risk, atol=1e-9)
    assert CANARY not in record.tables[TABLE]


def test_of_a_real_cohort_nothing_of_single_infusions_is(real: Training) -> None:
    """Means of groups and the typical patient are; neither is a patient."""
    record = chosen(real)
    assert not OF_INFUSIONS & set(record.figures)
    assert set(record.figures) >= OF_GROUPS
    assert TABLE not in record.tables


def test_on_demand_it_is(real: Training) -> None:
    """`--record-infusions`."""
    record = chosen(replace(real, record_infusions=True))
    assert set(record.figures) >= OF_INFUSIONS | OF_GROUPS
    assert TABLE in record.tables


def test_figures_are_drawn(synthetic: Training) -> None:
    """With the cohort in their title; a cohort of nine has no typical patient."""
    fitted = synthetic.outcomes["severe_crs"]
    figures = model_figures(synthetic, "severe_crs", fitted.chosen)
    for name in OF_GROUPS:
        figure = figures[name]()
        assert figure is not None
        assert "SYNTHETIC cohort" in figure.axes[0].get_title()
    few = replace(fitted, data=replace(fitted.data, patients=fitted.data.patients.take(np.arange(9))))
    small = replace(synthetic, outcomes={"severe_crs": few})
    assert model_figures(small, "severe_crs", fitted.chosen)["typical_patient.svg"]() is None


def test_a_real_external_cohort_has_no_figure_of_infusions(synthetic: Training) -> None:
    """A synthetic one has."""
    other = canary_cohort(60, np.random.default_rng(6))
    measure = partial(validate_externally, synthetic.bundle, config=replace(LIGHT, outcomes=("severe_crs",)))
    for cohort, shown in ((other, True), (as_if_real(other), False)):
        records = list(outcome_records(measure(cohort=cohort)))
        assert any("contributions.svg" in record.figures for record in records) == shown
