"""Metrics of each training and update, read back from their runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException

from features.outcomes import OUTCOMES
from serving.model.measured import Measured
from training.records.league_file import LEAGUE_FILE, read_league
from training.records.recorded_names import recorded_measures
from training.records.run_record import TRIAL
from training.tracking.model_registry import champion_version, versions
from training.tracking.runs import answering, connected

LISTED_KINDS = ("training", "update")
"""Tag ``kind`` of runs that make a version."""
WITH_TABLES = "mlflow.loggedArtifacts"
"""Tag in which MLflow lists the tables of a run."""


@dataclass(frozen=True)
class RecordedModel:
    """One model or baseline of a training, as its run says.

    Attributes
    ----------
    outcome, model, status : str
        ``status`` is empty for a model that is not in the bundle of its training.
    chosen : bool
        Whether it is in the bundle of its training.
    metrics : mapping of str to Measured
        At the headline horizon.
    """

    outcome: str
    model: str
    status: str
    chosen: bool
    metrics: Mapping[str, Measured]


@dataclass(frozen=True)
class RecordedTraining:
    """One training, as its runs say.

    Attributes
    ----------
    run_id, date, cohort, estimand : str
        ``date`` is the start, UTC.
    synthetic, champion : bool
    version : str
        Empty where nothing was registered.
    parent_version : str
        The version that was updated; empty where one was trained.
    models : tuple of RecordedModel
    run_deleted : bool
        Whether only the version is left, see `training.tracking.versions_without_run`.
    """

    run_id: str
    date: str
    cohort: str
    estimand: str
    synthetic: bool
    version: str
    champion: bool
    models: tuple[RecordedModel, ...]
    parent_version: str = ""
    run_deleted: bool = False


def list_models(limit: int = 20) -> list[RecordedTraining]:
    """List trainings and updates with their models, the newest first.

    Parameters
    ----------
    limit : int
        Trainings at most.

    Returns
    -------
    trainings : list of RecordedTraining
        Empty where nothing was recorded.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    with answering(), connected() as client:
        experiments = [each.experiment_id for each in client.search_experiments()]
        runs = [run for kind in LISTED_KINDS for run in _newest(client, experiments, kind, limit)]
        parents = sorted(runs, key=lambda run: -run.info.start_time)[:limit]
        version_of = {each.run_id: str(each.version) for each in versions(client)}
        champion = champion_version(client)
        return [_training(client, parent, version_of, champion) for parent in parents]


def _newest(client: Any, experiments: list[str], kind: str, limit: int) -> list[Any]:
    newest = ["attributes.start_time DESC"]
    # A run that was stopped has only some of its models, and no version.
    whole = f"tags.kind = '{kind}' and attributes.status = 'FINISHED'"
    return list(client.search_runs(experiments, whole, max_results=limit, order_by=newest))


def _training(client: Any, parent: Any, version_of: Mapping[str, str], champion: str) -> RecordedTraining:
    run_id, tags = parent.info.run_id, parent.data.tags
    version = version_of.get(run_id, "")
    return RecordedTraining(
        run_id=run_id,
        date=f"{datetime.fromtimestamp(parent.info.start_time / 1000, UTC):%Y-%m-%d %H:%M}",
        cohort=tags.get("cohort", ""),
        estimand=parent.data.params.get("estimand", ""),
        synthetic=tags.get("synthetic", "no") != "no",
        version=version,
        champion=bool(version) and version == champion,
        models=tuple(_in_league(parent) or _in_children(client, parent)),
        parent_version=tags.get("parent_version", ""),
    )


def _in_league(parent: Any) -> list[RecordedModel]:
    """Read the models from the table of the training: one file, where its children are some thirty runs.

    Returns
    -------
    models : list of RecordedModel
        Empty where there is no table, it cannot be read, or an earlier release wrote it.
    """
    tags = parent.data.tags
    if LEAGUE_FILE not in tags.get(WITH_TABLES, ""):
        return []
    try:
        entries = read_league(mlflow.artifacts.load_dict(f"{parent.info.artifact_uri}/{LEAGUE_FILE}"))
    except (MlflowException, OSError, JSONDecodeError, KeyError, TypeError, ValueError):
        # The children have the same figures.
        return []
    if not entries:
        return []
    models = [
        RecordedModel(
            each.outcome,
            each.model,
            status=tags.get(f"status.{each.outcome}", "") if each.chosen else "",
            chosen=each.chosen,
            metrics=each.measures,
        )
        for each in entries
    ]
    measured = {model.outcome for model in models}
    others = [name for name in OUTCOMES if f"chosen.{name}" in tags and name not in measured]
    models += [
        RecordedModel(name, tags[f"chosen.{name}"], tags.get(f"status.{name}", ""), chosen=True, metrics={})
        for name in others
    ]
    return sorted(models, key=lambda model: _position(model.outcome))


def _in_children(client: Any, parent: Any) -> list[RecordedModel]:
    children = client.search_runs(
        [parent.info.experiment_id],
        f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'",
        order_by=["attributes.start_time ASC"],
    )
    return [_model(child) for child in _sorted(children) if child.data.tags.get("kind") != TRIAL]


def _sorted(children: Iterable[Any]) -> list[Any]:
    """Sort runs by outcome, then by start: runs of the same millisecond may come in any order."""
    return sorted(
        children, key=lambda run: (_position(run.data.tags.get("outcome", "")), run.info.start_time)
    )


def _position(outcome: str) -> int:
    """Say where an outcome is listed; those of other releases come last."""
    order = list(OUTCOMES)
    return order.index(outcome) if outcome in order else len(order)


def _model(child: Any) -> RecordedModel:
    tags = child.data.tags
    return RecordedModel(
        outcome=tags.get("outcome", ""),
        model=child.data.params.get("model", ""),
        status=tags.get("status", ""),
        chosen=tags.get("chosen") == "yes",
        metrics=recorded_measures(child.data.metrics),
    )
