"""A folder of Parquet files that a command writes: checked before the work, moved to its name when whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from features.advice import Advice, plain
from features.files.output_files import wrong_folder
from features.problem_codes import Code
from features.problems import DataError, Problem

ANOTHER = plain("name another folder")
REPLACE = plain("name another folder, or replace it with --overwrite")
PARQUET = ".parquet"


class OutputFolder:
    """A folder to write, all of it or nothing.

    Parameters
    ----------
    path : Path
        As the user named it.
    columns : tuple of str
        Columns with which every file begins that a command of this kind writes: a folder with any other file
        is not replaced.
    inputs : iterable of Path
        Files and folders that must stay as they are.
    overwrite : bool
        Whether an earlier folder may be replaced.

    Raises
    ------
    DataError
        If it exists or holds other files; if it is, contains or lies in what is read; if it cannot be
        made.

    Examples
    --------
    >>> OutputFolder(Path("docs"), columns=("patient_id",))
    Traceback (most recent call last):
        ...
    features.problems.DataError: docs: 1 problem
      the folder to write exists: name another folder, or replace it with --overwrite
    >>> OutputFolder(Path("docs"), columns=("patient_id",), overwrite=True)
    Traceback (most recent call last):
        ...
    features.problems.DataError: docs: 1 problem
      the folder to write holds files that this command did not write: name another folder
    """

    def __init__(
        self,
        path: Path,
        *,
        columns: tuple[str, ...],
        inputs: Iterable[Path] = (),
        overwrite: bool = False,
    ) -> None:
        self.path, self._columns, self._overwrite = path, columns, overwrite
        self._inputs = tuple(inputs)
        self._refuse()

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
        if target.is_dir() and any(target.iterdir()):
            target.rename(earlier)
        # An empty folder gives way to another.
        temporary.rename(target)
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

    def _ours(self, file: Path) -> bool:
        """Whether a file has the columns that are written; one that cannot be read has not."""
        import pyarrow
        import pyarrow.parquet

        if file.suffix != PARQUET or file.is_symlink():
            return False
        try:
            names = pyarrow.parquet.read_schema(file).names
        except (OSError, pyarrow.ArrowInvalid):
            return False
        return tuple(names[: len(self._columns)]) == self._columns


def _problem(code: Code, words: str, advice: Advice) -> Problem:
    return Problem(code, f"the folder to write {words}", advice=advice)
