"""The risk without a source is what the model with the source's fit in place of its own would answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.predictors import predictors
from serving.model.read_bundle import read_bundle
from serving.model.release_file import write_release_file
from serving.model.risk_model import RiskModel
from serving.model.without_sources import WithoutSource
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle, patients, risk_model, with_sources

PATIENTS = predictors(patients(40, np.random.default_rng(5), missing=0.5))


def in_its_place(model: RiskModel, without: WithoutSource) -> RiskModel:
    """Put the fit without a source in the place of the model's own."""
    assert model.linear is not None
    linear = replace(model.linear, coefficients=without.coefficients)
    return replace(model, reference=without.reference, linear=linear, without_sources=())


@pytest.mark.parametrize("trees", [False, True])
def test_the_risk_is_that_of_a_model_with_the_fit_in_its_place(trees: bool) -> None:
    """At every horizon, with missing values filled in the same way and the same trees."""
    model = with_sources(risk_model("relapse", np.random.default_rng(6), trees=trees))
    found = model.explain(PATIENTS).risk_without
    assert found.shape == (40, len(model.without_sources), len(model.horizons_days))
    for place, without in enumerate(model.without_sources):
        expected = in_its_place(model, without).risk(PATIENTS)
        np.testing.assert_allclose(found[:, place], expected, atol=1e-12)


def test_a_source_without_a_part_moves_nothing() -> None:
    """Not by rounding either."""
    model = with_sources(risk_model("relapse", np.random.default_rng(6), trees=True))
    explanation = model.explain(PATIENTS)
    assert model.without_sources[-1].sources == ("PMC7641",)
    np.testing.assert_array_equal(explanation.risk_without[:, -1], explanation.risk)


def test_one_patient_and_a_batch_agree_to_the_last_bit() -> None:
    model = with_sources(risk_model("relapse", np.random.default_rng(6), trees=True))
    together = model.explain(PATIENTS).risk_without
    for place in range(len(PATIENTS)):
        alone = model.explain(PATIENTS.take(np.array([place]))).risk_without
        np.testing.assert_array_equal(alone[0], together[place])


def test_the_risk_itself_stays_as_it_is() -> None:
    model = risk_model("relapse", np.random.default_rng(6), trees=True)
    np.testing.assert_array_equal(with_sources(model).risk(PATIENTS), model.risk(PATIENTS))


def test_a_model_without_such_fits_states_none() -> None:
    found = risk_model("relapse", np.random.default_rng(6)).explain(PATIENTS).risk_without
    assert found.shape == (40, 0, 4)


def test_a_bundle_keeps_them(tmp_path: Path) -> None:
    """Every number to the last bit."""
    bundle = make_bundle()
    write_bundle(bundle, tmp_path / "bundle")
    back = read_bundle(tmp_path / "bundle")
    for name, model in bundle.models.items():
        assert [each.sources for each in back.models[name].without_sources] == [
            each.sources for each in model.without_sources
        ]
        np.testing.assert_array_equal(
            back.models[name].explain(PATIENTS).risk_without, model.explain(PATIENTS).risk_without
        )


def test_a_bundle_written_before_there_were_any_is_read(tmp_path: Path) -> None:
    """It has the same format, and no entry of them."""
    folder = tmp_path / "bundle"
    write_bundle(make_bundle(), folder)
    stated = json.loads((folder / "bundle.json").read_text())
    for outcome in stated["outcomes"]:
        assert outcome.pop("without_sources")
    (folder / "bundle.json").write_text(json.dumps(stated))
    write_release_file(folder)
    back = read_bundle(folder)
    assert [model.without_sources for model in back.models.values()] == [(), ()]
