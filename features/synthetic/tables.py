"""A synthetic cohort and its truth as tables, ready to be written as CSV."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.synthetic.simulation import SIMULATED_COLUMNS, Simulation


def simulation_table(simulation: Simulation) -> pd.DataFrame:
    """Write a synthetic cohort as the cells of a CSV file.

    Parameters
    ----------
    simulation : Simulation
        From `simulate`.

    Returns
    -------
    table : DataFrame of str
        Columns in schema order; blank where missing, ``true`` and ``false``, whole numbers without decimals.

    Examples
    --------
    >>> from features.synthetic.simulation import simulate
    >>> table = simulation_table(simulate(5, rng=np.random.default_rng(1)))
    >>> table.loc[0, ["patient_id", "infusion_number", "prior_car_t"]].tolist()
    ['synthetic-0001', '1', 'false']
    """
    columns = list(SIMULATED_COLUMNS)
    cells = [[_cell(row[column]) for column in columns] for row in simulation.rows]
    return pd.DataFrame(cells, columns=columns, dtype=object)


def truth_table(simulation: Simulation) -> pd.DataFrame:
    """List the true risks: one row per infusion, outcome and horizon.

    Parameters
    ----------
    simulation : Simulation
        From `simulate`.

    Returns
    -------
    table : DataFrame
        ``patient_id, infusion_number, outcome, horizon_days, risk``; infusions in the order of the rows.

    Examples
    --------
    >>> from features.synthetic.simulation import simulate
    >>> table = truth_table(simulate(5, rng=np.random.default_rng(1)))
    >>> table["horizon_days"].head(6).tolist()
    [30, 30, 365, 90, 180, 730]
    """
    identity = {key: [row[key] for row in simulation.rows] for key in ("patient_id", "infusion_number")}
    parts = [
        pd.DataFrame({**identity, "outcome": outcome, "horizon_days": horizon, "risk": risk})
        for (outcome, horizon), risk in simulation.risks.items()
    ]
    by_infusion = np.argsort(np.tile(np.arange(len(simulation)), len(parts)), kind="stable")
    return pd.concat(parts, ignore_index=True).iloc[by_infusion].reset_index(drop=True)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
