"""A folder of files that a command writes: checked before the work, moved to its name when whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from features.advice import Advice, plain
from features.files.atomic_write import new_folder
from features.files.output_files import refuse_full_disk, wrong_folder
from features.problem_codes import Code
from features.problems import DataError, Problem, Refused

ANOTHER = plain("name another folder")
REPLACE = plain("name another folder, or replace it with --overwrite")


class OutputFolder:
    """A folder to write, all of it or nothing.

    Parameters
    ----------
    path : Path
        As the user named it.
    ours : callable
        Whether a file is one that the command writes: a folder with any other file is not replaced.
    n_bytes : int
        Expected size of all files.
    inputs : iterable of Path
        Files and folders that must stay as they are.
    overwrite : bool
        Whether an earlier folder may be replaced.

    Raises
    ------
    DataError
        If it exists or holds other files; if it is, contains or lies in what is read; if it cannot be made,
        or the disk is too full.

    Examples
    --------
    >>> OutputFolder(Path("docs"), ours=lambda file: False)
    Traceback (most recent call last):
        ...
    features.problems.DataError: docs: 1 problem
      the folder to write exists: name another folder, or replace it with --overwrite
    >>> OutputFolder(Path("docs"), ours=lambda file: False, overwrite=True)
    Traceback (most recent call last):
        ...
    features.problems.DataError: docs: 1 problem
      the folder to write holds files that this command did not write: name another folder
    """

    def __init__(
        self,
        path: Path,
        *,
        ours: Callable[[Path], bool],
        n_bytes: int = 0,
        inputs: Iterable[Path] = (),
        overwrite: bool = False,
    ) -> None:
        self.path, self._ours, self._overwrite = path, ours, overwrite
        self._inputs = tuple(inputs)
        self._refuse()
        refuse_full_disk({path: n_bytes})

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, all or none.

        Parameters
        ----------
        files : mapping of str to bytes
            Content by name.

        Raises
        ------
        DataError
            If the folder has come into being since.
        Refused
            If a file cannot be written. An earlier folder is kept.
        """
        try:
            new = new_folder(beside=self.path.resolve())
            try:
                for name, content in files.items():
                    _write_through(new / name, content)
                self.move(new)
            finally:
                shutil.rmtree(new, ignore_errors=True)
        except OSError as error:
            message = f"{self.path} cannot be written ({error.strerror}); nothing was replaced"
            raise Refused(message) from None

    def move(self, temporary: Path) -> None:
        """Give a complete folder on the same disk its name.

        Parameters
        ----------
        temporary : Path

        Raises
        ------
        DataError
            If the folder has come into being since.
        """
        self._refuse()
        target = self.path.resolve()
        earlier = temporary.with_name(f"{temporary.name}.replaced")
        shutil.rmtree(earlier, ignore_errors=True)
        if not target.exists():
            temporary.rename(target)
            return
        target.rename(earlier)
        try:
            temporary.rename(target)
        except BaseException:
            earlier.rename(target)
            raise
        shutil.rmtree(earlier, ignore_errors=True)

    def _refuse(self) -> None:
        problem = (
            self._wrong_place()
            or self._occupied()
            or wrong_folder(self.path, above="the folder above the folder to write")
        )
        if problem:
            raise DataError([problem], source=str(self.path))

    def _wrong_place(self) -> Problem | None:
        target = self.path.resolve()
        for source in (each.resolve() for each in self._inputs):
            if target == source:
                return _problem(Code.OUTPUT_IS_INPUT, "is the folder that is read", ANOTHER)
            if target in source.parents:
                return _problem(Code.OUTPUT_IS_INPUT, "contains what is read", ANOTHER)
            if source in target.parents:
                elsewhere = plain("name one elsewhere")
                return _problem(Code.OUTPUT_IN_INPUT_FOLDER, "is in the folder that is read", elsewhere)
        return None

    def _occupied(self) -> Problem | None:
        """Refuse what is there; an empty folder is as good as none."""
        if self.path.is_symlink():
            return _problem(Code.OUTPUT_NOT_REGULAR, "is a link", ANOTHER)
        if not self.path.exists():
            return None
        if not self.path.is_dir():
            return _problem(Code.OUTPUT_NOT_REGULAR, "is a file", ANOTHER)
        if not any(self.path.iterdir()):
            return None
        if not self._overwrite:
            return _problem(Code.OUTPUT_EXISTS, "exists", REPLACE)
        if not all(self._ours(file) for file in self.path.rglob("*") if not file.is_dir()):
            words = "holds files that this command did not write"
            return _problem(Code.OUTPUT_EXISTS, words, ANOTHER)
        return None


def _write_through(path: Path, content: bytes) -> None:
    """Write a file, and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _problem(code: Code, words: str, advice: Advice) -> Problem:
    return Problem(code, f"the folder to write {words}", advice=advice)
