"""What MLmodel says of a model: how it may be configured, and no folder of the machine that logged it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
from mlflow.models import Model

from training.tracking.prediction_options import PARAMETERS

LOGGED_MODEL = "models:/"
"""Begins the address of a logged model, before its id."""

MODEL_STATEMENT = "MLmodel"
"""The file by which MLflow loads a model."""

FLAVOR = "python_function"


class PortableFlavor:
    """MLflow's Python function, saved with `portable` in place of what MLflow says of it."""

    @staticmethod
    def save_model(path: str, mlflow_model: Model, **settings: Any) -> None:
        """Save a model; `mlflow.models.Model.log` calls it.

        Parameters
        ----------
        path : str
            New folder.
        mlflow_model : Model
            Receives what is stated of it.
        **settings : dict
            As `mlflow.pyfunc.save_model` takes them.
        """
        mlflow.pyfunc.save_model(path=path, mlflow_model=mlflow_model, **settings)
        portable(mlflow_model).save(str(Path(path) / MODEL_STATEMENT))


def portable(model: Model) -> Model:
    """Name the files of a model by where they are in it, and the model by its id; let it be configured.

    Parameters
    ----------
    model : Model
        Saved from code; it is changed.

    Returns
    -------
    model : Model
        The same. MLflow loads it as before: it reads the paths within the model alone. It accepts the
        parameters of a prediction as ``model_config``, for commands that pass no parameters.

    Examples
    --------
    >>> saved = {"artifacts": {"bundle": {"path": "artifacts/bundle", "uri": "/tmp/x/bundle"}}}
    >>> portable(Model(flavors={"python_function": saved})).flavors["python_function"]["artifacts"]
    {'bundle': {'path': 'artifacts/bundle', 'uri': 'artifacts/bundle'}}
    """
    flavor = model.flavors[FLAVOR]
    for artifact in flavor["artifacts"].values():
        artifact["uri"] = artifact["path"]
    if code := flavor.get("model_code_path"):
        flavor["model_code_path"] = Path(code).name
    # Not as `model_config` of `Model.log`, which would make them parameters of the run.
    flavor["config"] = {parameter.name: None for parameter in PARAMETERS}
    if model.model_id:
        model.artifact_path = f"{LOGGED_MODEL}{model.model_id}"
    return model
