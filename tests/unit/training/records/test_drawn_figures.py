"""Figures of several runs are drawn one by one, and each comes back to its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
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
            {"a.png": partial(figure, "first a"), "b.png": nothing, "c.png": partial(figure, "first c")},
            {},
            {"a.png": partial(figure, "last a")},
        ],
        runner,
    )
    assert runner.keys == ["a.png of run 0", "b.png of run 0", "c.png of run 0", "a.png of run 2"]
    assert (list(first), none, list(last)) == (["a.png", "c.png"], {}, ["a.png"])
    assert ">first c</text>" in first["c.png"].picture
    assert ">last a</text>" in last["a.png"].picture


def test_figures_of_shap_are_drawn_together_and_first() -> None:
    """Up to six in a task; each comes back to its run."""
    runs: list[dict[str, Draw]] = [
        {"a.png": nothing, "contributions.png": partial(figure, f"of {n}")} for n in range(AT_ONCE + 1)
    ]
    runner = Backward()
    drawn = drawn_figures(runs, runner)
    first, second, *others = runner.keys
    assert (first, second) == ("contributions.png of run 0", f"contributions.png of run {AT_ONCE}")
    assert others == [f"a.png of run {n}" for n in range(AT_ONCE + 1)]
    assert [f">of {n}</text>" in each["contributions.png"].picture for n, each in enumerate(drawn)] == [
        True
    ] * (AT_ONCE + 1)


@pytest.mark.parametrize(("name", "opens"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_the_ending_of_a_file_states_its_format(name: str, opens: bytes) -> None:
    """As matplotlib knows it."""
    ((_, drawn),) = drawn_figures([{name: partial(figure, "any")}], SERIAL)[0].items()
    assert drawn.content.startswith(opens)
