"""The worlds of the benchmark: each has the base rate and the effects it claims."""

import numpy as np
import pytest

from tests.benchmarks.worlds import (
    BASE_RATES,
    PUBLISHED,
    SCATTER,
    SCATTER_UNPUBLISHED,
    WORLDS,
    half_wrong,
    interactions,
    no_effects,
    reference_population,
    right,
    scattered,
    term_spreads,
)

OUTCOMES = tuple(BASE_RATES)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("name", WORLDS)
def test_population_has_the_base_rate(name, outcome):
    """The intercept is solved for it, whatever the effects."""
    world = WORLDS[name](outcome, np.random.default_rng(3))
    np.testing.assert_allclose(world.risk(reference_population()).mean(), world.base_rate, atol=1e-8)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_base_rate_is_the_published_one_unless_centres_scatter(outcome):
    rates = {name: make(outcome, np.random.default_rng(4)).base_rate for name, make in WORLDS.items()}
    scatter = rates.pop("scattered")
    assert set(rates.values()) == {BASE_RATES[outcome]}
    assert scatter != BASE_RATES[outcome]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_half_of_the_signs_are_wrong(outcome):
    """Of an odd number the middle one by chance, so half on average; sizes stay."""
    rng = np.random.default_rng(5)
    published = np.array([effect for effect in PUBLISHED[outcome].values() if effect])
    shares = []
    for _ in range(400):
        drawn = half_wrong(outcome, rng).effects
        effects = np.array([drawn[name] for name, effect in PUBLISHED[outcome].items() if effect])
        np.testing.assert_array_equal(np.abs(effects), np.abs(published))
        n_flipped = (effects != published).sum()
        assert n_flipped in {len(effects) // 2, (len(effects) + 1) // 2}
        shares.append(n_flipped / len(effects))
    assert np.mean(shares) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_scattered_effects_have_the_published_mean_and_the_stated_spread(outcome):
    """Per contrast of a yes or no, per standard deviation of a number; 400 draws."""
    rng = np.random.default_rng(6)
    drawn = [scattered(outcome, rng).effects for _ in range(400)]
    spread = term_spreads()
    for name, scale, mean, expected in (
        ("high_burden", 1.0, PUBLISHED[outcome]["high_burden"], SCATTER),
        ("log2_easix", spread["log2_easix"], PUBLISHED[outcome]["log2_easix"], SCATTER),
        ("log2_crp", spread["log2_crp"], 0.0, SCATTER_UNPUBLISHED),
        ("male", spread["male"], 0.0, SCATTER_UNPUBLISHED),
    ):
        effects = np.array([effects[name] for effects in drawn])
        assert effects.std() * scale == pytest.approx(expected, rel=0.12)
        assert effects.mean() == pytest.approx(mean, abs=4 * expected / scale / 20)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_without_effects_all_have_one_risk(outcome):
    risk = no_effects(outcome, np.random.default_rng(7)).risk(reference_population())
    np.testing.assert_allclose(risk, BASE_RATES[outcome], atol=1e-9)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_interactions_are_no_sum_of_terms(outcome):
    """What they add to the log-odds is left over by the best linear fit on all terms."""
    from features.terms import TERMS, term_matrix

    patients = reference_population()
    log_odds = interactions(outcome, np.random.default_rng(8)).log_odds(patients)
    design = np.column_stack([np.ones(len(patients)), term_matrix(patients, tuple(TERMS))])
    left_over = log_odds - design @ np.linalg.lstsq(design, log_odds, rcond=None)[0]
    assert left_over.std() > 0.2


@pytest.mark.parametrize(
    ("ratio", "unexposed", "log_odds", "term"),
    [
        (2.66, 0.25, 1.24, "high_burden"),
        (1.9, 0.45, 0.95, "extramedullary_disease"),
        (1.2, 0.50, 0.26, "inotuzumab"),
        (4.26, 0.40, 2.46, "tp53_altered"),
    ],
)
def test_hazard_ratios_were_converted_as_stated(ratio, unexposed, log_odds, term):
    """1 - (1 - p)^h against p."""
    exposed = 1 - (1 - unexposed) ** ratio
    by_hand = np.log(exposed / (1 - exposed)) - np.log(unexposed / (1 - unexposed))
    assert by_hand == pytest.approx(log_odds, abs=0.006)
    assert right("relapse", np.random.default_rng(1)).effects[term] == pytest.approx(log_odds, abs=0.05)
