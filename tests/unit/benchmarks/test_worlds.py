"""The worlds of the benchmark: each has the base rate and the effects it claims."""

import numpy as np
import pytest

from features.disease_burden import is_high_burden
from features.terms import LEVEL_TERMS, TERMS, term_matrix
from tests.benchmarks.bent_world import interactions
from tests.benchmarks.readings import BASE_RATES, BURDEN_GAP, PUBLISHED
from tests.benchmarks.world import reference_population, term_spreads
from tests.benchmarks.worlds import (
    MAIN_WORLDS,
    SCATTER,
    SCATTER_UNPUBLISHED,
    WORLDS,
    half_wrong,
    no_effects,
    random_sizes,
    right,
    scattered,
)

OUTCOMES = tuple(BASE_RATES)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("name", WORLDS)
def test_population_has_the_base_rate(name, outcome):
    """The intercept is solved for it, whatever the effects."""
    world = WORLDS[name](outcome, np.random.default_rng(3))
    np.testing.assert_allclose(world.risk(reference_population()).mean(), world.base_rate, atol=1e-8)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_base_rate_is_the_published_one_unless_it_is_drawn(outcome):
    rates = {name: make(outcome, np.random.default_rng(4)).base_rate for name, make in WORLDS.items()}
    drawn_rates = {rates.pop("scattered"), rates.pop("drawn")}
    assert set(rates.values()) == {BASE_RATES[outcome]}
    assert BASE_RATES[outcome] not in drawn_rates


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
        ("prior_allo_hsct", 1.0, PUBLISHED[outcome]["prior_allo_hsct"], SCATTER),
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
    patients = reference_population()
    log_odds = interactions(outcome, np.random.default_rng(8)).log_odds(patients)
    design = np.column_stack([np.ones(len(patients)), term_matrix(patients, tuple(TERMS))])
    left_over = log_odds - design @ np.linalg.lstsq(design, log_odds, rcond=None)[0]
    assert left_over.std() > 0.2


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_random_sizes_keep_signs_and_have_the_published_mean(outcome):
    """Exponential factors of mean and standard deviation 1, independent of each other; 400 draws."""
    rng = np.random.default_rng(9)
    names = [name for name, effect in PUBLISHED[outcome].items() if effect]
    published = np.array([PUBLISHED[outcome][name] for name in names])
    factors = (
        np.array([[random_sizes(outcome, rng).effects[name] for name in names] for _ in range(400)])
        / published
    )
    assert (factors > 0).all()
    assert factors.mean() == pytest.approx(1.0, abs=0.05)
    assert factors.std() == pytest.approx(1.0, abs=0.06)
    assert abs(np.corrcoef(factors[:, 0], factors[:, 1])[0, 1]) < 0.2


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_world_is_the_same_from_the_same_draws(outcome):
    for name in MAIN_WORLDS:
        first, second = (WORLDS[name](outcome, np.random.default_rng(10)) for _ in range(2))
        assert first.effects == second.effects
        assert first.base_rate == second.base_rate


def test_shifted_world_has_other_odds_of_the_population_and_the_same_effects():
    """.48 has odds of .923; e times that is 2.509, a rate of .715."""
    world = right("relapse", np.random.default_rng(1))
    shifted = world.shifted(1.0)
    assert shifted.base_rate == pytest.approx(0.715, abs=0.0005)
    assert shifted.risk(reference_population()).mean() == pytest.approx(0.715, abs=0.0005)
    assert shifted.effects == world.effects


@pytest.mark.parametrize(("outcome", "published"), [("relapse", 1.20), ("severe_crs", 0.20)])
def test_smooth_burden_reproduces_the_published_comparison(outcome, published):
    """Patients above and below 5 % blasts differ by the published log odds ratio, 4.9 and 5.0 % by little."""
    patients = reference_population()
    burden = TERMS["disease_burden"].compute(patients)
    high = is_high_burden(patients["marrow_blasts_pct"]) == 1
    gap = burden[high].mean() - burden[~high].mean()
    assert gap == pytest.approx(BURDEN_GAP, abs=0.005)
    assert PUBLISHED[outcome]["disease_burden"] * gap == pytest.approx(published, abs=0.01)
    assert "high_burden" not in PUBLISHED[outcome]


@pytest.mark.parametrize(
    ("ratio", "unexposed", "log_odds", "term"),
    [
        (1.9, 0.45, 0.95, "extramedullary_disease"),
        (1.2, 0.50, 0.26, "inotuzumab"),
        (4.26**0.5, 0.40, 1.03, "tp53_altered"),
    ],
)
def test_hazard_ratios_were_converted_as_stated(ratio, unexposed, log_odds, term):
    """1 - (1 - p)^h against p; of one small study half the logarithm of h."""
    exposed = 1 - (1 - unexposed) ** ratio
    by_hand = np.log(exposed / (1 - exposed)) - np.log(unexposed / (1 - unexposed))
    assert by_hand == pytest.approx(log_odds, abs=0.006)
    assert PUBLISHED["relapse"][term] == pytest.approx(log_odds, abs=0.006)


@pytest.mark.parametrize(
    ("terms", "rate"),
    [
        (("product_tisagenlecleucel",), 0.17),
        (("product_brexucabtagene",), 0.12),
        (("product_obecabtagene", "split_dose"), 0.03),
        (("product_ari_0001", "split_dose"), 0.05),
    ],
)
def test_products_have_their_published_rates(terms, rate):
    """Beside academic cells given at once, with .14: odds of .163."""
    odds = 0.14 / 0.86 * np.exp(sum(PUBLISHED["severe_crs"][name] for name in terms))
    assert odds / (1 + odds) == pytest.approx(rate, abs=0.002)


def test_mean_rate_over_products_is_the_base_rate():
    """By the rates of the products alone, whatever else differs between patients."""
    names = tuple(name for name in LEVEL_TERMS if name in PUBLISHED["severe_crs"])
    moved = term_matrix(reference_population(), names) @ [PUBLISHED["severe_crs"][name] for name in names]
    odds = 0.14 / 0.86 * np.exp(moved)
    assert (odds / (1 + odds)).mean() == pytest.approx(BASE_RATES["severe_crs"], abs=0.006)
