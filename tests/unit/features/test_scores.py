"""Published scores, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from features.scores import HIGH_HEMATOTOX_POINTS, car_hematotox, easix, modified_easix

WELL = {"platelets": 200.0, "anc": 2.0, "hemoglobin_g_dl": 11.0, "crp_mg_l": 10.0, "ferritin": 300.0}


def points(**changed: float) -> float:
    return float(car_hematotox(**{**WELL, **changed}))


def test_easix_is_ldh_times_creatinine_over_platelets():
    """480 U/L x 1.5 mg/dL / 60 = 12."""
    assert easix(480, 1.5, 60) == pytest.approx(12.0)


def test_modified_easix_takes_crp_in_mg_per_dl():
    """480 U/L x 35 mg/L / 60 = 480 x 3.5 mg/dL / 60 = 28."""
    assert modified_easix(480, 35, 60) == pytest.approx(28.0)


def test_modified_easix_equals_easix_with_crp_in_mg_per_dl_for_creatinine():
    """Both indices are one formula with another factor."""
    np.testing.assert_allclose(
        modified_easix([300, 900], [20, 5], [50, 90]), easix([300, 900], [2, 0.5], [50, 90])
    )


def test_easix_scales_with_ldh_and_against_platelets():
    """Twice the LDH doubles, twice the platelets halves the index, whatever the rest."""
    rng = np.random.default_rng(1)
    ldh, creatinine, platelets = rng.uniform(100, 900, 50), rng.uniform(0.4, 2, 50), rng.uniform(10, 300, 50)
    once = easix(ldh, creatinine, platelets)
    np.testing.assert_allclose(easix(2 * ldh, creatinine, platelets), 2 * once)
    np.testing.assert_allclose(easix(ldh, creatinine, 2 * platelets), once / 2)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_any_missing_input_makes_the_index_missing(place):
    """NaN in any of the three gives NaN, in that patient only."""
    inputs = [np.array([250.0, 250.0]), np.array([1.0, 1.0]), np.array([100.0, 100.0])]
    inputs[place][1] = np.nan
    for score in (easix, modified_easix):
        np.testing.assert_array_equal(np.isnan(score(*inputs)), [False, True])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 0),
        ({"platelets": 176}, 0),
        ({"platelets": 175}, 1),
        ({"platelets": 75}, 1),
        ({"platelets": 74}, 2),
        ({"anc": 1.21}, 0),
        ({"anc": 1.2}, 1),
        ({"hemoglobin_g_dl": 9.1}, 0),
        ({"hemoglobin_g_dl": 9.0}, 1),
        ({"crp_mg_l": 29.9}, 0),
        ({"crp_mg_l": 30.0}, 1),
        ({"ferritin": 649}, 0),
        ({"ferritin": 650}, 1),
        ({"ferritin": 2000}, 1),
        ({"ferritin": 2001}, 2),
    ],
)
def test_hematotox_points_change_at_the_published_limits(changed, expected):
    """Each limit of Rejeski 2021, from either side; 3 mg/dL CRP is 30 mg/L."""
    assert points(**changed) == expected


def test_hematotox_adds_up_to_seven():
    """Everything at its worst: 2 + 1 + 1 + 1 + 2; low platelets and ferritin alone are high already."""
    assert points(platelets=10, anc=0.0, hemoglobin_g_dl=7, crp_mg_l=200, ferritin=9000) == 7
    assert points(platelets=10) >= HIGH_HEMATOTOX_POINTS


@pytest.mark.parametrize("name", list(WELL))
def test_hematotox_is_missing_where_any_input_is(name):
    """Points are not added up over what happens to be known."""
    assert np.isnan(points(**{name: np.nan}))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: easix([250, 250], 1.0, [80, -4]), "platelets must be above 0 (10^9/L), got -4.0."),
        (lambda: easix(-1, 1.0, 80), "ldh must be 0 or more (U/L), got -1.0."),
        (lambda: easix(250, np.inf, 80), "creatinine_mg_dl must be 0 or more (mg/dL), got inf."),
        (lambda: modified_easix(250, 3, 0), "platelets must be above 0 (10^9/L), got 0.0."),
        (lambda: points(anc=-0.1), "anc must be 0 or more (10^9/L), got -0.1."),
        (lambda: points(hemoglobin_g_dl=-9), "hemoglobin_g_dl must be 0 or more (g/dL), got -9.0."),
    ],
)
def test_impossible_input_is_refused_by_name(call, words):
    """The message names the input, the rule, the unit and what was found."""
    with pytest.raises(ValueError) as refusal:
        call()
    assert str(refusal.value) == words
