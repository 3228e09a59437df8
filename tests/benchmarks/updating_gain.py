"""Whether to keep a model, update it or train anew: ``python -m tests.benchmarks.updating_gain``.

The anchored model is fitted to one center and used in another: the same truth, a base rate that is off, or
another center's effects. Excess log loss over the true risk of fresh patients there, times 1000.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import numpy as np

from features.log_odds import expit
from serving.model.risk_model import RiskModel
from tests.benchmarks.cohorts import cohort_of, test_set_of
from tests.benchmarks.measures import excess_log_loss
from tests.benchmarks.updating import SEED, WITH_OUTCOMES, Elsewhere
from tests.benchmarks.world import World
from tests.benchmarks.worlds import scattered
from training.dataset.outcome_dataset import OutcomeData
from training.evidence.evidence_set import read_evidence
from training.external.closed_testing import choose_update
from training.external.update_methods import prediction
from training.external.updated_model import updated_model
from training.learners.learner import Learner, learners

TRAINED_ON = 300
SIZES = (30, 60, 120, 250)
WORLDS = 40
CHOICES = ("as released", "updated", "retrained")
CENTERS: Mapping[str, Callable[[World, np.random.Generator], World | Elsewhere]] = {
    "the same": lambda world, rng: world,
    "base rate up by 1.0": lambda world, rng: Elsewhere(world, shift=1.0),
    "other effects": lambda world, rng: scattered(world.outcome, rng),
}
"""The center in which the model is used."""


def losses(outcome: str, center: str, seed: int, learner: Learner) -> list[list[float]]:
    """Measure one pair of centers: a row a size, a column for each of `CHOICES`."""
    rng = np.random.default_rng([SEED, seed, WITH_OUTCOMES.index(outcome), list(CENTERS).index(center)])
    first = scattered(outcome, rng)
    released = _fitted(learner, cohort_of(first, TRAINED_ON, rng), rng)
    elsewhere = CENTERS[center](first, rng)
    test = test_set_of(first, rng)
    truth = expit(elsewhere.log_odds(test.patients))
    found = []
    for size in SIZES:
        there = cohort_of(elsewhere, size, rng)  # type: ignore[arg-type]
        models = (released, _updated(released, there), _fitted(learner, there, rng))
        found.append([excess_log_loss(truth, model.risk(test.patients)[:, 0]) for model in models])
    return found


def main() -> None:
    """Print the mean excess log loss of every choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS, help="pairs of centers a row")
    asked = parser.parse_args()
    learner = learners(read_evidence())["anchored"]
    print(f"| outcome | center | n | {' | '.join(CHOICES)} |")  # noqa: T201
    print(f"|{' --- |' * (3 + len(CHOICES))}")  # noqa: T201
    for outcome in WITH_OUTCOMES:
        for center in CENTERS:
            found = [losses(outcome, center, seed, learner) for seed in range(asked.worlds)]
            for size, means in zip(SIZES, 1000 * np.mean(found, axis=0), strict=True):
                cells = " | ".join(f"{mean:.0f}" for mean in means)
                print(f"| {outcome} | {center} | {size} | {cells} |", flush=True)  # noqa: T201


def _fitted(learner: Learner, data: OutcomeData, rng: np.random.Generator) -> RiskModel:
    training = data.training_set()
    return learner.fit(training, learner.choose(training, rng))


def _updated(model: RiskModel, data: OutcomeData) -> RiskModel:
    predicted = prediction(model, data.patients, data.horizons_days)
    return updated_model(model, choose_update(predicted, data.training_set()).update)


if __name__ == "__main__":
    main()
