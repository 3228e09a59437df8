"""The bundle as an MLflow model: the code that runs where a registered version is loaded.

A version carries a copy of this module and of all that it imports (`training.tracking.scoring_package`).
Input columns are of any type for MLflow, since its typed signatures refuse an integer for a number and print
the rows; the check is that of the HTTP service, and its messages name field and rule.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import Model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from features.checking.parse_cell import FALSE, TRUE
from features.field import specs
from features.predictors import predictors
from features.schema import Patient
from serving.http.body_problems import MOST_PROBLEMS, request_problems
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.outcome_risks import OutcomeRisks, bundle_risks
from serving.model.read_bundle import read_bundle

BOOLEANS = frozenset(name for name, field in specs(Patient).items() if field.kind == "boolean")


class InputError(ValueError):
    """Patients that are refused; says row, field and rule, never a value."""


class CartOutcomes(PythonModel):
    """Risks of every outcome of a bundle."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read and verify the bundle."""
        # MLflow's own refusals would print the rows.
        os.environ.setdefault("MLFLOW_DISABLE_SCHEMA_DETAILS", "true")
        folder = Path(context.artifacts["bundle"])
        bundle = read_bundle(folder)
        # MLflow keeps artifacts in a folder beside MLmodel, which holds the digests that were logged.
        refuse_altered(bundle, Model.load(str(folder.parents[1])).metadata or {})
        self.bundle = bundle

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Predict; MLflow calls it.

        Parameters
        ----------
        context : PythonModelContext
            Not used.
        model_input : DataFrame
            A row a patient, columns of `Patient`; blank or absent where not known. Yes and no are booleans,
            or what a cohort file may have for them: 1, 0, "true", "false", "yes", "no".
        params : dict, optional
            Not used.

        Returns
        -------
        risks : DataFrame
            As `risk_table` lays it out.

        Raises
        ------
        InputError
            If a row is not a `Patient`.
        """
        return risk_table(self.bundle, model_input)


def digests(bundle: Bundle) -> dict[str, str]:
    """State the digests of a bundle that is logged: with the model, and as tags of its version."""
    return {"bundle_digest": bundle.digest, "logged_digest": bundle.release_digest}


def refuse_altered(bundle: Bundle, recorded: Mapping[str, Any]) -> None:
    """Compare a bundle with the digests that were logged with the model.

    Parameters
    ----------
    bundle : Bundle
    recorded : mapping of str to Any
        As `digests` states them; empty for a model of an earlier release of the software.

    Raises
    ------
    BundleError
        If a digest is another one.
    """
    for name, digest in digests(bundle).items():
        if recorded.get(name, digest) != digest:
            message = (
                f"the model's files were altered after it was logged: {name} differs from the one in MLmodel"
                ". Restore the files, or train again"
            )
            raise BundleError(message)


def risk_table(bundle: Bundle, patients: pd.DataFrame) -> pd.DataFrame:
    """Lay out risks: one row per patient, outcome and horizon.

    Parameters
    ----------
    bundle : Bundle
    patients : DataFrame
        Columns of `Patient`.

    Returns
    -------
    risks : DataFrame
        ``row`` (counted from 0), ``outcome, horizon_days, risk, low, high``.

    Raises
    ------
    InputError
        If a row is not a `Patient`.
    """
    rows = checked_rows(patients)
    parts = [
        _part(name, risks, horizon, days)
        for name, risks in bundle_risks(bundle, predictors(rows)).items()
        for horizon, days in sorted(enumerate(risks.horizons_days), key=lambda item: item[1])
    ]
    return pd.concat(parts).sort_values("row", kind="stable", ignore_index=True)


def checked_rows(patients: pd.DataFrame) -> list[dict[str, Any]]:
    """Read patients from a table and refuse what is not a `Patient`.

    Examples
    --------
    >>> patient = {"age_years": 400, "prior_lines": 2, "prior_blinatumomab": "none",
    ...            "prior_inotuzumab": False, "marrow_blasts_pct": 40.0, "target_antigen": "cd19",
    ...            "dose_1e6_per_kg": 1.0}
    >>> checked_rows(pd.DataFrame([patient]))
    Traceback (most recent call last):
        ...
    training.tracking.pyfunc_model.InputError: 1 problem
      row 0: age_years must be 0 to 100 years; in months? divide by 12
    """
    rows = [_plain(row) for row in patients.to_dict(orient="records")]
    if not rows:
        message = "no rows: pass a DataFrame with the columns of a patient, one row per patient"
        raise InputError(message)
    problems = [
        f"row {number}: {problem.message}"
        for number, row in enumerate(rows)
        for problem in request_problems(row)
    ]
    if problems:
        shown = problems[:MOST_PROBLEMS]
        rest = [f"and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        raise InputError("\n  ".join([count, *shown, *rest]))
    return rows


def _plain(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Turn a table's values into plain ones: NaN is not known, 0 and 1 are booleans where those belong."""
    values = {str(name): _value(cell) for name, cell in row.items()}
    return {name: _boolean(cell) if name in BOOLEANS else cell for name, cell in values.items()}


def _boolean(cell: Any) -> Any:
    """Read a yes or no as a cohort file's cell is read; anything else stays, to be refused by the check."""
    word = str(cell).strip().lower()
    return True if word in TRUE else False if word in FALSE else cell


def _value(cell: Any) -> Any:
    if isinstance(cell, np.generic):
        cell = cell.item()
    return None if cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)) else cell


def _part(name: str, risks: OutcomeRisks, horizon: int, days: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": np.arange(len(risks.risk)),
            "outcome": name,
            "horizon_days": days,
            "risk": risks.risk[:, horizon],
            "low": risks.low[:, horizon],
            "high": risks.high[:, horizon],
        }
    )
