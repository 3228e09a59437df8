"""What each source contributes: shares by hand, and the prior without it."""

from __future__ import annotations

import numpy as np
import pytest

from features.outcomes import OUTCOMES
from features.terms import LEVEL_TERMS
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior import Prior
from training.evidence.prior_from_studies import published_prior
from training.evidence.product_rates import product_rates
from training.evidence.source_contributions import contributions, prior_without


def published(outcome: str, evidence: Evidence) -> Prior:
    """Make the prior of an outcome."""
    return published_prior(outcome, OUTCOMES[outcome].horizons_days, evidence)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_shares_of_a_term_add_up(outcome: str) -> None:
    """To the whole effect, where there are estimates; every study of the prior has its share."""
    evidence = read_evidence()
    prior = published(outcome, evidence)
    parts = contributions(prior, evidence).effects
    for term in prior.terms:
        weights = [part.weight for part in parts if part.term == term.term and part.weight is not None]
        assert len(weights) == len(term.studies)
        assert sum(weights) == pytest.approx(1.0 if term.studies else 0.0)


def test_a_share_is_the_inverse_variance_of_a_study() -> None:
    """Two reports of inotuzumab agree, so that there is no variance between them to add."""
    evidence = read_evidence()
    prior = published("relapse", evidence)
    studies = next(term for term in prior.terms if term.term == "inotuzumab").studies
    precision = np.array([study.standard_error**-2 for study in studies])
    weights = [part.weight for part in contributions(prior, evidence).effects if part.term == "inotuzumab"]
    assert weights == pytest.approx(sorted(precision / precision.sum(), reverse=True))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_source_left_out_is_the_prior_that_was_read_without_it(outcome: str) -> None:
    """As `--exclude-source` gives it: terms and rates of products."""
    evidence = read_evidence()
    parts = contributions(published(outcome, evidence), evidence)
    for part in parts.effects[::3]:
        assert part.without is not None
        rest = published(outcome, read_evidence(excluded=part.sources))
        assert part.without == next(term for term in rest.terms if term.term == part.term)
    for part in parts.rates[::3]:
        assert part.without == product_rates(published(outcome, read_evidence(excluded=part.sources)))


def test_every_source_of_the_prior_has_a_part() -> None:
    """Sources of rates and of effects alike."""
    evidence = read_evidence()
    prior = published("severe_crs", evidence)
    parts = contributions(prior, evidence)
    with_part = {source for part in (*parts.effects, *parts.rates) for source in part.sources}
    assert with_part == {*prior.base_sources, *(source for term in prior.terms for source in term.sources)}


def test_the_prior_without_its_only_study_rests_on_shrinkage() -> None:
    """And other effects stay as they are."""
    evidence = read_evidence()
    prior = published("relapse", evidence)
    rest = prior_without(prior, evidence, ("Blood Adv 2020;4(10):2325",))
    assert rest is not None
    pairs = zip(prior.terms, rest.terms, strict=True)
    changed = [one.term for one, other in pairs if one != other]
    assert [name for name in changed if name not in LEVEL_TERMS] == ["tp53_altered"]
    assert next(term for term in rest.terms if term.term == "tp53_altered").basis == "none"


def test_without_evidence_nothing_contributes() -> None:
    """No rows, no parts."""
    nothing = Evidence((), ())
    parts = contributions(published("relapse", nothing), nothing)
    assert (parts.effects, parts.rates) == ((), ())
