"""Searching among settings: the default first, the same trials stopped or not, and where they are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.problems import Refused
from training.fitting.optuna_study import Search, Settings, Trial, best

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
    with pytest.raises(Refused, match=r"^trials cannot be saved in t\.db "):
        run(tmp_path / "t.db", 1)


def fails(settings: Settings) -> float:
    """Fail at the default by a singular matrix, at depth 1 by no number, at rate .2 by dividing by 0."""
    if dict(settings) == FIRST:
        message = "Singular matrix"
        raise np.linalg.LinAlgError(message)
    if settings["depth"] == 1:
        return float("nan")
    return 1 / 0 if settings["rate"] == 0.2 else loss(settings)


def test_settings_that_fail_numerically_are_kept_as_failed_and_the_search_goes_on(tmp_path: Path) -> None:
    """The default among them; the best is one that could be fitted, and none is made again."""
    trials = Search(tmp_path / "t.db", 14).run("a", SPACE, FIRST, fails, seed=1)
    assert len(trials) == 14
    assert (trials[0].settings, trials[0].failed) == (FIRST, True)
    for trial in trials:
        expected = dict(trial.settings) == FIRST or trial.settings["depth"] == 1
        assert trial.failed == (expected or trial.settings["rate"] == 0.2)
    assert best(trials).loss == pytest.approx(min(each.loss for each in trials if not each.failed))

    def never(settings: Settings) -> float:
        pytest.fail("made again")

    assert Search(tmp_path / "t.db", 14).run("a", SPACE, FIRST, never, seed=1) == trials


def test_search_in_which_everything_fails_says_so(tmp_path: Path) -> None:
    """Rather than to take the first of what cannot be fitted."""

    def singular(settings: Settings) -> float:
        raise np.linalg.LinAlgError

    with pytest.raises(
        Refused,
        match=r"^all 4 trials failed numerically \(no finite log loss\): "
        "check the cohort, or train without tuning$",
    ):
        Search(tmp_path / "t.db", 4).run("a", SPACE, FIRST, singular, seed=1)


def test_time_that_is_up_waits_for_settings_that_can_be_fitted(tmp_path: Path) -> None:
    """A default that fails is no result."""
    trials = Search(tmp_path / "t.db", 50, 1e-9).run("a", SPACE, FIRST, fails, seed=1)
    assert [trial.failed for trial in trials] == [True] * (len(trials) - 1) + [False]


def test_fault_of_the_program_ends_the_search(tmp_path: Path) -> None:
    """It is no property of the settings."""

    def broken(settings: Settings) -> float:
        return settings["no such setting"]

    with pytest.raises(KeyError):
        Search(tmp_path / "t.db", 4).run("a", SPACE, FIRST, broken, seed=1)


def test_crash_in_the_first_trial_leaves_nothing_queued(tmp_path: Path) -> None:
    """The default is made once; the trials are those of a search that was never stopped."""
    made: list[Settings] = []

    def crash(settings: Settings) -> float:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            Search(tmp_path / "t.db", 4).run("a", SPACE, FIRST, crash, seed=1)

    def noted(settings: Settings) -> float:
        made.append(dict(settings))
        return loss(settings)

    resumed = Search(tmp_path / "t.db", 4).run("a", SPACE, FIRST, noted, seed=1)
    assert made[0] == FIRST
    assert resumed == run(tmp_path / "other.db", 4)
