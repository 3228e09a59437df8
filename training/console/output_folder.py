"""A folder of files that a command makes: refused before the work, filled beside its place, renamed whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from features.files.atomic_write import new_folder
from features.files.output_files import refuse_full_disk
from features.problems import Refused


class OutputFolder:
    """A folder to write.

    Parameters
    ----------
    path : Path
        As the user named it; a link is followed.
    openings : tuple of str
        How the names of all files in it start; a folder that holds another file is never replaced.
    n_bytes : int
        Expected size of all files.
    inputs : iterable of Path
        Files and folders that must stay as they are.
    overwrite : bool
        Whether earlier files of the command may be replaced.

    Raises
    ------
    Refused
        If the path is no folder, holds other files, an input or, without ``overwrite``, anything; if the
        folder above does not exist, or the disk is too full.

    Examples
    --------
    >>> OutputFolder(Path("data"), openings=("table-",))
    Traceback (most recent call last):
        ...
    features.problems.Refused: data holds files; name another folder, or replace it with --overwrite
    """

    def __init__(
        self,
        path: Path,
        *,
        openings: tuple[str, ...],
        n_bytes: int = 0,
        inputs: Iterable[Path] = (),
        overwrite: bool = False,
    ) -> None:
        self._named, self._openings, self._overwrite = path, openings, overwrite
        self._inputs = tuple(inputs)
        self._refuse()
        refuse_full_disk({path: n_bytes})

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write the files, all or none.

        Parameters
        ----------
        files : mapping of str to bytes
            Content by name.

        Raises
        ------
        Refused
            If one cannot be written; earlier files stay as they were.
        """
        self._refuse()
        folder = self._named.resolve()
        try:
            new = new_folder(beside=folder)
            try:
                for name, content in files.items():
                    _write_through(new / name, content)
                _put(new, folder)
            finally:
                shutil.rmtree(new, ignore_errors=True)
        except OSError as error:
            message = f"{self._named} cannot be written ({error.strerror}); nothing was replaced"
            raise Refused(message) from None

    def _refuse(self) -> None:
        named, folder = self._named, self._named.resolve()
        if named.is_symlink() and not named.exists():
            message = f"{named} is a broken link; name another folder"
            raise Refused(message)
        if not folder.parent.is_dir():
            message = f"{folder.parent} does not exist; make it, or name another folder"
            raise Refused(message)
        for source in self._inputs:
            if folder in (source.resolve(), *source.resolve().parents):
                message = f"{named} contains the input {source}; name another folder"
                raise Refused(message)
        if folder.exists():
            self._refuse_contents(folder)

    def _refuse_contents(self, folder: Path) -> None:
        if not folder.is_dir():
            message = f"{self._named} is not a folder; name another"
            raise Refused(message)
        entries = sorted(folder.iterdir())
        if entries and not self._overwrite:
            message = f"{self._named} holds files; name another folder, or replace it with --overwrite"
            raise Refused(message)
        foreign = [each.name for each in entries if each.is_dir() or not each.name.startswith(self._openings)]
        if foreign:
            message = (
                f"{self._named} holds {foreign[0]}, which the command did not write; name another folder"
            )
            raise Refused(message)


def _write_through(path: Path, content: bytes) -> None:
    """Write a file, and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put(new: Path, folder: Path) -> None:
    """Rename a finished folder to its place; an earlier one stays unless that succeeds."""
    if not folder.exists():
        new.rename(folder)
        return
    old = new.with_name(f"{new.name}.old")
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old)
