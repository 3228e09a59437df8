"""Published rates among those who can have an outcome: values worked by hand."""

from __future__ import annotations

import dataclasses

import pytest

from features.outcomes import OUTCOMES
from features.time_course import odds_share
from training.evidence.evidence_set import read_evidence
from training.evidence.headline_rates import NO_REMISSION, headline_rate, pooled_rates, rate_among
from training.evidence.published_incidence import published_incidence
from training.evidence.rate_rows import BaseRate

COMPOSED = [name for name, outcome in OUTCOMES.items() if outcome.given is not None]


def rate(outcome: str, share: float, **changed: object) -> BaseRate:
    """Make a rate at the headline horizon among 100 of one cohort."""
    days = OUTCOMES[outcome].horizons_days[0]
    row = BaseRate(outcome, outcome, "estimate", share, 100, days, "all infused", "one", ("one series",))
    return dataclasses.replace(row, **changed)  # type: ignore[arg-type]


def test_a_rate_among_those_without_the_other_outcome():
    """4 % died without relapse and 50 % relapsed: 8 % of the 50 without relapse."""
    own, other = rate("death_without_relapse", 0.04), rate("relapse", 0.5)
    assert rate_among(own, (own, other)) == (pytest.approx(0.08), pytest.approx(50))


def test_a_rate_among_those_with_the_other_outcome():
    """34 % died, 4 % without relapse: 30 % of all are 60 % of the 50 with a relapse."""
    rows = rate("death", 0.34), rate("death_without_relapse", 0.04), rate("relapse", 0.5)
    assert rate_among(rows[0], rows) == (pytest.approx(0.6), pytest.approx(50))


def test_a_rate_of_a_higher_grade_is_taken_off():
    """40 % of grade 2 or higher, 20 % of grade 3 or higher: a quarter of the other 80."""
    rows = rate("crs_grade_2_or_higher", 0.4), rate("severe_crs", 0.2)
    assert rate_among(rows[0], rows) == (pytest.approx(0.25), pytest.approx(80))


def test_an_outcome_that_everybody_can_have_keeps_its_rate():
    """And its patients."""
    row = rate("relapse", 0.4)
    assert rate_among(row, (row,)) == (pytest.approx(0.4), 100)


def test_the_other_rate_is_that_of_the_same_cohort_before_the_usual_one():
    """Two cohorts: 20 % and 60 % relapsed; a third without its own takes one between."""
    own = rate("death_without_relapse", 0.04)
    low, high = rate("relapse", 0.2), rate("relapse", 0.6, id="r2", cohort_group="two")
    assert rate_among(own, (own, low, high))[1] == pytest.approx(80)
    elsewhere = dataclasses.replace(own, cohort_group="three")
    assert 40 < rate_among(elsewhere, (elsewhere, low, high))[1] < 80


def test_another_day_is_brought_to_the_headline_among_those_who_can_have_it():
    """By day 90: 2 % died and relapse at 0.4655 of its odds; odds of the rest over theirs."""
    own, other = rate("death_without_relapse", 0.02, horizon_days=90), rate("relapse", 0.5)
    relapsed = odds_share("relapse", 90) / (1 + odds_share("relapse", 90))
    among = 0.02 / (1 - relapsed)
    odds = among / (1 - among) / odds_share("death_without_relapse", 90)
    found, n = rate_among(own, (own, other))
    assert found == pytest.approx(odds / (1 + odds))
    assert n == pytest.approx(100 * (1 - relapsed))


def test_a_rate_that_leaves_nothing_is_half_an_event():
    """Fewer of grade 2 or higher than of grade 3 or higher: two sources, no negative rate."""
    rows = rate("crs_grade_2_or_higher", 0.1), rate("severe_crs", 0.2)
    assert rate_among(rows[0], rows)[0] == pytest.approx(0.5 / 81)


def test_a_rate_among_complete_responders_leaves_out_those_who_can_have_it_or_not():
    """Relapse counts those without remission as events; death without relapse has none among them."""
    relapse = rate("relapse", 0.4, among="complete responders")
    death = rate("death_without_relapse", 0.04, among="complete responders")
    assert headline_rate(relapse) == pytest.approx(NO_REMISSION + (1 - NO_REMISSION) * 0.4)
    assert headline_rate(death) == pytest.approx((1 - NO_REMISSION) * 0.04)


@pytest.mark.parametrize("outcome", COMPOSED)
def test_published_rates_stay_possible(outcome):
    """Each among part of its patients; composed again they are near the rates that were published."""
    rows = read_evidence().base_rates
    chosen = pooled_rates(outcome, rows)
    assert chosen
    for row in chosen:
        among, n = rate_among(row, rows)
        assert 0 < among < 1
        assert 0 < n <= float(row.n or 0)
    direct = [float(row.rate or 0) for row in chosen]
    composed = published_incidence(outcome, read_evidence())[OUTCOMES[outcome].horizons_days[0]]
    assert min(direct) / 2 < composed < 2 * max(direct)
