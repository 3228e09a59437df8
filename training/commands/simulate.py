"""Write a synthetic cohort, and where asked its true risks."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from features import synthetic
from features.synthetic_tables import simulation_table, truth_table


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
    OSError
        If a file cannot be written.

    Examples
    --------
    >>> simulate(0, seed=1, out=Path("cohort.csv"))
    Traceback (most recent call last):
        ...
    ValueError: n_patients must be at least 1, got 0.
    """
    simulation = synthetic.simulate(patients, rng=np.random.default_rng(seed))
    _write(simulation_table(simulation), out)
    if truth is not None:
        _write(truth_table(simulation), truth)


def _write(table: pd.DataFrame, out: Path) -> None:
    """Write beside the file and then put it in place."""
    with tempfile.NamedTemporaryFile(
        "w",
        dir=out.parent,
        prefix=f".{out.name}.",
        suffix=".part",
        encoding="utf-8",
        newline="",
        delete=False,
    ) as part:
        part_file = Path(part.name)
        try:
            table.to_csv(part, index=False, lineterminator="\n", float_format="%.6f")
        except BaseException:
            part_file.unlink()
            raise
    part_file.chmod(0o644)
    part_file.replace(out)
