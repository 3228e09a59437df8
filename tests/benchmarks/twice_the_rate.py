"""How fast local patients correct a product whose true rate is twice the published one.

``python -m tests.benchmarks.twice_the_rate`` prints, for each product and number of patients, the excess log
loss of the anchored model over that of the best peer on the same cohorts: of those that learn from patients
alone, and of those that know the literature. Every patient is given the one product; effects are those of a
world of `tests.benchmarks.worlds`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq

from features.columns import Columns, Values
from features.log_odds import expit
from features.products import PRODUCTS
from features.synthetic.patients import first_infusions
from features.terms import LEVEL_TERMS, term_matrix
from tests.benchmarks.cohorts import severe_toxicity_of
from tests.benchmarks.measures import excess_log_loss
from tests.benchmarks.peers import PEERS, predict, variants
from tests.benchmarks.product_mix import given_products
from tests.benchmarks.worlds import WORLDS
from training.evidence.evidence_set import read_evidence
from training.evidence.prior_from_studies import published_prior
from training.evidence.product_rates import product_rates
from training.learners.anchored import Anchored

OUTCOME, TIMES = "severe_crs", 2.0
SIZES, COHORTS, N_TEST, N_REFERENCE = (30, 120), 20, 2000, 4000
SEED = 20260101
KNOW_THE_LITERATURE = ("evidence_only", "evidence_recalibrated", "ridge_toward_published", "firth")
"""Peers that start from published effects, or take from them which terms matter."""


def patients_of(product: str, n_patients: int, rng: np.random.Generator) -> Columns:
    """Draw patients, all given one product as usual."""
    return given_products(first_infusions(n_patients, rng=rng).patients, (product,), rng)


def true_log_odds(
    world: str, product: str, rate: float, rng: np.random.Generator
) -> tuple[dict[str, float], float]:
    """Take the effects of a world, and the intercept at which patients of the product have the rate."""
    effects = {
        name: each for name, each in WORLDS[world](OUTCOME, rng).effects.items() if name not in LEVEL_TERMS
    }
    moved = _moved(patients_of(product, N_REFERENCE, np.random.default_rng(SEED)), effects)
    intercept = brentq(lambda level: float(expit(level + moved).mean()) - rate, -40.0, 40.0)
    return effects, float(intercept)


def excesses(world: str, product: str, n_patients: int, cohort: int) -> dict[str, float]:
    """Excess log loss of every learner on one cohort."""
    rng = np.random.default_rng([SEED, list(PRODUCTS).index(product), n_patients, cohort])
    prior = published_prior(OUTCOME, (30,), read_evidence())
    rate = TIMES * product_rates(prior).known[product].rate
    effects, intercept = true_log_odds(world, product, rate, rng)
    patients, test = patients_of(product, n_patients, rng), patients_of(product, N_TEST, rng)
    data = severe_toxicity_of(OUTCOME, patients, intercept + _moved(patients, effects), rng)
    truth = expit(intercept + _moved(test, effects))
    learner, training = Anchored(read_evidence()), data.training_set()
    model = learner.fit(training, learner.choose(training, rng))
    losses = {"anchored": excess_log_loss(truth, model.risk(test)[:, 0])}
    for name, inputs in variants(OUTCOME, n_patients):
        if name in PEERS:
            predicted = predict(name, inputs, data, test, rng)
            losses[f"{name} {inputs}"] = excess_log_loss(truth, predicted.risk)
    return losses


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line a product and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=COHORTS)
    parser.add_argument(
        "--world", choices=["right", "scattered", "half_wrong", "no_effects"], default="right"
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--products", nargs="+", choices=list(PRODUCTS), default=list(PRODUCTS))
    options = parser.parse_args(arguments)
    for product in options.products:
        for n_patients in options.sizes:
            runs = [excesses(options.world, product, n_patients, cohort) for cohort in range(options.cohorts)]
            means = {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}
            own = means.pop("anchored")
            known = {name: loss for name, loss in means.items() if name.split()[0] in KNOW_THE_LITERATURE}
            local = {name: loss for name, loss in means.items() if name not in known}
            both = f"of patients alone {_best(own, local)}; of the literature {_best(own, known)}"
            print(f"{product}, {n_patients} patients: anchored {own:.4f}; {both}", flush=True)  # noqa: T201


def _best(own: float, losses: dict[str, float]) -> str:
    best = min(losses, key=lambda name: losses[name])
    return f"{losses[best]:.4f} ({best}), ratio {own / losses[best]:.2f}"


def _moved(patients: Columns, effects: dict[str, float]) -> Values:
    return term_matrix(patients, tuple(effects)) @ np.array(list(effects.values()))


if __name__ == "__main__":
    main()
