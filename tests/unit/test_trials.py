"""Searching among settings: the default first, the same trials stopped or not, and where they are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import Refused
from training.trials import Search, Settings, Trial, best

SPACE = {"depth": (1, 2, 3), "rate": (0.05, 0.1, 0.2)}
FIRST = {"depth": 2, "rate": 0.1}


def loss(settings: Settings) -> float:
    return abs(settings["depth"] - 3) + abs(settings["rate"] - 0.2)


def run(file: Path, trials: int, *, seconds: float = 0.0, name: str = "a") -> list[Trial]:
    return Search(file, trials, seconds).run(name, SPACE, FIRST, loss, seed=1)


def test_default_is_tried_first_and_the_best_is_found(tmp_path: Path) -> None:
    """Of nine settings twelve trials find the one that is made to be best."""
    trials = run(tmp_path / "t.db", 12)
    assert (len(trials), trials[0].settings) == (12, FIRST)
    assert best(trials) == Trial({"depth": 3, "rate": 0.2}, 0.0)
    assert best([Trial({"a": 1}, 0.5), Trial({"a": 2}, 0.5)]).settings == {"a": 1}


def test_search_that_was_stopped_goes_on_as_if_it_was_not(tmp_path: Path) -> None:
    """Finished trials are kept; one that was broken off is made again."""
    made: list[Settings] = []

    def stopped(settings: Settings) -> float:
        made.append(settings)
        if len(made) == 4:
            raise KeyboardInterrupt
        return loss(settings)

    with pytest.raises(KeyboardInterrupt):
        Search(tmp_path / "t.db", 8).run("a", SPACE, FIRST, stopped, seed=1)
    steps: list[None] = []
    search = Search(tmp_path / "t.db", 8, advance=lambda: steps.append(None))
    resumed = search.run("a", SPACE, FIRST, loss, seed=1)
    assert [trial.settings for trial in resumed[:3]] == made[:3]
    assert len(steps) == 8
    assert resumed == run(tmp_path / "other.db", 8)


def test_trials_of_another_search_are_not_taken(tmp_path: Path) -> None:
    """Each has its name; asked for fewer, no more are told."""
    run(tmp_path / "t.db", 3)
    assert len(run(tmp_path / "t.db", 2, name="b")) == 2
    assert len(run(tmp_path / "t.db", 1)) == 1


def test_time_that_is_up_leaves_the_default(tmp_path: Path) -> None:
    """Every search makes one trial at least."""
    assert [trial.settings for trial in run(tmp_path / "t.db", 50, seconds=1e-9)] == [FIRST]


def test_file_that_is_none_of_trials_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    (tmp_path / "t.db").write_text("patients, all of them, and more than a page of it" * 9)
    with pytest.raises(Refused, match=r"^t\.db: trials cannot be kept there"):
        run(tmp_path / "t.db", 1)
