"""The terms in text say what `features.terms` computes."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from features.columns import Columns
from features.field import specs
from features.predictors import predictors
from features.schema import Patient
from features.synthetic.simulation import synthetic_patients
from features.term_formulas import DERIVED_FORMULAS, TERM_FORMULAS
from features.terms import KNOWN_TERMS
from serving.model.trees import TREE_COLUMNS
from training.pages.report.tree_listing import column_formula

FUNCTIONS = {"log2": math.log2, "log10": math.log10, "exp": math.exp, "max": max}


def patients() -> list[dict[str, object]]:
    """Draw patients, every option of a choice among them."""
    rows = synthetic_patients(200, rng=np.random.default_rng(3))
    for name, spec in specs(Patient).items():
        for place, option in enumerate(spec.options):
            rows[place][name] = option
    return rows


def computed(formula: str, row: dict[str, object]) -> float:
    """Evaluate a formula; NaN where a field that it names is missing."""
    names = set(compile(formula, "f", "eval").co_names) - set(FUNCTIONS) - {"known", "missing"}
    assert names <= set(Patient.model_fields)
    optional = set(re.findall(r"known\((\w+)\)", formula))
    if any(row.get(name) is None for name in names - optional):
        return math.nan
    # known() is asked of a field by its name: here of a value that says where it comes from.
    asked = re.sub(r"known\((\w+)\)", r"(known['\1'])", formula)
    known = {name: row.get(name) is not None for name in names}
    return float(
        eval(asked, {**FUNCTIONS, "known": known, "missing": math.nan}, {**dict.fromkeys(names), **row})
    )


def test_every_term_has_a_formula() -> None:
    """And none is left over."""
    assert set(TERM_FORMULAS) == set(KNOWN_TERMS)


@pytest.mark.parametrize("name", KNOWN_TERMS)
def test_formulas_give_what_is_computed(name: str) -> None:
    """Also where an input is missing, and from the inputs that the term states."""
    rows = patients()
    columns = Columns.from_rows(Patient, rows)
    expected = KNOWN_TERMS[name].compute(columns)
    assert np.isfinite(expected).any()
    found = [computed(TERM_FORMULAS[name], row) for row in rows]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    named = set(compile(TERM_FORMULAS[name], "f", "eval").co_names) - set(FUNCTIONS) - {"known", "missing"}
    assert named == set(KNOWN_TERMS[name].reads)


def test_derived_fields_are_derived_so() -> None:
    """The dose per kg from the total dose."""
    row = {"dose_total_1e6": 70.0, "weight_kg": 56.0}
    for field, formula in DERIVED_FORMULAS.items():
        assert computed(formula, row) == predictors([row])[field][0] == 1.25


@pytest.mark.parametrize("column", TREE_COLUMNS, ids=lambda column: column.name)
def test_columns_of_trees_are_their_formulas(column) -> None:
    """Numbers as they are, options as 0 and 1, composites as the terms."""
    rows = patients()
    found = [computed(column_formula(column), row) for row in rows]
    np.testing.assert_allclose(found, column.values(Columns.from_rows(Patient, rows)), rtol=1e-12)
