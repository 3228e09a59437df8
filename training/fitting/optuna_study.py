"""A search among settings whose trials are kept in a file, so that one that was stopped goes on.

A trial that fails numerically is kept as failed (pruned, in Optuna's words) and not made again; the sampler
takes it for worse than all others, and the search goes on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from sqlalchemy.exc import SQLAlchemyError

from features.problems import Refused
from training.console.stopwatch import MILLISECONDS, Period

Setting = int | float
Settings = Mapping[str, Setting]
Loss = Callable[[Settings], float]
NUMERICAL = (np.linalg.LinAlgError, ArithmeticError)
"""What settings may do to a fit, and a fault of the program is not."""
DONE = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)


@dataclass(frozen=True)
class Trial:
    """Settings that were tried.

    Attributes
    ----------
    settings : mapping of str to (int or float)
    loss : float
        Lower is better; infinite where the fit failed numerically.
    period : Period or None
        When it was tried; equal trials may have been tried at different times.
    """

    settings: Settings
    loss: float
    period: Period | None = field(default=None, compare=False)

    @property
    def failed(self) -> bool:
        """Whether the fit failed numerically."""
        return math.isinf(self.loss)


def _nothing() -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Search:
    """How settings are searched for.

    Attributes
    ----------
    file : Path or None
        SQLite; made where there is none. None keeps the trials in memory, for a machine that cannot reach it.
    trials : int
        At most, the default settings among them; at least 1.
    seconds : float
        After so long no further trial is begun, those of an earlier run counted; 0 for no limit.
    advance : callable
        Called after each trial.
    """

    file: Path | None
    trials: int
    seconds: float = 0.0
    advance: Callable[[], None] = field(default_factory=lambda: _nothing)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out, in another process, the progress of this one."""
        return {**self.__dict__, "advance": _nothing}

    def run(
        self, name: str, space: Mapping[str, tuple[Setting, ...]], first: Settings, loss: Loss, *, seed: int
    ) -> list[Trial]:
        """Try settings, the default first, then those that the trials so far make promising.

        Parameters
        ----------
        name : str
            Of the search: trials that the file has under it are not made again.
        space : mapping of str to tuple
            Values that each setting may take, in order.
        first : mapping of str to (int or float)
            The default.
        loss : callable
        seed : int
            The same seed gives the same trials, stopped between or not.

        Returns
        -------
        trials : list of Trial
            In order, failed ones among them; the default is the first.

        Raises
        ------
        Refused
            If the file cannot be read or written, or no setting could be fitted.
        """
        with _kept(self.file), _opened(self.file) as storage:
            study = optuna.create_study(
                storage=storage, study_name=name, load_if_exists=True, direction="minimize"
            )
            done = _done(study)
            for _ in done[: self.trials]:
                self.advance()
            spent = sum((trial.duration.total_seconds() for trial in done if trial.duration), 0.0)
            start = time.monotonic() - spent
            for number in range(len(done), self.trials):
                if self.seconds and time.monotonic() - start >= self.seconds and _any_fitted(study):
                    break
                _try(study, space, first if number == 0 else None, loss, seed=seed + number)
                self.advance()
            trials = [_as_trial(trial, space) for trial in _done(study)[: self.trials]]
        _refuse_all_failed(trials)
        return trials


def create_file(file: Path) -> None:
    """Create the file of the trials, if there is none, before several processes use it.

    Raises
    ------
    Refused
        If it cannot be read or written.
    """
    with _kept(file), _opened(file):
        pass


def best(trials: list[Trial]) -> Trial:
    """Pick the trial with the lowest loss, the earlier of equals."""
    return min(trials, key=lambda trial: trial.loss)


class _Given(optuna.samplers.BaseSampler):
    """Proposes the settings it is given. A trial queued for them would be left over by a crash."""

    def __init__(self, positions: Mapping[str, int]) -> None:
        self._positions = positions

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
        return {}

    def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
        return {}

    def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> int:
        return self._positions[param_name]


def _try(
    study: optuna.Study,
    space: Mapping[str, tuple[Setting, ...]],
    given: Settings | None,
    loss: Loss,
    *,
    seed: int,
) -> None:
    """Make one trial. A sampler of its own depends on the trials so far, not on when they were made."""
    study.sampler = (
        optuna.samplers.TPESampler(seed=seed)
        if given is None
        else _Given({name: values.index(given[name]) for name, values in space.items()})
    )
    study.optimize(lambda trial: _loss(trial, space, loss), n_trials=1)


def _loss(trial: optuna.Trial, space: Mapping[str, tuple[Setting, ...]], loss: Loss) -> float:
    """Measure what a trial proposes; a fit that fails prunes it."""
    settings = {name: values[trial.suggest_int(name, 0, len(values) - 1)] for name, values in space.items()}
    try:
        value = loss(settings)
    except NUMERICAL as error:
        raise optuna.TrialPruned from error
    if not math.isfinite(value):
        raise optuna.TrialPruned
    return value


def _done(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return study.get_trials(states=DONE)


def _any_fitted(study: optuna.Study) -> bool:
    return any(trial.state == optuna.trial.TrialState.COMPLETE for trial in _done(study))


def _as_trial(trial: optuna.trial.FrozenTrial, space: Mapping[str, tuple[Setting, ...]]) -> Trial:
    settings = {name: values[trial.params[name]] for name, values in space.items()}
    # A pruned trial has no value.
    return Trial(settings, math.inf if trial.value is None else float(trial.value), _period(trial))


def _period(trial: optuna.trial.FrozenTrial) -> Period | None:
    """Say when a trial was made, perhaps by an earlier command that this one goes on from."""
    if trial.datetime_start is None or trial.datetime_complete is None:
        return None
    started, ended = (
        int(MILLISECONDS * at.timestamp()) for at in (trial.datetime_start, trial.datetime_complete)
    )
    return Period(started, ended)


def _refuse_all_failed(trials: list[Trial]) -> None:
    if not all(trial.failed for trial in trials):
        return
    tried = "the default settings" if len(trials) == 1 else f"all {len(trials)} trials"
    message = f"{tried} failed numerically (no finite log loss): check the cohort, or train without tuning"
    raise Refused(message)


@contextmanager
def _opened(file: Path | None) -> Iterator[optuna.storages.BaseStorage]:
    """Open the file of the trials, and close it at the end, which Optuna leaves to the end of the process."""
    if file is None:
        yield optuna.storages.InMemoryStorage()
        return
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


@contextmanager
def _kept(file: Path | None) -> Iterator[None]:
    """Keep Optuna silent; turn what its storage raises into a refusal."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    except (optuna.exceptions.StorageInternalError, SQLAlchemyError) as error:
        why = next(iter(str(error).splitlines()), "")
        message = f"trials cannot be saved in {file.name if file else 'memory'} ({why})"
        raise Refused(message) from error
    finally:
        optuna.logging.set_verbosity(before)
