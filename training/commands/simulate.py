"""Write a synthetic cohort and, on request, its true risks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from features.files.output_files import Output, Outputs
from features.outcomes import OUTCOMES
from features.schema import all_fields
from features.synthetic import simulation as synthetic
from features.synthetic.tables import simulation_table, truth_table
from training.commands.options import DEFAULT_SEED, Overwrite, given_path

INFUSIONS = 1.3
"""For each patient, at most: for the size of the files."""


def command(
    patients: Annotated[int, typer.Option(min=1, max=100_000, help="Number of patients")],
    out: Annotated[Path, typer.Option(readable=False, help="Cohort file to write (CSV)")],
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed; the same seed gives the same cohort")
    ] = DEFAULT_SEED,
    truth: Annotated[str, typer.Option(help="File for the true risks (CSV)")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Simulate a cohort of synthetic patients with known true risks."""
    simulate(patients, seed, out, given_path(truth), overwrite=overwrite)


def simulate(
    patients: int, seed: int, out: Path, truth: Path | None = None, *, overwrite: bool = False
) -> None:
    """Draw a synthetic cohort and write it as CSV.

    Parameters
    ----------
    patients : int
        At least 1; infusions are about 1.2 times as many.
    seed : int
        0 or more. The same seed gives the same file, byte for byte.
    out : Path
        The cohort.
    truth : Path, optional
        True risks: ``patient_id, infusion_number, outcome, horizon_days, risk``.

    overwrite : bool
        Whether earlier files may be replaced.

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
    n_infusions = int(INFUSIONS * patients)
    files = [Output(out, patients=True, n_bytes=n_infusions * 8 * len(all_fields()))]
    if truth is not None:
        horizons = sum(len(outcome.horizons_days) for outcome in OUTCOMES.values())
        files.append(Output(truth, patients=True, n_bytes=n_infusions * 50 * horizons))
    outputs = Outputs(*files, overwrite=overwrite)
    simulation = synthetic.simulate(patients, rng=np.random.default_rng(seed))
    contents = {out: _text(simulation_table(simulation))}
    if truth is not None:
        contents[truth] = _text(truth_table(simulation))
    outputs.write(contents)


def _text(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n", float_format="%.6f")
