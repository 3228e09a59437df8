"""Replicates of the linear part: which fit is drawn, what is added to its effects, and what stays."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest

from features.columns import Values
from serving.model.risk_model import RiskModel
from tests.known_risk import drawn_set, evidence, headline_prior, truth
from training.dataset.centers import Centers
from training.dataset.milder_grade import MilderGrade
from training.dataset.training_set import TrainingSet
from training.learners import drawn_replicate
from training.learners.anchored import Anchored, AnchoredChoice
from training.learners.anchored_linear import labeled_terms
from training.learners.drawn_replicate import ADDED_SPREAD, draw_linear, draw_replicate, skip_replicate
from training.learners.evidence_only import empty_set
from training.learners.milder_grades import parameters_by_grades
from training.learners.residual_trees import TreeChoice
from training.statistics.laplace import fit_priors

LEARNER = Anchored(evidence())
OUTCOME = "severe_crs"


def patients(n_infusions: int, *, home: int | None = None, centers: bool = False) -> TrainingSet:
    """Draw a cohort with milder grades, perhaps of three centers whose patients differ."""
    prior, rng = headline_prior(OUTCOME), np.random.default_rng(n_infusions)
    drawn = drawn_set(OUTCOME, truth(prior.effects, base_rate=0.3), n_infusions, rng)
    free = drawn.label[:, 0] == 0
    milder = MilderGrade((free & (rng.random(n_infusions) < 0.4)).astype(float), free.astype(float))
    if not centers:
        return replace(drawn, milder=milder)
    burden = np.argsort(np.argsort(drawn.patients["marrow_blasts_pct"]))
    return replace(drawn, milder=milder, centers=Centers(3 * burden // n_infusions, 3, home))


def chosen(training: TrainingSet, trees: TreeChoice | None = None) -> AnchoredChoice:
    """Choose no trees, or those given upon a margin that knows nothing."""
    made = LEARNER.choose(training.take(np.zeros(0, dtype=np.int64)), np.random.default_rng(1))
    margin = np.zeros_like(training.label)
    made = replace(made, training=training, trees=trees or TreeChoice(), margin=margin)
    anchor = LEARNER._anchored_at(training, made.anchor.expected)
    return replace(made, anchor=anchor)


def refitted(choice: AnchoredChoice, seed: int, spread: float) -> RiskModel:
    with patch.object(drawn_replicate, "ADDED_SPREAD", spread):
        return LEARNER.refit(choice.training, choice, np.random.default_rng(seed))


def coefficients(model: RiskModel) -> Values:
    assert model.linear is not None
    return model.linear.coefficients


SETS = {
    "nobody": lambda: empty_set(OUTCOME, (30,)),
    "some": lambda: patients(60),
    "many": lambda: patients(500),
    "a new center": lambda: patients(150, centers=True),
    "a home center": lambda: patients(150, centers=True, home=2),
}


@pytest.mark.parametrize("trees", [TreeChoice(), TreeChoice(4), TreeChoice(4, 0.5)], ids=str)
@pytest.mark.parametrize("name", SETS)
def test_a_replicate_has_what_was_drawn_for_its_effects_in_full(name: str, trees: TreeChoice) -> None:
    """However many patients there are, and whatever share of the linear part is kept."""
    training = SETS[name]()
    choice = chosen(training, trees if len(training) else None)
    for seed in range(2):
        drawn = draw_replicate(
            choice.anchor, choice.linear, training.centers, np.random.default_rng(seed)
        ).added_effects
        without, added = (refitted(choice, seed, spread) for spread in (0.0, ADDED_SPREAD))
        found = coefficients(added) - coefficients(without)
        np.testing.assert_allclose(found, drawn, atol=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_what_is_added_leaves_the_mean_of_the_patients_alone(name: str) -> None:
    """Their log-odds, or those of the home center: they tell their mean. Single patients differ."""
    training = SETS[name]()
    choice, moved = chosen(training), []
    of = np.ones(len(training), dtype=bool)
    if training.centers is not None and training.centers.home is not None:
        of = training.centers.number == training.centers.home
    terms = choice.anchor.terms(training.patients)[of]
    for seed in range(8):
        without, added = (refitted(choice, seed, spread) for spread in (0.0, ADDED_SPREAD))
        level = float((added.reference - without.reference)[0])
        moved.append(level + terms @ (coefficients(added) - coefficients(without)))
    np.testing.assert_allclose([each.mean() if len(each) else 0.0 for each in moved], 0.0, atol=1e-12)
    assert not len(terms) or 0.3 < np.abs(moved).max() < 3


@pytest.mark.parametrize("name", SETS)
def test_a_skipped_replicate_draws_as_many_numbers(name: str) -> None:
    """Levels of centers among them, so that the next replicate is the same."""
    choice = chosen(SETS[name]())
    for seed in range(3):
        made, skipped = np.random.default_rng(seed), np.random.default_rng(seed)
        draw_replicate(choice.anchor, choice.linear, choice.training.centers, made)
        skip_replicate(choice.anchor, choice.linear, choice.training.centers, skipped)
        assert made.bit_generator.state == skipped.bit_generator.state


def test_added_effects_have_their_spread_and_none_where_nothing_has_an_effect() -> None:
    """Of every term but those of products."""
    choice, rng = chosen(patients(20)), np.random.default_rng(3)
    anchor = choice.anchor
    drawn = [draw_replicate(anchor, choice.linear, None, rng) for _ in range(400)]
    n_candidates = len(anchor.candidates.mass)
    none = np.array([anchor.candidates.no_effect[each.candidate % n_candidates] for each in drawn])
    added = np.array([each.added_effects for each in drawn])
    assert 40 < none.sum() < 360
    assert not added[none].any()
    assert not added[:, anchor.prior.of_product].any()
    found = (added * anchor.expected.spread)[~none][:, ~anchor.prior.of_product]
    np.testing.assert_allclose(found.std(axis=0), ADDED_SPREAD, rtol=0.25)
    assert found.std() == pytest.approx(ADDED_SPREAD, rel=0.03)


@pytest.mark.parametrize("block", [0, 1, 2])
def test_a_replicate_is_fitted_as_the_fit_that_was_drawn(block: int) -> None:
    """To the event alone, to milder grades in full, and by half."""
    choice = chosen(patients(80))
    anchor, known = choice.anchor, labeled_terms(choice.anchor, choice.training)
    n_candidates = len(anchor.candidates.mass)
    only = np.zeros(3 * n_candidates)
    only[block * n_candidates + 4] = 1.0
    fit = replace(choice.linear, drawn=only)
    drawn = draw_replicate(anchor, fit, None, np.random.default_rng(5))
    assert drawn.candidate == block * n_candidates + 4
    if block:
        factor = anchor.grade_factors[block - 1]
        expected = parameters_by_grades(known, drawn.prior, drawn.prior.mean, factor=factor)[0]
    else:
        expected = fit_priors(known.terms, known.label, known.weight, drawn.prior).parameters[0]
    found = draw_linear(anchor, fit, known, np.random.default_rng(5))
    np.testing.assert_allclose(np.append(found.intercepts, found.coefficients), expected, atol=1e-6)


def test_grade_factors_are_those_of_the_published_rate() -> None:
    """In full and by half of one minus the rate of those who can have the event."""
    anchor = chosen(patients(20)).anchor
    rate = float(anchor.prior.base_rate[0])
    assert anchor.grade_factors == pytest.approx((1 - rate, (1 - rate) / 2))
