"""The encoded values of a schema model."""

from __future__ import annotations

import numpy as np

from features.columns import Columns
from features.predictors import predictors
from features.schema import Patient

ROWS = [
    {"age_years": 31.0, "sex": "male", "ph_positive": True, "prior_lines": 3, "target_antigen": "cd19_cd22"},
    {"age_years": 8.5, "sex": "female", "ph_positive": False},
]


def test_values_are_encoded_as_numbers():
    """Booleans are 0 and 1, choices the place of their option."""
    patients = Columns.from_rows(Patient, ROWS)
    np.testing.assert_array_equal(patients["sex"], [1, 0])
    np.testing.assert_array_equal(patients["ph_positive"], [1, 0])
    np.testing.assert_array_equal(patients["target_antigen"], [2, np.nan])


def test_columns_that_no_row_has_are_missing():
    """A column that is not there is there, and NaN."""
    assert np.isnan(Columns.from_rows(Patient, ROWS)["ldh_u_l"]).all()


def test_decoding_gives_the_rows_back():
    """What goes in comes out, None where it was missing."""
    patients = Columns.from_rows(Patient, ROWS)
    for position, row in enumerate(ROWS):
        assert {name: value for name, value in patients.row(position).items() if value is not None} == row


def test_decoded_types_are_the_schemas():
    """True is no 1.0, three lines are no 3.0."""
    row = Columns.from_rows(Patient, ROWS).row(0)
    assert row["ph_positive"] is True
    assert isinstance(row["prior_lines"], int)


def test_is_option_keeps_missing_apart():
    """Not known is neither yes nor no."""
    patients = Columns.from_rows(Patient, ROWS)
    np.testing.assert_array_equal(patients.is_option("target_antigen", "cd22", "cd19_cd22"), [1, np.nan])


def test_take_picks_by_mask_and_position():
    """Rows keep together over all columns."""
    patients = Columns.from_rows(Patient, ROWS)
    assert len(patients.take(np.array([False, True]))) == 1
    np.testing.assert_array_equal(patients.take(np.array([1, 0]))["age_years"], [8.5, 31])


def test_matrix_stands_columns_side_by_side():
    """Columns in the order asked for."""
    np.testing.assert_array_equal(
        Columns.from_rows(Patient, ROWS).matrix(["prior_lines", "age_years"]), [[3, 31], [np.nan, 8.5]]
    )


def test_dose_is_derived_only_where_it_is_missing():
    """A stated dose stands; without weight there is none."""
    rows = [
        {"dose_1e6_per_kg": 1.05, "dose_total_1e6": 70.0, "weight_kg": 70.0},
        {"dose_total_1e6": 70.0, "weight_kg": 35.0},
        {"dose_total_1e6": 70.0},
    ]
    np.testing.assert_array_equal(predictors(rows)["dose_1e6_per_kg"], [1.05, 2, np.nan])


def test_columns_of_rows_and_columns_put_together_stack_alike():
    """The columns of rows are rows of one array; others are not."""
    patients = Columns.from_rows(Patient, ROWS)
    together, names = Columns(Patient, dict(patients.values)), ("prior_lines", "age_years")
    for columns in (patients, together, patients.take(np.array([0, 1]))):
        np.testing.assert_array_equal(columns.stacked(names), [[3, np.nan], [31, 8.5]])
        assert columns.stacked(()).shape == (0, 2)


def test_a_changed_value_is_seen_by_all_that_reads_the_columns():
    """A column and the array behind it are the same memory."""
    patients = Columns.from_rows(Patient, ROWS).take(np.array([0, 1]))
    patients["age_years"][1] = 9.0
    np.testing.assert_array_equal(patients.stacked(("age_years",)), [[31, 9]])
    np.testing.assert_array_equal(patients.take(np.array([1]))["age_years"], [9])
