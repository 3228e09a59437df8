"""Options are answered as each would be alone, with differences of the same replicates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.predictors import predictors
from serving.answers.choices import changed_patient
from serving.answers.options import OptionsAnswer, RiskDifference
from serving.answers.schema import Answer
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from tests.bundles import PATIENT, linear_part, make_published_bundle
from tests.composed_bundle import make_composed_bundle

OPTIONS: list[dict[str, Any]] = [
    {"dose_1e6_per_kg": 0.3},
    {"marrow_blasts_pct": 2.0, "mrd_pct": 0.1},
    {"product": "obecabtagene", "cyclophosphamide_mg_m2": 900.0},
]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    """Of every outcome."""
    return Scorer(make_composed_bundle())


@pytest.fixture(scope="module")
def answer(scorer: Scorer) -> OptionsAnswer:
    """Answer for a patient with three options."""
    return scorer.options(PATIENT, OPTIONS).answer


@pytest.fixture(scope="module")
def alone(scorer: Scorer) -> list[Answer]:
    """Answer for the same patients one by one."""
    rows = [PATIENT, *(changed_patient(PATIENT, option) for option in OPTIONS)]
    return [scorer.answers([row])[0] for row in rows]


def test_each_patient_is_answered_as_alone(answer: OptionsAnswer, alone: list[Answer]) -> None:
    """Risks, intervals and states of the headline horizon, within 1e-9."""
    for compared, expected in zip([answer.base, *answer.options], alone, strict=True):
        for outcome, other in zip(compared.outcomes, expected.outcomes, strict=True):
            assert (outcome.name, outcome.horizon_days) == (other.name, other.horizon_days)
            stated = (outcome.risk, outcome.interval.low, outcome.interval.high)
            assert stated == pytest.approx((other.risk, other.interval.low, other.interval.high), abs=1e-9)
        for states, others in zip(compared.states, expected.states, strict=True):
            (point,) = states.curve
            (same,) = [each for each in others.curve if each.horizon_days == point.horizon_days]
            assert point.neither.model_dump() == pytest.approx(same.neither.model_dump(), abs=1e-9)


def test_a_difference_is_that_of_the_risks(answer: OptionsAnswer) -> None:
    """And lies within its interval."""
    for option in answer.options:
        for outcome, entered in zip(option.outcomes, answer.base.outcomes, strict=True):
            difference = outcome.difference
            assert difference.risk == pytest.approx(outcome.risk - entered.risk, abs=1e-12)
            assert difference.low <= difference.risk <= difference.high


def test_the_interval_is_that_of_paired_replicates(scorer: Scorer, answer: OptionsAnswer) -> None:
    """Percentiles of what each replicate says, with what is missing drawn alike in both."""
    rows = [PATIENT, changed_patient(PATIENT, OPTIONS[0])]
    for outcome in answer.options[0].outcomes:
        model = scorer.bundle.models[outcome.name]
        # Each patient in a call of its own: draws depend neither on the row nor on what else is evaluated.
        entered, option = (model.replicate_risks(predictors([row]))[0, :, 0] for row in rows)
        low, high = np.percentile(option - entered, [5, 95])
        expected = min(low, outcome.difference.risk), max(high, outcome.difference.risk)
        assert (outcome.difference.low, outcome.difference.high) == pytest.approx(expected, abs=1e-9)


def test_differences_of_the_states_add_up_to_zero(answer: OptionsAnswer) -> None:
    """Whoever does not relapse dies or is alive in remission; the outcomes' own differences are the same."""
    for option in answer.options:
        (states,) = option.state_differences
        parts = [*states.outcomes.values(), states.neither]
        assert sum(part.risk for part in parts) == pytest.approx(0, abs=1e-12)
        by_name = {outcome.name: outcome.difference for outcome in option.outcomes}
        for name, difference in states.outcomes.items():
            assert difference.model_dump() == pytest.approx(by_name[name].model_dump(), abs=1e-12)
        assert states.neither.basis == by_name["death_without_relapse"].basis
        assert states.horizon_days == option.states[0].curve[0].horizon_days == 365


def test_an_option_as_entered_differs_by_exactly_nothing(scorer: Scorer) -> None:
    """Zero to zero, on no basis; the others do not change for it."""
    options = [{"dose_1e6_per_kg": 1.0}, OPTIONS[0], OPTIONS[0], {"mrd_pct": None}]
    same, first, second, blank = scorer.options(PATIENT, options).answer.options
    nothing = RiskDifference(risk=0.0, low=0.0, high=0.0, basis=None, published_share=None)
    for option in (same, blank):
        assert option.changed == []
        assert [outcome.difference for outcome in option.outcomes] == [nothing] * len(option.outcomes)
        assert option.state_differences[0].neither == nothing
    assert first == second
    assert first.outcomes[0].difference.risk == pytest.approx(
        scorer.options(PATIENT, OPTIONS).answer.options[0].outcomes[0].difference.risk, abs=1e-12
    )


def test_a_change_says_what_it_was_and_whether_it_followed(answer: OptionsAnswer) -> None:
    """With the outcomes whose models use it."""
    product, dose, cyclophosphamide = answer.options[2].changed
    assert (product.field, product.entered, product.value, product.followed) == (
        "product",
        None,
        "obecabtagene",
        False,
    )
    assert (dose.field, dose.entered, dose.value, dose.unit, dose.followed) == (
        "dose_1e6_per_kg",
        1.0,
        5.9,
        "10^6 CAR+ cells/kg",
        True,
    )
    assert dose.moves == [outcome.name for outcome in answer.base.outcomes]
    assert cyclophosphamide.title == "Cyclophosphamide in lymphodepletion (total)"


def test_a_field_without_effect_is_answered_and_named(answer: OptionsAnswer, bundle: Bundle) -> None:
    """The model cannot compare it: nothing moves."""
    assert answer.options[2].without_effect == ["product", "cyclophosphamide_mg_m2"]
    assert answer.options[0].without_effect == []
    (option,) = Scorer(bundle).options(PATIENT, [{"cyclophosphamide_mg_m2": 900.0}]).answer.options
    assert [outcome.difference.basis for outcome in option.outcomes] == [None, None]


def test_the_basis_is_the_published_share() -> None:
    """All of it without a cohort, half of it in the small bundle, with trees less."""
    (published,) = Scorer(make_published_bundle()).options(PATIENT, OPTIONS[:1]).answer.options
    assert [(each.difference.basis, each.difference.published_share) for each in published.outcomes] == [
        ("as published", 1.0)
    ]
    (option,) = Scorer(make_composed_bundle()).options(PATIENT, OPTIONS[:1]).answer.options
    shares = {outcome.name: outcome.difference.published_share for outcome in option.outcomes}
    assert shares["severe_crs"] == pytest.approx(0.5)
    assert {outcome.difference.basis for outcome in option.outcomes} == {"association"}


def test_a_tenth_of_local_data_is_still_as_published(bundle: Bundle) -> None:
    """A twentieth of 10 points is not seen in whole percents; a fifth is."""
    for part, basis in ((0.95, "as published"), (0.8, "association")):
        linear = linear_part()
        model = replace(
            bundle.models["severe_crs"], linear=replace(linear, published=part * linear.coefficients)
        )
        only = replace(bundle, models={"severe_crs": model})
        (option,) = Scorer(only).options(PATIENT, OPTIONS[:1]).answer.options
        assert option.outcomes[0].difference.published_share == pytest.approx(part)
        assert option.outcomes[0].difference.basis == basis


def test_an_option_has_only_the_warnings_that_are_new(scorer: Scorer, alone: list[Answer]) -> None:
    """Those of the patient as entered are there once."""
    answer = scorer.options(PATIENT, [{"dose_1e6_per_kg": 9.0}, {"dose_1e6_per_kg": 0.5}]).answer
    assert answer.base.warnings == alone[0].warnings
    assert [(each.code, each.field) for each in answer.options[0].warnings] == [
        ("outside_training_range", "dose_1e6_per_kg")
    ]
    assert answer.options[1].warnings == []


def test_without_death_there_are_no_states(bundle: Bundle) -> None:
    """The small bundle has relapse alone."""
    answer = Scorer(bundle).options(PATIENT, OPTIONS[:1]).answer
    assert answer.base.states == answer.options[0].states == answer.options[0].state_differences == []
