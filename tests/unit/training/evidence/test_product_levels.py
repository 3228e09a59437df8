"""The hierarchy of products: worked by hand, against simulated products, and in its limits."""

import numpy as np
import pytest

from features.products import PRODUCTS
from training.evidence import product_levels
from training.evidence.product_levels import (
    COHORT_SCALE,
    PRODUCT_SCALE,
    ConstructEffect,
    Level,
    fit_levels,
)

TISA, OBE, BREXU = "tisagenlecleucel", "obecabtagene", "brexucabtagene"
PLACE = {name: 3 + position for position, name in enumerate(PRODUCTS)}


def level_of(fitted, product, *, cd28=0.0, split_dose=0.0):
    """Mean and standard deviation of the level of a product."""
    weights = np.zeros(len(fitted.mean))
    weights[[0, 1, 2, PLACE.get(product, len(weights) - 1)]] = [1.0, cd28, split_dose, 1.0]
    return float(weights @ fitted.mean), float(np.sqrt(weights @ fitted.covariance @ weights))


def test_the_posterior_of_one_grid_point_is_the_textbook_one(monkeypatch):
    """One product seen twice, with both spreads fixed: precisions add up."""
    monkeypatch.setattr(product_levels, "PRODUCT_SPREADS", np.array([0.5]))
    monkeypatch.setattr(product_levels, "COHORT_SPREADS", np.array([0.3]))
    seen = [Level(-1.0, 0.4, TISA, 0.0, 0.0), Level(-2.0, 0.2, TISA, 0.0, 0.0)]
    fitted = fit_levels(seen, typical=-1.5)
    variances = np.array([0.4**2 + 0.3**2, 0.2**2 + 0.3**2])
    prior = product_levels.TYPICAL_SPREAD**2 + 0.5**2
    precision = 1 / prior + (1 / variances).sum()
    mean = (-1.5 / prior + (np.array([-1.0, -2.0]) / variances).sum()) / precision
    found, spread = level_of(fitted, TISA)
    assert found == pytest.approx(mean)
    assert spread == pytest.approx(precision**-0.5)
    assert fitted.cohort_variance == pytest.approx(0.09)


def test_a_new_product_is_a_draw_from_the_spread_of_known_ones():
    """Its mean is the typical level, and it is less certain than any product that was seen."""
    seen = [Level(-1.5, 0.2, TISA, 0.0, 0.0), Level(-1.2, 0.2, "ari_0001", 0.0, 0.0)]
    seen += [Level(-2.0, 0.2, f"series {number}", 0.0, 0.0) for number in range(3)]
    fitted = fit_levels(seen, typical=-1.8)
    assert fitted.mean[-1] == pytest.approx(0.0)
    new, known = level_of(fitted, "new"), level_of(fitted, TISA)
    assert new[1] > known[1] + 0.1
    assert -2.0 < new[0] < -1.2


def test_domain_and_schedule_explain_what_products_share():
    """Three CD28 products at twice the log-odds of three others: the domain has it, not each product."""
    seen = [Level(-2.0, 0.15, f"a{number}", 0.0, 0.0) for number in range(3)]
    seen += [Level(-0.8, 0.15, f"b{number}", 1.0, 0.0) for number in range(3)]
    fitted = fit_levels(seen, typical=-1.5)
    assert fitted.mean[1] == pytest.approx(1.2, abs=0.15)
    assert level_of(fitted, "new", cd28=1.0)[0] == pytest.approx(-0.8, abs=0.2)


def test_a_comparison_within_a_study_moves_the_construct_alone():
    """Its patients were in one cohort: nothing differs between cohorts, and no level is told."""
    fitted = fit_levels([], [ConstructEffect(1.0, 0.0, 0.9, 0.05)], typical=-1.8)
    assert fitted.mean[1] == pytest.approx(0.9, abs=0.01)
    np.testing.assert_allclose(fitted.mean[[0, 2]], [-1.8, 0.0], atol=1e-9)


def test_more_patients_of_a_product_make_it_more_certain():
    """And bring it nearer to its own rate."""
    others = [Level(-1.5, 0.2, f"series {number}", 0.0, 0.0) for number in range(4)]
    few, many = (
        level_of(fit_levels([*others, Level(-3.5, error, OBE, 0.0, 1.0)], typical=-1.8), OBE, split_dose=1.0)
        for error in (1.0, 0.2)
    )
    assert many[1] < few[1]
    assert abs(many[0] + 3.5) < abs(few[0] + 3.5)


def test_simulated_products_are_covered_by_their_intervals():
    """90 % intervals hold the true level of a known product in 85 to 97 % of 300 simulated sets."""
    rng, held = np.random.default_rng(7), 0
    for _ in range(300):
        apart, between = np.abs(rng.normal(size=2)) * (PRODUCT_SCALE, COHORT_SCALE)
        true = -2.0 + apart * rng.normal(size=6)
        names = [TISA, *(f"series {number}" for number in range(5))]
        seen = [
            Level(level + between * rng.normal() + 0.3 * rng.normal(), 0.3, name, 0.0, 0.0)
            for level, name in zip(true, names, strict=True)
            for _ in range(2)
        ]
        mean, spread = level_of(fit_levels(seen, typical=-1.8), TISA)
        held += abs(mean - true[0]) < 1.645 * spread
    assert 0.85 * 300 <= held <= 0.97 * 300
