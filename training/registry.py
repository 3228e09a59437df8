"""The registered model: its versions, their bundles, the champion, and what was measured of each training."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serving.bundle import Bundle, read_bundle, write_provenance
from serving.model_format import BundleError
from serving.summary import Measured
from training.tracking import MODEL_NAME, answering, connected, download_bundle
from training.tracking_store import TrackingError

CHAMPION = "champion"
FETCHED = Path(".cart-outcomes") / "versions"
"""Bundles of registered versions, fetched anew each time they are asked for."""
NOTHING_YET = "no model is registered yet; train one with `cart-outcomes train COHORT`"


@dataclass(frozen=True)
class RecordedModel:
    """One model or baseline of a training, as its run says.

    Attributes
    ----------
    outcome, model, status : str
        ``status`` is empty for a baseline.
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
    models : tuple of RecordedModel
    """

    run_id: str
    date: str
    cohort: str
    estimand: str
    synthetic: bool
    version: str
    champion: bool
    models: tuple[RecordedModel, ...]


def registered_bundle(version: str | None = None) -> tuple[str, Path]:
    """Fetch the bundle of a registered version and verify it.

    Parameters
    ----------
    version : str, optional
        The newest by default.

    Returns
    -------
    version : str
    folder : Path
        Its ``provenance.json`` names version and run.

    Raises
    ------
    TrackingError
        If there is no such version, or MLflow cannot be reached.
    BundleError
        If the bundle is refused.
    """
    with answering(), connected() as client:
        found = _version(client, version)
        folder = FETCHED / str(found.version)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        download_bundle(f"models:/{MODEL_NAME}/{found.version}", folder)
    write_provenance(folder, {"version": str(found.version), "run_id": str(found.run_id)})
    read_bundle(folder)
    return str(found.version), folder


def set_champion(version: str, *, forced: str | None = None, reasons: Sequence[str] = ()) -> None:
    """Make a version the champion.

    Parameters
    ----------
    version : str
    forced : str, optional
        Why, where the gate said no; recorded with the version.
    reasons : sequence of str
        What the gate said against it; all are recorded.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses.
    """
    tags = {
        "promoted_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "forced": forced or "no",
        "forced_although": "; ".join(reasons) or "no reason",
    }
    with answering(), connected() as client:
        for name, value in tags.items():
            client.set_model_version_tag(MODEL_NAME, version, name, value)
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)


def champion_outcomes() -> tuple[str, tuple[str, ...]] | None:
    """Name the champion's version and its outcomes; None where nothing was promoted yet.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    with answering(), connected() as client:
        version = _champion(client)
        if not version:
            return None
        tags = client.get_model_version(MODEL_NAME, version).tags
    return version, tuple(tag.removeprefix("chosen.") for tag in tags if tag.startswith("chosen."))


def champion_bundle() -> Bundle | None:
    """Fetch the champion's bundle to compare a training with.

    Returns
    -------
    bundle : Bundle or None
        None where nothing was promoted yet, and where the champion cannot be read: it is gone, of another
        schema, or MLflow is out of reach. A training does not fail for that.
    """
    try:
        found = champion_outcomes()
        return read_bundle(registered_bundle(found[0])[1]) if found is not None else None
    except (BundleError, TrackingError, OSError):
        return None


def list_models(limit: int = 20) -> list[RecordedTraining]:
    """List trainings with their models, the newest first.

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
        experiments = [found.experiment_id for found in client.search_experiments()]
        parents = client.search_runs(
            experiments, "tags.kind = 'training'", max_results=limit, order_by=["attributes.start_time DESC"]
        )
        version_of = {found.run_id: str(found.version) for found in _versions(client)}
        champion = _champion(client)
        return [_training(client, parent, version_of, champion) for parent in parents]


def _version(client: Any, version: str | None) -> Any:
    known = {str(found.version): found for found in _versions(client)}
    if not known:
        raise TrackingError(NOTHING_YET)
    wanted = version or max(known, key=int)
    if wanted not in known:
        message = f"version {wanted} is not registered; there are {', '.join(sorted(known, key=int))}"
        raise TrackingError(message)
    return known[wanted]


def _versions(client: Any) -> list[Any]:
    return list(client.search_model_versions(f"name = '{MODEL_NAME}'"))


def _champion(client: Any) -> str:
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        return ""
    aliases = client.get_registered_model(MODEL_NAME).aliases
    return str(aliases.get(CHAMPION, ""))


def _training(client: Any, parent: Any, version_of: Mapping[str, str], champion: str) -> RecordedTraining:
    run_id, tags = parent.info.run_id, parent.data.tags
    children = client.search_runs(
        [parent.info.experiment_id],
        f"tags.`mlflow.parentRunId` = '{run_id}'",
        order_by=["attributes.start_time ASC"],
    )
    version = version_of.get(run_id, "")
    return RecordedTraining(
        run_id=run_id,
        date=f"{datetime.fromtimestamp(parent.info.start_time / 1000, UTC):%Y-%m-%d %H:%M}",
        cohort=tags.get("cohort", ""),
        estimand=parent.data.params.get("estimand", ""),
        synthetic=tags.get("synthetic", "no") != "no",
        version=version,
        champion=bool(version) and version == champion,
        models=tuple(_model(child) for child in children),
    )


def _model(child: Any) -> RecordedModel:
    metrics, tags = child.data.metrics, child.data.tags
    named = [name for name in metrics if not name.endswith(("_low", "_high", "_days", "fold_log_loss"))]
    return RecordedModel(
        outcome=tags.get("outcome", ""),
        model=child.data.params.get("model", ""),
        status=tags.get("status", ""),
        chosen=tags.get("chosen") == "yes",
        metrics={
            name: Measured(metrics[name], metrics.get(f"{name}_low"), metrics.get(f"{name}_high"))
            for name in named
        },
    )
