"""Figures of several runs are drawn one by one, and each comes back to its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from matplotlib.figure import Figure

from training.records.drawn_figures import AT_ONCE, drawn_figures
from training.tasks.serial import SERIAL
from training.tasks.task import Done, Task

Draw = Callable[[], Figure | None]


def figure(title: str) -> Figure:
    """Make a figure with a title."""
    made = Figure(figsize=(2, 1), layout="constrained")
    made.subplots().set_title(title)
    return made


def nothing() -> None:
    """Find no data to draw."""


class Backward:
    """Runs the last task first, as workers may."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def finished(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Done]]:
        """Run tasks from the last to the first."""
        self.keys = [task.key for task in tasks]
        for position, done in SERIAL.finished(tasks[::-1]):
            yield len(tasks) - 1 - position, done


def test_figures_come_back_to_their_runs() -> None:
    """In their order, without those that have nothing to show; a run may have none at all."""
    runner = Backward()
    first, none, last = drawn_figures(
        [
            {"a.svg": partial(figure, "first a"), "b.svg": nothing, "c.svg": partial(figure, "first c")},
            {},
            {"a.svg": partial(figure, "last a")},
        ],
        runner,
    )
    assert runner.keys == ["a.svg of run 0", "b.svg of run 0", "c.svg of run 0", "a.svg of run 2"]
    assert (list(first), none, list(last)) == (["a.svg", "c.svg"], {}, ["a.svg"])
    assert ">first c</text>" in first["c.svg"]
    assert ">last a</text>" in last["a.svg"]


def test_figures_of_shap_are_drawn_together_and_first() -> None:
    """Up to six in a task; each comes back to its run."""
    runs: list[dict[str, Draw]] = [
        {"a.svg": nothing, "contributions.svg": partial(figure, f"of {n}")} for n in range(AT_ONCE + 1)
    ]
    runner = Backward()
    drawn = drawn_figures(runs, runner)
    first, second, *others = runner.keys
    assert (first, second) == ("contributions.svg of run 0", f"contributions.svg of run {AT_ONCE}")
    assert others == [f"a.svg of run {n}" for n in range(AT_ONCE + 1)]
    assert [f">of {n}</text>" in each["contributions.svg"] for n, each in enumerate(drawn)] == [True] * (
        AT_ONCE + 1
    )
