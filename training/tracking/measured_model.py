"""Metrics joined with the model and the data that they are of, as MLflow's pages of models show them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from mlflow import MlflowClient
from mlflow.entities import LoggedModelInput, Metric
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from features.outcomes import OUTCOMES
from serving.model.version_name import version_name
from training.console.resource_usage import EVERY_SECONDS, SYSTEM
from training.console.stopwatch import Period
from training.records.outbox import KeptCohort
from training.tracking.runs import MODEL_NAME
from training.tracking.version_facts import LOGGED_MODEL

DIGEST_LENGTH = 32
"""Characters of a cohort's digest: MLflow takes no whole SHA-256."""


def log_metrics(
    client: MlflowClient,
    run_id: str,
    metrics: Mapping[str, float],
    *,
    series: Mapping[str, list[float]] | None = None,
    model_id: str | None = None,
    cohort: KeptCohort | None = None,
    period: Period | None = None,
) -> None:
    """Log values at the end of a period, or now; samples of the machine are as far apart as taken.

    Parameters
    ----------
    client : MlflowClient
    run_id : str
    metrics : mapping of str to float
    series : mapping of str to list of float, optional
        Values step by step.
    model_id : str, optional
        Logged model that was measured. Metrics that name an outcome are joined with it: a model has one of
        each.
    cohort : KeptCohort, optional
        Data that it was measured on, an input of the run.
    period : Period, optional
    """
    now = period.ended if period is not None else int(time.time() * 1000)
    data = (cohort.name, dataset_digest(cohort)) if cohort is not None else (None, None)
    points = [
        Metric(name, value, now, 0, model_id if names_outcome(name) else None, *data)
        for name, value in metrics.items()
    ]
    for name, values in (series or {}).items():
        apart = int(1000 * EVERY_SECONDS) if name.startswith(SYSTEM) else 0
        first = now - apart * (len(values) - 1)
        points += [Metric(name, value, first + apart * step, step) for step, value in enumerate(values)]
    client.log_batch(run_id, metrics=points)


def names_outcome(metric: str) -> bool:
    """Whether a metric's name says of which outcome it is.

    Examples
    --------
    >>> names_outcome("relapse/auroc"), names_outcome("interval/relapse/auroc_low"), names_outcome("auroc")
    (True, True, False)
    """
    return any(part in OUTCOMES for part in metric.split("/"))


def dataset_digest(cohort: KeptCohort) -> str:
    """Digest of a cohort as MLflow takes it."""
    return cohort.sha256[:DIGEST_LENGTH]


def measured_model(client: MlflowClient, run_id: str, version: str) -> str | None:
    """Find the logged model of a version, and make it an input of the run that measured it.

    Parameters
    ----------
    client : MlflowClient
    run_id : str
    version : str
        Its name in answers; empty where the run measured none.

    Returns
    -------
    model_id : str or None
        None where the version is not registered here, or has no logged model.
    """
    entry = measured_version(client, version)
    source = str(entry.source) if entry is not None else ""
    if not source.startswith(LOGGED_MODEL):
        return None
    model_id = source.removeprefix(LOGGED_MODEL)
    client.log_inputs(run_id, models=[LoggedModelInput(model_id)])
    return model_id


def measured_version(client: MlflowClient, name: str) -> ModelVersion | None:
    """Find a version by its name in answers; None where the number is unknown here or is another model's."""
    number = name.partition("-")[0]
    if not number.isdecimal():
        return None
    try:
        entry = client.get_model_version(MODEL_NAME, number)
    except MlflowException:
        return None
    return entry if version_name(number, entry.tags.get("bundle_digest", "")) == name else None
