"""An update written into a model: what is served is what was fitted, and every sum is exact."""

from dataclasses import replace

import numpy as np
import pytest

from features.log_odds import expit
from features.predictors import predictors
from serving.model.forest import forest_of
from serving.model.risk_model import RiskModel
from tests.bundles import linear_part, patients, risk_model, with_sources
from tests.known_risk import some_patients
from training.dataset.training_set import TrainingSet
from training.external.closed_testing import Choice
from training.external.update_methods import Update, fitted_update, prediction
from training.external.updated_model import published_weight, updated_model, updated_replicates

SHIFT = Update("intercept", 0.8)
STRETCH = Update("recalibration", -0.4, 0.6)
REVISE = Update("revision", 0.2, 0.7, {"marrow_blasts_pct": -0.5, "ferritin_ug_l": 0.9})


def by_update(model: RiskModel, rows, update: Update):
    """State the log-odds of an update from the released model alone."""
    found = prediction(model, rows, model.horizons_days)
    columns = [0, 1, *(2 + found.fields.index(name) for name in update.added_factors)][: update.n_parameters]
    return found.log_odds + (found.design[:, columns] @ update.parameters)[:, None]


@pytest.mark.parametrize("update", [SHIFT, STRETCH, REVISE], ids=lambda each: each.kind)
@pytest.mark.parametrize("trees", [False, True])
def test_the_updated_model_says_what_the_update_says(update, trees):
    """Missing inputs included."""
    model = risk_model("relapse", np.random.default_rng(1), trees=trees)
    rows = predictors(patients(60, np.random.default_rng(2)))
    updated = updated_model(model, update)
    np.testing.assert_allclose(updated.log_odds(rows), by_update(model, rows, update), atol=5e-6)


@pytest.mark.parametrize("trees", [False, True])
def test_contributions_still_add_up(trees):
    """Reference and contributions to the risk, published and local parts to the contributions."""
    model = updated_model(risk_model("relapse", np.random.default_rng(1), trees=trees), REVISE)
    rows = predictors(patients(60, np.random.default_rng(2)))
    found = model.explain(rows)
    total = found.reference + found.contributions.sum(axis=1)[:, None]
    np.testing.assert_allclose(expit(total), model.risk(rows), rtol=0, atol=1e-12)
    assert model.linear is not None
    np.testing.assert_allclose(model.linear.published, model.evidence_weight * model.linear.prior_mean)


def test_no_update_leaves_every_number():
    """Only the replicates are left to be put back."""
    model = risk_model("relapse", np.random.default_rng(1), trees=True)
    updated = updated_model(model, Update())
    assert updated.replicates is None
    for part in ("reference", "linear", "trees", "without_sources", "composition"):
        assert getattr(updated, part) is getattr(model, part)


def test_an_updated_model_has_no_risks_without_a_source():
    """The update was fitted to the model with all sources; without an update they stay."""
    model = with_sources(risk_model("relapse", np.random.default_rng(1)))
    for update in (SHIFT, STRETCH, REVISE):
        assert updated_model(model, update).without_sources == ()
    assert updated_model(model, Update()).without_sources == model.without_sources


def test_curves_do_not_cross():
    """A shift is the same at every horizon."""
    model = risk_model("relapse", np.random.default_rng(1))
    moved = updated_model(model, REVISE).reference - model.reference
    assert np.ptp(moved) == pytest.approx(0.0)


def test_how_far_the_literature_is_followed_is_stated_anew():
    """Half of the published effects is half; beyond them is all; against them nothing."""
    linear = linear_part()
    assert published_weight(linear) == pytest.approx(1.0)
    for slope, weight in ((0.5, 0.5), (1.7, 1.0), (-0.5, 0.0)):
        scaled = replace(linear, coefficients=slope * linear.coefficients)
        assert published_weight(scaled) == pytest.approx(weight)
    assert published_weight(replace(linear, prior_mean=np.zeros(len(linear.terms)))) == 0.0


def some_training(rng, *, n=300):
    rows = some_patients(n, rng)
    model = risk_model("severe_crs", np.random.default_rng(3), trees=True)
    label = (rng.random((n, 1)) < expit(model.log_odds(rows) + 0.9)).astype(float)
    return model, TrainingSet("severe_crs", (30,), rows, label, np.ones_like(label), np.arange(n))


@pytest.mark.parametrize("kind", ["intercept", "recalibration", "revision"])
def test_a_replicate_is_updated_to_its_own_best_fit(kind):
    """Nothing of it is left to be fitted: the level of each replicate is that of the patients."""
    model, training = some_training(np.random.default_rng(4))
    found = prediction(model, training.patients, (30,))
    columns = {"intercept": [0], "recalibration": [0, 1], "revision": [0, 1, 2]}[kind]
    update = fitted_update(found, training, kind, columns=columns)
    assert update is not None
    sets = [training] * len(model.replicates)
    replicates = updated_replicates(model, Choice(update, (), ()), sets)
    complete = replace(model, replicates=replicates)
    mean_risk = complete.replicate_risks(training.patients)[:, :, 0].mean(axis=0)
    np.testing.assert_allclose(mean_risk, training.label.mean(), atol=1e-4)
    before = model.replicate_risks(training.patients)[:, :, 0].mean(axis=0)
    assert np.ptp(before) > 100 * np.ptp(mean_risk)


def without_uncertainty(model: RiskModel) -> RiskModel:
    """Put the model itself in the place of its replicates."""
    assert model.linear is not None
    assert model.trees is not None
    assert model.replicates is not None
    same = replace(
        model.replicates,
        intercepts=np.tile(model.reference - model.trees.mean_margin, (2, 1)),
        coefficients=np.tile(model.linear.coefficients, (2, 1)),
        missing=model.replicates.missing[:2],
        forest=forest_of([model.trees.ubj] * 2),
    )
    return replace(model, replicates=same)


def test_replicates_of_the_model_itself_become_the_updated_model():
    """Nothing uncertain, every patient of weight 1: replicates and updated model agree."""
    model, training = some_training(np.random.default_rng(5))
    model = without_uncertainty(model)
    found = prediction(model, training.patients, (30,))
    update = fitted_update(found, training, "revision", columns=[0, 1, 2, 3])
    assert update is not None
    replicates = updated_replicates(model, Choice(update, (), ()), [training] * 2)
    updated = replace(updated_model(model, update), replicates=replicates)
    risks = updated.replicate_risks(training.patients)
    for place in range(2):
        np.testing.assert_allclose(risks[:, place], updated.risk(training.patients), atol=1e-5)


@pytest.mark.parametrize("update", [SHIFT, STRETCH, REVISE], ids=lambda each: each.kind)
def test_a_replicate_without_a_fit_of_its_own_is_moved_as_the_model_was(update, monkeypatch):
    """Level and slope: a slope stretches what trees give beyond their mean, which is far from 0 here."""
    model, training = some_training(np.random.default_rng(5))
    model = without_uncertainty(model)
    assert abs(model.trees.mean_margin) > 0.05
    monkeypatch.setattr("training.external.updated_model.fitted_update", lambda *given, **named: None)
    replicates = updated_replicates(model, Choice(update, (), ()), [training] * 2)
    updated = replace(updated_model(model, update), replicates=replicates)
    risks = updated.replicate_risks(training.patients)
    for place in range(2):
        np.testing.assert_allclose(risks[:, place], updated.risk(training.patients), atol=1e-5)


def test_without_an_update_replicates_stay():
    """As they were released."""
    model, training = some_training(np.random.default_rng(6))
    assert updated_replicates(model, Choice(Update(), (), ()), [training]) is model.replicates
