"""Risks as lines of numbers: an outcome at a horizon, in the order of time."""

from __future__ import annotations

import numpy as np
import pytest

from features.predictors import predictors
from serving.model.evaluator import Evaluator
from serving.model.risk_lines import (
    CONTRIBUTION,
    explained_fields,
    line_numbers,
    number_names,
    risk_lines,
    risks_alone,
)
from tests.bundles import make_bundle, patients
from tests.composed_bundle import make_composed_bundle


def test_lines_are_in_the_order_of_models_and_of_time() -> None:
    """The headline horizon comes first in a model, not in a table."""
    models = make_bundle().models
    lines = risk_lines(models)
    assert list(dict.fromkeys(line.outcome for line in lines)) == list(models)
    for name, model in models.items():
        own = [line for line in lines if line.outcome == name]
        assert [line.days for line in own] == sorted(model.horizons_days)
        assert [model.horizons_days[line.horizon] for line in own] == [line.days for line in own]


def test_names_of_numbers() -> None:
    """Contributions are of the fields that any model explains."""
    models = make_bundle().models
    assert number_names(models) == ("risk", "low", "high")
    assert number_names(models, interval=False) == ("risk",)
    names = number_names(models, interval=False, contributions=True)
    assert names[:3] == ("risk", "risk_among", "reference_log_odds")
    fields = {field for model in models.values() for field in explained_fields(model)}
    assert {name.removeprefix(CONTRIBUTION) for name in names[3:]} == fields


@pytest.mark.parametrize("bundle", [make_bundle, make_composed_bundle])
def test_risks_alone_are_those_with_intervals(bundle) -> None:
    """Without evaluating replicates, which take most of the time."""
    models, cohort = bundle().models, predictors(patients(4, np.random.default_rng(1)))
    lines, evaluated = risk_lines(models), Evaluator(models).risks(cohort)
    alone = line_numbers(models, cohort, lines, ["risk"], evaluate=_refused)
    assert alone.shape == (4, len(lines), 1)
    for name, risk in risks_alone(models, cohort).items():
        np.testing.assert_allclose(risk, evaluated[name].risk, rtol=0, atol=1e-12)


def _refused(_patients: object) -> dict:
    pytest.fail("intervals were computed")


def test_lines_are_chosen() -> None:
    """The same numbers, whichever lines are wanted."""
    models, cohort = make_bundle().models, predictors(patients(4, np.random.default_rng(1)))
    lines, names = risk_lines(models), number_names(models, contributions=True)
    evaluate = Evaluator(models).risks
    whole = line_numbers(models, cohort, lines, names, evaluate=evaluate)
    last = line_numbers(models, cohort, lines[-1:], names, evaluate=evaluate)
    np.testing.assert_array_equal(last[:, 0], whole[:, -1])
