"""The MLflow experiment of the runs: its name, its tags for the UI, and the page that lists its runs."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from training.tracking.saved_view import SAVED_VIEWS, TAG, VIEW
from training.tracking.store import TrackingError

EXPERIMENT = "cart-outcomes"
EXPERIMENT_VARIABLE = "MLFLOW_EXPERIMENT_NAME"
MODEL_TRAINING = "workflowType=machine_learning"
"""In the address of a page. Without it MLflow opens its pages for language models."""
EVERY_EXPERIMENT = f"/#/experiments?{MODEL_TRAINING}"
DESCRIPTION = "mlflow.note.content"
"""Tag of an experiment or a run that MLflow shows as its description, in Markdown."""
ACTIVE, DELETED = "active", "deleted"
PARENT_KINDS = ("training", "update", "external_validation")
"""Tag ``kind`` of the parent runs that this project records."""
MARKS = {
    # The kind keeps the UI from asking what the experiment is for.
    "mlflow.experimentKind": "custom_model_development",
    **SAVED_VIEWS,
}
"""Tags of an experiment with our runs."""


def experiment_name() -> str:
    """Name the experiment of new runs: what `EXPERIMENT_VARIABLE` says, else `EXPERIMENT`."""
    return os.environ.get(EXPERIMENT_VARIABLE) or EXPERIMENT


def experiment_of_new_runs(client: Any, artifact_location: str | None) -> str:
    """Find the experiment of new runs, creating it where there is none.

    Parameters
    ----------
    client : MlflowClient
    artifact_location : str or None
        Of a new experiment; None where the server decides.

    Returns
    -------
    experiment_id : str

    Raises
    ------
    TrackingError
        If the experiment is deleted.
    """
    known = client.get_experiment_by_name(experiment_name())
    if known is None:
        return str(client.create_experiment(experiment_name(), artifact_location, MARKS))
    refuse_deleted(known)
    mark(client, known)
    return str(known.experiment_id)


def refuse_deleted(experiment: Any) -> None:
    """Refuse an experiment that takes no runs, and name the command that restores it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> refuse_deleted(SimpleNamespace(name="march", experiment_id="3", lifecycle_stage="deleted"))
    Traceback (most recent call last):
        ...
    training.tracking.store.TrackingError: the MLflow experiment march is deleted and takes no runs. Restore \
it with: mlflow experiments restore --experiment-id 3, or name another experiment in MLFLOW_EXPERIMENT_NAME
    """
    if experiment.lifecycle_stage == ACTIVE:
        return
    message = (
        f"the MLflow experiment {experiment.name} is deleted and takes no runs. Restore it with: mlflow "
        f"experiments restore --experiment-id {experiment.experiment_id}, or name another experiment in "
        f"{EXPERIMENT_VARIABLE}"
    )
    raise TrackingError(message)


def refuse_deleted_run(run: Any) -> None:
    """Refuse a run that `mlflow run` has opened and that was deleted since."""
    if run.info.lifecycle_stage != ACTIVE:
        message = f"the MLflow run {run.info.run_id}, named by MLFLOW_RUN_ID, is deleted: start a new run"
        raise TrackingError(message)


def try_to_write(client: Any, experiment: Any, model: str) -> None:
    """Write existing values again, so that a missing permission is found before any work is done."""
    view = f"{TAG}{VIEW}"
    client.set_experiment_tag(experiment.experiment_id, view, SAVED_VIEWS[view])
    for known in client.search_registered_models(f"name = '{model}'"):
        client.update_registered_model(model, description=known.description)


def mark(client: Any, experiment: Any) -> None:
    """Give an experiment the tags that the UI needs; a description or kind set by hand stays."""
    for name, value in MARKS.items():
        ours = name in SAVED_VIEWS
        if experiment.tags.get(name) != value if ours else name not in experiment.tags:
            client.set_experiment_tag(experiment.experiment_id, name, value)


def start_page(client: Any, artifact_location: str | None) -> str:
    """Find the page to open first: the list of runs in the view of measures.

    Parameters
    ----------
    client : MlflowClient
    artifact_location : str or None
        As for `experiment_of_new_runs`: a new database gets its experiment here.

    Returns
    -------
    page : str
        To be put after the address of the MLflow UI. It lists the experiment of new runs; where that has no
        runs, the experiment with the newest training; where that is deleted too, all experiments.
    """
    known = client.get_experiment_by_name(experiment_name())
    usable = known is not None and known.lifecycle_stage == ACTIVE
    if usable and client.search_runs([known.experiment_id], max_results=1):
        return _runs_page(client, known)
    newest = _experiment_of_newest_run(client)
    if newest is not None:
        return _runs_page(client, newest)
    if known is not None and not usable:
        return EVERY_EXPERIMENT
    return runs_page(experiment_of_new_runs(client, artifact_location))


def runs_page(experiment_id: str) -> str:
    """Name the page that lists an experiment's runs.

    Examples
    --------
    >>> runs_page("1")
    '/#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=measures'
    """
    return f"/#/experiments/{experiment_id}/runs?{MODEL_TRAINING}&viewStateShareKey={VIEW}"


def run_page(experiment_id: str, run_id: str) -> str:
    """Name the page of a run.

    Examples
    --------
    >>> run_page("1", "0a")
    '/#/experiments/1/runs/0a?workflowType=machine_learning'
    """
    return f"/#/experiments/{experiment_id}/runs/{run_id}?{MODEL_TRAINING}"


def version_page(model: str, version: str) -> str:
    """Name the page of a version of a registered model.

    Examples
    --------
    >>> version_page("cart-outcomes", "3")
    '/#/models/cart-outcomes/versions/3?workflowType=machine_learning'
    """
    return f"/#/models/{model}/versions/{version}?{MODEL_TRAINING}"


def _runs_page(client: Any, experiment: Any) -> str:
    # A user without write permission sees the list too, perhaps in an older view.
    with suppress(Exception):
        mark(client, experiment)
    return runs_page(experiment.experiment_id)


def _experiment_of_newest_run(client: Any) -> Any:
    """Find the active experiment with the newest run of ours; None without any."""
    experiments = {each.experiment_id: each for each in client.search_experiments()}
    newest: list[Any] = []
    for kind in PARENT_KINDS:
        # MLflow's filters have no `or`.
        newest += client.search_runs(
            list(experiments), f"tags.kind = '{kind}'", max_results=1, order_by=["attributes.start_time DESC"]
        )
    run = max(newest, key=lambda each: each.info.start_time, default=None)
    return experiments[run.info.experiment_id] if run is not None else None
