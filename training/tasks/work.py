"""Work that needs several rounds of tasks, and several works whose rounds run together.

A work is a generator. It yields the tasks that it needs next and receives their results; what it returns is
the result of the whole. Works that run together join their tasks into one list a round, so that workers do
not wait for one outcome before they begin with another.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeVar

from training.tasks.serial import SERIAL
from training.tasks.task import Done, Runner, Task, results

Result = TypeVar("Result")
Work = Generator[Sequence[Task], list[Done], Result]
"""Yields tasks, receives their results, returns the result of the work."""


def run(work: Work[Result], runner: Runner = SERIAL, *, advance: Callable[[], None] = lambda: None) -> Result:
    """Run a work to its end.

    Parameters
    ----------
    work : Work
    runner : Runner
    advance : callable
        Called for every step of a finished task.

    Returns
    -------
    result : Any
        What the work returns.

    Examples
    --------
    >>> def larger(a, b):
    ...     (done,) = yield [Task("larger", max, (a, b))]
    ...     return done.value
    >>> run(larger(1, 2))
    2
    """
    try:
        tasks = next(work)
        while True:
            tasks = work.send(results(runner, tasks, advance=advance))
    except StopIteration as end:
        return end.value


def together(works: Mapping[str, Work[Any]]) -> Work[dict[str, Any]]:
    """Run works in the same rounds; in each round the works go on in their order.

    Parameters
    ----------
    works : mapping of str to Work

    Returns
    -------
    work : Work
        Its result has that of every work, by name.

    Examples
    --------
    >>> def larger(a, b):
    ...     (done,) = yield [Task(f"larger of {a} and {b}", max, (a, b))]
    ...     return done.value
    >>> run(together({"first": larger(1, 2), "second": larger(4, 3)}))
    {'first': 2, 'second': 4}
    """
    ended: dict[str, Any] = {}
    sent: dict[str, list[Done] | None] = dict.fromkeys(works)
    while sent:
        tasks: dict[str, Sequence[Task]] = {}
        for name, known in sent.items():
            try:
                tasks[name] = works[name].send(known)  # type: ignore[arg-type]
            except StopIteration as end:
                ended[name] = end.value
        if not tasks:
            break
        done = yield [task for each in tasks.values() for task in each]
        sent, first = {}, 0
        for name, each in tasks.items():
            sent[name] = done[first : first + len(each)]
            first += len(each)
    return {name: ended[name] for name in works}
