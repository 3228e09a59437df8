"""A small training recorded in an MLflow of its own, for the tests of what MLflow holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pytest

from features.cohort import Cohort
from features.synthetic.simulation import simulated_cohort
from serving.model.write_bundle import write_bundle
from training.dataset.fit_config import FitConfig
from training.fitting.train import Training, train

if TYPE_CHECKING:
    from training.tracking.recorder import Recorded

CANARY = "Iwanowa-7741"
"""Stands in every identifier of the cohort, and must be found nowhere."""

DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="1pt" height="1pt"><path d="M 0 0 L 1 1"/></svg>'
"""A picture with next to nothing on it."""

LIGHT = FitConfig(
    outcomes=("severe_crs", "severe_icans", "relapse", "death_without_relapse"),
    models=("anchored", "ridge"),
    folds=3,
    repeats=1,
    bootstrap_draws=20,
    replicates=5,
)
"""Outcomes that everybody can have, and one that is composed."""


@dataclass(frozen=True)
class Recording:
    """A training, where its bundle is, what recording it returned, and how many steps it told."""

    training: Training
    folder: Path
    bundle: Path
    recorded: Recorded
    steps: int


def canary_cohort(n_patients: int, rng: np.random.Generator) -> Cohort:
    """Draw a simulated cohort of three centres whose identifiers would be known again."""
    cohort = simulated_cohort(n_patients, rng=rng)
    named = np.array([f"{patient}-{CANARY}" for patient in cohort.patient_id])
    centers = np.array([f"center {place % 3} {CANARY}" for place in range(len(cohort))])
    return replace(cohort, patient_id=named, center=centers)


@cache
def light_training() -> Training:
    """Train on a small cohort, once for all tests of a process."""
    return train(canary_cohort(90, np.random.default_rng(5)), LIGHT)


def short_name(run_name: str) -> str:
    """Give outcome and model of a child run's name, which goes on with the name of its parent."""
    return run_name.partition(" - ")[0]


def children_of(client: Any, run_id: str) -> list[Any]:
    """Find the child runs of a run."""
    experiment = client.get_run(run_id).info.experiment_id
    return list(client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{run_id}'"))


@contextmanager
def unpainted() -> Iterator[None]:
    """Make every figure, and write a dot for it: painting is most of the time of recording a training."""
    with (
        patch("matplotlib.figure.Figure.savefig", _dot),
        patch("matplotlib.layout_engine.ConstrainedLayoutEngine.execute"),
    ):
        yield


def _dot(_figure: Any, file: Any, **_settings: Any) -> None:
    file.write(DOT)


def record(training: Training, folder: Path) -> Recording:
    """Write a training's bundle to a folder as `train` does, and record it there."""
    # MLflow takes seconds to import, and most tests do without it.
    from training.tracking.recorder import record_training

    write_bundle(training.shared_bundle, folder / "bundle")
    steps: list[None] = []
    with in_folder_of(folder):
        found = record_training(training, folder / "bundle", advance=lambda: steps.append(None))
    return Recording(training, folder, folder / "bundle", found, len(steps))


@contextmanager
def in_folder_of(folder: Path) -> Iterator[None]:
    """Work in a folder, with MLflow's defaults."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_NAME"):
            patch.delenv(variable, raising=False)
        yield
