"""Rates of products from published rates."""

from __future__ import annotations

import pytest

from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior_from_studies import published_prior
from training.evidence.product_rates import product_rates


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_base_rate_is_that_of_an_academic_product(outcome: str) -> None:
    """At the headline horizon; every product has a rate within its interval."""
    prior = published_prior(outcome, OUTCOMES[outcome].horizons_days, read_evidence())
    rates = product_rates(prior)
    assert rates.own.rate == pytest.approx(float(prior.base_rate[0]))
    assert list(rates.known) == list(PRODUCTS)
    assert all(0 < each.low < each.rate < each.high < 1 for each in (rates.own, *rates.known.values()))


def test_a_wider_reach_is_a_wider_interval() -> None:
    """The rate stays."""
    prior = published_prior("severe_crs", (30,), read_evidence())
    narrow, wide = (product_rates(prior, reach=reach).own for reach in (1.0, 2.0))
    assert narrow.rate == wide.rate
    assert wide.low < narrow.low < narrow.high < wide.high


def test_without_any_rate_products_do_not_differ() -> None:
    """And hardly any rate is excluded."""
    rates = product_rates(published_prior("severe_crs", (30,), Evidence((), ())))
    assert {round(rate.rate, 1) for rate in rates.known.values()} == {round(rates.own.rate, 1)}
    assert rates.own.low < 0.05
    assert rates.own.high > 0.8
