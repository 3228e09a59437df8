"""Recording in MLflow: a training, the validation of a version, an updated version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from features.cohort import Cohort
from serving.bundle import read_bundle, write_provenance
from training.fitting import Training
from training.provenance import made_by
from training.run_records import RunRecord, child_records, parent_record
from training.tracking import answering, connected, log_metrics, log_model, recorded_runs, register


@dataclass(frozen=True)
class Recorded:
    """Where a training is found in MLflow.

    Attributes
    ----------
    run_id : str
        The parent run.
    version : str
        Of the registered model.
    ui_hint : str
        Its page, to be put after the address of the MLflow UI.
    """

    run_id: str
    version: str
    ui_hint: str


def record_training(
    training: Training,
    folder: Path,
    *,
    system: Mapping[str, list[float]] | None = None,
    more: Iterable[RunRecord] = (),
    command: str = "train",
    advance: Callable[[], None] = lambda: None,
) -> Recorded:
    """Record a training: a parent run, a child run a model and baseline, and one registered version.

    Parameters
    ----------
    training : Training
    folder : Path
        Its bundle as `write_bundle` left it; ``provenance.json`` is completed.
    system : mapping of str to list of float, optional
        What the training asked of the machine, as `training.system_metrics.sampled` gives it.
    more : iterable of RunRecord
        Further child runs.
    command : str
        By which it was made, for the message where MLflow refuses.
    advance : callable
        Called after each child run.

    Returns
    -------
    recorded : Recorded

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses; the bundle folder stays, and the message says so.
    """
    write_provenance(folder, made_by())
    training = replace(training, bundle=read_bundle(folder))
    children = chain(child_records(training), more)
    record = replace(parent_record(training), series=system or {})
    return record_bundle(record, children, training.cohort, folder, command=command, advance=advance)


def record_bundle(
    record: RunRecord,
    children: Iterable[RunRecord],
    cohort: Cohort | None,
    folder: Path,
    *,
    command: str = "train",
    advance: Callable[[], None] = lambda: None,
) -> Recorded:
    """Record runs of a bundle and register it as a version.

    Parameters
    ----------
    record : RunRecord
        The parent run; its description and tags are those of the version too.
    children : iterable of RunRecord
    cohort : Cohort or None
        What the runs are of.
    folder : Path
        The bundle; ``provenance.json`` is completed.
    command : str
        By which it was made, for the message where MLflow refuses.
    advance : callable
        Called after each child run.

    Returns
    -------
    recorded : Recorded

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses; the bundle folder stays, and the message says so.
    """
    kept = (
        f"Nothing is lost: the bundle is in {folder} and can be served and scored with --bundle {folder}. "
        f"Run the same {command} command again to record it: the same seed gives the same bundle"
    )
    with (
        answering(kept=kept),
        connected() as client,
        recorded_runs(client, record, children, cohort, use="training", advance=advance) as (run_id, page),
    ):
        write_provenance(folder, {"run_id": run_id})
        model_id = log_model(run_id, folder)
        log_metrics(client, run_id, record.metrics, series=record.series, model_id=model_id)
        version = register(client, record, run_id=run_id, model_id=model_id)
        write_provenance(folder, {"version": version})
    return Recorded(run_id, version, page)


def record_validation(
    record: RunRecord,
    children: Iterable[RunRecord],
    cohort: Cohort,
    *,
    advance: Callable[[], None] = lambda: None,
) -> Recorded:
    """Record runs of a version on another cohort; nothing is registered.

    Parameters
    ----------
    record : RunRecord
        The parent run.
    children : iterable of RunRecord
    cohort : Cohort
    advance : callable
        Called after each child run.

    Returns
    -------
    recorded : Recorded
        Without a version.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses.
    """
    with (
        answering(),
        connected() as client,
        recorded_runs(client, record, children, cohort, use="validation", advance=advance) as (run_id, page),
    ):
        log_metrics(client, run_id, record.metrics)
    return Recorded(run_id, "", page)
