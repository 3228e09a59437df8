"""A task, its result, and what runs many of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False, eq=False)
class Shared(ShortRepr):
    """A value that many tasks take: a runner sends it to each worker once, not with every task.

    Attributes
    ----------
    value : Any
    """

    value: Any


@dataclass(frozen=True, repr=False, eq=False)
class Task(ShortRepr):
    """A pure function and its arguments.

    Its random numbers are among the arguments, so the result is the same wherever and whenever it runs.

    Attributes
    ----------
    key : str
        Stable, and the only one of its kind in a run: outcome, learner, repeat and fold.
    function : callable
        Of a module, so that another process can import it.
    arguments : tuple
        A `Shared` among them is replaced by its value.
    steps : int
        Of the progress bar.
    """

    key: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    steps: int = 1


@dataclass(frozen=True, repr=False, eq=False)
class Done(ShortRepr):
    """The result of a task.

    Attributes
    ----------
    value : Any
    began : float
        As `time.time` gives it.
    seconds : float
        That the task took.
    """

    value: Any
    began: float
    seconds: float


class Runner(Protocol):
    """Runs tasks."""

    def finished(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Run tasks, and yield the position and result of each as soon as it is finished."""
        ...


def perform(function: Callable[..., Any], arguments: Sequence[Any]) -> Done:
    """Run one task in this process.

    Examples
    --------
    >>> perform(max, (1, 2)).value
    2
    """
    began, start = time.time(), time.perf_counter()
    value = function(*arguments)
    return Done(value, began, time.perf_counter() - start)


def results(
    runner: Runner, tasks: Sequence[Task], *, advance: Callable[[], None] = lambda: None
) -> list[Done]:
    """Run tasks, and give their results in the order of the tasks.

    Parameters
    ----------
    runner : Runner
    tasks : sequence of Task
    advance : callable
        Called for every step of a task when the task is finished.

    Returns
    -------
    done : list of Done

    Raises
    ------
    ValueError
        If two tasks have the same key.

    Examples
    --------
    >>> from training.tasks.serial import SERIAL
    >>> [done.value for done in results(SERIAL, [Task("a", max, (1, 2)), Task("b", min, (1, 2))])]
    [2, 1]
    >>> results(SERIAL, [Task("a", max, (1, 2)), Task("a", min, (1, 2))])
    Traceback (most recent call last):
        ...
    ValueError: two tasks have the key a
    """
    keys = [task.key for task in tasks]
    repeated = next((key for key in keys if keys.count(key) > 1), None) if len({*keys}) < len(keys) else None
    if repeated is not None:
        message = f"two tasks have the key {repeated}"
        raise ValueError(message)
    by_position: dict[int, Done] = {}
    for position, done in runner.finished(tasks):
        by_position[position] = done
        for _ in range(tasks[position].steps):
            advance()
    return [by_position[position] for position in range(len(tasks))]
