"""A bundle whose every outcome has as many trees: ``python -m tests.benchmarks.tree_bundle --out FOLDER``.

The anchored learner decides by cross-validation whether trees help. Here it is given a number of them, so
that models with trees and without are compared on the same simulated patients.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from features.synthetic.simulation import simulated_cohort
from serving.model.bundle import Bundle
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.benchmarks.side_by_side import CONFIG
from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import Evidence
from training.fitting.train import train
from training.learners.anchored import Anchored, AnchoredChoice
from training.learners.learner import Learner
from training.learners.residual_trees import TreeChoice

TREES, PATIENTS, SEED, READINGS = 60, 250, 20260101, 5


class GivenTrees(Anchored):
    """The anchored learner with a number of trees that it does not choose.

    Parameters
    ----------
    evidence : Evidence
    trees : int
        Of the model; a replicate has half of them, which learn twice as fast. 0 for none.
    """

    def __init__(self, evidence: Evidence, trees: int = TREES) -> None:
        super().__init__(evidence)
        self._trees = trees

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> AnchoredChoice:
        """Choose the given number, however few events there are."""
        with (
            patch("training.learners.anchored.worth_looking", lambda training: self._trees > 0),
            patch("training.learners.anchored.choose_trees", lambda *_, **__: TreeChoice(self._trees)),
        ):
            return super().choose(training, rng)


def tree_bundle(
    *, trees: int = TREES, patients: int = PATIENTS, replicates: int = CONFIG.replicates
) -> Bundle:
    """Train the main outcomes on simulated patients, without validation.

    Parameters
    ----------
    trees : int
        Of each outcome.
    patients : int
    replicates : int
        Of each outcome.

    Returns
    -------
    bundle : Bundle
    """
    config = replace(CONFIG, models=("anchored",), validate=False, replicates=replicates)
    cohort = simulated_cohort(patients, rng=np.random.default_rng(SEED))

    def learners(evidence: Evidence) -> dict[str, Learner]:
        return {"anchored": GivenTrees(evidence, trees)}

    return train(cohort, config, further_learners=learners).bundle


def read_seconds(folder: Path, *, rounds: int = READINGS) -> float:
    """State the processor time of reading a bundle, golden vectors included: the least of some rounds."""
    seconds = []
    for _ in range(rounds):
        before = time.process_time()
        read_bundle(folder)
        seconds.append(time.process_time() - before)
    return min(seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the bundle; state its size and the time that reading it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Bundle folder to write")
    parser.add_argument("--trees", type=int, default=TREES, help="Trees of an outcome; 0 for none")
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--replicates", type=int, default=CONFIG.replicates)
    given = parser.parse_args(arguments)
    bundle = tree_bundle(trees=given.trees, patients=given.patients, replicates=given.replicates)
    write_bundle(bundle, given.out)
    for file in sorted(given.out.iterdir()):
        sys.stdout.write(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB\n")
    milliseconds = 1e3 * read_seconds(given.out) / len(bundle.models)
    sys.stdout.write(f"read and verified in {milliseconds:.0f} ms of processor time an outcome\n")


if __name__ == "__main__":
    main()
