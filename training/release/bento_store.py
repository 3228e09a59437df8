"""The release: bundles put into BentoML's model store, and the pointer that names the one to serve.

A bundle is prepared outside the store and renamed into it when it is whole, so that no half of one is ever in
the store. The pointer is BentoML's own file ``latest``; it is replaced in one step, after everything else.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bentoml
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.models import ModelStore

from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import (
    MODEL_NAME,
    STORED_FILE,
    model_folder,
    pointed_at,
    released_bundle,
    verified_bundle,
)
from serving.release.release_log import RELEASE_FOLDER
from training.console.locks import in_turn

__all__ = ["released_bundle", "store_bundle"]


@contextmanager
def releasing() -> Iterator[None]:
    """Wait for another promotion on this machine, and keep others waiting."""
    folder = release_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with in_turn(folder):
        yield


def release_folder() -> Path:
    """Find the folder of promotions that are under way, and of the log of releases."""
    return Path(BentoMLContainer.bentoml_home.get()) / RELEASE_FOLDER


def store_bundle(folder: Path, version: str) -> str:
    """Release a bundle: a service that follows the release of this machine takes it within seconds.

    Parameters
    ----------
    folder : Path
        As `serving.model.write_bundle.write_bundle` leaves it; verified before anything is stored.
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
    name = prepare(folder, version)
    move_into_store(name)
    point_at(name)
    return tag_of(name)


def tag_of(name: str) -> str:
    """Name a stored bundle as BentoML does."""
    return f"{MODEL_NAME}:{name}"


def prepare(folder: Path, version: str) -> str:
    """Copy a bundle into the folder of promotions, as BentoML's store will hold it, and verify the copy.

    Parameters
    ----------
    folder : Path
        A bundle with the list of its files.
    version : str
        In the registry.

    Returns
    -------
    name : str
        Of its folder in the store.

    Raises
    ------
    BundleError
        If the folder is no bundle, or damaged.
    """
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    bundle, name = read_bundle(folder), _fresh_name(version)
    labels = {"version": version, "synthetic": str(bundle.cohort.synthetic).lower()}
    facts = {
        "digest": bundle.digest,
        "release_digest": bundle.release_digest,
        "outcomes": sorted(bundle.models),
    }
    staging = ModelStore(_staging())
    with bentoml.models.create(tag_of(name), labels=labels, metadata=facts, _model_store=staging) as stored:
        shutil.copytree(folder, stored.path, dirs_exist_ok=True)
    for file in prepared(name).iterdir():
        to_disk(file)
    to_disk(prepared(name))
    verified_bundle(prepared(name))
    return name


def prepared(name: str) -> Path:
    """Find a bundle that is prepared, and not in the store yet."""
    return _staging() / MODEL_NAME / name


def is_whole(name: str) -> bool:
    """Whether a bundle is prepared or in the store; both happen in one step, so that it is whole."""
    return any((folder / STORED_FILE).is_file() for folder in (prepared(name), model_folder() / name))


def move_into_store(name: str) -> None:
    """Rename a prepared bundle into the store; one that is there already stays."""
    store = model_folder()
    store.mkdir(parents=True, exist_ok=True)
    if not (pointed_at() and (store / pointed_at() / STORED_FILE).is_file()):
        # Without a pointer BentoML takes the newest in the store for the latest. Named before it is there, it
        # appears in one step.
        point_at(name)
    if prepared(name).is_dir():
        prepared(name).rename(store / name)
        to_disk(store)


def point_at(name: str) -> None:
    """Make a stored bundle the release, in one step."""
    write_durably(model_folder() / "latest", name)


def discard(name: str) -> None:
    """Remove a bundle that was prepared or stored and is not the release."""
    shutil.rmtree(prepared(name), ignore_errors=True)
    if name and name != pointed_at():
        shutil.rmtree(model_folder() / name, ignore_errors=True)


def clear_prepared() -> None:
    """Remove what interrupted promotions left behind; nothing of it was released."""
    shutil.rmtree(_staging(), ignore_errors=True)


def write_durably(file: Path, text: str) -> None:
    """Replace a small file in one step; after a power failure there is the earlier one or this one."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    to_disk(new)
    new.replace(file)
    to_disk(file.parent)


def _staging() -> Path:
    return release_folder() / "prepared"


def to_disk(path: Path) -> None:
    """Wait until a file or folder is on the disk, so that a power failure does not undo it."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _fresh_name(version: str) -> str:
    """Name a release by version and time; letters at the end keep two within a second apart."""
    known_by = "".join(letter if letter.isalnum() else "-" for letter in version.lower())
    return f"v{known_by}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:6]}"
