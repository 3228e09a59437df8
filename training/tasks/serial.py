"""Tasks run one after the other in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from training.tasks.one_thread import one_thread
from training.tasks.task import Done, Shared, Task, perform


class Serial:
    """Runs tasks in this process, in their order.

    Linear algebra has one thread, as in every worker: with more, sums would be added in another order.
    """

    def finished(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Run tasks in their order, and yield the position and result of each."""
        for position, task in enumerate(tasks):
            with one_thread():
                done = perform(task.function, values(task))
            yield position, done


def values(task: Task) -> list[object]:
    """Give the arguments of a task, the values in place of `Shared`."""
    return [each.value if isinstance(each, Shared) else each for each in task.arguments]


SERIAL = Serial()
"""The runner where no other is given."""
