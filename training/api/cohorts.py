"""Cohorts for the library: read from a file or a DataFrame, and the labels of an outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features import read_cohort as files
from features.checking.check_table import check_table
from features.cohort import Cohort
from features.mapping.file import read_mapping
from features.mapping.mapped import map_table
from features.outcome import ESTIMANDS, Estimand
from features.outcomes import OUTCOMES
from features.problems import DataError, Refused
from features.synthetic import simulation
from features.synthetic.tables import simulation_table
from training.api.frames import FRAME, as_frame, frame_table, without_values
from training.dataset.cohort_name import refuse_name, renamed
from training.dataset.fit_config import FitConfig
from training.dataset.known_names import known
from training.dataset.outcome_dataset import outcome_data
from training.dataset.unavailable import NoData

Patients = Cohort | pd.DataFrame | pd.Series | Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | Path
"""A checked cohort, a DataFrame or a row of one, records or one record, or the path of a file."""


def read_cohort(
    source: pd.DataFrame | str | Path, *, mapping: str | Path | None = None, name: str = ""
) -> Cohort:
    """Read and check a cohort.

    Parameters
    ----------
    source : DataFrame, str or Path
        A DataFrame, or a CSV, Excel, Parquet, SPSS, Stata or SAS file, with a row an infusion.
    mapping : str or Path, optional
        Mapping file, if the columns are a site's own.
    name : str
        Name of the cohort in bundle and MLflow; by default that of the file.

    Returns
    -------
    cohort : Cohort
        Row by row. Its representation has sizes, no value of a patient.

    Raises
    ------
    DataError
        With every problem: column, rule and row, never a value. Rows of a file are counted as a spreadsheet
        does, rows of a DataFrame from 0.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": ["a", "b"], "age_years": [31, 310]})
    >>> read_cohort(frame.head(1), name="first").n_patients
    1
    >>> read_cohort(frame)
    Traceback (most recent call last):
        ...
    features.problems.DataError: DataFrame: 1 problem
      age_years must be 0 to 100 years (row 1): correct the cell; if it is in months, divide by 12
    """
    refuse_name(name, option="name")
    try:
        if not isinstance(source, str | Path):
            return renamed(_from_frame(as_frame(source), mapping), name)
        return renamed(files.read_cohort(Path(source), mapping=Path(mapping) if mapping else None), name)
    except DataError as error:
        refused = without_values(error)
    raise refused


def simulate(n_patients: int = 150, *, seed: int = 7) -> pd.DataFrame:
    """Simulate a cohort to try things out, as ``cart-outcomes simulate`` does.

    Parameters
    ----------
    n_patients : int
        At least 1.
    seed : int
        The same seed gives the same patients.

    Returns
    -------
    frame : DataFrame
        A row an infusion. Identifiers say that the patients are synthetic, and so does every model of them.

    Examples
    --------
    >>> read_cohort(simulate(20, seed=1)).synthetic
    True
    """
    return simulation_table(simulation.simulate(n_patients, rng=np.random.default_rng(seed)))


def as_cohort(patients: Patients, *, mapping: str | Path | None = None) -> Cohort:
    """Give patients as a cohort; without a column ``patient_id`` they are numbered from 0.

    Parameters
    ----------
    patients : Cohort, DataFrame, Series, mapping, sequence of mapping, str or Path
    mapping : str or Path, optional
        As for `read_cohort`.

    Returns
    -------
    cohort : Cohort

    Raises
    ------
    DataError
        As `read_cohort`.
    """
    if isinstance(patients, Cohort):
        return patients
    if isinstance(patients, str | Path):
        return read_cohort(patients, mapping=mapping)
    frame = as_frame(patients)
    if mapping is None and "patient_id" not in frame.columns:
        frame = frame.assign(patient_id=[str(number) for number in range(len(frame))])
    return read_cohort(frame, mapping=mapping)


def labels(
    cohort: Patients,
    outcome: str,
    *,
    horizon_days: int | None = None,
    estimand: Estimand = "treatment_policy",
    allow_grading: str = "",
) -> pd.DataFrame:
    """Label every infusion of a cohort for one outcome at a horizon, as training does.

    Parameters
    ----------
    cohort : Cohort, DataFrame, str or Path
    outcome : str
        Entry of `OUTCOMES`.
    horizon_days : int, optional
        The headline horizon by default.
    estimand : str
        ``treatment_policy`` or ``no_further_therapy``.
    allow_grading : str
        Additional CRS grading scale to accept.

    Returns
    -------
    labels : DataFrame
        A row an infusion, with the index of the DataFrame, else counted from 0. ``label`` is 1 with the event
        by the horizon, 0 without, NaN where it is not known.
        ``weight`` is the inverse probability of remaining uncensored, 0 where the label is not known. ``day``
        is the day of the event, of a competing event or of the last observation, NaN where nothing is known.
        ``patient`` numbers the patients, for grouped folds.

    Raises
    ------
    Refused
        If the outcome, the horizon or the estimand does not exist, or the cohort has no data on it.

    Examples
    --------
    >>> rows = {"patient_id": ["a", "b"], "icans_grade": [4, 1], "last_contact_day": [400, 400]}
    >>> labels(pd.DataFrame(rows), "severe_icans")[["label", "weight"]].to_numpy().tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    read = as_cohort(cohort)
    entry = OUTCOMES[known("outcome", (outcome,), OUTCOMES)[0]]
    known("estimand", (estimand,), ESTIMANDS)
    days = entry.horizons_days[0] if horizon_days is None else horizon_days
    data = outcome_data(read, entry, FitConfig(estimand=estimand, allow_grading=allow_grading))
    if isinstance(data, NoData):
        message = f"{outcome} cannot be labeled: {data.reason}"
        raise Refused(message)
    if days not in data.horizons_days:
        allowed = ", ".join(map(str, sorted(data.horizons_days)))
        message = f"horizon_days must be one of {allowed} for {outcome} in this cohort, got {days}"
        raise Refused(message)
    scored, at = data.scoring_set(), data.horizons_days.index(days)
    weight = scored.weight[:, at]
    numbers = np.unique(read.patient_id, return_inverse=True)[1]
    table = pd.DataFrame({"label": np.nan, "weight": 0.0, "day": np.nan, "patient": numbers})
    table.loc[data.position, "label"] = np.where(weight > 0, scored.label[:, at], np.nan)
    table.loc[data.position, "weight"] = weight
    table.loc[data.position, "day"] = data.observation.day
    # So that pandas joins each label with its own row, also of a table that was sorted or filtered.
    return table.set_index(cohort.index) if isinstance(cohort, pd.DataFrame) else table


def _from_frame(frame: pd.DataFrame, mapping: str | Path | None) -> Cohort:
    table = frame_table(frame, name=FRAME)
    if mapping is None:
        return check_table(table)
    mapped = map_table(read_mapping(Path(mapping)), table)
    return check_table(mapped.table, mapped.origin)
