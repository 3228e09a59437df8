"""Several files are written together: all of them, or none."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from features.intake.writing import refuse_target
from features.problems import Refused
from features.whole_file import write_whole


def refuse_places(places: Mapping[Path, str], *, force: bool) -> None:
    """Refuse places for files before any work is done for them.

    Parameters
    ----------
    places : mapping of Path to str
        How the name of each must end.
    force : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    Refused
        If a name ends otherwise, a folder is missing, or a file is there already.

    Examples
    --------
    >>> refuse_places({Path("pyproject.toml"): ".toml"}, force=False)
    Traceback (most recent call last):
        ...
    features.problems.Refused: pyproject.toml is there already; name another file, or replace it with --force
    """
    for place, suffix in places.items():
        refuse_target(place, suffix=suffix)
        if place.exists() and not force:
            message = f"{place} is there already; name another file, or replace it with --force"
            raise Refused(message)


def write_together(contents: Mapping[Path, str]) -> None:
    """Write files, each in one step, once all of them could be written.

    Parameters
    ----------
    contents : mapping of Path to str
        Text of each file.

    Raises
    ------
    Refused
        If one cannot be written; then none was, and earlier files stand as they were.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_together({Path(folder) / "a.html": "1", Path(folder) / "a.json": "2"})
    ...     sorted(found.name for found in Path(folder).iterdir())
    ['a.html', 'a.json']
    """
    with ExitStack() as stack:
        ready: dict[Path, Path] = {}
        for place, content in contents.items():
            try:
                folder = tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.stem[:40]}-")
                ready[place] = Path(stack.enter_context(folder)) / place.name
                write_whole(ready[place], content)
            except OSError as error:
                message = f"{place} cannot be written ({error.strerror})"
                raise Refused(message) from None
        for place, whole in ready.items():
            whole.replace(place)
