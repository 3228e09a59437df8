"""What becomes of every row: the role that the rules give it."""

from __future__ import annotations

import dataclasses
from math import log

import pytest

from features.outcomes import OUTCOMES
from training.evidence.effect_rows import Effect
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior_from_studies import published_prior
from training.evidence.row_roles import effects_in_prior, rates_in_prior


def effect(id_: str, **changed: object) -> Effect:
    """Make an adjusted odds ratio of 2 of CNS3 on relapse, from a cohort of its own."""
    row = Effect(
        id=id_,
        outcome="relapse",
        term="cns3",
        per="",
        use="estimate",
        measure="OR",
        estimate=2.0,
        ci_low=1.0,
        ci_high=4.0,
        direction=1,
        unexposed_risk=None,
        endpoint_direct=True,
        population_direct=True,
        n=100,
        multivariable=True,
        cohort_group=f"cohort {id_}",
        sources=(f"source {id_}",),
    )
    return dataclasses.replace(row, **changed)  # type: ignore[arg-type]


def roles(*rows: Effect) -> dict[str, str]:
    """Role of each row where there is no other evidence."""
    evidence = Evidence(rows, ())
    prior = published_prior("relapse", (365,), evidence)
    return {each.row.id: each.role for each in effects_in_prior(prior, evidence)}


SIGN = {"use": "direction", "measure": "", "estimate": None, "ci_low": None, "ci_high": None}


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({}, "pooled"),
        ({"cohort_group": "cohort a", "n": 10}, "same_patients"),
        ({**SIGN, "direction": -1}, "contradicts"),
        ({**SIGN, "direction": 1}, "agrees"),
        ({"use": "context"}, "context"),
        ({"use": "upper_bound", "term": ""}, "upper_bound"),
        ({**SIGN, "term": "male"}, "sign"),
        ({**SIGN, "term": "cd28_construct"}, "rates_decide"),
        ({"term": "cd28_construct"}, "pooled"),
        ({"term": "product_obecabtagene"}, "rates_decide"),
    ],
)
def test_the_role_of_a_row_beside_an_estimate(changes: dict[str, object], role: str) -> None:
    """The other row, a, is an estimate that is pooled."""
    assert roles(effect("a"), effect("b", **changes)) == {"a": "pooled", "b": role}


def test_an_estimate_is_given_per_unit_of_its_term() -> None:
    """Age counts decades; 18 or older against younger is two of them."""
    evidence = Evidence((effect("a", term="age", per="18 or older vs younger"),), ())
    (each,) = effects_in_prior(published_prior("relapse", (365,), evidence), evidence)
    assert each.study is not None
    assert each.study.log_odds == pytest.approx(log(2.0) / 2)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_row_has_a_role(outcome: str) -> None:
    """All rows of the outcome, each once; pooled ones are those of the prior."""
    evidence = read_evidence()
    prior = published_prior(outcome, OUTCOMES[outcome].horizons_days, evidence)
    effects, rates = effects_in_prior(prior, evidence), rates_in_prior(outcome, evidence)
    assert sorted(each.row.id for each in (*effects, *rates)) == sorted(
        row.id for row in (*evidence.effects, *evidence.base_rates) if row.outcome == outcome
    )
    pooled = [each for each in effects if each.role == "pooled"]
    assert [each.study for each in pooled] == [study for term in prior.terms for study in term.studies]
    assert {each.row.id for each in rates if each.role == "pooled"} == {rate.row.id for rate in prior.rates}


def test_rows_that_have_no_part_are_not_cited() -> None:
    """A sign on constructs changes nothing where rates compare them."""
    evidence = read_evidence()
    prior = published_prior("relapse", (365,), evidence)
    (unused,) = [each.row for each in effects_in_prior(prior, evidence) if each.role == "rates_decide"]
    cited = {source for term in prior.terms for source in term.sources}
    assert unused.term == "cd28_construct"
    assert cited.isdisjoint(unused.sources)
