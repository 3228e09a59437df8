"""Where the released bundle lies: a folder named by the environment, or BentoML's model store.

One file, BentoML's own ``models/cart_outcomes/latest``, names the release. `promote` replaces it in one step,
as its last one; ``bentoml build`` packs what it names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bentoml
from bentoml._internal.configuration.containers import BentoMLContainer

from features.files.read_at_once import read_at_once
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.version_name import version_name

MODEL_NAME = "cart_outcomes"
"""Name of the bundle in BentoML's model store; ``cart_outcomes:latest`` is the release."""
LATEST = f"{MODEL_NAME}:latest"

BUNDLE_VARIABLE = "CART_OUTCOMES_BUNDLE"
"""Environment variable that names a bundle folder to serve in place of the release."""
STORED_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}", re.ASCII)
"""Names of folders in the store; a pointer leads nowhere else."""

LONGEST_POINTER = 1000

STORED_FILE = "model.yaml"
"""BentoML's facts about a stored model, beside its files."""
NOTHING_RELEASED = (
    "no model is released yet; release one with `cart-outcomes promote`, "
    "or name a bundle folder with --bundle DIR"
)


@dataclass(frozen=True)
class Stored:
    """What BentoML's store records of a bundle.

    Attributes
    ----------
    tag : str
        In BentoML's store.
    version : str
        Number in MLflow's registry.
    digest, release_digest : str
        Of the bundle and of all its files. The second is empty where an earlier release of the software
        stored it.
    outcomes : tuple of str
    """

    tag: str
    version: str
    digest: str
    release_digest: str
    outcomes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Version as answers name it."""
        return version_name(self.version, self.digest)


def served_bundle() -> Path:
    """Find the bundle folder to serve.

    Returns
    -------
    folder : Path
        What `BUNDLE_VARIABLE` names, else the release.

    Raises
    ------
    BundleError
        If nothing is named and nothing released.
    """
    named = os.environ.get(BUNDLE_VARIABLE)
    return Path(named) if named else released_bundle()


def follows_pointer() -> bool:
    """Say whether a running service serves what the pointer names.

    Returns
    -------
    follows : bool
        False for a folder that `BUNDLE_VARIABLE` names, and inside a Bento: neither is replaced.
    """
    return not os.environ.get(BUNDLE_VARIABLE) and not packed_in_bento()


def released_bundle() -> Path:
    """Find the folder of the release.

    Returns
    -------
    folder : Path
        Inside a Bento the one that it was built with; else the one that the pointer names.

    Raises
    ------
    BundleError
        If nothing was released yet, or the release has lost what BentoML recorded of it.
    """
    if packed_in_bento():
        return Path(bentoml.models.get(LATEST).path)
    return stored_release(pointed_at())


def stored_release(name: str) -> Path:
    """Find the folder of a release in the store.

    Parameters
    ----------
    name : str
        As the pointer has it; empty where there is none.

    Raises
    ------
    BundleError
        If it is not there, or has lost what BentoML recorded of it.
    """
    folder = model_folder() / (name or "nothing")
    if (folder / STORED_FILE).is_file():
        return folder
    if (folder / "bundle.json").is_file():
        message = (
            f"the release {folder} is damaged: {STORED_FILE} is missing, so its files cannot be verified. "
            "Release the model again: cart-outcomes promote"
        )
        raise BundleError(message)
    raise BundleError(NOTHING_RELEASED)


def packed_in_bento() -> bool:
    """Whether this is a Bento, which serves the bundle that it was built with."""
    return bool(BentoMLContainer.model_aliases.get().get(LATEST, LATEST) != LATEST)


def model_folder() -> Path:
    """Find the folder of all stored bundles; BentoML's store makes one folder a model."""
    return Path(BentoMLContainer.model_store_dir.get()) / MODEL_NAME


def pointer_file() -> Path:
    """Find the pointer, BentoML's own file; it need not be there."""
    return model_folder() / "latest"


def pointed_at() -> str:
    """Read the pointer: name the folder of the release, empty where there is none."""
    try:
        name = read_at_once(pointer_file(), most_bytes=LONGEST_POINTER).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return name if STORED_NAME.fullmatch(name) else ""


def verified_bundle(folder: Path) -> Bundle:
    """Read a bundle and compare it with what BentoML's store recorded when it was released.

    Parameters
    ----------
    folder : Path
        In the store, or any other; outside the store there is nothing to compare with but the bundle's own
        list of files.

    Returns
    -------
    bundle : Bundle

    Raises
    ------
    BundleError
        If the bundle is refused, or is not the one that was released.
    """
    bundle, recorded = read_bundle(folder), stored(folder)
    if recorded is None:
        return bundle
    kept, read = (recorded.digest, recorded.release_digest), (bundle.digest, bundle.release_digest)
    if kept[0] != read[0] or (kept[1] and kept[1] != read[1]):
        message = (
            f"{folder} does not hold the bundle that was released as {recorded.tag}: its digest is another "
            f"one; release it again: cart-outcomes promote {recorded.version}"
        )
        raise BundleError(message)
    return bundle


def stored(folder: Path) -> Stored | None:
    """Read what BentoML's store recorded of a bundle; None for a folder that is not in a store.

    Raises
    ------
    BundleError
        If the record is damaged.
    """
    if not (folder / STORED_FILE).is_file():
        return None
    try:
        model = bentoml.Model.from_path(folder)
        return _stored(str(model.tag), model.info.labels, model.info.metadata)
    except Exception as error:
        # Whatever YAML and BentoML say of a damaged file.
        message = f"{folder / STORED_FILE} is damaged ({type(error).__name__}); release the model again"
        raise BundleError(message) from None


def cautions_of(folder: Path, bundle: Bundle) -> list[str]:
    """Say what could not be verified of a bundle that is served.

    Parameters
    ----------
    folder : Path
    bundle : Bundle
        As `verified_bundle` read it from there.

    Returns
    -------
    cautions : list of str
        Empty for a release whose digests BentoML's store holds.
    """
    recorded = stored(folder)
    if recorded is not None and not recorded.release_digest:
        return [
            f"{recorded.tag} was released before release digests were recorded, so a change of its "
            f"provenance would not be found. Release it again: cart-outcomes promote {recorded.version}"
        ]
    if recorded is not None:
        return []
    if not bundle.release_digest:
        return [f"{folder} has no list of its files, so a change would not be found. Train the model again."]
    return [
        f"{folder} was compared with the list of files in the folder itself: "
        "this finds accidents, not attackers. A signed release finds both (docs/security.md)"
    ]


def _stored(tag: str, labels: Mapping[str, Any], facts: Mapping[str, Any]) -> Stored:
    return Stored(
        tag=tag,
        version=str(labels.get("version", "")),
        digest=str(facts["digest"]),
        release_digest=str(facts.get("release_digest", "")),
        outcomes=tuple(str(name) for name in facts.get("outcomes", ())),
    )
