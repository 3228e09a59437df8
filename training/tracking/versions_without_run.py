"""Versions whose run was deleted, read back from the tags and the bundle of the version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from training.tracking.model_registry import champion_version, registered_bundle, versions
from training.tracking.run_list import RecordedModel, RecordedTraining
from training.tracking.runs import answering, connected
from training.tracking.store import TrackingError
from training.tracking.training_run import active_run
from training.tracking.version_facts import version_facts


def list_kept_versions(limit: int = 20, *, listed: Collection[str] = ()) -> list[RecordedTraining]:
    """List the registered versions whose run was deleted, the newest first.

    Parameters
    ----------
    limit : int
        Number of versions at most.
    listed : collection of str
        Ids of runs that are there; they are not looked up again.

    Returns
    -------
    trainings : list of RecordedTraining
        With the models in the bundle alone: baselines and other models were recorded in the run.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    with answering(), connected() as client:
        newest = sorted(versions(client), key=lambda each: -int(each.version))[:limit]
        unlisted = [each for each in newest if str(each.run_id) not in listed]
        kept = [each for each in unlisted if active_run(client, str(each.run_id)) is None]
        champion = champion_version(client) if kept else ""
        facts = [version_facts(client, each) for each in kept]
    return [_training(each, tags, champion) for each, tags in zip(kept, facts, strict=True)]


def _training(entry: Any, tags: Mapping[str, str], champion: str) -> RecordedTraining:
    number, bundle = str(entry.version), _bundle(str(entry.version))
    made = datetime.fromtimestamp(entry.creation_timestamp / 1000, UTC)
    return RecordedTraining(
        run_id=str(entry.run_id),
        date=f"{made:%Y-%m-%d %H:%M}",
        cohort=tags.get("cohort", ""),
        estimand=bundle.estimand if bundle is not None else "",
        synthetic=tags.get("synthetic", "no") != "no",
        version=number,
        champion=number == champion,
        models=_models(bundle) if bundle is not None else (),
        parent_version=tags.get("parent_version", ""),
        run_deleted=True,
    )


def _bundle(version: str) -> Bundle | None:
    """Read the bundle of a version; None where its files are gone too."""
    try:
        return read_bundle(registered_bundle(version)[1])
    except (BundleError, TrackingError):
        return None


def _models(bundle: Bundle) -> tuple[RecordedModel, ...]:
    return tuple(
        RecordedModel(
            outcome=name,
            model=model.method,
            status=bundle.summaries[name].status,
            chosen=True,
            metrics=bundle.summaries[name].metrics.get(model.horizons_days[0], {}),
        )
        for name, model in bundle.models.items()
    )
