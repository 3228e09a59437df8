"""Trials of a search as runs: every set of hyperparameters tried on the whole cohort."""

from __future__ import annotations

from collections.abc import Iterator

from training.fitting.nested_tuning import FAILED
from training.fitting.tune import Tuning
from training.records.descriptions import training_name
from training.records.run_names import child_name
from training.records.run_record import TRIAL, RunRecord


def trial_records(tuning: Tuning) -> Iterator[RunRecord]:
    """Record every trial on the whole cohort; those inside the folds stay in the file of the search.

    Yields
    ------
    record : RunRecord
    """
    for outcome, trials in tuning.trials.items():
        below = child_name(outcome, tuning.tuned, training_name(tuning.training))
        for number, trial in enumerate(trials):
            yield RunRecord(
                name=child_name(outcome, f"{tuning.tuned} / trial {number}", training_name(tuning.training)),
                description="Hyperparameters tried on the whole cohort, with their log loss in inner folds. "
                "The best of many trials is optimistic: the model's run has the nested cross-validation.",
                parameters={name: f"{value:g}" for name, value in trial.settings.items()},
                tags={"kind": TRIAL, "outcome": outcome, "model": tuning.tuned}
                | ({"inner_log_loss": FAILED} if trial.failed else {}),
                metrics={} if trial.failed else {"inner_log_loss": trial.loss},
                below=below,
                period=trial.period,
            )
