"""Conflicts and gaps of the evidence."""

from __future__ import annotations

import dataclasses

import pytest

from training.evidence.base_rates import cohort_rates, sampling_error
from training.evidence.evidence_review import EvidenceReview, rate_interval, review
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior_from_studies import published_prior


def reviewed(evidence: Evidence) -> EvidenceReview:
    """Review the evidence on severe CRS."""
    return review(published_prior("severe_crs", (30,), evidence), evidence)


def test_rows_of_opposite_sign_are_a_conflict() -> None:
    """Also where one of them is never pooled."""
    evidence = read_evidence()
    row = next(row for row in evidence.effects if row.id == "E074")
    opposite = dataclasses.replace(row, id="other", use="context", estimate=3.0, direction=None)
    assert reviewed(evidence).conflicts == ()
    (conflict,) = reviewed(dataclasses.replace(evidence, effects=(*evidence.effects, opposite))).conflicts
    assert conflict.term == "prior_allo_hsct"
    assert (conflict.raises, conflict.lowers, conflict.neither) == ((opposite,), (row,), ())


def test_rates_of_one_product_that_exclude_each_other_are_a_conflict() -> None:
    """Half of 200 patients against 2 of 100 and none of 20; of another product it would be none."""
    evidence = read_evidence()
    row = next(row for row in evidence.base_rates if row.id == "B07")
    both = [("B07", "other"), ("B126", "other")]
    for product, pairs in (("obecabtagene", both), ("tisagenlecleucel", [])):
        rate = dataclasses.replace(
            row, id="other", rate=0.5, n=200, product=product, split_dose=True, cohort_group="elsewhere"
        )
        found = reviewed(Evidence(evidence.effects, (*evidence.base_rates, rate)))
        ids = [(one.row.id, other.row.id) for one, other in found.apart]
        assert [pair for pair in ids if "other" in pair] == pairs


def test_a_sign_against_the_published_rates_is_a_conflict() -> None:
    """CD28 constructs have higher published rates of severe ICANS."""
    evidence = read_evidence()
    row = next(row for row in evidence.effects if row.id == "E088")
    against = dataclasses.replace(row, direction=-1)
    prior = published_prior("severe_icans", (30,), evidence)
    assert review(prior, evidence).against_rates == ()
    assert review(prior, Evidence((against,), evidence.base_rates)).against_rates == (against,)


def test_terms_and_products_without_evidence_are_gaps() -> None:
    """A row fills the gap."""
    evidence = read_evidence()
    assert "prior_allo_hsct" not in reviewed(evidence).terms_without_study
    assert reviewed(evidence).products_without_rate == ()
    others = tuple(row for row in evidence.base_rates if row.product != "obecabtagene")
    found = reviewed(Evidence((), others))
    assert "prior_allo_hsct" in found.terms_without_study
    assert "cd28_construct" not in found.terms_without_study
    assert found.products_without_rate == ("obecabtagene",)


def test_the_interval_of_a_rate_is_that_of_its_patients() -> None:
    """20 of 100: 1 / 20.5 + 1 / 80.5 is the variance of the log-odds; a wider error is a wider interval."""
    (row,) = [row for row in read_evidence().base_rates if row.id == "B06"]
    (rate,) = cohort_rates("severe_crs", (dataclasses.replace(row, rate=0.2, n=100),))
    assert sampling_error(0.2, 100) == pytest.approx((1 / 20.5 + 1 / 80.5) ** 0.5)
    low, high = rate_interval(rate)
    assert (low, high) == (pytest.approx(0.133, abs=0.001), pytest.approx(0.289, abs=0.001))
    wide = rate_interval(rate, error=2 * sampling_error(0.2, 100))
    assert wide[0] < low < high < wide[1]
