"""The evidence-only model over published cohorts of each product, rebuilt from what is published of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from features.columns import Values
from features.log_odds import expit
from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from features.terms import OWN_PRODUCT, TERMS, product_term
from serving.model.risk_model import RiskModel
from tests.known_risk import evidence
from training.evidence.base_rates import CohortRate, cohort_rates
from training.evidence.evidence_review import rate_interval
from training.learners.evidence_only import Published, empty_set

NAMES = list(TERMS)
FEWEST_PATIENTS = 50
"""Fewer say too little to hold a model to."""
COHORTS = [
    rate
    for outcome in OUTCOMES
    for rate in cohort_rates(outcome, evidence().base_rates)
    if rate.row.product in PRODUCTS and rate.row.n >= FEWEST_PATIENTS
]


SINGLE_DOSE = (("tisagenlecleucel", 0.0), ("brexucabtagene", 0.0))


@cache
def published_model(outcome: str) -> RiskModel:
    learner, nobody = Published(evidence()), empty_set(outcome, OUTCOMES[outcome].horizons_days)
    return learner.fit(nobody, learner.choose(nobody, np.random.default_rng(1)))


def terms_of(cohort: CohortRate) -> Values:
    """Centered terms of the rebuilt patients, with those of their product."""
    terms = cohort.terms.copy()
    terms[:, NAMES.index("cd28_construct")] = cohort.cd28
    terms[:, NAMES.index("split_dose")] = cohort.split_dose
    terms[:, NAMES.index(product_term(cohort.product))] = 1.0
    terms[:, NAMES.index(OWN_PRODUCT)] = -1.0
    return terms


def mean_risk(cohort: CohortRate) -> float:
    model = published_model(cohort.row.outcome)
    assert model.linear is not None
    return float(
        expit(model.reference[0] + terms_of(cohort) @ model.linear.coefficients[: len(NAMES)]).mean()
    )


@pytest.mark.parametrize("cohort", COHORTS, ids=lambda cohort: f"{cohort.row.id}-{cohort.row.outcome}")
def test_the_mean_risk_of_a_published_cohort_is_inside_the_interval_of_its_rate(cohort: CohortRate) -> None:
    """Inside its 95 % interval by Wilson.

    Of outcomes that are not main ones, rates of children and of adults contradict each other: there the
    interval is as wide as the model takes it to be in other patients.
    """
    low, high = proportion_confint(cohort.rate * cohort.n, cohort.n, method="wilson")
    if not OUTCOMES[cohort.row.outcome].main:
        lowest, highest = rate_interval(cohort, error=cohort.error)
        low, high = min(low, lowest), max(high, highest)
    assert low < mean_risk(cohort) < high


def test_products_are_ordered_as_published() -> None:
    """Severe CRS: obecabtagene, ARI-0001 split, then others. Severe ICANS: CD28 above 4-1BB."""
    by_product = {
        (outcome, product): published_risk(outcome, product, split)
        for outcome in ("severe_crs", "severe_icans")
        for product, split in (("obecabtagene", 1.0), ("ari_0001", 1.0), *SINGLE_DOSE)
    }
    crs = [by_product["severe_crs", product] for product in ("obecabtagene", "ari_0001")]
    others = [by_product["severe_crs", product] for product, _ in SINGLE_DOSE]
    assert crs[0] < crs[1] < min(others)
    cd28 = by_product["severe_icans", "brexucabtagene"]
    assert cd28 > 2 * max(
        by_product["severe_icans", product] for product in PRODUCTS if product != "brexucabtagene"
    )


def published_risk(outcome: str, product: str, split_dose: float) -> float:
    """Mean risk of the patients of the largest cohort, had all been given a product."""
    largest = max((each for each in COHORTS if each.row.outcome == outcome), key=lambda each: each.row.n)
    terms = largest.terms.copy()
    terms[:, NAMES.index("cd28_construct")] = float(product == "brexucabtagene")
    terms[:, NAMES.index("split_dose")] = split_dose
    terms[:, NAMES.index(product_term(product))] = 1.0
    terms[:, NAMES.index(OWN_PRODUCT)] = -1.0
    model = published_model(outcome)
    assert model.linear is not None
    return float(expit(model.reference[0] + terms @ model.linear.coefficients[: len(NAMES)]).mean())
