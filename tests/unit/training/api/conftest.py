"""A small cohort as a DataFrame, and a model of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from training.api import Model, fit, read_cohort
from training.dataset.fit_config import FitConfig

QUICK = FitConfig(folds=2, repeats=1, bootstrap_draws=10, replicates=5)


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    return simulation_table(simulate(70, rng=np.random.default_rng(3)))


@pytest.fixture(scope="session")
def model(frame: pd.DataFrame) -> Model:
    chosen = ["severe_crs", "death_without_relapse"]
    return fit(
        read_cohort(frame, name="own"), outcomes=chosen, models=["anchored"], config=QUICK, progress=False
    )
