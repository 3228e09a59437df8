"""The files that a command writes: checked before the work, written together, replaced only on request."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from features.advice import plain
from features.files.atomic_write import create_whole, permissions, staged
from features.problem_codes import Code
from features.problems import DataError, Problem

REPLACE = plain("name another file, or replace it with --overwrite")
ANOTHER = plain("name another file")
ROOM = plain("free some space, or name a file on another disk")
RESERVE = 1_000_000
"""Bytes that stay free beside the files to write."""


@dataclass(frozen=True)
class Output:
    """A file that a command is to write.

    Parameters
    ----------
    path : Path
        As the user named it.
    suffix : str
        How its name must end.
    patients : bool
        Whether it holds rows of patients: then only its owner may read it.
    n_bytes : int
        Its expected size.
    other_suffixes : tuple of str
        How its name may end instead.
    """

    path: Path
    suffix: str = ".csv"
    patients: bool = False
    n_bytes: int = 0
    other_suffixes: tuple[str, ...] = ()


class Outputs:
    """Files of one command: all are written, or none.

    Parameters
    ----------
    *files : Output
        To write.
    inputs : iterable of Path
        Files, and folders with all that is in them, that must stay as they are.
    overwrite : bool
        Whether existing files may be replaced.

    Raises
    ------
    DataError
        If a name has another ending, is a folder, a device or a broken link, is an input or
        exists already; if its folder does not exist, cannot be written to or has too little free space;
        or if two names are one file.

    Examples
    --------
    >>> Outputs(Output(Path("pyproject.toml"), ".toml"))
    Traceback (most recent call last):
        ...
    features.problems.DataError: pyproject.toml: 1 problem
      the file to write exists: name another file, or replace it with --overwrite
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page, twin = Path(folder) / "a.html", Path(folder) / "a.json"
    ...     Outputs(Output(page, ".html"), Output(twin, ".json")).write({page: "1", twin: "2"})
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['a.html', 'a.json']
    """

    def __init__(self, *files: Output, inputs: Iterable[Path] = (), overwrite: bool = False) -> None:
        self.files = files
        self.inputs = tuple(inputs)
        self.overwrite = overwrite
        self._refuse()

    def write(self, contents: Mapping[Path, str | bytes]) -> None:
        """Write each file, once all of them could be written.

        Parameters
        ----------
        contents : mapping of Path to str or bytes
            By the path of each output.

        Raises
        ------
        DataError
            If one cannot be written, or has come into being since; earlier files stay as they were.
        """
        self._refuse()
        with ExitStack() as stack:
            ready = []
            for file in self.files:
                with _named(file):
                    target = file.path.resolve()
                    temporary = staged(target, contents[file.path], private=file.patients)
                    ready.append((file, stack.enter_context(temporary), target))
            created: list[Path] = []
            try:
                for file, temporary_path, target in ready:
                    with _named(file):
                        self._put(temporary_path, target, created)
            except DataError:
                for target in created:
                    target.unlink(missing_ok=True)
                raise

    def move(self, temporary: Path) -> None:
        """Give a complete file on the same disk the name of the only output.

        Parameters
        ----------
        temporary : Path
            It may stay where it is, as a second name of the file.

        Raises
        ------
        DataError
            If the output has come into being since, or its folder cannot be written to.
        """
        (file,) = self.files
        self._refuse()
        with _named(file):
            target = file.path.resolve()
            temporary.chmod(permissions(target, private=file.patients))
            self._put(temporary, target, [])

    def _put(self, temporary: Path, target: Path, created: list[Path]) -> None:
        if self.overwrite and target.exists():
            temporary.replace(target)
        else:
            create_whole(temporary, target)
            created.append(target)

    def _refuse(self) -> None:
        for index, file in enumerate(self.files):
            problem = (
                _wrong_name(file)
                or wrong_folder(file.path)
                or _same_as_other(file.path, [other.path for other in self.files[:index]])
                or _same_as_input(file.path, self.inputs)
                or (None if self.overwrite else _existing(file.path))
            )
            if problem:
                raise DataError([problem], source=str(file.path))
        refuse_full_disk({file.path: file.n_bytes for file in self.files})


def refuse_full_disk(sizes: Mapping[Path, int]) -> None:
    """Refuse files and folders for which a disk has too little free space.

    Parameters
    ----------
    sizes : mapping of Path to int
        Expected bytes of each. The nearest existing folder above says which disk it is.

    Raises
    ------
    DataError
        If the files of one disk together need more than is free.
    """
    needed: dict[int, int] = {}
    for path, n_bytes in sizes.items():
        folder = next(above for above in path.resolve().parents if above.is_dir())
        device = folder.stat().st_dev
        needed[device] = needed.get(device, RESERVE) + n_bytes
        free = shutil.disk_usage(folder).free
        if free < needed[device]:
            little = f"the disk needs {megabytes(needed[device])} of free space"
            raise DataError(
                [Problem(Code.DISK_FULL, little, value_text=megabytes(free), advice=ROOM)], source=str(path)
            )


def megabytes(n_bytes: int) -> str:
    """Write a size.

    Examples
    --------
    >>> megabytes(12_340_000), megabytes(2_500_000_000)
    ('12 MB', '2500 MB')
    """
    return f"{n_bytes / 1_000_000:.{0 if n_bytes >= 10_000_000 else 1}f} MB"


def _wrong_name(file: Output) -> Problem | None:
    path = file.path
    if path.is_dir():
        return Problem(
            Code.OUTPUT_IS_FOLDER, "the file to write is a folder", advice=plain("name a file in it")
        )
    if path.exists() and not path.is_file():
        return Problem(Code.OUTPUT_NOT_REGULAR, "the file to write is not a regular file", advice=ANOTHER)
    suffixes = (file.suffix, *file.other_suffixes)
    if path.suffix.lower() not in suffixes:
        return Problem(
            Code.OUTPUT_EXTENSION,
            f"the file to write must be {' or '.join(suffixes)}",
            value_text=path.suffix or "no extension",
        )
    if path.is_symlink() and not path.exists():
        return Problem(Code.OUTPUT_BROKEN_LINK, "the file to write is a broken link", advice=ANOTHER)
    return None


def wrong_folder(path: Path, *, above: str = "the folder of the file to write") -> Problem | None:
    """Say so if the folder that a file or folder is to be written to does not exist, or is not writable."""
    if not path.parent.is_dir():
        return Problem(
            Code.NO_OUTPUT_FOLDER, f"{above} does not exist", advice=plain("make it, or name another")
        )
    try:
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            return None
    except OSError as error:
        return Problem(
            Code.OUTPUT_FOLDER_NOT_WRITABLE,
            f"{above} is not writable ({error.strerror})",
            advice=plain("name another"),
        )


def _same_as_other(path: Path, others: Sequence[Path]) -> Problem | None:
    """Compare as a file system does that ignores capital letters: elsewhere the names confuse people."""
    resolved = str(path.resolve()).casefold()
    if any(str(other.resolve()).casefold() == resolved or _same_file(path, other) for other in others):
        return Problem(Code.OUTPUT_NAMED_TWICE, "two files to write are the same file", advice=ANOTHER)
    return None


def _same_as_input(path: Path, inputs: Iterable[Path]) -> Problem | None:
    for source in inputs:
        if _same_file(path, source):
            return Problem(Code.OUTPUT_IS_INPUT, "the file to write is the file that is read", advice=ANOTHER)
        if source.is_dir() and source.resolve() in path.resolve().parents:
            return Problem(
                Code.OUTPUT_IN_INPUT_FOLDER,
                "the file to write is in the folder that is read",
                advice=plain("name one elsewhere"),
            )
    return None


def _same_file(path: Path, other: Path) -> bool:
    """Whether two names are one file: links of both kinds, and names in other letters."""
    return path.exists() and other.exists() and path.samefile(other)


def _existing(path: Path) -> Problem | None:
    if not path.exists():
        return None
    link = f", by a link to {path.resolve()}" if path.is_symlink() else ""
    return Problem(Code.OUTPUT_EXISTS, f"the file to write exists{link}", advice=REPLACE)


@contextmanager
def _named(file: Output) -> Iterator[None]:
    """Say which file could not be written, and that an earlier one is whole."""
    try:
        yield
    except FileExistsError:
        appeared = Problem(
            Code.OUTPUT_APPEARED, "the file was made by another program meanwhile", advice=REPLACE
        )
        raise DataError([appeared], source=str(file.path)) from None
    except OSError as error:
        fix = ROOM if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else None
        failed = Problem(
            Code.OUTPUT_NOT_WRITTEN,
            f"the file cannot be written ({error.strerror}); nothing was replaced",
            advice=fix,
        )
        raise DataError([failed], source=str(file.path)) from None
