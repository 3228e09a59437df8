"""All models in one pass give the numbers of one model after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.columns import Columns
from features.predictors import predictors
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.evaluated import Evaluated, evaluated_one_by_one
from serving.model.model_stack import ModelStack
from serving.model.stacked_intervals import BLOCK
from serving.model.stacked_terms import stackable
from tests.bundles import make_bundle, make_published_bundle, patients, risk_model
from tests.composed_bundle import make_composed_bundle

WITHIN = 1e-14
"""Sums of products in another order; risks are below 1."""


def without_linear_part() -> Bundle:
    """Make a bundle in which one outcome has trees alone, and fewer sources."""
    bundle = make_composed_bundle()
    trees = risk_model("severe_crs", np.random.default_rng(5), trees=True)
    assert trees.replicates is not None
    nothing = np.zeros((len(trees.replicates), 0))
    alone = replace(
        trees, linear=None, replicates=replace(trees.replicates, coefficients=nothing, missing=nothing)
    )
    without = {name: model for name, model in bundle.models.items() if alone.outcome not in _parts(model)}
    return replace(bundle, models={**without, "severe_crs": alone})


def _parts(model):  # type: ignore[no-untyped-def]
    return {part.outcome for part in model.parts}


def first_version() -> Bundle:
    """Make a bundle whose missing terms go from low to high burden in a step."""
    bundle = make_bundle()
    models = {}
    for name, model in bundle.models.items():
        assert model.linear is not None
        models[name] = replace(model, linear=replace(model.linear, gradual=False))
    return replace(bundle, models=models)


BUNDLES = {
    "two outcomes": make_bundle,
    "all outcomes": make_composed_bundle,
    "published": make_published_bundle,
    "trees alone": without_linear_part,
    "first version": first_version,
}


def cohort(n: int, *, missing: float = 0.4) -> Columns:
    """Patients of whom more or less is known, burden too."""
    rows = patients(n, np.random.default_rng(6), missing=missing)
    for row in rows[::4]:
        del row["marrow_blasts_pct"]
    return predictors(rows)


def assert_equal(found: Evaluated, expected: Evaluated) -> None:
    """Every number, and which numbers there are."""
    assert found.risks.keys() == expected.risks.keys()
    for name, risks in expected.risks.items():
        other = found.risks[name]
        assert other.horizons_days == risks.horizons_days
        assert other.without_sources == risks.without_sources
        assert other.explanation.fields == risks.explanation.fields
        for part in ("risk", "low", "high", "replicates", "risk_without"):
            np.testing.assert_allclose(getattr(other, part), getattr(risks, part), atol=WITHIN, rtol=0)
        for part in ("contributions", "published", "published_terms", "log_odds", "risk"):
            of_explanation = (getattr(each.explanation, part) for each in (other, risks))
            np.testing.assert_allclose(*of_explanation, atol=WITHIN, rtol=0)
        np.testing.assert_allclose(
            found.replicate_log_odds[name], expected.replicate_log_odds[name], atol=WITHIN, rtol=1e-14
        )
        np.testing.assert_allclose(found.near[name], expected.near[name], atol=WITHIN, rtol=0)
    assert found.narrower.keys() == expected.narrower.keys()
    for name, narrower in expected.narrower.items():
        np.testing.assert_allclose(found.narrower[name], narrower, atol=WITHIN, rtol=0)


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize(("n", "near"), [(1, 0), (1, 5), (BLOCK + 9, 3)])
def test_one_pass_equals_one_by_one(name: str, n: int, near: int) -> None:
    """For a patient and for more than a block, with patients nearby or without."""
    models = BUNDLES[name]().models
    assert stackable(list(models.values()))
    everybody = cohort(n + near)
    expected = evaluated_one_by_one(models, everybody, near=near, narrower=True)
    assert_equal(ModelStack(models).evaluate(everybody, near=near, narrower=True), expected)


@pytest.mark.parametrize("name", BUNDLES)
def test_the_numbers_of_a_patient_do_not_depend_on_who_else_is_asked_for(name: str) -> None:
    """To the last bit, alone and among others."""
    stack, everybody = ModelStack(BUNDLES[name]().models), cohort(BLOCK + 3)
    among = stack.evaluate(everybody, narrower=True)
    for place in (0, 4, BLOCK + 2):
        alone = stack.evaluate(everybody.take(np.array([place])), narrower=True)
        for outcome, risks in among.risks.items():
            for part in ("risk", "low", "high", "replicates", "risk_without"):
                of_alone = getattr(alone.risks[outcome], part)[0]
                np.testing.assert_array_equal(of_alone, getattr(risks, part)[place])
            np.testing.assert_array_equal(alone.narrower[outcome][0], among.narrower[outcome][place])


def test_without_replicates_all_else_is_the_same() -> None:
    """A table of risks does not keep them."""
    stack, everybody = ModelStack(make_composed_bundle().models), cohort(BLOCK + 3)
    kept, dropped = (stack.evaluate(everybody, replicates=keep) for keep in (True, False))
    for name, risks in kept.risks.items():
        other = dropped.risks[name]
        assert other.replicates.shape[1] == 0 or other.replicates.shape[0] == 0
        for part in ("risk", "low", "high"):
            np.testing.assert_array_equal(getattr(other, part), getattr(risks, part))
    assert kept.narrower == {}


def test_extreme_log_odds_give_probabilities_without_a_warning() -> None:
    """Warnings are errors here: the exponential of a large number is infinite, and its share 0."""
    models = dict(make_bundle().models)
    crs = models["severe_crs"]
    assert crs.replicates is not None
    far = np.where(np.arange(len(crs.replicates))[:, None] % 2, 2000.0, -2000.0)
    models["severe_crs"] = replace(crs, replicates=replace(crs.replicates, intercepts=far))
    risks = ModelStack(models).evaluate(cohort(3)).risks["severe_crs"]
    assert set(np.unique(risks.replicates)) == {0.0, 1.0}


def test_models_that_differ_are_answered_one_by_one() -> None:
    """Another list of terms, or another number of replicates."""
    bundle = make_bundle()
    crs = bundle.models["severe_crs"]
    assert crs.replicates is not None
    first = slice(0, len(crs.replicates) - 2)
    fewer = replace(
        crs.replicates,
        intercepts=crs.replicates.intercepts[first],
        coefficients=crs.replicates.coefficients[first],
        missing=crs.replicates.missing[first],
    )
    models = {**bundle.models, "severe_crs": replace(crs, replicates=fewer)}
    assert not stackable(list(models.values()))
    everybody = cohort(4)
    scorer = Scorer(replace(bundle, models=models))
    expected = evaluated_one_by_one(models, everybody).risks["severe_crs"]
    np.testing.assert_array_equal(scorer.risks(everybody)["severe_crs"].low, expected.low)
    assert not stackable([replace(crs, replicates=None)])


def test_terms_of_a_field_that_can_be_missing_apart_are_answered_one_by_one() -> None:
    """Missing fields are added up as a whole; no trained model has such terms."""
    crs = make_bundle().models["severe_crs"]
    assert crs.linear is not None
    apart = ("cd28", "cd28_construct", *crs.linear.terms[2:])
    assert stackable([crs])
    assert not stackable([replace(crs, linear=replace(crs.linear, terms=apart))])
