"""Worlds in which the literature is wrong: of signs, of all it states, or of which predictors matter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.columns import Columns, Values
from features.terms import LEVEL_TERMS, TERMS
from tests.benchmarks.readings import BASE_RATES, PUBLISHED
from tests.benchmarks.world import Bend, World, is_binary, reference_population, term_spreads

OTHER_COLUMNS = ("hemoglobin_g_dl", "anc_1e9_l", "weight_kg")
"""Columns that no study speaks of: the true predictors may be among them."""
MOST_OF_OTHERS = 2 / 3
"""Share of them, at most, that has an effect: which ones differs from center to center."""
MOST_OF_A_CONTRAST = 2.0
"""Largest log odds ratio of a yes or no: a size per standard deviation would be absurd of a rare one."""


def half_wrong(outcome: str, rng: np.random.Generator) -> World:
    """Turn the sign of a random half of the published effects; of an odd number the middle one by chance."""
    effects = dict(PUBLISHED[outcome])
    named = [name for name, effect in effects.items() if effect]
    n_turned = (len(named) + int(rng.integers(2))) // 2
    for name in rng.permutation(named)[:n_turned]:
        effects[str(name)] *= -1
    return World(outcome, effects, BASE_RATES[outcome])


def random_signs(outcome: str, rng: np.random.Generator) -> World:
    """Draw every sign by a coin and every size about the published one: no sign means anything."""
    sized = random_sized(PUBLISHED[outcome], rng)
    effects = {name: effect * (1.0 if rng.random() < 0.5 else -1.0) for name, effect in sized.items()}
    return World(outcome, effects, BASE_RATES[outcome])


def all_wrong(outcome: str, rng: np.random.Generator) -> World:
    """Turn the sign of every published effect, products included, and draw its size."""
    return World(outcome, _turned(random_sized(PUBLISHED[outcome], rng)), BASE_RATES[outcome])


def all_wrong_same_products(outcome: str, rng: np.random.Generator) -> World:
    """Do the same with products and schedules that do not differ: their rates are counted, not estimated."""
    effects = _turned(random_sized(PUBLISHED[outcome], rng))
    kept = {name: effect for name, effect in effects.items() if name not in LEVEL_TERMS}
    return World(outcome, kept, BASE_RATES[outcome])


def mirrored(outcome: str, rng: np.random.Generator) -> World:
    """Turn the sign of every published effect and keep its size: one common slope of -1 undoes it."""
    return World(outcome, _turned(PUBLISHED[outcome]), BASE_RATES[outcome])


def wrong_predictors(outcome: str, rng: np.random.Generator) -> World:
    """Move the published sizes, per standard deviation, to what the literature gives no effect to.

    The sizes go to terms and columns drawn at random, each with a sign by chance; products do not differ.
    Where there are too few of those, the smallest sizes have no part.
    """
    sizes = sorted(_sizes(outcome), reverse=True)
    others = [*unpublished_terms(outcome), *OTHER_COLUMNS]
    chosen = rng.permutation(others)[: min(len(sizes), round(MOST_OF_OTHERS * len(others)))]
    signed = rng.permutation(sizes[: len(chosen)]) * rng.choice([-1.0, 1.0], size=len(chosen))
    given = dict(zip((str(name) for name in chosen), signed.tolist(), strict=True))
    effects = {name: _per_unit(name, size) for name, size in given.items() if name in TERMS}
    bends = tuple(_column(name, size) for name, size in given.items() if name not in TERMS)
    return World(outcome, effects, BASE_RATES[outcome], bends)


def unpublished_terms(outcome: str) -> list[str]:
    """Name the terms to which no study gives an effect; terms of products are a matter of rates."""
    without = [name for name in TERMS if not PUBLISHED[outcome].get(name) and name not in LEVEL_TERMS]
    return [name for name in without if term_spreads()[name] > 0]


def random_sized(effects: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    """Multiply every effect by an exponential draw of mean 1."""
    drawn = rng.exponential(size=len(effects))
    return {name: effect * float(size) for (name, effect), size in zip(effects.items(), drawn, strict=True)}


def _turned(effects: Mapping[str, float]) -> dict[str, float]:
    return {name: -effect for name, effect in effects.items()}


def _sizes(outcome: str) -> list[float]:
    """State the published effects of patients, log odds ratio per standard deviation, without their sign."""
    spread = term_spreads()
    effects = PUBLISHED[outcome].items()
    return [abs(effect) * spread[name] for name, effect in effects if effect and name not in LEVEL_TERMS]


def _per_unit(name: str, size: float) -> float:
    effect = size / term_spreads()[name]
    return float(np.clip(effect, -MOST_OF_A_CONTRAST, MOST_OF_A_CONTRAST)) if is_binary(name) else effect


def _column(name: str, size: float) -> Bend:
    """Give a column that no study speaks of an effect per standard deviation of its logarithm."""
    usual = _log(reference_population(), name)
    mean, spread = float(usual.mean()), float(usual.std())
    return Bend(name, size, lambda patients: (_log(patients, name) - mean) / spread)


def _log(patients: Columns, name: str) -> Values:
    return np.log(np.maximum(patients[name], 0.05))
