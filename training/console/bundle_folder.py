"""The folder that a command leaves its bundle in, checked before the work."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from features.files.output_files import refuse_full_disk
from features.problems import Refused

SIZE = 50_000_000
"""Bytes that a bundle of all outcomes may have, with 200 replicates each."""


def bundle_place(
    named: Path | None, default: Path, *, inputs: Iterable[Path | None] = (), overwrite: bool = False
) -> Path:
    """Choose the folder of a bundle and refuse it before any work is done.

    Parameters
    ----------
    named : Path or None
        Folder of ``--bundle-out``; where it is a link, the folder that it leads to.
    default : Path
        The program's own folder, whose earlier bundle is always replaced.
    inputs : iterable of Path or None
        Files and folders that are read, and must stay as they are.
    overwrite : bool
        Whether a bundle in the named folder may be replaced.

    Returns
    -------
    folder : Path

    Raises
    ------
    Refused
        If the folder holds a bundle, other files or an input, or its disk is too full.

    Examples
    --------
    >>> bundle_place(None, Path("no-such-folder"))
    PosixPath('no-such-folder')
    >>> bundle_place(Path("data"), Path("no-such-folder"))
    Traceback (most recent call last):
        ...
    serving.model.bundle_error.BundleError: data exists and is not a bundle; name another folder
    """
    # Libraries of a bundle's trees take seconds to import.
    from serving.model.bundle_folder import refuse_folder

    folder = named or default
    refuse_folder(folder)
    if named is not None and not overwrite and named.is_dir() and any(named.iterdir()):
        message = f"{named} holds a bundle; choose another folder, or replace it with --overwrite"
        raise Refused(message)
    for source in inputs:
        if source is not None and _holds(folder, source):
            message = f"{folder} contains the input {source}; choose another folder with --bundle-out"
            raise Refused(message)
    refuse_full_disk({folder: SIZE})
    return named.resolve() if named is not None else default


def _holds(folder: Path, source: Path) -> bool:
    read = source.resolve()
    return folder.resolve() in (read, *read.parents)
