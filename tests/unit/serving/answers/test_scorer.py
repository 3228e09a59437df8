"""An answer says everything about one patient."""

from __future__ import annotations

import json
import math
import re
import uuid
from dataclasses import replace

import numpy as np
import pytest

from features.outcomes import OUTCOMES
from features.predictors import DOSE_INPUTS, predictors
from features.schema import Patient
from serving.answers.contribution import Contribution
from serving.answers.reasons import ReasonRows
from serving.answers.schema import OutcomeAnswer
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.stacked_intervals import StackedIntervals
from tests.bundles import (
    N_REPLICATES,
    PATIENT,
    full_summary,
    linear_part,
    make_published_bundle,
    patients,
    replicates_of,
)


@pytest.fixture
def scorer(bundle: Bundle) -> Scorer:
    """Of the small synthetic bundle."""
    return Scorer(bundle)


def test_without_patients_there_are_no_answers(scorer: Scorer) -> None:
    """As many as rows."""
    assert scorer.answers([]) == []


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


def test_nothing_is_written_as_minus_zero(bundle: Bundle) -> None:
    """Terms at their center, times a negative coefficient or less a published part, are 0.0."""
    linear = linear_part({"age": -0.5, "prior_lines": -0.2})
    linear = replace(linear, centre=np.array([PATIENT["age_years"] / 10, PATIENT["prior_lines"] + 0.0]))
    linear = replace(linear, coefficients=-np.abs(linear.coefficients), published=np.zeros(2))
    model = bundle.models["severe_crs"]
    model = replace(model, linear=linear, replicates=replicates_of(model, linear), without_sources=())
    only = Scorer(replace(bundle, models={"severe_crs": model}))
    text = only.answered([PATIENT])[0].json().decode()
    rows = json.loads(text)["outcomes"][0]["contributions"]
    assert [row["log_odds"] for row in rows] == [0.0, 0.0]
    assert re.findall(r"-0\.0\b(?!\d)", text) == []


def test_a_contribution_shows_what_was_sent(scorer: Scorer) -> None:
    """Value, title and unit of the field, and the sources of its published part."""
    row = contribution(scorer.answers([PATIENT])[0].outcomes[0], "marrow_blasts_pct")
    assert (row.value, row.unit, row.title) == (62.5, "%", "Marrow blasts before lymphodepletion")
    assert row.sources == ["10.1182/bloodadvances.2021006418"]
    assert row.inputs == []


def test_a_product_names_the_sources_of_its_own_rates(bundle: Bundle) -> None:
    """Not those of the products that the patient does not get."""
    linear = linear_part({"product_obecabtagene": -0.5, "product_brexucabtagene": 0.4})
    linear = replace(linear, sources=(("PMID:1",), ("PMID:2",)))
    model = replace(
        bundle.models["severe_crs"], linear=linear, trees=None, replicates=None, without_sources=()
    )
    rows = [PATIENT | {"product": product} for product in ("obecabtagene", "brexucabtagene", "academic")]
    patients = predictors(rows)
    explanation = model.explain(patients)
    reasons = ReasonRows(model, explanation.fields)
    named = []
    for position in range(3):
        listed = json.loads(reasons.of(explanation, position, [b"null"] * len(explanation.fields)))
        by_field = {row["field"]: row for row in listed}
        named.append(by_field["product"]["sources"])
    assert named == [["PMID:1"], ["PMID:2"], []]


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


def test_easix_alone_is_told_beside_the_risk(scorer: Scorer) -> None:
    """LDH 400 x creatinine 0.8 / platelets 80 is 4: log-odds -2.5 + 2 x 0.5, a risk of 0.1824."""
    labs = {"ldh_u_l": 400.0, "creatinine_mg_dl": 0.8, "platelets_1e9_l": 80.0}
    for outcome in scorer.answers([PATIENT | labs])[0].outcomes:
        assert outcome.easix is not None
        assert outcome.easix.index == 4.0
        assert outcome.easix.risk == pytest.approx(0.1824, abs=5e-5)


def test_easix_without_labs_or_without_a_model_is_null(scorer: Scorer) -> None:
    """Two nulls within, or one for all."""
    outcome = scorer.answers([PATIENT])[0].outcomes[0]
    assert outcome.easix is not None
    assert outcome.easix.model_dump() == {"index": None, "risk": None}
    assert Scorer(make_published_bundle()).answers([PATIENT])[0].outcomes[0].easix is None


def test_patients_alike_are_counted(scorer: Scorer) -> None:
    """Ten in the same four groups; fewer than five of CD22 alone, and how few is not told."""
    (alike, rare) = (
        answer.alike for answer in scorer.answers([PATIENT, PATIENT | {"target_antigen": "cd22"}])
    )
    assert alike is not None
    assert rare is not None
    assert (alike.n, alike.fewer_than, alike.rounded_to, alike.of) == (10, None, 5, 150)
    assert (rare.n, rare.fewer_than) == (0, 5)
    assert [(part.field, part.group, part.code) for part in rare.by] == [
        ("marrow_blasts_pct", "5 % or more", "high"),
        ("age_years", "18 to 39", "young_adult"),
        ("target_antigen", "CD22", "cd22"),
        ("prior_lines", "3 or more", "many"),
    ]


def test_nobody_is_alike_where_nobody_was_seen_or_the_patient_is_not_known(scorer: Scorer) -> None:
    """No cohort, or a row of a cohort without blasts: null."""
    assert Scorer(make_published_bundle()).answers([PATIENT])[0].alike is None
    assert scorer.answers([PATIENT | {"marrow_blasts_pct": None}])[0].alike is None


def test_missing_rows_are_told_by_what_they_cost(scorer: Scorer) -> None:
    """EASIX alone is missing here: by its inputs, platelets only once the others are known."""
    (blank, partly) = scorer.answers([PATIENT, PATIENT | {"ldh_u_l": 300.0, "creatinine_mg_dl": 0.9}])
    for outcome in blank.outcomes:
        (cost,) = outcome.missing_costs
        assert (cost.field, cost.inputs) == ("easix", ["ldh_u_l", "creatinine_mg_dl", "platelets_1e9_l"])
        assert cost.title == contribution(outcome, "easix").title
        assert 0 <= cost.width < outcome.interval.high - outcome.interval.low
    assert partly.outcomes[0].missing_costs[0].inputs == ["platelets_1e9_l"]


def test_costs_are_told_costliest_first(scorer: Scorer) -> None:
    """Over patients of whom much is missing."""
    for answer in scorer.answers(patients(30, np.random.default_rng(4), missing=0.8)):
        for outcome in answer.outcomes:
            widths = [cost.width for cost in outcome.missing_costs]
            assert widths == sorted(widths, reverse=True)
            assert all(width >= 0 for width in widths)


def test_risks_of_a_cohort_do_not_wait_for_what_answers_say_beside(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training and scoring take risks alone."""

    def refused(*_: object, **__: object) -> None:
        message = "not needed for risks"
        raise AssertionError(message)

    for name in ("_all_ends", "_widths_with_known"):
        monkeypatch.setattr(StackedIntervals, name, refused)
    assert set(scorer.risks(predictors([PATIENT]))) == {"severe_crs", "relapse"}


def test_the_cohort_is_told_with_the_answer(scorer: Scorer) -> None:
    """Sizes, ages, products, and when it was trained on."""
    answer = scorer.answers([PATIENT])[0]
    assert answer.cohort.model_dump() == {
        "trained": True,
        "synthetic": True,
        "n_infusions": 150,
        "n_patients": 140,
        "age_low": 19.0,
        "age_high": 65.0,
        "options": {
            "target_antigen": {"cd19": 120, "cd19_cd22": 20, "cd22": 0},
            "costimulatory_domain": {"4_1bb": 90, "cd28": 40, "other": 0},
        },
    }
    assert answer.trained_at == "2025-01-01"


def test_without_a_cohort_its_sizes_are_nought() -> None:
    """And no age is made up."""
    published = replace(make_published_bundle(), provenance={})
    answer = Scorer(published).answers([PATIENT])[0]
    assert not answer.cohort.trained
    assert (answer.cohort.n_infusions, answer.cohort.age_low, answer.cohort.options) == (0, None, {})
    assert (answer.outcomes[0].n_infusions, answer.outcomes[0].n_events) == (0, 0)
    assert answer.trained_at == ""


def test_an_outcome_says_what_its_summary_says(bundle: Bundle) -> None:
    """Numbers of the training, notes, reasons of the status, and what competes."""
    scorer = Scorer(replace(bundle, summaries={**bundle.summaries, "severe_crs": full_summary()}))
    crs, relapse = scorer.answers([PATIENT])[0].outcomes
    assert (crs.n_infusions, crs.n_events, crs.competing) == (150, 40, "")
    assert crs.status_reasons == ["fewer than 20 events"]
    assert (crs.interval_note, crs.evidence_note) == (
        "",
        "the local data contradict the published effects taken together",
    )
    assert relapse.competing == OUTCOMES["relapse"].competing != ""


def contribution(outcome: OutcomeAnswer, field: str) -> Contribution:
    """Find the row of a field."""
    return next(item for item in outcome.contributions if item.field == field)


def test_trees_alone_are_answered_without_sources(bundle: Bundle) -> None:
    """No term: no published effect stands behind a contribution, and nothing missing has a cost."""
    model, no_terms = bundle.models["relapse"], np.zeros((N_REPLICATES, 0))
    assert model.replicates is not None
    replicates = replace(model.replicates, coefficients=no_terms, missing=no_terms)
    trees = replace(model, linear=None, replicates=replicates, without_sources=())
    outcome = Scorer(replace(bundle, models={"relapse": trees})).answers([PATIENT])[0].outcomes[0]
    assert outcome.contributions
    assert [item.sources for item in outcome.contributions] == [[]] * len(outcome.contributions)
    assert outcome.missing_costs == []
    assert outcome.without_source == []
