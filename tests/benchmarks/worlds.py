"""The worlds by name: how the literature may relate to the truth of a center.

`drawn` follows the uncertainty of the evidence; all others start from the hand-made readings of
`tests.benchmarks.readings` and take nothing from the priors of any learner. `right` and `mirrored` are kept
as references: one repeats the readings as they are, the other is undone by one common slope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from features.terms import TERMS
from tests.benchmarks.bent_world import interactions
from tests.benchmarks.drawn_world import drawn
from tests.benchmarks.readings import BASE_RATES, PUBLISHED
from tests.benchmarks.world import World, is_binary, shifted_rate, term_spreads
from tests.benchmarks.wrong_worlds import (
    all_wrong,
    all_wrong_same_products,
    half_wrong,
    mirrored,
    random_signs,
    random_sized,
    wrong_predictors,
)

SCATTER = 0.35
"""Standard deviation of a published effect about its mean: a binary contrast, or a standard deviation."""
SCATTER_UNPUBLISHED = 0.15
"""The same of a term without a study, per standard deviation of it."""
SCATTER_BASE_RATE = 0.3
"""The same of the base rate, log-odds."""


def right(outcome: str, rng: np.random.Generator) -> World:
    """Make what is published the truth."""
    return World(outcome, PUBLISHED[outcome], BASE_RATES[outcome])


def random_sizes(outcome: str, rng: np.random.Generator) -> World:
    """Keep the published signs and multiply every size by an exponential draw of mean 1."""
    return World(outcome, random_sized(PUBLISHED[outcome], rng), BASE_RATES[outcome])


def scattered(outcome: str, rng: np.random.Generator) -> World:
    """Let every center differ: each effect drawn about what is published, and the base rate too."""
    names = [name for name in dict.fromkeys((*TERMS, *PUBLISHED[outcome])) if term_spreads()[name] > 0]
    effects = {name: _scattered(outcome, name, rng) for name in names}
    rate = shifted_rate(BASE_RATES[outcome], SCATTER_BASE_RATE * float(rng.normal()))
    return World(outcome, effects, rate)


def no_effects(outcome: str, rng: np.random.Generator) -> World:
    """Give everybody the same risk."""
    return World(outcome, dict.fromkeys(PUBLISHED[outcome], 0.0), BASE_RATES[outcome])


WORLDS: Mapping[str, Callable[[str, np.random.Generator], World]] = {
    make.__name__: make
    for make in (
        drawn,
        random_sizes,
        interactions,
        half_wrong,
        all_wrong,
        wrong_predictors,
        no_effects,
        scattered,
        random_signs,
        all_wrong_same_products,
        right,
        mirrored,
    )
}
"""Every world by name: outcome and source of the draws to `World`."""

MAIN_WORLDS = tuple(WORLDS)[:7]
"""The worlds that goals are stated for; what a run covers by default."""


def _scattered(outcome: str, name: str, rng: np.random.Generator) -> float:
    """Draw one effect per unit of its term."""
    departure, spread = float(rng.normal()), term_spreads()[name]
    if name not in PUBLISHED[outcome]:
        return SCATTER_UNPUBLISHED * departure / spread
    return PUBLISHED[outcome][name] + SCATTER * departure / (1.0 if is_binary(name) else spread)
