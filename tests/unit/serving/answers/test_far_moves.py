"""Numbers that are not tried for every patient cannot move a risk far; a cut is never missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from numpy.random import Generator

from features.columns import Columns
from features.disease_burden import BURDEN_FIELD
from features.field import specs
from features.schema import Patient
from features.terms import KNOWN_TERMS
from serving.answers.close_to_cut import LARGEST_MOVE, NUMBERS, close_to_cut, nearby
from serving.answers.far_moves import MARGIN, largest_change, may_move_far
from serving.model.bundle import Bundle
from serving.model.composed_risk import Composition
from serving.model.linear_part import LinearPart
from serving.model.risk_model import RiskModel
from tests.bundles import linear_part
from tests.unit.serving.answers.test_close_to_cut import stump

READ = {name: [field for field in term.reads if field in NUMBERS] for name, term in KNOWN_TERMS.items()}
PAIRS = [(name, field) for name, fields in READ.items() for field in fields]


def linear_model(bundle: Bundle, coefficients: dict[str, float]) -> RiskModel:
    """Make a model of severe CRS of some terms, and nothing else."""
    model = bundle.models["severe_crs"]
    return replace(model, linear=linear_part(coefficients), replicates=None, without_sources=())


def anybody(n_patients: int, rng: Generator, *, missing: float = 0.2) -> Columns:
    """Draw patients from all that the schema allows, numbers evenly or evenly in their logarithm."""
    values = {}
    for name, field in specs(Patient).items():
        if field.kind in ("choice", "boolean"):
            drawn = rng.integers(0, len(field.options) or 2, n_patients).astype(float)
        elif name in NUMBERS:
            assert field.low is not None
            assert field.high is not None
            low, high = float(field.low), float(field.high)
            by_share = np.exp(rng.uniform(np.log(max(low, 1e-4 * high)), np.log(high), n_patients))
            drawn = np.where(rng.random(n_patients) < 0.5, by_share, rng.uniform(low, high, n_patients))
            drawn = np.rint(drawn) if field.kind == "integer" else drawn
        else:
            drawn = np.full(n_patients, np.nan)
        values[name] = np.where(rng.random(n_patients) < missing, np.nan, drawn)
    return Columns(Patient, values)


def found(model: RiskModel, cohort: Columns, fields: Sequence[str]) -> int:
    """Count the values close to a cut, by trying a small step of each of the fields."""
    near, n = nearby(cohort, fields), len(cohort)
    risk = model.risk(near.patients)[:, 0]
    return sum(map(len, close_to_cut(near, {"severe_crs": risk[:n]}, {"severe_crs": risk[n:]})))


@pytest.mark.parametrize(
    ("term", "field", "change"),
    [
        ("age", "age_years", 0.5),
        ("prior_lines", "prior_lines", 1.0),
        ("high_burden", "marrow_blasts_pct", 1.0),
        ("log2_ferritin", "ferritin_ug_l", np.log2(1 / 0.95)),
        ("log2_easix", "platelets_1e9_l", np.log2(1 / 0.95)),
        ("log2_relative_dose", "dose_1e6_per_kg", np.log2(1 / 0.95)),
        ("cns3", "ferritin_ug_l", 0.0),
    ],
)
def test_the_largest_change_is_known_by_hand(term: str, field: str, change: float) -> None:
    """Five years of a hundred; one line; a cut; 5 % less of what counts by its logarithm."""
    assert largest_change(term, field) == pytest.approx(change, rel=1e-3)


@pytest.mark.parametrize(("term", "field"), PAIRS)
def test_no_patient_moves_a_term_farther(term: str, field: str) -> None:
    """Of thousands with other values than those that were tried."""
    near = nearby(anybody(3000, np.random.default_rng(5)), [field])
    value = KNOWN_TERMS[term].compute(near.patients)
    n = len(value) - len(near.whose)
    moved = np.abs(value[n:] - value[near.whose])
    assert len(moved) > 100
    assert np.nanmax(moved, initial=0.0) <= MARGIN * largest_change(term, field)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_left_out_would_have_found_nothing(bundle: Bundle, seed: int) -> None:
    """Whatever the effects: small ones, of which nothing is tried, and large ones, of which most is."""
    rng = np.random.default_rng(seed)
    scale = rng.choice([0.1, 0.5, 2.0, 8.0])
    names = [name for name, fields in READ.items() if fields]
    model = linear_model(bundle, {name: float(scale * rng.normal()) for name in names})
    cohort = anybody(400, rng)
    left_out = [field for field in NUMBERS if not may_move_far(model, field)]
    assert found(model, cohort, left_out) == 0
    if scale == 8.0:
        tried = [field for field in NUMBERS if field not in left_out]
        assert found(model, cohort, tried) > 0


def test_cuts_are_tried(bundle: Bundle) -> None:
    """Those of terms, if they move the risk far enough; what is expected of missing terms has one too."""
    assert may_move_far(linear_model(bundle, {"high_burden": 0.5}), BURDEN_FIELD)
    assert not may_move_far(linear_model(bundle, {"high_burden": 0.1}), BURDEN_FIELD)
    assert not may_move_far(linear_model(bundle, {"disease_burden": 1.1}), BURDEN_FIELD)
    expected = linear_model(bundle, {"log2_ferritin": 1.0})
    part = cast(LinearPart, expected.linear)
    far = replace(part, low_burden=part.low_burden - 2, gradual=False)
    assert may_move_far(replace(expected, linear=far), BURDEN_FIELD)
    assert not may_move_far(replace(expected, linear=replace(far, gradual=True)), BURDEN_FIELD)


def test_every_number_of_trees_is_tried(bundle: Bundle) -> None:
    """Also if they are those of a part of a composed risk."""
    trees, alone = stump("ferritin_ug_l", 1000.0), linear_model(bundle, {"age": 0.0})
    composed = replace(alone, composition=Composition(trees, happened=False))
    assert all(may_move_far(trees, field) and may_move_far(composed, field) for field in NUMBERS)
    assert not any(may_move_far(alone, field) for field in NUMBERS)
    assert not any(may_move_far(replace(alone, linear=None), field) for field in NUMBERS)


def test_a_composed_risk_may_move_as_far_as_its_parts_together(bundle: Bundle) -> None:
    """Each of them alone less than what counts."""
    half = linear_model(bundle, {"prior_lines": 0.7 * LARGEST_MOVE / (MARGIN * 0.25)})
    composed = replace(half, outcome="crs_grade_2", composition=Composition(half, happened=False, plus=half))
    assert not may_move_far(half, "prior_lines")
    assert may_move_far(composed, "prior_lines")
