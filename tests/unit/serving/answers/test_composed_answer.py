"""An answer of outcomes that are composed of others: in whom the reasons hold, which come first."""

from __future__ import annotations

import math

import pytest

from features.outcomes import OUTCOMES
from serving.answers.schema import Answer
from serving.answers.scorer import Scorer
from tests.bundles import PATIENT, make_bundle
from tests.composed_bundle import make_composed_bundle


@pytest.fixture(scope="module")
def answer() -> Answer:
    """Answer for one patient, who is event-free on day 90."""
    (answer,) = Scorer(make_composed_bundle()).answers([{**PATIENT, "event_free_on_day": 90}])
    return answer


def test_severe_toxicities_and_relapse_come_first(answer: Answer) -> None:
    """As the outcomes say themselves."""
    assert [outcome.name for outcome in answer.outcomes if outcome.main] == [
        "severe_crs",
        "severe_icans",
        "relapse",
    ]
    assert {outcome.name: outcome.main for outcome in answer.outcomes} == {
        name: outcome.main for name, outcome in OUTCOMES.items()
    }


def test_reference_and_contributions_make_the_risk_that_is_explained(answer: Answer) -> None:
    """Among those who can have the outcome, where not everybody can."""
    composed = 0
    for outcome in answer.outcomes:
        explained = outcome.risk if outcome.among is None else outcome.among.risk
        composed += outcome.among is not None
        total = outcome.reference.log_odds + sum(item.log_odds for item in outcome.contributions)
        assert math.log(explained / (1 - explained)) == pytest.approx(total, abs=1e-6)
    assert composed == len([outcome for outcome in OUTCOMES.values() if outcome.given])


def test_whom_the_reasons_are_of_is_what_the_outcomes_say(answer: Answer) -> None:
    """Patients, the outcome that decides, and the one that is added."""
    for outcome in answer.outcomes:
        given, among = OUTCOMES[outcome.name].given, outcome.among
        if given is None or among is None:
            assert given is among is None
            continue
        assert (among.words, among.outcome, among.happened, among.plus or "") == (
            given.words,
            given.outcome,
            given.happened,
            given.plus,
        )


def test_no_list_of_an_answer_can_be_null():
    """BentoML's clients cannot read such a one."""
    schemas = Answer.model_json_schema(mode="serialization")
    for schema in (schemas, *schemas["$defs"].values()):
        for name, field in schema.get("properties", {}).items():
            kinds = {choice.get("type") for choice in field.get("anyOf", [])}
            assert not {"array", "null"} <= kinds, name


@pytest.mark.parametrize("kind", ["states", "event_free"])
def test_states_add_up_to_one(answer: Answer, kind: str) -> None:
    """At every horizon, from the infusion and after the day."""
    (family,) = getattr(answer, kind)
    assert family.outcomes == ["relapse", "death_without_relapse"]
    for point in family.curve:
        states = [*point.outcomes.values(), point.neither]
        assert sum(state.risk for state in states) == pytest.approx(1)
        assert all(0 <= state.low <= state.risk <= state.high <= 1 for state in states)


def test_states_are_the_risks_of_the_outcomes(answer: Answer) -> None:
    """The card, the note and the curve cannot differ."""
    (family,) = answer.states
    for outcome in (each for each in answer.outcomes if each.name in family.outcomes):
        risks = {point.horizon_days: point.risk for point in outcome.curve}
        assert risks == {point.horizon_days: point.outcomes[outcome.name].risk for point in family.curve}


def test_a_day_that_no_model_covers_is_named_in_a_warning() -> None:
    """A bundle without death without relapse cannot tell who is alive and free of relapse."""
    (answer,) = Scorer(make_bundle()).answers([{**PATIENT, "event_free_on_day": 90}])
    (caution,) = (each for each in answer.warnings if each.code == "event_free_day_not_covered")
    assert (answer.event_free, caution.field) == ([], "event_free_on_day")
