"""A center whose values are a unit away from those of the others, or in two units."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking.center_spread import spread_remarks
from features.cohort import Cohort, cohort_from_rows


def cohort_of(
    column: str, median: float, *, factor: float = 1.0, share: float = 1.0, seed: int = 1
) -> Cohort:
    """Make two centers of 40; a share of the values of the second is multiplied by a factor."""
    rng = np.random.default_rng(seed)
    values = median * np.exp(0.4 * rng.normal(size=80))
    values[40:] *= np.where(rng.random(40) < share, factor, 1.0)
    rows = [
        {"patient_id": f"p{at}", "center": "AB"[at // 40], column: float(value)}
        for at, value in enumerate(values)
    ]
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


@pytest.mark.parametrize("seed", range(8))
def test_centers_alike_get_no_remark(seed: int) -> None:
    """Values of one distribution are neither shifted nor wider."""
    assert spread_remarks(cohort_of("ldh_u_l", 260, seed=seed)) == []


@pytest.mark.parametrize("factor", [1.3, 0.75])
def test_a_small_difference_of_medians_is_no_unit(factor: float) -> None:
    """Centers differ by as much."""
    assert spread_remarks(cohort_of("ldh_u_l", 260, factor=factor)) == []


def test_two_units_in_one_column_of_a_center_spread_its_values() -> None:
    """Half of its creatinine values are in mg/L."""
    (remark,) = spread_remarks(cohort_of("creatinine_mg_dl", 0.8, factor=10, share=0.5))
    assert (remark.code, remark.fields) == ("mixed_units", ("creatinine_mg_dl",))
    assert remark.rows == tuple(range(42, 82))
    assert "of B" in remark.text
    assert "of B" not in remark.without_values()


def test_a_median_that_is_a_unit_away_is_asked_about() -> None:
    """CRP in mg/dL beside centers with mg/L, whatever published medians are."""
    (remark,) = [
        each for each in spread_remarks(cohort_of("crp_mg_l", 40, factor=0.1)) if "of B" in each.text
    ]
    assert remark.code == "other_unit"
    assert remark.text == (
        "crp_mg_l has a median 10.7 times below that of the other centers in 40 rows of B: in mg/dL there?"
    )
