"""The registered model: its versions, their bundles, and the champion."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.version_name import NAME_DIGITS, version_name
from serving.model.write_bundle import write_provenance
from training.tracking.runs import MODEL_NAME, answering, connected, download_bundle
from training.tracking.store import TrackingError
from training.tracking.version_facts import outcomes_of, version_facts

CHAMPION, PREVIOUS = "champion", "previous"
"""Aliases of the registered model: the version promoted last, and the champion before it."""
BUNDLE_DIGEST, LOGGED_DIGEST, RELEASE_DIGEST = "bundle_digest", "logged_digest", "release_digest"
"""Tags of a version: digest of its bundle; of all files as they were logged; of all files as released."""
FETCHED = Path(".cart-outcomes") / "versions"
"""Bundles of registered versions, downloaded again on each use."""
NOTHING_YET = "no model is registered yet; train one with `cart-outcomes train COHORT`"
NO_PREVIOUS = (
    "no previous champion is recorded: the alias `previous` is not set. "
    "Name a version: cart-outcomes promote VERSION; `cart-outcomes compare` lists them"
)


@dataclass(frozen=True)
class Champion:
    """What MLflow records of the champion.

    Attributes
    ----------
    version : str
        Number in the registry.
    digest, release_digest : str
        Of its bundle and of all its files; the second is empty where it was never promoted.
    outcomes : tuple of str
    """

    version: str
    digest: str
    release_digest: str
    outcomes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Version as answers name it."""
        return version_name(self.version, self.digest)


def registered_bundle(version: str | None = None) -> tuple[str, Path]:
    """Fetch the bundle of a registered version and compare it with the digests that the version records.

    Parameters
    ----------
    version : str, optional
        Number, alias, or name as in answers (``1-3fa2c1``); the newest by default.

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
        entry = registered_version(client, version)
        folder = FETCHED / str(entry.version)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        download_bundle(f"models:/{MODEL_NAME}/{entry.version}", folder)
    _refuse_altered(read_bundle(folder), str(entry.version), entry.tags)
    write_provenance(folder, {"version": str(entry.version), "run_id": str(entry.run_id)})
    read_bundle(folder)
    return str(entry.version), folder


def champion() -> Champion | None:
    """Read what MLflow records of the champion; None where nothing was promoted yet.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    with answering(), connected() as client:
        version = champion_version(client)
        if not version:
            return None
        tags = version_facts(client, client.get_model_version(MODEL_NAME, version))
    return Champion(
        version=version,
        digest=str(tags.get(BUNDLE_DIGEST, "")),
        release_digest=str(tags.get(RELEASE_DIGEST, "")),
        outcomes=outcomes_of(tags),
    )


def champion_outcomes() -> tuple[str, tuple[str, ...]] | None:
    """Name the champion's version and its outcomes; None where nothing was promoted yet.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    current = champion()
    return (current.version, current.outcomes) if current is not None else None


def champion_bundle() -> Bundle | None:
    """Fetch the champion's bundle to compare a training with.

    Returns
    -------
    bundle : Bundle or None
        None where nothing was promoted yet, and where the champion cannot be read: it is gone, of another
        schema, or MLflow is out of reach. A training does not fail for that.
    """
    try:
        current = champion_outcomes()
        return read_bundle(registered_bundle(current[0])[1]) if current is not None else None
    except (BundleError, TrackingError, OSError):
        return None


def registered_version(client: Any, version: str | None) -> Any:
    """Find a version by number, alias, or name as in answers; the newest by default."""
    known = {str(each.version): each for each in versions(client)}
    if not known:
        raise TrackingError(NOTHING_YET)
    wanted = version or max(known, key=int)
    if wanted not in known:
        wanted = str(client.get_registered_model(MODEL_NAME).aliases.get(wanted, wanted))
    if wanted not in known:
        wanted = _named(wanted, known)
    if wanted not in known:
        message = f"version {wanted} is not registered; there are {', '.join(sorted(known, key=int))}"
        raise TrackingError(NO_PREVIOUS if wanted == PREVIOUS else message)
    return known[wanted]


def _named(name: str, known: dict[str, Any]) -> str:
    """Find the number of a version by its name in answers; its digits keep it from being another model."""
    number, _, digits = name.partition("-")
    if number not in known or len(digits) != NAME_DIGITS:
        return name
    current = version_name(number, str(known[number].tags.get(BUNDLE_DIGEST, "")))
    if current != name:
        message = (
            f"version {name} is not registered: version {number} is now {current}, another model. "
            "`cart-outcomes compare` lists the versions"
        )
        raise TrackingError(message)
    return number


def _refuse_altered(bundle: Bundle, version: str, tags: dict[str, str]) -> None:
    """Compare a fetched bundle with the digests that were recorded when it was registered."""
    for tag, digest in ((BUNDLE_DIGEST, bundle.digest), (LOGGED_DIGEST, bundle.release_digest)):
        if tags.get(tag, digest) != digest:
            message = (
                f"the files of version {version} were altered in MLflow's artifact store: their digest "
                f"differs from the version's tag {tag}. Restore the files, or train again"
            )
            raise BundleError(message)


def versions(client: Any) -> list[Any]:
    """List all versions of the registered model."""
    return list(client.search_model_versions(f"name = '{MODEL_NAME}'"))


def champion_version(client: Any) -> str:
    """Name the champion's version; empty where nothing was promoted yet."""
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        return ""
    aliases = client.get_registered_model(MODEL_NAME).aliases
    return str(aliases.get(CHAMPION, ""))
