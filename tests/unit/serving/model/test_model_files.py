"""A model is stated as data, its trees and replicates as files, and comes back from both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.predictors import predictors
from serving.model.bundle_error import BundleError
from serving.model.model_files import composed_models, model_files, read_model, stated_model
from serving.model.risk_model import RiskModel
from tests.bundles import patients, risk_model

WHOLE = risk_model("relapse", np.random.default_rng(3), trees=True)
MODELS = {
    "whole": WHOLE,
    "without trees": risk_model("relapse", np.random.default_rng(3)),
    "without replicates": replace(WHOLE, replicates=None),
    "reference alone": replace(WHOLE, linear=None, trees=None, replicates=None),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_comes_back_with_the_parts_that_it_has(kind: str, tmp_path: Path) -> None:
    """And with no file of a part that it does not have."""
    model, files = MODELS[kind], model_files(MODELS[kind])
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    back, cohort = (
        read_model(stated_model(model), tmp_path),
        predictors(patients(5, np.random.default_rng(1))),
    )
    assert parts(back) == parts(model)
    assert len(files) == sum(parts(model)[1:])
    np.testing.assert_array_equal(back.risk(cohort), model.risk(cohort))


def parts(model: RiskModel) -> list[bool]:
    """Whether a model has terms, trees and replicates."""
    return [part is not None for part in (model.linear, model.trees, model.replicates)]


@pytest.mark.parametrize("plus", [None, "severe_crs"])
def test_a_model_whose_part_is_absent_is_refused(plus: str | None) -> None:
    """The message names what the bundle lacks."""
    stated = [{"name": "death", "composition": {"given": "relapse", "happened": True, "plus": plus}}]
    lacking = "relapse" if plus is None else "relapse, severe_crs"
    with pytest.raises(BundleError, match=f"the bundle has no model of {lacking}; train again"):
        composed_models({}, stated)
