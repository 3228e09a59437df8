"""A file is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Write text as UTF-8, replacing an earlier file in one step when the new one is complete.

    Parameters
    ----------
    path : Path
        In a folder that exists.
    content : str
        Line ends are written as they are.

    Raises
    ------
    OSError
        If the file cannot be written there; an earlier one stays as it was.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "a.csv", "1")
    ...     [found.name for found in Path(folder).iterdir()]
    ['a.csv']
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
