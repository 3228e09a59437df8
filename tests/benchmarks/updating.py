"""How often the closed test updates a model, right or wrong: ``python -m tests.benchmarks.updating``.

The model that is tested is the truth of a world itself, so that nothing is to be found unless the truth of
the cohort is another.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.expected_terms import reference_profile
from features.outcomes import OUTCOMES
from features.synthetic.truth import relapse_odds_share
from features.terms import TERMS
from serving.model.linear_part import LinearPart
from serving.model.risk_model import RiskModel
from tests.benchmarks.cohorts import cohort_of
from tests.benchmarks.world import World
from tests.benchmarks.worlds import right
from training.dataset.outcome_dataset import OutcomeData
from training.external.closed_testing import choose_update
from training.external.update_methods import UPDATES, prediction

SIZES = (100, 200, 500)
COHORTS = 100
WITH_OUTCOMES = ("severe_crs", "relapse")
SEED = 20260101
REVERSED = {"severe_crs": "log2_easix", "relapse": "disease_burden"}


@dataclass(frozen=True)
class Elsewhere:
    """The truth of other patients, that of a world changed.

    Attributes
    ----------
    world : World
    shift : float
        Added to everybody's log-odds.
    slope : float
        Factor of all effects.
    effects : mapping of str to float
        Log odds ratios that are others there.
    """

    world: World
    shift: float = 0.0
    slope: float = 1.0
    effects: Mapping[str, float] | None = None

    @property
    def outcome(self) -> str:
        """Outcome of the world."""
        return self.world.outcome

    def log_odds(self, patients: Columns) -> Values:
        """State the true log-odds at the headline horizon: shape (n_infusions,)."""
        own = self.world.log_odds(patients)
        moved = world_model(self.world).explain(patients).contributions.sum(axis=1)
        changed = sum(
            (
                (effect - self.world.effects[name])
                * (TERMS[name].compute(patients) - reference_profile((name,)).centre[0])
                for name, effect in (self.effects or {}).items()
            ),
            np.zeros(len(patients)),
        )
        return own + self.shift + (self.slope - 1) * moved + changed


CASES: Mapping[str, Callable[[World], Elsewhere]] = {
    "nothing changed": Elsewhere,
    "base rate up by 1.0": lambda world: Elsewhere(world, shift=1.0),
    "base rate up by 0.5": lambda world: Elsewhere(world, shift=0.5),
    "effects half as strong": lambda world: Elsewhere(world, slope=0.5),
    "strongest effect reversed": lambda world: Elsewhere(
        world, effects={name: -world.effects[name] for name in (REVERSED[world.outcome],)}
    ),
}
"""What differs elsewhere, by name; log-odds."""


def world_model(world: World) -> RiskModel:
    """Write the truth of a world down as a model."""
    names = tuple(world.effects)
    effects, expected = np.array([world.effects[name] for name in names]), reference_profile(names)
    horizons = OUTCOMES[world.outcome].horizons_days
    course = [np.log(relapse_odds_share(days)) if len(horizons) > 1 else 0.0 for days in horizons]
    nobody, none = world.intercept, np.zeros(len(names))
    linear = LinearPart(
        terms=names,
        centre=expected.centre,
        low_burden=expected.low_burden,
        high_burden=expected.high_burden,
        spread=expected.spread,
        coefficients=effects,
        published=none,
        prior_mean=none,
        prior_spread=np.ones(len(names)),
        sources=((),) * len(names),
    )
    reference = nobody + float(expected.centre @ effects) + np.array(course)
    return RiskModel(world.outcome, "truth", horizons, reference, linear)


def chosen_kind(model: RiskModel, data: OutcomeData) -> str:
    """Name the update that the closed test takes."""
    training = data.training_set()
    return choose_update(prediction(model, data.patients, data.horizons_days), training).update.kind


def kinds(case: str, outcome: str, n_patients: int, n_cohorts: int) -> Iterator[str]:
    """Take the closed test on cohorts of one case, each drawn anew."""
    rng = np.random.default_rng([SEED, list(CASES).index(case), WITH_OUTCOMES.index(outcome), n_patients])
    world = right(outcome, rng)
    model, elsewhere = world_model(world), CASES[case](world)
    for _ in range(n_cohorts):
        yield chosen_kind(model, cohort_of(elsewhere, n_patients, rng))  # type: ignore[arg-type]


def main() -> None:
    """Print how often each update was taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=COHORTS, help="cohorts a row")
    asked = parser.parse_args()
    print(f"| outcome | elsewhere | n | {' | '.join(UPDATES)} |")  # noqa: T201
    print(f"|{' --- |' * (3 + len(UPDATES))}")  # noqa: T201
    for outcome in WITH_OUTCOMES:
        for case in CASES:
            for size in SIZES:
                found = Counter(kinds(case, outcome, size, asked.cohorts))
                counts = " | ".join(str(found[kind]) for kind in UPDATES)
                print(f"| {outcome} | {case} | {size} | {counts} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
