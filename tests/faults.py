"""Faults before and after every call that a promotion makes to MLflow and to the store of releases."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException

FILE_CALLS = (
    (Path, ("rename", "replace", "unlink", "write_text", "write_bytes", "mkdir")),
    (shutil, ("copytree", "rmtree")),
)
"""Calls that change the store; counted where a path lies in it."""


class Killed(BaseException):
    """Stands in for an end that no code of ours hears of."""


def forbidden() -> BaseException:
    return RestException({"error_code": "PERMISSION_DENIED", "message": "403"})


def server_error() -> BaseException:
    return RestException({"error_code": "INTERNAL_ERROR", "message": "500"})


def closed_door() -> BaseException:
    return MlflowException("API request to http://127.0.0.1:1/api failed: connection refused")


def disk_full() -> BaseException:
    return OSError(28, "No space left on device")


def killed() -> BaseException:
    return Killed()


def kill_for_good() -> BaseException:
    """End this process as the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


KINDS: tuple[Callable[[], BaseException], ...] = (
    forbidden,
    server_error,
    closed_door,
    disk_full,
    KeyboardInterrupt,
    killed,
)


@dataclass
class Faults:
    """Counts calls, and fails at one of them.

    Attributes
    ----------
    store : Path
        Calls that change files below it are counted.
    at : int
        The call that fails, counted from 0; -1 for none.
    after : bool
        Whether it fails once its work is done, as where only the answer is lost.
    how : callable
        Makes the error.
    seen : list of str
        Calls so far.
    """

    store: Path
    at: int = -1
    after: bool = False
    how: Callable[[], BaseException] = killed
    seen: list[str] = field(default_factory=list)

    def wrapped(self, name: str, function: Callable[..., Any], *, files: bool) -> Callable[..., Any]:
        """Wrap a function."""

        def call(*args: Any, **named: Any) -> Any:
            if files and not any(self._in_store(each) for each in args):
                return function(*args, **named)
            here = len(self.seen) == self.at
            self.seen.append(name)
            if here and not self.after:
                raise self.how()
            result = function(*args, **named)
            if here:
                raise self.how()
            return result

        return call

    def _in_store(self, path: object) -> bool:
        return isinstance(path, str | Path) and Path(path).is_relative_to(self.store)


@contextmanager
def injected(faults: Faults) -> Iterator[Faults]:
    """Count the calls inside, and fail at the one that is named."""
    public = [name for name in dir(MlflowClient) if not name.startswith("_")]
    calls = [name for name in public if callable(getattr(MlflowClient, name))]
    with ExitStack() as stack:
        for owner, names, files in (
            (MlflowClient, calls, False),
            (mlflow.artifacts, ["download_artifacts"], False),
            *((owner, names, True) for owner, names in FILE_CALLS),
        ):
            for name in names:
                label = f"{owner.__name__}.{name}"
                new = faults.wrapped(label, getattr(owner, name), files=files)
                stack.enter_context(patch.object(owner, name, new))
        yield faults
