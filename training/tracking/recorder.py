"""Record in MLflow: a training, the validation of a version, an updated version.

Runs are stored on disk first and deleted once MLflow has them, so that a failure costs only the recording.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from features.cohort import Cohort
from serving.model.bundle import UNREGISTERED
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_provenance
from training.console.interruption import told_when_stopped
from training.console.locks import lock_held
from training.fitting.train import Training
from training.records.outbox import (
    Unrecorded,
    UnrecordedError,
    forget,
    keep,
    last_attempt,
    place_of,
    read_unrecorded,
)
from training.records.run_record import RunRecord
from training.records.training_runs import child_records, parent_record
from training.tasks.serial import SERIAL
from training.tasks.task import Runner
from training.tracking.end_of_run import end_of_run
from training.tracking.logged_model import already_registered
from training.tracking.renewal import renew
from training.tracking.run_logging import end_interrupted, recorded_runs
from training.tracking.runs import answering, connected
from training.tracking.store import TrackingError
from training.validation.provenance import made_by

LAST_VALIDATION = Path(".cart-outcomes") / "last-validation"
"""Beside it the runs of the newest validation are stored until MLflow has them."""


@dataclass(frozen=True)
class Recorded:
    """Where a training is found in MLflow.

    Attributes
    ----------
    run_id : str
        The parent run.
    version : str
        Of the registered model; empty where none was registered.
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
    further_runs: Iterable[RunRecord] = (),
    command: str = "train",
    runner: Runner = SERIAL,
    advance: Callable[[], None] = lambda: None,
) -> Recorded:
    """Record a training: a parent run, a child run a model and baseline, and one registered version.

    Parameters
    ----------
    training : Training
    folder : Path
        Its bundle as `write_bundle` left it; ``provenance.json`` is completed.
    system : mapping of str to list of float, optional
        CPU and memory used, as `training.console.resource_usage.sampled` gives them.
    further_runs : iterable of RunRecord
        Further child runs.
    command : str
        By which it was made, for the message where MLflow refuses.
    runner : Runner
        Draws the figures.
    advance : callable
        Called after each child run.

    Returns
    -------
    recorded : Recorded

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses; the runs are stored, and the message says how to record them.
    """
    write_provenance(folder, made_by())
    training = replace(training, bundle=read_bundle(folder))
    children = chain(child_records(training), further_runs)
    record = replace(parent_record(training), series=system or {})
    return record_bundle(
        record, children, training.cohort, folder, command=command, runner=runner, advance=advance
    )


def record_bundle(
    record: RunRecord,
    children: Iterable[RunRecord],
    cohort: Cohort | None,
    folder: Path,
    *,
    command: str = "train",
    runner: Runner = SERIAL,
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
    runner : Runner
        Draws the figures.
    advance : callable
        Called after each child run.

    Returns
    -------
    recorded : Recorded

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses; the runs are stored, and the message says how to record them.
    """
    unkept = f"the bundle is in {folder}; run the same {command} command again to record it"
    with told_when_stopped(f"stopped: {unkept}"), _written_with(unkept):
        stated = {"command": command, "bundle_digest": read_bundle(folder).digest}
        keep(folder, record, children, cohort, use="training", runner=runner, **stated)
    return record_kept(folder, advance=advance)


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
        If MLflow cannot be reached or refuses; the runs are stored, and the message says how to record them.
    """
    LAST_VALIDATION.parent.mkdir(parents=True, exist_ok=True)
    with lock_held(LAST_VALIDATION.with_name(f"{LAST_VALIDATION.name}.lock")):
        with _written_with("run the same validate command again to record it"):
            keep(LAST_VALIDATION, record, children, cohort, command="validate", use="validation")
        return record_kept(LAST_VALIDATION, advance=advance)


def record_kept(folder: Path, *, advance: Callable[[], None] = lambda: None) -> Recorded:
    """Record the runs stored beside a folder, then delete them; nothing is fitted or validated again.

    Parameters
    ----------
    folder : Path
        The bundle, whose ``provenance.json`` is completed; `LAST_VALIDATION` for a validation.
    advance : callable
        Called after each child run.

    Returns
    -------
    recorded : Recorded

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses; all stays, and the message says so.
    UnrecordedError
        If no run is stored there, it is damaged, or it belongs to another bundle.
    BundleError
        If the bundle is damaged.
    """
    unrecorded = read_unrecorded(folder)
    _refuse_other_bundle(unrecorded, folder)
    kept = _kept(unrecorded, folder)
    with (
        told_when_stopped(f"stopped before everything was recorded in MLflow. {kept}"),
        answering(kept=kept),
        connected() as client,
    ):
        attempt = last_attempt(folder)
        version = already_registered(client, attempt) if unrecorded.bundle_digest else ""
        if version:
            write_provenance(folder, {"run_id": attempt, "version": version})
            forget(folder)
            return Recorded(attempt, version, "")
        end_interrupted(client, attempt)
        with recorded_runs(client, unrecorded, folder, advance=advance) as (run_id, page):
            version = end_of_run(client, unrecorded, folder, run_id)
    forget(folder)
    renew(run_id, measured=unrecorded.parent.measured)
    return Recorded(run_id, version, page)


def close_attempt(folder: Path) -> None:
    """End the runs of a recording that lost only the server's last answer; then delete the stored runs.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached; stored runs stay.
    """
    attempt = last_attempt(folder)
    if attempt:
        with answering(), connected() as client:
            already_registered(client, attempt)
    forget(folder)


def recorded_version(folder: Path) -> str:
    """Name the version that a bundle was recorded as; empty if it was not, or without a bundle."""
    if not (folder / "bundle.json").is_file():
        return ""
    version = read_bundle(folder).version
    return "" if version == UNREGISTERED else version


@contextmanager
def _written_with(remedy: str) -> Iterator[None]:
    """Say what to do if the disk is full or the folder read-only before the runs are stored."""
    try:
        yield
    except OSError as error:
        message = f"the runs could not be stored ({error.strerror or error}): {remedy}"
        raise TrackingError(message) from error


def _refuse_other_bundle(unrecorded: Unrecorded, folder: Path) -> None:
    if unrecorded.bundle_digest and read_bundle(folder).digest != unrecorded.bundle_digest:
        message = f"the runs in {place_of(folder)} belong to another bundle than the one in {folder}"
        raise UnrecordedError(message)


def _kept(unrecorded: Unrecorded, folder: Path) -> str:
    """Say where everything is, and how to record it."""
    named, outbox = shlex.quote(str(folder)), place_of(folder)
    bundle = f"the bundle is in {folder} and can be served and scored with --bundle {named}, and "
    return (
        f"Nothing is lost: {bundle if unrecorded.bundle_digest else ''}the unrecorded runs are in {outbox}. "
        f"When MLflow is available again, record them without refitting: cart-outcomes record {named}"
    )
