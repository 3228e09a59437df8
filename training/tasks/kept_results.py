"""Finished tasks on disk, so that a run that was killed goes on from them."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from features.files.atomic_write import PRIVATE
from training.tasks.task import Done, Runner, Task

UNFINISHED = Path(".cart-outcomes") / "unfinished"
"""Has a folder for each run that has not ended yet, or was killed; git ignores it."""


class KeptResults:
    """Keeps the results of tasks in a folder of its own until the run has succeeded; used as a context.

    Only the owner may read the folder: a fit to all patients keeps what it was fitted on. It is removed when
    the context ends without an error.

    Parameters
    ----------
    runner : Runner
        Runs what is not finished.
    folder : Path
        Named after all that the results depend on beside the keys of tasks (`run_digest`).
    """

    def __init__(self, runner: Runner, folder: Path) -> None:
        self._runner, self._folder = runner, folder

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def finished(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Yield what is kept, then run the other tasks, and keep the result of each."""
        left = []
        for position, task in enumerate(tasks):
            known = self._read(task)
            if known is None:
                left.append(position)
            else:
                yield position, known
        for number, done in self._runner.finished([tasks[position] for position in left]):
            self._keep(tasks[left[number]], done)
            yield left[number], done

    def _file(self, task: Task) -> Path:
        return self._folder / f"{hashlib.sha256(task.key.encode()).hexdigest()[:32]}.pickle"

    def _read(self, task: Task) -> Done | None:
        """Read a result; a file that another user wrote is none of ours."""
        file = self._file(task)
        if not file.is_file() or file.stat().st_uid != os.getuid():
            return None
        known: Done = pickle.loads(file.read_bytes())
        return known

    def _keep(self, task: Task, done: Done) -> None:
        """Write a result, whole or not at all."""
        file = self._file(task)
        begun = file.with_suffix(".part")
        descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "wb") as opened:
            pickle.dump(done, opened, protocol=pickle.HIGHEST_PROTOCOL)
        begun.replace(file)


def run_digest(*stated: str) -> str:
    """Digest what the results of a run depend on: data, settings and code.

    Examples
    --------
    >>> run_digest("a", "b") == run_digest("ab")
    False
    """
    return hashlib.sha256(repr(stated).encode()).hexdigest()[:24]
