"""The bundle as an MLflow model: the code that runs where a registered version is loaded.

A version carries a copy of this module and of all that it imports (`training.tracking.scoring_package`).
Input columns are of any type for MLflow, since its typed signatures refuse an integer for a number and print
the rows; the check is that of cohort files and of the HTTP service, and its messages name field and rule.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import Model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from training.tracking.risk_layouts import RiskTables


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
        self.tables = RiskTables(bundle, context.model_config)

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Predict; MLflow calls it.

        Parameters
        ----------
        context : PythonModelContext
            Not used.
        model_input : DataFrame
            A row a patient, as `training.tracking.patient_rows.checked_rows` reads it.
        params : dict, optional
            As `training.tracking.prediction_options.prediction_options` reads them.

        Returns
        -------
        risks : DataFrame
            As `training.tracking.risk_layouts.RiskTables.table` lays it out.

        Raises
        ------
        InputError
            If a row is not a `Patient`, or a parameter is refused.
        """
        return self.tables.table(model_input, params)


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
