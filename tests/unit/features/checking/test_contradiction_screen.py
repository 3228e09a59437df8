"""No row that contradicts itself is left out of what the rules are applied to."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking.contradiction_screen import may_contradict
from features.checking.typed_columns import TypedColumns
from features.field import FieldSpec
from features.rules import follow_up_contradictions, patient_contradictions
from features.schema import all_fields
from features.synthetic.simulation import simulate


def random_columns(rng: np.random.Generator, n_rows: int = 400) -> TypedColumns:
    """Draw every column on its own, so that many rows contradict themselves."""
    texts: dict[str, list[str | None]] = {"patient_id": [f"P-{number}" for number in range(n_rows)]}
    names = ("CART22", "Kymriah", "a/b", None, None, None, None, None)
    texts["product_name"] = [names[code] for code in rng.integers(len(names), size=n_rows)]
    numbers = {
        name: np.where(rng.random(n_rows) < 0.6, np.nan, _values(spec, rng, n_rows))
        for name, spec in all_fields().items()
        if spec.kind != "text"
    }
    return TypedColumns(n_rows, numbers, texts, tuple(name for name in all_fields() if name != "center"))


def _values(spec: FieldSpec, rng: np.random.Generator, n_rows: int) -> np.ndarray:
    if spec.options:
        return rng.integers(len(spec.options), size=n_rows).astype(float)
    if spec.kind == "boolean":
        return rng.integers(2, size=n_rows).astype(float)
    assert spec.low is not None
    assert spec.high is not None
    drawn = rng.uniform(spec.low, min(spec.high, 60), size=n_rows)
    return np.round(drawn) if spec.kind == "integer" else drawn


def contradicted(typed: TypedColumns) -> list[int]:
    """Apply the rules to every row."""
    dose = all_fields()["dose_1e6_per_kg"]
    return [
        position
        for position, row in enumerate(typed.rows())
        if patient_contradictions(row, dose=dose, dose_needed=False) or follow_up_contradictions(row)
    ]


@pytest.mark.parametrize("seed", range(10))
def test_every_contradiction_is_among_the_rows(seed: int) -> None:
    """And few rows without one: those that name a product."""
    typed = random_columns(np.random.default_rng(seed))
    chosen = may_contradict(typed).tolist()
    wrong = contradicted(typed)
    assert set(wrong) <= set(chosen)
    others = set(chosen) - set(wrong)
    assert all(typed.texts["product_name"][position] for position in others)


def test_a_good_cohort_is_hardly_looked_at() -> None:
    """Simulated patients contradict nothing."""
    rows = simulate(200, rng=np.random.default_rng(3)).rows
    codes = {
        name: {option: float(code) for code, option in enumerate(spec.options)}
        for name, spec in all_fields().items()
    }
    numbers = {
        name: np.array(
            [np.nan if row.get(name) is None else codes[name].get(row[name], row[name]) for row in rows],
            dtype=float,
        )
        for name, spec in all_fields().items()
        if spec.kind != "text"
    }
    assert len(may_contradict(TypedColumns(len(rows), numbers, {}, tuple(numbers)))) == 0
