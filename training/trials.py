"""A search among settings whose trials are kept in a file, so that one that was stopped goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import optuna
from sqlalchemy.exc import SQLAlchemyError

from features.problems import Refused

Setting = int | float
Settings = Mapping[str, Setting]
Loss = Callable[[Settings], float]


@dataclass(frozen=True)
class Trial:
    """Settings that were tried.

    Attributes
    ----------
    settings : mapping of str to (int or float)
    loss : float
        Lower is better.
    """

    settings: Settings
    loss: float


@dataclass(frozen=True)
class Search:
    """How settings are searched for.

    Attributes
    ----------
    file : Path
        SQLite; made where there is none.
    trials : int
        At most, the default settings among them; at least 1.
    seconds : float
        After so long no further trial is begun, those of an earlier run counted; 0 for no limit.
    advance : callable
        Called after each trial.
    """

    file: Path
    trials: int
    seconds: float = 0.0
    advance: Callable[[], None] = lambda: None

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
            Finished ones, in order; the default is the first.

        Raises
        ------
        Refused
            If the file cannot be read or written.
        """
        with _kept(self.file):
            study = optuna.create_study(
                storage=f"sqlite:///{self.file}", study_name=name, load_if_exists=True, direction="minimize"
            )
            done = _finished(study)
            for _ in done[: self.trials]:
                self.advance()
            spent = sum((trial.duration.total_seconds() for trial in done if trial.duration), 0.0)
            start = time.monotonic() - spent
            for number in range(len(done), self.trials):
                if number and self.seconds and time.monotonic() - start >= self.seconds:
                    break
                _try(study, space, first if number == 0 else None, loss, seed=seed + number)
                self.advance()
            return [_as_trial(trial, space) for trial in _finished(study)[: self.trials]]


def best(trials: list[Trial]) -> Trial:
    """Pick the trial with the lowest loss, the earlier of equals."""
    return min(trials, key=lambda trial: trial.loss)


def _try(
    study: optuna.Study,
    space: Mapping[str, tuple[Setting, ...]],
    given: Settings | None,
    loss: Loss,
    *,
    seed: int,
) -> None:
    """Make one trial. A sampler of its own depends on the trials so far, not on when they were made."""
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    if given is not None:
        study.enqueue_trial({name: values.index(given[name]) for name, values in space.items()})
    study.optimize(
        lambda trial: loss(
            {name: values[trial.suggest_int(name, 0, len(values) - 1)] for name, values in space.items()}
        ),
        n_trials=1,
    )


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))


def _as_trial(trial: optuna.trial.FrozenTrial, space: Mapping[str, tuple[Setting, ...]]) -> Trial:
    settings = {name: values[trial.params[name]] for name, values in space.items()}
    return Trial(settings, float(trial.value or 0.0))


@contextmanager
def _kept(file: Path) -> Iterator[None]:
    """Keep Optuna silent; turn what its storage raises into a refusal."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    except (optuna.exceptions.StorageInternalError, SQLAlchemyError) as error:
        message = f"{file.name}: trials cannot be kept there ({next(iter(str(error).splitlines()), '')})"
        raise Refused(message) from error
    finally:
        optuna.logging.set_verbosity(before)
