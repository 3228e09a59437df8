"""Write a synthetic cohort, and where asked its true risks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from features.intake.writing import refuse_target
from features.problems import Refused
from features.synthetic import simulation as synthetic
from features.synthetic.tables import simulation_table, truth_table
from features.whole_file import write_whole


def simulate(patients: int, seed: int, out: Path, truth: Path | None = None) -> None:
    """Draw a synthetic cohort and write it as CSV.

    Parameters
    ----------
    patients : int
        At least 1; infusions are about 1.2 times as many.
    seed : int
        0 or more. The same seed gives the same file, byte for byte.
    out : Path
        The cohort. An older file is replaced, whole or not at all.
    truth : Path, optional
        True risks: ``patient_id, infusion_number, outcome, horizon_days, risk``.

    Raises
    ------
    ValueError
        If there are no patients or the seed is negative.
    Refused
        If a file cannot be written there, or both are the same.

    Examples
    --------
    >>> simulate(0, seed=1, out=Path("cohort.csv"))
    Traceback (most recent call last):
        ...
    ValueError: n_patients must be at least 1, got 0.
    """
    if truth is not None and truth.resolve() == out.resolve():
        message = f"--out and --truth are the same file, {out}: the cohort would be lost"
        raise Refused(message)
    for file in (out, truth):
        if file is not None:
            refuse_target(file)
    simulation = synthetic.simulate(patients, rng=np.random.default_rng(seed))
    _write(simulation_table(simulation), out)
    if truth is not None:
        _write(truth_table(simulation), truth)


def _write(table: pd.DataFrame, out: Path) -> None:
    write_whole(out, table.to_csv(index=False, lineterminator="\n", float_format="%.6f"))
