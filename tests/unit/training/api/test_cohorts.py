"""Cohorts from DataFrames, and the labels of an outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.problems import DataError, Refused
from training.api import labels, read_cohort
from training.api.cohorts import as_cohort


def test_without_identifiers_patients_are_numbered() -> None:
    """A table of patients to predict for needs none."""
    cohort = as_cohort([{"age_years": 30}, {"age_years": 40}])
    assert cohort.patient_id.tolist() == ["0", "1"]
    assert as_cohort(cohort) is cohort


def test_one_patient_may_be_a_record() -> None:
    """And none is refused."""
    assert as_cohort({"age_years": 30}).patients["age_years"].tolist() == [30.0]
    for nothing in ([], pd.DataFrame({"age_years": []})):
        with pytest.raises(DataError, match="the table has no rows"):
            as_cohort(nothing)


def test_a_cohort_to_train_on_needs_identifiers() -> None:
    """They group the infusions of a patient."""
    with pytest.raises(DataError, match="patient_id"):
        read_cohort(pd.DataFrame({"age_years": [30.0]}))


def test_the_name_is_the_one_that_is_recorded() -> None:
    """As with `--name` on the command line, and with its limits."""
    frame = pd.DataFrame({"patient_id": ["a"], "age_years": [30.0]})
    assert read_cohort(frame, name="own").name == "own"
    with pytest.raises(Refused, match=r"^name must be 1 to 100 printable characters"):
        read_cohort(frame, name=" ")


def test_labels_follow_the_rows_of_the_cohort() -> None:
    """By hand: an event, free at the horizon, censored before it, nothing known; two infusions of one."""
    frame = pd.DataFrame(
        {
            "patient_id": ["a", "b", "c", "d", "a"],
            "infusion_number": [1, 1, 1, 1, 2],
            "response_day28": ["cr", "cr", "cr", None, "cr"],
            "relapse_day": [100, None, None, None, None],
            "last_contact_day": [500, 400, 60, None, 700],
            "death_day": [None] * 5,
        }
    )
    table = labels(frame, "relapse", horizon_days=365)
    assert table["label"].fillna(-1).tolist() == [1, 0, -1, -1, 0]
    assert table["patient"].tolist() == [0, 1, 2, 3, 0]
    assert table["day"].fillna(-1).tolist() == [100, 400, 60, -1, 700]
    # One of four is censored on day 60, so the three that are seen later count 4/3.
    np.testing.assert_allclose(table["weight"], [4 / 3, 4 / 3, 0, 0, 4 / 3])


def test_labels_have_the_index_of_their_rows() -> None:
    """So that a sorted or filtered table is joined with its own labels; a record has none."""
    frame = pd.DataFrame({"patient_id": ["a", "b", "c"], "icans_grade": [4, 0, 1], "last_contact_day": 400})
    shuffled = frame.iloc[[2, 0, 1]]
    for given in (shuffled, frame.set_index(pd.Index(["x", "y", "z"])), frame[frame["icans_grade"] > 0]):
        table = labels(given, "severe_icans")
        pd.testing.assert_index_equal(table.index, given.index)
        assert (given.loc[table["label"] == 1, "icans_grade"] == 4).all()
    assert labels(read_cohort(shuffled), "severe_icans").index.tolist() == [0, 1, 2]


def test_horizon_0_is_not_the_default() -> None:
    """It is refused like any other that the outcome does not have."""
    frame = pd.DataFrame({"patient_id": ["a"], "icans_grade": [1], "last_contact_day": [400]})
    with pytest.raises(Refused, match="got 0"):
        labels(frame, "severe_icans", horizon_days=0)


def test_a_row_of_a_table_is_a_patient() -> None:
    """A Series, as `iloc` gives it; an array has no names of columns."""
    frame = pd.DataFrame({"age_years": [30.0, 40.0], "prior_inotuzumab": [True, None]})
    assert as_cohort(frame.iloc[1]).patients["age_years"].tolist() == [40.0]
    for read in (as_cohort, read_cohort):
        for given in (frame.to_numpy(), None, 3):
            with pytest.raises(Refused, match="must be a DataFrame, records"):
                read(given)  # type: ignore[operator]


def test_labels_of_what_was_not_recorded_are_refused() -> None:
    """With the reason, the outcomes and the horizons that there are."""
    frame = pd.DataFrame({"patient_id": ["a"], "icans_grade": [1]})
    with pytest.raises(Refused, match="relapse cannot be labeled: the cohort has no column"):
        labels(frame, "relapse")
    with pytest.raises(Refused, match="outcome fever is not one of severe_crs"):
        labels(frame, "fever")
    with pytest.raises(
        Refused, match="horizon_days must be one of 30 for severe_icans in this cohort, got 31"
    ):
        labels(frame, "severe_icans", horizon_days=31)
    with pytest.raises(Refused, match="estimand intent is not one of"):
        labels(frame, "severe_icans", estimand="intent")  # type: ignore[arg-type]
