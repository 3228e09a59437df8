"""Where the variance of a left-out product comes from."""

from __future__ import annotations

import numpy as np
import pytest

from features.columns import Values
from features.log_odds import expit, logit
from features.terms import OWN_PRODUCT, TERMS
from serving.model.replicates import Replicates
from tests.benchmarks.left_out_products import DONOR_DERIVED, largest_cohort
from tests.benchmarks.left_out_variance import variance_parts
from tests.known_risk import evidence
from training.evidence.base_rates import CohortRate

NAMES = list(TERMS)
N_DRAWN = 4000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def cohort_of(name: str) -> CohortRate:
    cohort = largest_cohort(name, "severe_crs", evidence())
    assert cohort is not None
    return cohort


def replicates(spreads: dict[str, float], rng: np.random.Generator) -> Replicates:
    """Draw terms apart from each other; the intercept holds a new product, as that of a model does."""
    coefficients = np.zeros((N_DRAWN, len(NAMES)))
    for name, spread in spreads.items():
        if name != "intercept":
            coefficients[:, NAMES.index(name)] = spread * rng.normal(size=N_DRAWN)
    intercepts = -2 + spreads["intercept"] * rng.normal(size=(N_DRAWN, 1))
    intercepts += coefficients[:, [NAMES.index(OWN_PRODUCT)]]
    return Replicates(intercepts, coefficients, np.zeros((N_DRAWN, 0)), None)


def patients(**terms: float) -> Values:
    """Patients who differ in burden alone."""
    rows = np.zeros((50, len(NAMES)))
    rows[:, NAMES.index("disease_burden")] = np.linspace(-0.5, 0.5, 50)
    for name, value in terms.items():
        rows[:, NAMES.index(name)] = value
    return rows


def test_parts_add_up_to_the_variance(rng: np.random.Generator) -> None:
    """Of a listed product given in parts, whatever goes together."""
    spreads = {"intercept": 0.5, "split_dose": 0.6, "product_obecabtagene": 0.3, OWN_PRODUCT: 0.4}
    drawn = replicates({**spreads, "disease_burden": 0.5}, rng)
    terms = patients(split_dose=1.0, product_obecabtagene=1.0, own_product=-1.0)
    parts = variance_parts(drawn, terms, cohort_of("obecabtagene"), center_variance=0.05)
    log_odds = logit(expit(drawn.intercepts + drawn.coefficients @ terms.T).mean(axis=1))
    assert sum(parts.values()) == pytest.approx(np.var(log_odds, ddof=1))
    assert list(parts) == ["base rate", "centers", "CD28", "split dose", "product", "case mix"]


def test_each_part_is_the_variance_of_what_was_drawn(rng: np.random.Generator) -> None:
    """Patients alike: the mean risk moves as much as the level; no CD28, so no part of it."""
    spreads = {"intercept": 0.5, "split_dose": 0.6, "product_obecabtagene": 0.3, OWN_PRODUCT: 0.4}
    terms = patients(split_dose=1.0, product_obecabtagene=1.0, own_product=-1.0)
    parts = variance_parts(replicates(spreads, rng), terms, cohort_of("obecabtagene"), center_variance=0.05)
    expected = [0.25 - 0.05, 0.05, 0.0, 0.36, 0.09, 0.0]
    np.testing.assert_allclose(list(parts.values()), expected, atol=0.03)


def test_a_product_that_is_not_listed_is_a_new_one(rng: np.random.Generator) -> None:
    """The variance between products is its own part."""
    drawn = replicates({"intercept": 0.5, OWN_PRODUCT: 0.7}, rng)
    parts = variance_parts(drawn, patients(), cohort_of(DONOR_DERIVED), center_variance=0.0)
    assert parts["product"] == pytest.approx(0.49, abs=0.05)
