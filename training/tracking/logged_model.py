"""The bundle as a model of MLflow: logged with its run, registered as a version, its example synthetic."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.models import Model

from serving.model.read_bundle import read_bundle
from training.records.outbox import KeptRun
from training.tracking import pyfunc_model as mlflow_model
from training.tracking.model_signature import input_example, signature
from training.tracking.portable_model import LOGGED_MODEL, PortableFlavor
from training.tracking.run_logging import end_running
from training.tracking.runs import MODEL_NAME
from training.tracking.scoring_package import ScoringCode, scoring_code
from training.validation.provenance import installed

SERVING_LIBRARIES = ("mlflow", "numpy", "pandas", "pydantic", "xgboost-cpu", "xgboost")


def log_model(client: MlflowClient, run_id: str, folder: Path) -> str:
    """Log the bundle as a model that carries its scoring code, where its run is; give its id."""
    run = client.get_run(run_id)
    model = client.create_logged_model(
        run.info.experiment_id, MODEL_NAME, source_run_id=run_id, params=run.data.params
    )
    with tempfile.TemporaryDirectory() as scratch, scoring_code() as code:
        bundle = shutil.copytree(folder, Path(scratch) / "bundle")
        # As `mlflow.pyfunc.log_model`, but without its active run: with the server gone MLflow would retry
        # for minutes, and again when the interpreter exits.
        Model.log(
            artifact_path=None,
            name=MODEL_NAME,
            model_id=model.model_id,
            run_id=run_id,
            flavor=PortableFlavor,
            flavor_name="pyfunc.ModelFromCode",
            **model_settings(bundle, code),
        )
    return str(model.model_id)


def model_settings(bundle: Path, code: ScoringCode) -> dict[str, Any]:
    """Give MLflow's settings for saving a model: bundle, scoring code, signature and requirements."""
    return {
        "python_model": str(code.model_file),
        "code_paths": [str(code.package)],
        "artifacts": {"bundle": str(bundle)},
        "metadata": mlflow_model.digests(read_bundle(bundle)),
        "signature": signature(),
        "input_example": input_example(),
        "pip_requirements": [f"{name}=={version}" for name, version in installed(SERVING_LIBRARIES).items()],
    }


def register(
    client: MlflowClient, record: KeptRun, *, run_id: str, model_id: str, digests: Mapping[str, str]
) -> str:
    """Register the logged model as a version, with the digests of its bundle among the tags."""
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        about = "Outcomes after CAR T-cell therapy in B-ALL. A version is one training with all its outcomes."
        client.create_registered_model(MODEL_NAME, description=about)
    version = client.create_model_version(
        MODEL_NAME,
        source=f"{LOGGED_MODEL}{model_id}",
        run_id=run_id,
        model_id=model_id,
        description=record.description,
        tags=dict(digests),
        await_creation_for=0,
    )
    _name_version(client, model_id, str(version.version))
    return str(version.version)


def _name_version(client: MlflowClient, model_id: str, version: str) -> None:
    """State the version where the list of models in the UI reads it."""
    stated = [{"name": MODEL_NAME, "version": version}]
    client.set_logged_model_tags(model_id, {"mlflow.modelVersions": json.dumps(stated)})


def already_registered(client: MlflowClient, run_id: str) -> str:
    """Name the version of an attempt that lost only the server's last answers, and end its runs.

    Parameters
    ----------
    client : MlflowClient
    run_id : str
        Of the attempt's parent run; empty where there was none.

    Returns
    -------
    version : str
        Empty where the attempt registered none.
    """
    registered = client.search_model_versions(f"run_id = '{run_id}'") if run_id else []
    if not registered:
        return ""
    version = str(registered[0].version)
    _name_version(client, str(registered[0].source).removeprefix(LOGGED_MODEL), version)
    end_running(client, run_id, "FINISHED", "FAILED")
    return version
