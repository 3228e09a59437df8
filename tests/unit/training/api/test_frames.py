"""DataFrames are checked as files are, whatever the types of their columns, and no message has a value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.field import specs
from features.predictors import predictors
from features.problems import DataError
from features.schema import Patient
from training.api.frames import as_frame, frame_patients, frame_table

ROWS = [
    {"age_years": 31, "prior_inotuzumab": True, "sex": "female", "ecog": 1},
    {"age_years": 54.5, "prior_inotuzumab": False, "sex": None, "ecog": None},
]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(ROWS),
        pd.DataFrame(ROWS).convert_dtypes(),
        pd.DataFrame(ROWS).astype({"sex": "category"}),
        pd.DataFrame(ROWS).astype({"prior_inotuzumab": float}),
        pd.DataFrame({**pd.DataFrame(ROWS), "prior_inotuzumab": ["yes", "no"], "ecog": ["1", ""]}),
        as_frame(ROWS),
    ],
    ids=["plain", "nullable", "categories", "0 and 1", "words", "records"],
)
def test_types_of_columns_do_not_matter(frame: pd.DataFrame) -> None:
    """What a CSV file, a database or a program has for the same patients is the same."""
    expected = predictors(ROWS)
    patients = frame_patients(frame)
    for name in specs(Patient):
        np.testing.assert_array_equal(patients[name], expected[name])


def test_every_problem_is_reported_without_values() -> None:
    """Column, rule and row as `iloc` counts, so that a notebook holds no value."""
    frame = pd.DataFrame({"age_years": [31, 7741.25], "sex": ["Iwanowa", "male"]})
    with pytest.raises(DataError) as refused:
        frame_patients(frame)
    assert [(problem.column, problem.row) for problem in refused.value.problems] == [
        ("age_years", 1),
        ("sex", 0),
    ]
    assert "7741" not in str(refused.value) + repr(refused.value)
    assert "Iwanowa" not in str(refused.value) + repr(refused.value)


def test_contradictions_within_a_row_are_refused() -> None:
    """A response to inotuzumab without inotuzumab."""
    frame = pd.DataFrame({"prior_inotuzumab": [False], "inotuzumab_response": ["responder"]})
    with pytest.raises(DataError, match="inotuzumab_response"):
        frame_patients(frame)


def test_the_digest_is_that_of_the_values() -> None:
    """The same values have the same digest; another value has another."""
    frame = pd.DataFrame({"patient_id": ["a", "b"], "age_years": [31, 40]})
    digest = frame_table(frame, name="f").sha256
    assert frame_table(frame.astype({"age_years": float}), name="g").sha256 == digest
    assert frame_table(frame.replace(40, 41), name="f").sha256 != digest
    assert frame_table(frame, name="f").row_numbers == (0, 1)
