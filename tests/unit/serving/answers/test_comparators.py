"""Published bedside scores beside a risk."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import pytest
from pydantic import TypeAdapter

from serving.answers.comparators import score_comparators
from serving.answers.scorer import Scorer
from serving.model.score_model import ScoreModel
from serving.model.validation_summary import OutcomeSummary
from tests.bundles import PATIENT, make_bundle

MODEL = ScoreModel(intercept=-2.0, coefficient=0.5)
LABS = {
    "platelets_1e9_l": 60.0,
    "anc_1e9_l": 2.0,
    "hemoglobin_g_dl": 11.0,
    "crp_mg_l": 10.0,
    "ferritin_ug_l": 300.0,
}
"""Two points by CAR-HEMATOTOX."""


def test_an_answer_has_the_scores_of_its_outcomes() -> None:
    """By points where all inputs are known; a missing input leaves the points and the risk out."""
    bundle = make_bundle()
    name = next(iter(bundle.models))
    summary = replace(bundle.summaries[name], scores={"car_hematotox": MODEL})
    scorer = Scorer(replace(bundle, summaries={**bundle.summaries, name: summary}))
    known, unknown = scorer.answers([PATIENT | LABS, PATIENT | LABS | {"anc_1e9_l": None}])
    (found,) = known.outcomes[0].scores
    assert (found.name, found.title, found.points) == ("car_hematotox", "CAR-HEMATOTOX", 2.0)
    assert found.risk == pytest.approx(1 / (1 + math.e))
    assert found.source == "10.1182/blood.2020010543"
    assert (unknown.outcomes[0].scores[0].points, unknown.outcomes[0].scores[0].risk) == (None, None)
    assert all(outcome.scores == [] for outcome in known.outcomes[1:])


def test_without_models_there_are_none() -> None:
    """As in a bundle of an earlier version."""
    assert score_comparators({}, {"car_hematotox": 2.0}) == []


def test_a_summary_keeps_its_scores_and_an_earlier_one_has_none() -> None:
    """Bundles are written and read as plain data; those of earlier versions have no such entry."""
    reader = TypeAdapter(OutcomeSummary)
    summary = replace(make_bundle().summaries["severe_crs"], scores={"car_hematotox": MODEL})
    written = asdict(summary)
    assert reader.validate_python(written).scores == {"car_hematotox": MODEL}
    del written["scores"]
    assert reader.validate_python(written).scores == {}
