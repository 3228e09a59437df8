"""A training in which settings are searched for: which outcomes have events enough, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.problems import DataError, Problem
from serving.model.measured import Measured
from training.console.progress import Progress, silent
from training.dataset.fit_config import TUNED, FitConfig
from training.dataset.home_center import modeled_data
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.unavailable import NoData
from training.evidence.evidence_set import Evidence
from training.fitting.nested_tuning import DEFAULTS, Tuned
from training.fitting.optuna_study import Search, Settings, Trial, create_file
from training.fitting.train import Training, train
from training.learners.learner import Learner
from training.tasks.serial import SERIAL
from training.tasks.task import Runner
from training.validation.internal_external import predicted_centers
from training.validation.paired_differences import paired_gains

FEWEST_EVENTS = 40
"""Events, and patients without, from which on settings are searched for: of 40 an inner fold of an outer fold
keeps 26 to train on, from 25 on the anchored model tries trees at all, and with fewer chance would choose."""
REPEATS = 1
"""Of the outer cross-validation: every fold of it is a search."""


@dataclass(frozen=True)
class Tuning:
    """A training with its searches.

    Attributes
    ----------
    training : Training
        Its models are the default and the tuned learner.
    model : str
        The learner that was tuned.
    trials : mapping of str to tuple of Trial
        By outcome, of the search on the whole cohort.
    too_few : mapping of str to str
        Outcomes that were not trained, and why.
    """

    training: Training
    model: str
    trials: Mapping[str, tuple[Trial, ...]]
    too_few: Mapping[str, str]

    @property
    def tuned(self) -> str:
        """Name of the learner that searches."""
        return f"{TUNED}{self.model}"

    def settings(self, outcome: str) -> Settings:
        """Hyperparameters chosen on the whole cohort."""
        parameters = self.training.outcomes[outcome].models[self.tuned].parameters
        return {name: parameters[name] for name in DEFAULTS[self.model]}  # type: ignore[misc]

    def gains(self, outcome: str) -> dict[str, Measured]:
        """Measure how much lower the losses are out of fold than with default settings, paired."""
        models = self.training.outcomes[outcome].models
        tuned, plain = models[self.tuned].validation, models[self.model].validation
        if tuned is None or plain is None:
            message = "gains of tuning need both models cross-validated"
            raise ValueError(message)
        return paired_gains(tuned, {self.model: plain})[self.model]


def tune(
    cohort: Cohort,
    config: FitConfig,
    model: str,
    search: Search,
    *,
    progress: Progress = silent,
    runner: Runner = SERIAL,
) -> Tuning:
    """Search for settings, validated with the search inside every fold.

    Parameters
    ----------
    cohort : Cohort
    config : FitConfig
        Models and validation are set here.
    model : str
        Entry of `training.fitting.nested_tuning.SPACES`.
    search : Search
    progress : Progress
        Shows how far the work is.
    runner : Runner
        Runs searches and fits.

    Returns
    -------
    tuning : Tuning
        The bundle of its training has the better of default and tuned out of fold.

    Raises
    ------
    DataError
        If no outcome has enough events, with the reason for each.
    """
    too_few = refuse_few(cohort, config)
    outcomes = tuple(name for name in config.outcomes if name not in too_few)
    with_tuned = replace(config, outcomes=outcomes, models=(model, f"{TUNED}{model}"), validate=True)
    if search.file is not None:
        create_file(search.file)

    def further_learners(evidence: Evidence) -> dict[str, Learner]:
        tuned = Tuned(model, evidence, search)
        return {tuned.name: tuned}

    training = train(cohort, with_tuned, progress=progress, runner=runner, further_learners=further_learners)
    fitted = {name: each.models[f"{TUNED}{model}"] for name, each in training.outcomes.items()}
    trials = {name: each.choice.trials for name, each in fitted.items()}
    return Tuning(training, model, trials, too_few)


def refuse_few(cohort: Cohort, config: FitConfig) -> dict[str, str]:
    """Say which outcomes have too few events, and why.

    Raises
    ------
    DataError
        If none is left.
    """
    too_few = {name: why for name in config.outcomes if (why := _too_few(cohort, name, config))}
    if len(too_few) == len(config.outcomes):
        problems = [
            Problem(Code.OUTCOME_NOT_TUNED, f"{name} cannot be tuned: {why}") for name, why in too_few.items()
        ]
        raise DataError(problems, source=cohort.name)
    return too_few


def searches(cohort: Cohort, config: FitConfig) -> int:
    """Count the searches of all outcomes with enough events.

    Each outcome has one in every outer fold, one on the whole cohort, and one for every center that is
    predicted by the others. The last are made only where the tuned learner is the better one; they are
    counted all the same, so that a limit of time holds whichever it is.

    Parameters
    ----------
    cohort : Cohort
    config : FitConfig

    Returns
    -------
    count : int
    """
    datas = [modeled_data(cohort, OUTCOMES[name], config) for name in config.outcomes]
    enough = [each for each in datas if isinstance(each, OutcomeData) and not _few(each)]
    return sum(config.repeats * config.folds + 1 + predicted_centers(each) for each in enough)


def _too_few(cohort: Cohort, name: str, config: FitConfig) -> str:
    data = modeled_data(cohort, OUTCOMES[name], config)
    if isinstance(data, NoData):
        return data.reason
    return _few(data)


def _few(data: OutcomeData) -> str:
    if min(data.n_headline_events, data.n_headline_free) >= FEWEST_EVENTS:
        return ""
    return (
        f"{data.n_headline_events} distinct events and {data.n_headline_free} event-free patients at day "
        f"{data.horizons_days[0]}; at least {FEWEST_EVENTS} of each are needed to choose hyperparameters"
    )
