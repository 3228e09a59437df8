"""An answer says everything about one patient."""

from __future__ import annotations

import math
import uuid
from dataclasses import replace

import numpy as np
import pytest

from features.predictors import DOSE_INPUTS
from features.schema import Patient
from serving.answer import Contribution, OutcomeAnswer
from serving.bundle import Bundle
from serving.scorer import Scorer
from tests.bundles import PATIENT, linear_part, make_published_bundle, patients


@pytest.fixture
def scorer(bundle: Bundle) -> Scorer:
    """Of the small synthetic bundle."""
    return Scorer(bundle)


def test_every_outcome_of_the_bundle_is_answered(scorer: Scorer) -> None:
    """In the bundle's order, the headline horizon first named, the curve in time."""
    outcomes = scorer.answers([PATIENT])[0].outcomes
    assert [outcome.name for outcome in outcomes] == ["severe_crs", "relapse"]
    assert [outcome.horizon_days for outcome in outcomes] == [30, 365]
    assert [point.horizon_days for point in outcomes[1].curve] == [90, 180, 365, 730]


def test_the_headline_stands_on_the_curve(scorer: Scorer) -> None:
    """Risk and interval are those of the headline horizon."""
    for outcome in scorer.answers([PATIENT])[0].outcomes:
        point = next(point for point in outcome.curve if point.horizon_days == outcome.horizon_days)
        assert (outcome.risk, outcome.interval.low, outcome.interval.high) == (
            point.risk,
            point.low,
            point.high,
        )
        assert outcome.interval.level == 0.9


def test_reference_and_contributions_make_the_risk(scorer: Scorer) -> None:
    """Within 1e-6, from the answer alone, as a reader would add them."""
    rows = patients(50, np.random.default_rng(1))
    for outcome in (outcome for answer in scorer.answers(rows) for outcome in answer.outcomes):
        total = outcome.reference.log_odds + sum(item.log_odds for item in outcome.contributions)
        assert math.log(outcome.risk / (1 - outcome.risk)) == pytest.approx(total, abs=1e-6)
        assert all(
            item.published + item.local == pytest.approx(item.log_odds) for item in outcome.contributions
        )


def test_contributions_are_told_strongest_first(scorer: Scorer) -> None:
    """Whatever their sign."""
    for outcome in scorer.answers([PATIENT])[0].outcomes:
        sizes = [abs(item.log_odds) for item in outcome.contributions]
        assert sizes == sorted(sizes, reverse=True)


def test_a_contribution_shows_what_was_sent(scorer: Scorer) -> None:
    """Value, title and unit of the field, and the sources of its published part."""
    row = contribution(scorer.answers([PATIENT])[0].outcomes[0], "marrow_blasts_pct")
    assert (row.value, row.unit, row.title) == (62.5, "%", "Marrow blasts before lymphodepletion")
    assert row.sources == ["10.1182/bloodadvances.2021006418"]
    assert row.inputs == []


def test_sources_are_told_of_a_published_part_only(bundle: Bundle) -> None:
    """A term without one, as all of a ridge model are, names nothing, whatever stands behind its prior."""
    linear = linear_part()
    local = replace(
        linear, published=np.zeros(len(linear.terms)), sources=(("10.1182/blood.2020010543",),) * 6
    )
    model = replace(bundle.models["severe_crs"], linear=local)
    answer = Scorer(replace(bundle, models={"severe_crs": model})).answers([PATIENT])[0]
    assert [item.sources for item in answer.outcomes[0].contributions] == [[]] * 6
    assert [item.published for item in answer.outcomes[0].contributions] == [0.0] * 6


def test_without_a_cohort_the_average_is_the_published_base_rate() -> None:
    """All of a contribution is published, and the status says why."""
    outcome = Scorer(make_published_bundle()).answers([PATIENT])[0].outcomes[0]
    assert (outcome.cohort_average, outcome.status) == (0.19, "published evidence only")
    assert outcome.evidence_weight == 1.0
    assert all(item.local == 0.0 for item in outcome.contributions)


def test_a_composite_has_no_value_but_its_inputs(scorer: Scorer) -> None:
    """EASIX is made of three fields."""
    row = contribution(scorer.answers([PATIENT])[0].outcomes[0], "easix")
    assert (row.value, row.inputs) == (None, ["ldh_u_l", "creatinine_mg_dl", "platelets_1e9_l"])


def test_what_is_not_given_is_missing(scorer: Scorer) -> None:
    """But for the inputs of a dose that is known."""
    missing = scorer.answers([PATIENT])[0].missing
    assert missing == [
        name for name in Patient.model_fields if name not in PATIENT and name not in DOSE_INPUTS
    ]


def test_a_dose_may_be_given_by_weight(scorer: Scorer) -> None:
    """The answer is the same, and shows the dose it used."""
    rest = {name: value for name, value in PATIENT.items() if name != "dose_1e6_per_kg"}
    by_weight, stated = scorer.answers([rest | {"dose_total_1e6": 70.0, "weight_kg": 70.0}, PATIENT])
    assert by_weight.outcomes == stated.outcomes
    assert contribution(by_weight.outcomes[0], "dose_1e6_per_kg").value == 1.0


def test_each_answer_has_a_name_of_its_own(scorer: Scorer) -> None:
    """A random one, and the name of the model that gave it."""
    answers = scorer.answers([PATIENT, PATIENT])
    assert len({uuid.UUID(answer.prediction_id) for answer in answers}) == 2
    assert answers[0].bundle.version == "7"


def test_alone_or_together_the_answer_is_the_same(scorer: Scorer) -> None:
    """Within 1e-9."""
    rows = patients(30, np.random.default_rng(2))
    together = scorer.answers(rows)
    for place in (0, 13, 29):
        alone = scorer.answers([rows[place]])[0]
        for ours, theirs in zip(alone.outcomes, together[place].outcomes, strict=True):
            assert ours.risk == pytest.approx(theirs.risk, abs=1e-9)
            assert ours.interval.low == pytest.approx(theirs.interval.low, abs=1e-9)
            assert ours.interval.high == pytest.approx(theirs.interval.high, abs=1e-9)


def contribution(outcome: OutcomeAnswer, field: str) -> Contribution:
    """Find the row of a field."""
    return next(item for item in outcome.contributions if item.field == field)
