"""Worlds in which the literature is wrong: signs, sizes and predictors are as far off as they claim."""

import numpy as np
import pytest

from features.terms import LEVEL_TERMS, TERMS
from tests.benchmarks.readings import BASE_RATES, PUBLISHED
from tests.benchmarks.world import reference_population, term_spreads
from tests.benchmarks.wrong_worlds import (
    MOST_OF_A_CONTRAST,
    OTHER_COLUMNS,
    all_wrong,
    all_wrong_same_products,
    mirrored,
    random_signs,
    unpublished_terms,
    wrong_predictors,
)

OUTCOMES = tuple(BASE_RATES)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_sign_is_turned_and_no_common_slope_undoes_it(outcome):
    world = all_wrong(outcome, np.random.default_rng(1))
    named = {name: effect for name, effect in PUBLISHED[outcome].items() if effect}
    ratios = np.array([world.effects[name] / effect for name, effect in named.items()])
    assert (ratios < 0).all()
    assert ratios.std() > 0.3


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_products_can_be_left_alike_while_effects_are_turned(outcome):
    world = all_wrong_same_products(outcome, np.random.default_rng(1))
    assert not set(world.effects) & set(LEVEL_TERMS)
    assert set(world.effects) == set(PUBLISHED[outcome]) - set(LEVEL_TERMS)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_mirrored_world_is_minus_the_published_one(outcome):
    world = mirrored(outcome, np.random.default_rng(1))
    assert world.effects == {name: -effect for name, effect in PUBLISHED[outcome].items()}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_random_signs_agree_with_the_published_ones_half_of_the_time(outcome):
    rng = np.random.default_rng(2)
    named = {name: effect for name, effect in PUBLISHED[outcome].items() if effect}
    agree = []
    for _ in range(200):
        effects = random_signs(outcome, rng).effects
        agree += [effects[name] * effect > 0 for name, effect in named.items()]
    assert np.mean(agree) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("seed", range(5))
def test_wrong_predictors_share_no_term_with_the_published_ones(outcome, seed):
    """What moves the risk is what the literature gives no effect to, as strongly as it says of others."""
    world = wrong_predictors(outcome, np.random.default_rng(seed))
    named = {name for name, effect in PUBLISHED[outcome].items() if effect}
    assert not named & set(world.effects)
    assert not set(LEVEL_TERMS) & set(world.effects)
    assert set(world.effects) <= set(unpublished_terms(outcome))
    assert {bend.title for bend in world.bends} <= set(OTHER_COLUMNS)
    moved = world.log_odds(reference_population())
    assert moved.std() > 0.3


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_moved_sizes_are_published_ones_per_standard_deviation(outcome):
    """Unless a yes or no so rare gets it that its odds ratio would be absurd."""
    spread = term_spreads()
    sizes = np.array([abs(effect) * spread[name] for name, effect in PUBLISHED[outcome].items()])
    world = wrong_predictors(outcome, np.random.default_rng(3))
    for name, effect in world.effects.items():
        published = np.isclose(abs(effect) * spread[name], sizes).any()
        assert published or abs(effect) == MOST_OF_A_CONTRAST
    for bend in world.bends:
        values = bend.holds(reference_population())
        assert values.std() == pytest.approx(1.0)
        assert np.isclose(abs(bend.log_odds), sizes).any()


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_wrong_predictors_differ_from_center_to_center(outcome):
    rng = np.random.default_rng(4)
    chosen = {frozenset(wrong_predictors(outcome, rng).effects) for _ in range(10)}
    assert len(chosen) > 1
    assert set(unpublished_terms(outcome)) <= set(TERMS)
