"""Works: rounds of tasks, alone and together."""

import pytest

from training.tasks.serial import SERIAL
from training.tasks.task import Task, results
from training.tasks.work import run, together


class Noting:
    """Runs tasks here, and notes the keys of every round."""

    def __init__(self):
        self.rounds = []

    def finished(self, tasks):
        self.rounds.append([task.key for task in tasks])
        return reversed([*SERIAL.finished(tasks)])


def doubled(name, number, rounds):
    """Double a number in each round."""
    for each in range(rounds):
        (done,) = yield [Task(f"{name} {each}", int.__mul__, (number, 2))]
        number = done.value
    return number


def test_works_share_their_rounds_and_each_has_its_own_results():
    """The shorter work ends; results come in any order."""
    noting = Noting()
    works = {"a": doubled("a", 1, 2), "b": doubled("b", 10, 1), "c": doubled("c", 5, 0)}
    assert run(together(works), noting) == {"a": 4, "b": 20, "c": 5}
    assert noting.rounds == [["a 0", "b 0"], ["a 1"]]


def test_a_work_can_wait_for_another():
    """It yields no task until the other, which comes first in each round, has ended."""
    known = {}

    def first():
        known["first"] = yield from doubled("first", 1, 2)

    def second():
        while "first" not in known:
            yield []
        return known["first"] + 1

    assert run(together({"first": first(), "second": second()}))["second"] == 5


def test_every_step_of_a_finished_task_is_counted():
    """Ten replicates of one task are ten steps."""
    steps = []
    tasks = [Task("a", max, (1, 2), steps=10), Task("b", max, (1, 2), steps=0)]
    results(SERIAL, tasks, advance=lambda: steps.append(1))
    assert len(steps) == 10


def test_an_error_of_a_task_reaches_the_caller():
    """As it was raised."""
    with pytest.raises(ZeroDivisionError):
        run(together({"a": iter_error()}))


def iter_error():
    yield [Task("a", divmod, (1, 0))]
