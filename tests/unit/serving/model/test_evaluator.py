"""Whatever evaluates a bundle's models gets the numbers of the service."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.predictors import predictors
from serving.answers.scorer import Scorer
from serving.model.evaluator import Evaluator
from serving.model.outcome_risks import bundle_risks
from serving.model.risk_model import RiskModel
from tests.bundles import make_bundle, patients

NUMBERS = ("risk", "low", "high")


def fewer_replicates(model: RiskModel) -> RiskModel:
    """Leave out the last replicate, so that the models cannot be stacked."""
    assert model.replicates is not None
    kept = slice(0, len(model.replicates) - 1)
    assert model.replicates.forest is None
    parts = {
        name: getattr(model.replicates, name)[kept] for name in ("intercepts", "coefficients", "missing")
    }
    return replace(model, replicates=replace(model.replicates, **parts))


@pytest.mark.parametrize("alike", [True, False])
def test_the_service_and_the_models_by_themselves_agree(alike: bool) -> None:
    """In one pass where the models are alike, else one by one."""
    bundle, cohort = make_bundle(), predictors(patients(5, np.random.default_rng(2)))
    if not alike:
        first, *_ = bundle.models
        bundle = replace(bundle, models={**bundle.models, first: fewer_replicates(bundle.models[first])})
    served, alone = Scorer(bundle).risks(cohort), bundle_risks(bundle, cohort)
    for name, risks in Evaluator(bundle.models).risks(cohort).items():
        for number in NUMBERS:
            assert getattr(risks, number).tolist() == getattr(served[name], number).tolist()
            np.testing.assert_allclose(
                getattr(risks, number), getattr(alone[name], number), rtol=0, atol=1e-12
            )
