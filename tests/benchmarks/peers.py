"""What a center would use otherwise: the literature as it stands or recalibrated, and ordinary learners."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from tests.benchmarks.peer_classifiers import boosted, ebm, elastic_net, random_forest, ridge
from tests.benchmarks.peer_cox import cox
from tests.benchmarks.peer_published import (
    evidence_only,
    evidence_recalibrated,
    firth_regression,
    ridge_toward_published,
)
from tests.benchmarks.peer_task import Peer, Task, task_of
from training.dataset.outcome_dataset import OutcomeData
from training.learners.prevalence import Prevalence

FEWEST_OF_A_CLASS = 2
PAIRS_FROM = 1000
"""Patients from which on the additive model is fitted with pairs too; below, main effects were better."""
N_PAIRS = 10


def _prevalence(task: Task, rng: np.random.Generator) -> Values:
    """Give everybody the cohort's cumulative incidence."""
    some = task.training.patients.take(np.array([0]))
    return np.full(len(task.test), Prevalence().fit(task.training, None).risk(some)[0, 0])


PEERS: Mapping[str, Peer] = {
    "prevalence": _prevalence,
    "evidence_only": evidence_only,
    "evidence_recalibrated": evidence_recalibrated,
    "ridge_toward_published": ridge_toward_published,
    "firth": firth_regression,
    "ridge_logistic": ridge,
    "elastic_net": elastic_net,
    "xgboost": boosted,
    "random_forest": random_forest,
    "ebm": ebm(0),
    "ebm_pairs": ebm(N_PAIRS),
    "cox": cox,
}
"""Every peer by name."""
QUICK = (
    "prevalence",
    "evidence_only",
    "evidence_recalibrated",
    "ridge_toward_published",
    "firth",
    "ridge_logistic",
    "anchored",
)
"""Peers that take less than a second up to a thousand patients, and the learner to compare them with."""
TERMS_ONLY = (
    "prevalence",
    "evidence_only",
    "evidence_recalibrated",
    "ridge_toward_published",
    "firth",
    "cox",
)
"""Peers that are not fitted on raw columns too."""
WITHOUT_PATIENTS = ("prevalence", "evidence_only", "evidence_recalibrated")
"""Peers that need no patient of either class."""


@dataclass(frozen=True)
class Predicted:
    """Risks at the headline horizon, and whether they are no more than the cohort's own share."""

    risk: Values
    fell_back: bool


def predict(name: str, inputs: str, data: OutcomeData, test: Columns, rng: np.random.Generator) -> Predicted:
    """Fit a peer on a cohort and predict the test patients.

    Parameters
    ----------
    name : str
        Entry of `PEERS`.
    inputs : {"terms", "raw"}
    data : OutcomeData
        Gaps are filled as `tests.benchmarks.peer_task` does.
    test : Columns of `Patient`
    rng : numpy.random.Generator

    Returns
    -------
    predicted : Predicted
        The prevalence where the peer cannot be fitted: fewer than two of a class, or a fit that fails.
    """
    task = task_of(data, test, inputs)
    if name not in WITHOUT_PATIENTS and np.bincount(task.label, minlength=2).min() < FEWEST_OF_A_CLASS:
        return Predicted(_prevalence(task, rng), fell_back=True)
    try:
        with warnings.catch_warnings():
            # Small cohorts make every library warn, of convergence, rare classes, constant columns; what
            # they come to is measured.
            warnings.simplefilter("ignore")
            risk = PEERS[name](task, rng)
    except (ValueError, ArithmeticError):  # those of numpy.linalg, lifelines and xgboost are of these
        return Predicted(_prevalence(task, rng), fell_back=True)
    if not np.isfinite(risk).all():
        return Predicted(_prevalence(task, rng), fell_back=True)
    return Predicted(risk, fell_back=False)


def variants(outcome: str, n_patients: int) -> list[tuple[str, str]]:
    """List peers with their inputs; of several inputs those with the best mean will count."""
    every = [
        (name, inputs)
        for name in PEERS
        for inputs in (("terms",) if name in TERMS_ONLY else ("terms", "raw"))
    ]
    unfit = {"cox"} if outcome != "relapse" else set()
    unfit |= {"ebm_pairs"} if n_patients < PAIRS_FROM else set()
    return [(name, inputs) for name, inputs in every if name not in unfit]
