"""An answer lists the sources without which the risk is another, the farthest first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.predictors import predictors
from serving.answers.scorer import Scorer
from serving.answers.without_source import LEAST_MOVE, SourceRows
from serving.model.bundle import Bundle
from tests.bundles import PATIENT, make_bundle, patients

ROWS = patients(12, np.random.default_rng(9))


def old_bundle() -> Bundle:
    """Make a bundle as earlier versions of the software leave it."""
    bundle = make_bundle()
    models = {name: replace(model, without_sources=()) for name, model in bundle.models.items()}
    return replace(bundle, models=models)


def test_every_answer_states_the_risk_of_its_patient_without_each_source() -> None:
    """Of a batch too: the numbers are those of the model at the headline horizon."""
    bundle = make_bundle()
    for position, answer in enumerate(Scorer(bundle).answers(ROWS)):
        for outcome in answer.outcomes:
            model = bundle.models[outcome.name]
            risks = model.explain(predictors([ROWS[position]])).risk_without[0, :, 0]
            of_source = {each.sources: risk for each, risk in zip(model.without_sources, risks, strict=True)}
            assert outcome.without_source
            for each in outcome.without_source:
                assert each.risk == pytest.approx(of_source[tuple(each.sources)], rel=1e-14)


def test_the_farthest_comes_first_and_what_rounds_to_the_same_is_left_out() -> None:
    for answer in Scorer(make_bundle()).answers(ROWS):
        for outcome in answer.outcomes:
            moves = [abs(each.risk - outcome.risk) for each in outcome.without_source]
            assert moves == sorted(moves, reverse=True)
            assert min(moves) >= LEAST_MOVE
            assert ["PMC7641"] not in [each.sources for each in outcome.without_source]


def test_sources_of_the_same_rows_are_listed_together() -> None:
    (answer,) = Scorer(make_bundle()).answers([PATIENT])
    named = [each.sources for outcome in answer.outcomes for each in outcome.without_source]
    assert ["PMID:30728140", "Registry 2020, table 2"] in named


def test_an_older_bundle_states_none() -> None:
    (answer,) = Scorer(old_bundle()).answers([PATIENT])
    assert [outcome.without_source for outcome in answer.outcomes] == [[], []]


@pytest.mark.parametrize(
    ("other", "listed"),
    [(0.3, False), (0.304, False), (0.306, True), (0.296, False), (0.294, True), (0.9, True)],
)
def test_half_a_point_either_way_is_listed(other: float, listed: bool) -> None:
    """Whether the risk rises or falls without the source."""
    assert (SourceRows([("PMID:1",)]).of(0.3, np.array([other])) != b"[]") is listed
