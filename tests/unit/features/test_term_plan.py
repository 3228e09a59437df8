"""Terms that are looked up are those that are computed."""

from __future__ import annotations

import numpy as np
import pytest

from features.columns import Columns
from features.predictors import predictors
from features.synthetic.simulation import synthetic_patients
from features.term_plan import TermPlan
from features.terms import KNOWN_TERMS


def cohort(n: int, *, missing: float) -> Columns:
    """Patients of whom more or less is known."""
    rng = np.random.default_rng(4)
    rows = synthetic_patients(n, rng=rng) if n else []
    return predictors(
        [{name: value for name, value in row.items() if rng.random() >= missing} for row in rows]
    )


@pytest.mark.parametrize(("n", "missing"), [(0, 0.0), (1, 1.0), (1, 0.0), (300, 0.5)])
def test_every_term_is_as_it_is_defined(n: int, missing: float) -> None:
    """To the last bit, also where a value is missing of everybody."""
    patients = cohort(n, missing=missing)
    matrix = TermPlan(list(KNOWN_TERMS.values())).matrix(patients)
    assert matrix.shape == (n, len(KNOWN_TERMS))
    for column, term in zip(matrix.T, KNOWN_TERMS.values(), strict=True):
        np.testing.assert_array_equal(column, term.compute(patients), err_msg=term.name)


def test_each_term_can_be_computed_alone() -> None:
    """Looked up or not, with one column or two."""
    patients = cohort(50, missing=0.3)
    for term in KNOWN_TERMS.values():
        np.testing.assert_array_equal(TermPlan([term]).matrix(patients)[:, 0], term.compute(patients))


def test_there_may_be_no_terms() -> None:
    """A model of trees alone has none."""
    assert TermPlan([]).matrix(cohort(3, missing=0.0)).shape == (3, 0)
