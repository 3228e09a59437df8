"""The last step of recording: metrics of the parent run, its model, and the version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_provenance
from training.records.outbox import Unrecorded
from training.tracking import pyfunc_model as mlflow_model
from training.tracking.logged_model import log_model, register
from training.tracking.measured_model import log_metrics, measured_model
from training.tracking.version_facts import keep_facts


def end_of_run(client: Any, unrecorded: Unrecorded, folder: Path, run_id: str) -> str:
    """Log the metrics of the parent run; where there is a bundle, log it as a model and register it.

    Parameters
    ----------
    client : MlflowClient
    unrecorded : Unrecorded
    folder : Path
        The bundle, whose ``provenance.json`` is completed.
    run_id : str
        The parent run, still open.

    Returns
    -------
    version : str
        Empty without a bundle.
    """
    parent, cohort = unrecorded.parent, unrecorded.cohort
    if not unrecorded.bundle_digest:
        measured = measured_model(client, run_id, parent.measured)
        log_metrics(client, run_id, parent.metrics, model_id=measured, cohort=cohort, period=parent.period)
        return ""
    write_provenance(folder, {"run_id": run_id})
    model_id = log_model(client, run_id, folder)
    keep_facts(client, model_id, parent)
    log_metrics(
        client,
        run_id,
        parent.metrics,
        series=parent.series,
        model_id=model_id,
        cohort=cohort,
        period=parent.period,
    )
    digests = mlflow_model.digests(read_bundle(folder))
    version = register(client, parent, run_id=run_id, model_id=model_id, digests=digests)
    write_provenance(folder, {"version": version})
    return version
