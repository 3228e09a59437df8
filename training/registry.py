"""The registered model: its versions, their bundles, and the champion."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serving.bundle import Bundle, read_bundle, write_provenance
from serving.model_format import BundleError
from training.promotion_note import described
from training.tracking import MODEL_NAME, answering, connected, download_bundle
from training.tracking_store import TrackingError

CHAMPION = "champion"
FETCHED = Path(".cart-outcomes") / "versions"
"""Bundles of registered versions, fetched anew each time they are asked for."""
NOTHING_YET = "no model is registered yet; train one with `cart-outcomes train COHORT`"


def registered_bundle(version: str | None = None) -> tuple[str, Path]:
    """Fetch the bundle of a registered version and verify it.

    Parameters
    ----------
    version : str, optional
        Number or alias; the newest by default.

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


def set_champion(
    version: str,
    *,
    note: str = "",
    files: Mapping[str, str] | None = None,
    forced: str | None = None,
    reasons: Sequence[str] = (),
) -> None:
    """Make a version the champion.

    Parameters
    ----------
    version : str
    note : str
        Why it is champion, for its page; in place of that of an earlier promotion.
    files : mapping of str to str, optional
        Texts to keep with the run that it was trained in, by path.
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
        for path, text in (files or {}).items():
            client.log_text(str(client.get_model_version(MODEL_NAME, version).run_id), text, path)
        if note:
            said = client.get_model_version(MODEL_NAME, version).description or ""
            client.update_model_version(MODEL_NAME, version, description=described(said, note))
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)


def artifacts_page(version: str) -> str:
    """Name the page of MLflow that lists the artifacts of the run which a version was trained in.

    Parameters
    ----------
    version : str

    Returns
    -------
    page : str
        Begins with ``#``: a link from any page of the same MLflow, wherever it is served.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses.
    """
    with answering(), connected() as client:
        run = client.get_run(str(client.get_model_version(MODEL_NAME, version).run_id))
    return f"#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}/artifacts"


def champion_outcomes() -> tuple[str, tuple[str, ...]] | None:
    """Name the champion's version and its outcomes; None where nothing was promoted yet.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    with answering(), connected() as client:
        version = champion_version(client)
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


def _version(client: Any, version: str | None) -> Any:
    known = {str(found.version): found for found in versions(client)}
    if not known:
        raise TrackingError(NOTHING_YET)
    wanted = version or max(known, key=int)
    if wanted not in known:
        wanted = str(client.get_registered_model(MODEL_NAME).aliases.get(wanted, wanted))
    if wanted not in known:
        message = f"version {wanted} is not registered; there are {', '.join(sorted(known, key=int))}"
        raise TrackingError(message)
    return known[wanted]


def versions(client: Any) -> list[Any]:
    """List all versions of the registered model."""
    return list(client.search_model_versions(f"name = '{MODEL_NAME}'"))


def champion_version(client: Any) -> str:
    """Name the champion's version; empty where nothing was promoted yet."""
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        return ""
    aliases = client.get_registered_model(MODEL_NAME).aliases
    return str(aliases.get(CHAMPION, ""))
