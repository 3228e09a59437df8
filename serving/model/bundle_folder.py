"""A bundle's folder is filled beside its place and takes it in one step; nothing else is lost with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from serving.model.bundle_error import BundleError

SUFFIXES = (".json", ".npz", ".ubj")
"""Of the files of a bundle."""


def refuse_folder(folder: Path) -> None:
    """Refuse a place for a bundle before any work is done for it.

    Raises
    ------
    BundleError
        If it exists and is neither an empty folder nor a bundle, or holds other files beside one.
    """
    if folder.is_symlink() and not folder.exists():
        message = f"{folder} is a link that leads nowhere; name another folder"
        raise BundleError(message)
    if not folder.exists():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / "bundle.json").is_file()):
        message = f"{folder} exists and is not a bundle; name another folder"
        raise BundleError(message)
    refuse_foreign_files(folder)


def refuse_foreign_files(folder: Path) -> None:
    """Refuse to replace a bundle's folder that holds anything else.

    Raises
    ------
    BundleError
        If there is a file that no bundle has, or a folder: it would be deleted with the earlier bundle.
    """
    entries = sorted(folder.iterdir())
    foreign = [entry.name for entry in entries if entry.suffix not in SUFFIXES or entry.is_dir()]
    if foreign:
        message = f"{folder} holds {foreign[0]}, which no bundle has; move it, or name another folder"
        raise BundleError(message)


def fill(new: Path, files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a bundle into a new folder.

    Parameters
    ----------
    new : Path
        Empty, beside its place.
    files : mapping of str to bytes
        Content by name.
    folder : Path
        Its place, which a message of failure names.

    Raises
    ------
    BundleError
        If a file cannot be written, such as on a full disk.
    """
    try:
        for name, content in files.items():
            (new / name).write_bytes(content)
    except OSError as error:
        message = f"{folder} cannot be written ({error.strerror}); an earlier bundle is unchanged"
        raise BundleError(message) from None


def put_in_place(new: Path, folder: Path) -> None:
    """Rename a finished folder to its place; what stood there stays unless that succeeds."""
    if not folder.exists():
        os.replace(new, folder)  # noqa: PTH105 - the atomic call, by its name
        return
    old = new.with_name(f"{new.name}.old")
    os.replace(folder, old)  # noqa: PTH105
    try:
        os.replace(new, folder)  # noqa: PTH105
    except BaseException:
        os.replace(old, folder)  # noqa: PTH105
        raise
    shutil.rmtree(old)
