"""The release: a bundle put into BentoML's model store, from where the service takes the latest."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from pathlib import Path

import bentoml

from serving.bundle import read_bundle
from serving.store import MODEL_NAME, released_bundle

__all__ = ["released_bundle", "store_bundle"]


def store_bundle(folder: Path, version: str) -> str:
    """Release a bundle: the service takes it when it starts next.

    Parameters
    ----------
    folder : Path
        As `serving.bundle.write_bundle` leaves it; verified before anything is stored.
    version : str
        In the registry.

    Returns
    -------
    tag : str
        Fresh each time, so that an old version released again is the latest again.

    Raises
    ------
    BundleError
        If the folder is no bundle, or damaged.
    """
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    bundle = read_bundle(folder)
    tag = f"{MODEL_NAME}:{_fresh_name(version)}"
    labels = {"version": version, "synthetic": str(bundle.cohort.synthetic).lower()}
    facts = {"digest": bundle.digest, "outcomes": sorted(bundle.models)}
    with bentoml.models.create(tag, labels=labels, metadata=facts) as stored:
        shutil.copytree(folder, stored.path, dirs_exist_ok=True)
    return tag


def _fresh_name(version: str) -> str:
    """Name a release by version and time; letters at the end keep two within a second apart."""
    known_by = "".join(letter if letter.isalnum() else "-" for letter in version.lower())
    return f"v{known_by}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
