"""The bytes of a file, after a look at what kind of file it is: nothing is waited for without end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem


def regular_content(path: Path, *, most_bytes: int, what: str = "the file") -> bytes:
    """Read a regular file of limited size.

    Parameters
    ----------
    path : Path
        Of the file.
    most_bytes : int
        A larger file is refused before it is read.
    what : str
        How messages call it.

    Returns
    -------
    content : bytes
        Of the whole file.

    Raises
    ------
    DataError
        If there is no such file, it is a folder, device or pipe, too large, or may not be read.

    Examples
    --------
    >>> regular_content(Path("/dev/zero"), most_bytes=10, what="the mapping file")
    Traceback (most recent call last):
        ...
    features.problems.DataError: zero: 1 problem
      the mapping file is not a regular file: copy its content to a file and name that
    """
    return _read(path, most_bytes, what, Path.read_bytes)


def regular_start(path: Path, *, n_bytes: int = 64, what: str = "the file") -> bytes:
    """Read the beginning of a regular file of any size.

    Parameters
    ----------
    path : Path
        Of the file.
    n_bytes : int
        How much to read.
    what : str
        How messages call it.

    Returns
    -------
    start : bytes
        Fewer bytes if the file is shorter.

    Raises
    ------
    DataError
        As `regular_content`.

    Examples
    --------
    >>> regular_start(Path("pyproject.toml"), n_bytes=1)
    b'['
    """
    return _read(path, None, what, lambda file: _start(file, n_bytes))


def _start(path: Path, n_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(n_bytes)


def _read(path: Path, most_bytes: int | None, what: str, read: Callable[[Path], bytes]) -> bytes:
    try:
        problem = _unreadable(path, most_bytes, what)
        if problem is None:
            return read(path)
    except PermissionError:
        fix = "ask its owner for access"
        problem = Problem(Code.FILE_FORBIDDEN, f"{what} cannot be read: permission denied", advice=plain(fix))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "bad name"
        problem = Problem(Code.FILE_UNREADABLE, f"{what} cannot be read ({reason})")
    raise DataError([problem], source=path.name)


def _unreadable(path: Path, most_bytes: int | None, what: str) -> Problem | None:
    """Say why a file cannot be read, by its kind and size, None where it can be read."""
    if not path.exists():
        return Problem(
            Code.FILE_NOT_FOUND,
            f"{what} is a broken link" if path.is_symlink() else f"{what} does not exist",
        )
    if path.is_dir():
        return Problem(Code.FILE_IS_FOLDER, f"{what} is a folder", advice=plain("name a file in it"))
    if not path.is_file():
        return Problem(
            Code.FILE_NOT_REGULAR,
            f"{what} is not a regular file",
            advice=plain("copy its content to a file and name that"),
        )
    size = path.stat().st_size
    if most_bytes is not None and size > most_bytes:
        most = f"{what} must have at most {most_bytes // 1_000_000} MB"
        return Problem(Code.FILE_TOO_LARGE, most, value_text=f"{size / 1_000_000:.3g} MB")
    return None
