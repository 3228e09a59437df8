"""From evidence to priors: values worked by hand, and which rule uses which row."""

from __future__ import annotations

import dataclasses
from collections import Counter
from math import exp, log, sqrt

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from features.expected_terms import reference_profile
from features.outcomes import OUTCOMES
from features.problems import Refused
from features.terms import LEVEL_TERMS, TERMS
from training.evidence import prior_from_studies as rules
from training.evidence.evidence_set import BaseRate, Effect, Evidence, read_evidence
from training.evidence.headline_rates import headline_rate, pooled_rates
from training.evidence.prior import Prior, TermPrior
from training.evidence.prior_from_studies import EFFECT_SPREAD, published_prior
from training.evidence.published_incidence import published_incidence
from training.evidence.study_effects import UNADJUSTED_SHARE, study_effect, units_apart
from training.evidence.term_rows import rows_of
from training.statistics.random_effects import pool

NORMAL_975 = 1.959964
NOTHING = Evidence((), ())


def effect(**changed: object) -> Effect:
    """Make a direct, adjusted odds ratio of 2 for CNS3 and relapse."""
    row = Effect(
        id="t1",
        outcome="relapse",
        term="cns3",
        per="yes vs no",
        use="estimate",
        measure="OR",
        estimate=2.0,
        ci_low=1.0,
        ci_high=4.0,
        direction=None,
        unexposed_risk=None,
        endpoint_direct=True,
        population_direct=True,
        n=100,
        multivariable=True,
        cohort_group="first",
        sources=("first series",),
    )
    return dataclasses.replace(row, **changed)  # type: ignore[arg-type]


def direction(sign: int, **changed: object) -> Effect:
    """Make a row of which only the sign is known."""
    known = {"use": "direction", "measure": "", "estimate": None, "ci_low": None, "ci_high": None}
    group = {"id": "d1", "cohort_group": "second", "sources": ("second series",)}
    return effect(**{**known, **group, "direction": sign, **changed})


def rate(**changed: object) -> BaseRate:
    """Make a rate of severe CRS of 20 % among 100."""
    row = BaseRate("b1", "severe_crs", "estimate", 0.2, 100, 30, "all infused", "first", ("first series",))
    return dataclasses.replace(row, **changed)  # type: ignore[arg-type]


def term_prior(*effects: Effect, outcome: str = "relapse", term: str = "cns3") -> TermPrior:
    return _term(published_prior(outcome, OUTCOMES[outcome].horizons_days, Evidence(effects, ())), term)


def published(outcome: str, term: str) -> TermPrior:
    """Look a term up in the prior of all published rows."""
    return _term(published_prior(outcome, OUTCOMES[outcome].horizons_days, read_evidence()), term)


def _term(prior: Prior, term: str) -> TermPrior:
    return next(each for each in prior.terms if each.term == term)


def at_risk(hazard_ratio: float, low: float, high: float, risk: float) -> tuple[float, float]:
    """Convert a hazard ratio in probabilities, its error by a difference quotient."""

    def convert(ratio: float) -> float:
        exposed = 1 - (1 - risk) ** ratio
        return log(exposed / (1 - exposed)) - log(risk / (1 - risk))

    error = (log(high) - log(low)) / (2 * NORMAL_975)
    slope = (convert(hazard_ratio * exp(1e-5)) - convert(hazard_ratio * exp(-1e-5))) / 2e-5
    return convert(hazard_ratio), slope * error


def kept(error: float) -> float:
    """Share of a pooled estimate that stays beside what effects usually are."""
    return EFFECT_SPREAD**2 / (EFFECT_SPREAD**2 + error**2)


def test_high_burden_and_relapse_by_hand():
    """Two cohorts that agree: inverse variances, what effects usually are, and what centers differ by.

    A hazard ratio of 2.66 at the risk of its unexposed, 0.25, which stands for all US series of
    tisagenlecleucel, and an unadjusted odds ratio of 5.63 that counts 0.7. Half rests on children.
    """
    effects = [at_risk(2.66, 1.45, 4.87, 0.25)]
    effects.append((0.7 * log(5.63), 0.7 * log(19.4 / 1.63) / (2 * NORMAL_975)))
    np.testing.assert_allclose(effects, [(1.2379, 0.4423), (1.2097, 0.4423)], atol=1e-4)
    weights = np.array([1 / error**2 for _, error in effects])
    share, error2 = weights / weights.sum(), 1 / weights.sum()
    found = published("relapse", "disease_burden")
    assert found.mean == pytest.approx(kept(sqrt(error2)) * (share @ [mean for mean, _ in effects]), rel=1e-4)
    variance = kept(sqrt(error2)) * error2 + 0.25**2 + 0.15**2 * share[0]
    assert found.spread == pytest.approx(sqrt(variance), rel=1e-4)
    assert found.basis == "estimate"
    assert {study.cohort for study in found.studies} == {"US tisagenlecleucel", "MSKCC 19-28z"}


def test_a_small_study_with_a_large_effect_is_drawn_in():
    """TP53: an odds ratio of 11.7 of one study of 110 becomes about 2.5, and stays uncertain."""
    found = published("relapse", "tp53_altered")
    (study,) = found.studies
    assert exp(study.log_odds) > 9
    assert 1.5 < exp(found.mean) < 4
    assert found.mean == pytest.approx(kept(study.standard_error) * study.log_odds)


def test_the_usual_size_of_effects_is_that_of_the_evidence():
    """Maximum likelihood of the spread about no effect, over every pooled estimate of the files."""
    evidence, seen = read_evidence(), []
    for outcome in OUTCOMES:
        for term in TERMS:
            rows = rows_of(outcome, term, evidence).pooled
            if rows and term not in LEVEL_TERMS:
                studies = [study_effect(row, 0.3) for row in rows]
                pooled = pool(
                    np.array([study.log_odds for study in studies]),
                    np.array([study.standard_error for study in studies]),
                )
                apart = units_apart(term)
                seen.append((apart * pooled.mean, apart * pooled.standard_error))
    effects, errors = np.array(seen).T

    def misfit(spread: float) -> float:
        variance = spread**2 + errors**2
        return float((np.log(variance) + effects**2 / variance).sum())

    best = minimize_scalar(misfit, bounds=(0.05, 3.0), method="bounded").x
    assert best == pytest.approx(EFFECT_SPREAD, abs=0.2)


def test_no_response_to_blinatumomab_and_relapse_by_hand():
    """One unadjusted hazard ratio of 4.05 at 0.274: odds ratio 7.04, log 1.952, times 0.7."""
    mean, error = at_risk(4.05, 2.52, 6.53, 0.274)
    found = published("relapse", "blinatumomab_nonresponse")
    assert exp(mean) == pytest.approx(7.04, abs=0.005)
    drawn = kept(0.7 * error)
    assert found.mean == pytest.approx(drawn * 0.7 * mean, rel=1e-5)
    assert found.spread == pytest.approx(sqrt(drawn * (0.7 * error) ** 2 + 0.25**2 + 2 * 0.15**2), rel=1e-5)
    assert found.sources == ("10.1200/JCO.21.01405",)


def test_a_sign_alone_gives_a_small_effect():
    """Three studies agree on high burden and severe CRS, which adds nothing."""
    found = published("severe_crs", "disease_burden")
    assert (found.mean, found.spread, found.basis) == (0.2, 0.4, "direction")
    assert len(found.sources) == 3
    assert found.studies == ()


def test_a_sign_is_stated_per_unit_of_the_term():
    """18 or older against younger spans two decades."""
    found = published("relapse", "age")
    assert (found.mean, found.spread) == (0.1, 0.2)


def test_a_term_without_rows_is_shrunk():
    """0.25 per standard deviation; the profile's is 0.22 for CNS3."""
    found = published("relapse", "cns3")
    assert (found.mean, found.basis, found.sources) == (0.0, "none", ())
    assert found.spread * reference_profile(("cns3",)).spread[0] == pytest.approx(0.25)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_published_rates(outcome):
    """None is said to rest on nothing."""
    prior = published_prior(outcome, OUTCOMES[outcome].horizons_days, read_evidence())
    assert prior.base_sources
    assert "rates" in {term.basis for term in prior.terms}


@pytest.mark.parametrize("outcome", [name for name, each in OUTCOMES.items() if each.main])
def test_a_main_outcome_has_estimates_and_rates_of_several_cohorts(outcome):
    """The outcomes that every center asks for rest on more than directions."""
    prior = published_prior(outcome, OUTCOMES[outcome].horizons_days, read_evidence())
    assert len(prior.base_sources) >= 4
    assert "estimate" in {term.basis for term in prior.terms}


@pytest.mark.parametrize(
    "outcome",
    sorted({row.outcome for row in read_evidence().effects if row.use in ("estimate", "direction")}),
)
def test_an_outcome_with_rows_of_effects_has_published_effects(outcome):
    """A direction is enough."""
    assert published_prior(outcome, OUTCOMES[outcome].horizons_days, read_evidence()).published


def test_products_are_ordered_as_their_published_rates():
    """Severe CRS: split doses below single ones. Severe ICANS: CD28 above 4-1BB."""
    crs = {term.term: term.mean for term in published_prior("severe_crs", (30,), read_evidence()).terms}
    icans = {term.term: term.mean for term in published_prior("severe_icans", (30,), read_evidence()).terms}
    assert crs["product_obecabtagene"] < 0 < crs["product_ari_0001"]
    assert crs["split_dose"] < -0.5
    assert icans["cd28_construct"] + icans["product_brexucabtagene"] > 0.8
    assert icans["product_tisagenlecleucel"] < icans["cd28_construct"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_term_has_a_prior_in_the_order_of_terms(outcome):
    """Finite, and with sources wherever it says more than nothing."""
    prior = published_prior(outcome, OUTCOMES[outcome].horizons_days, read_evidence())
    assert [term.term for term in prior.terms] == list(TERMS)
    assert np.isfinite(prior.mean).all()
    assert (prior.spread > 0).all()
    assert all((term.basis == "none") == (not term.sources) for term in prior.terms)


def test_every_row_of_effects_is_used_by_one_rule_or_is_context():
    """No row is lost, none counts twice."""
    evidence = read_evidence()
    used: Counter[str] = Counter()
    for outcome in OUTCOMES:
        for term in TERMS:
            rows = rows_of(outcome, term, evidence)
            used.update(row.id for row in (*rows.pooled, *rows.overlapping, *rows.signs))
    context = {row.id for row in evidence.effects if row.use == "context"}
    assert set(used.values()) == {1}
    assert set(used) | context == {row.id for row in evidence.effects}
    assert set(used).isdisjoint(context)


def test_context_upper_bounds_and_rows_without_a_term_are_never_used():
    """They tell a reader something, and the model nothing."""
    unused = [
        effect(use="context"),
        effect(id="t2", use="upper_bound"),
        effect(id="t3", term="", use="context"),
    ]
    assert term_prior(*unused).basis == "none"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"endpoint_direct": True, "n": 10}, {"endpoint_direct": False}),
        ({"population_direct": True, "n": 10}, {"population_direct": False}),
        ({"multivariable": True, "n": 10}, {"multivariable": False}),
        ({"n": 101}, {"n": 100}),
        ({"n": 1}, {"n": None}),
        ({"multivariable": False, "population_direct": False}, {"endpoint_direct": False}),
    ],
)
def test_of_one_cohort_the_best_estimate_counts(better, worse):
    """Endpoint, then patients, then adjustment, then number; whatever the order of rows."""
    rows = effect(id="t9", estimate=3.0, **better), effect(id="t1", **worse)
    for order in (rows, rows[::-1]):
        found = rows_of("relapse", "cns3", Evidence(order, ()))
        assert [row.id for row in found.pooled] == ["t9"]
        assert [row.id for row in found.overlapping] == ["t1"]


def test_an_unadjusted_effect_counts_seven_tenths_with_its_error():
    """Both are scaled alike."""
    crude, adjusted = (study_effect(effect(multivariable=known), 0.4) for known in (False, True))
    assert crude.log_odds == pytest.approx(0.7 * adjusted.log_odds)
    assert crude.standard_error == pytest.approx(0.7 * adjusted.standard_error)


def test_a_spread_holds_error_centres_endpoint_and_population():
    """Each indirection adds 0.15^2."""
    error = log(4) / (2 * NORMAL_975)
    for indirect in (0, 1, 2):
        row = effect(endpoint_direct=indirect < 1, population_direct=indirect < 2)
        variance = kept(error) * error**2 + 0.25**2 + indirect * 0.15**2
        assert term_prior(row).spread == pytest.approx(sqrt(variance), rel=1e-5)


def test_cohorts_that_differ_widen_the_prior():
    """Odds ratios 0.5 and 8 with equal errors: tau^2 is their variance less the error's."""
    rows = [effect(ci_low=1.6, ci_high=2.5), effect(id="t2", cohort_group="other", sources=("other series",))]
    rows[1] = dataclasses.replace(rows[1], estimate=8.0, ci_low=6.4, ci_high=10.0)
    found = term_prior(*rows)
    error2 = (log(2.5 / 1.6) / (2 * NORMAL_975)) ** 2
    between = log(4) ** 2 / 2
    drawn = kept(sqrt(between / 2))
    assert found.mean == pytest.approx(drawn * log(4))
    assert found.spread == pytest.approx(sqrt(drawn * between / 2 + (between - error2)), rel=1e-4)


@pytest.mark.parametrize("sign", [-1, 0])
def test_another_cohort_s_contradiction_widens_and_is_listed(sign):
    """Once, whichever way it says otherwise and however often."""
    alone = term_prior(effect())
    twice = direction(sign), direction(sign, id="d2", cohort_group="third")
    for against in (twice[:1], twice):
        found = term_prior(effect(), *against)
        assert found.spread**2 - alone.spread**2 == pytest.approx(0.25**2)
        assert found.mean == alone.mean
        assert found.sources == ("first series", "second series")


def test_agreement_and_one_s_own_patients_change_nothing():
    """A sign says less than an estimate, and a cohort does not contradict itself."""
    alone = term_prior(effect())
    assert term_prior(effect(), direction(1)) == alone
    assert term_prior(effect(), direction(-1, cohort_group="first")) == alone


def test_conflicting_sources_centre_an_estimate_at_no_effect():
    """Its error stays; nothing contradicts no effect."""
    found = term_prior(effect(direction=0), direction(1))
    error = log(4) / (2 * NORMAL_975)
    assert found.mean == 0.0
    assert found.spread == pytest.approx(sqrt(kept(error) * error**2 + 0.25**2), rel=1e-5)


@pytest.mark.parametrize(
    ("signs", "mean"), [((1, 1, -1), 0.2), ((-1, -1, 0), -0.2), ((1, -1), 0.0), ((1, 0), 0.0), ((0,), 0.0)]
)
def test_of_signs_the_majority_counts(signs, mean):
    """A tie is no effect; every row that was asked is listed."""
    rows = [direction(sign, id=f"d{place}", sources=(f"series {place}",)) for place, sign in enumerate(signs)]
    found = term_prior(*rows)
    assert (found.mean, found.spread, len(found.sources)) == (mean, 0.4, len(signs))


def test_a_missing_unexposed_risk_is_solved_from_the_base_rate():
    """The share of CNS3 in the profile; the placeholder rate where nothing is published."""
    share = float(reference_profile(("cns3",)).centre[0])
    found = study_effect(effect(measure="HR"), 0.3)
    risk = next(
        p / 1e6 for p in range(1, 10**6) if share * (1 - (1 - p / 1e6) ** 2) + (1 - share) * p / 1e6 >= 0.3
    )
    assert found.log_odds == pytest.approx(at_risk(2.0, 1.0, 4.0, risk)[0], abs=1e-5)


def test_a_step_of_a_number_starts_from_the_average_patient():
    """Nobody is unexposed to age."""
    row = effect(term="age", per="per decade", measure="HR")
    assert study_effect(row, 0.3).log_odds == pytest.approx(at_risk(2.0, 1.0, 4.0, 0.3)[0])


def test_an_effect_over_two_decades_is_halved():
    """With its error."""
    row = effect(term="age", per="18 or older vs younger")
    found = study_effect(row, 0.3)
    assert found.log_odds == pytest.approx(log(2) / 2)
    assert found.standard_error == pytest.approx(log(4) / (2 * NORMAL_975) / 2, rel=1e-5)


def test_a_risk_ratio_becomes_an_odds_ratio():
    """2 at an unexposed risk of 0.25 is odds 1 against 1/3."""
    found = study_effect(effect(measure="RR", unexposed_risk=0.25), 0.4)
    assert found.log_odds == pytest.approx(log(3))


def test_an_impossible_risk_ratio_is_refused_by_its_source():
    """Six times a risk of a third is no risk."""
    with pytest.raises(
        Refused, match=r"^first series, cns3: a risk ratio of 6 at an unexposed risk of 0\.\d+ gives"
    ):
        study_effect(effect(measure="RR", estimate=6.0, ci_high=9.0), 0.4)


def test_an_excluded_source_leaves_the_other_cohorts():
    """High burden rests on two cohorts with and without that series; blinatumomab on none."""
    evidence = read_evidence(excluded=("10.1200/JCO.21.01405",))
    prior = published_prior("relapse", (365,), evidence)
    assert len(_term(prior, "disease_burden").studies) == 2
    assert _term(prior, "blinatumomab_nonresponse").basis == "none"
    # Only a sign is left, and it says no difference.
    left = _term(prior, "extramedullary_disease")
    assert (left.mean, left.basis, left.sources) == (0.0, "direction", ("10.1182/bloodadvances.2021005564",))


def test_without_literature_nothing_is_known():
    """Plain shrinkage everywhere, and a place to start from that claims no source."""
    prior = published_prior("relapse", (365, 730), read_evidence(literature=False))
    assert not prior.published
    assert prior.base_sources == ()
    np.testing.assert_allclose(prior.mean, 0.0, atol=1e-12)
    assert 0.3 < prior.base_rate[0] < 0.5


def test_a_site_s_row_is_pooled_with_the_literature():
    """A large null study of its own draws the effect down."""
    evidence = read_evidence()
    own = effect(term="disease_burden", estimate=1.0, ci_low=0.8, ci_high=1.25, sources=("own series",))
    found = _term(
        published_prior("relapse", (365,), Evidence((*evidence.effects, own), ())), "disease_burden"
    )
    assert len(found.studies) == 3
    assert "own series" in found.sources
    assert found.mean < published("relapse", "disease_burden").mean


def test_the_order_of_rows_does_not_matter():
    """To the last bit."""
    evidence = read_evidence()
    turned = Evidence(evidence.effects[::-1], evidence.base_rates[::-1])
    for name, outcome in OUTCOMES.items():
        there, back = (published_prior(name, outcome.horizons_days, known) for known in (evidence, turned))
        assert there.terms == back.terms
        assert (there.base_rate == back.base_rate).all()
        assert there.base_sources == back.base_sources


def test_rates_of_context_and_upper_bounds_are_never_pooled():
    """A row is pooled for its use, not for its product."""
    rates = read_evidence().base_rates
    used = {row.id for name in OUTCOMES for row in pooled_rates(name, rates)}
    assert used <= {row.id for row in rates if row.use == "estimate"}
    without = tuple(row for row in rates if row.use == "estimate")
    for name in OUTCOMES:
        assert pooled_rates(name, without) == pooled_rates(name, rates)


def test_a_rate_among_responders_counts_those_without_remission():
    """0.41 among responders is 0.15 + 0.85 x 0.41 among all."""
    row = rate(outcome="relapse", rate=0.41, among="complete responders", horizon_days=365)
    assert headline_rate(row) == pytest.approx(0.4985)


def test_a_rate_at_another_horizon_is_brought_to_the_headline():
    """0.51 of responders by day 548: 0.5835 of all, odds 1.4010, / 1.1540 = 1.2140, risk 0.5483."""
    row = rate(outcome="relapse", rate=0.51, among="complete responders", horizon_days=548)
    assert headline_rate(row) == pytest.approx(0.5483, abs=1e-4)


def test_the_relapse_rate_over_time_follows_the_published_course():
    """Odds at the other horizons as shares of those at day 365."""
    prior = published_prior("relapse", (365, 90, 180, 730), read_evidence())
    assert 0.45 < prior.base_rate[0] < 0.55
    odds = prior.base_rate / (1 - prior.base_rate)
    np.testing.assert_allclose(odds / odds[0], [1, 0.4655, 0.6874, 1.2217], rtol=1e-6)


def test_base_rates_stay_below_their_published_upper_bounds():
    """Event-free survival also counts deaths; the bounds' own errors are allowed for."""
    rows = [
        row for row in read_evidence().base_rates if row.use == "upper_bound" and row.among == "all infused"
    ]
    single = [row for row in rows if "co-administration" not in row.cohort_group]
    for row in single:
        assert row.rate is not None
        assert row.n is not None
        assert row.horizon_days is not None
        found = published_incidence(row.outcome, read_evidence())[row.horizon_days]
        assert found < row.rate + 1.64 * sqrt(row.rate * (1 - row.rate) / row.n)


def test_an_unknown_outcome_or_horizon_is_refused():
    """By name."""
    with pytest.raises(Refused, match=r"^survival is not an outcome: write severe_crs, .* or iec_hs$"):
        published_prior("survival", (365,), NOTHING)
    with pytest.raises(
        Refused, match=r"^the time course of relapse is known for days 30 to 730, got day 20$"
    ):
        published_prior("relapse", (20,), NOTHING)


def test_the_constants_are_those_that_were_committed_to():
    """They were fixed before the first benchmark; a change here needs a reason there."""
    assert (UNADJUSTED_SHARE, rules.SMALLEST_HETEROGENEITY, rules.CONFLICT) == (0.7, 0.25, 0.25)
    assert (rules.INDIRECT_ENDPOINT, rules.INDIRECT_POPULATION) == (0.15, 0.15)
    assert (rules.DIRECTION_MEAN, rules.DIRECTION_SPREAD, rules.NO_EVIDENCE_SPREAD) == (0.2, 0.4, 0.25)
