"""The run that a version was trained in, and what its logged model holds where that run was deleted."""

from __future__ import annotations

from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, Run
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode

from training.tracking.version_facts import LOGGED_MODEL


def active_run(client: MlflowClient, run_id: str) -> Run | None:
    """Find a run; None where it was deleted, be it for good or into MLflow's trash.

    Parameters
    ----------
    client : MlflowClient
    run_id : str

    Raises
    ------
    MlflowException
        If MLflow cannot be reached.
    """
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
            raise
        return None
    return run if run.info.lifecycle_stage == LifecycleStage.ACTIVE else None


def logged_parameters(client: MlflowClient, source: str) -> dict[str, str]:
    """Read the parameters that a logged model holds itself: those of its run, which may be gone.

    Parameters
    ----------
    client : MlflowClient
    source : str
        Of the version, ``models:/`` and the id of its logged model.
    """
    return dict(client.get_logged_model(source.removeprefix(LOGGED_MODEL)).params)
