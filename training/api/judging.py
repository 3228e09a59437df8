"""What a model is worth on other patients, and which of two models is better, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from features.outcomes import OUTCOMES
from features.problems import Refused
from serving.model.measured import Measured
from training.api.cohorts import Patients, as_cohort
from training.api.model import Model, as_model
from training.comparison.paired_comparison import Difference, compare_versions
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.console.progress import silent
from training.console.tables import bar
from training.dataset.fit_config import FitConfig
from training.dataset.known_names import known, known_scale, listed
from training.dataset.unavailable import Unavailable
from training.external.external_validation import ExternalOutcome, validate_externally

VALIDATED = ("outcome", "horizon_days", "measure", "value", "low", "high", "internal", "update", "note")
COMPARED = (
    *("outcome", "horizon_days", "n_infusions", "n_events", "loss", "first", "second"),
    *("gain", "gain_low", "gain_high", "note"),
)
Row = dict[str, object]


def validate(
    model: Model | str | Path,
    cohort: Patients,
    *,
    outcomes: Sequence[str] = (),
    allow_grading: str = "",
    assume_remission: bool = True,
    allow_training_cohort: bool = False,
    seed: int = FitConfig.seed,
) -> pd.DataFrame:
    """Validate a model on an external cohort; nothing is refitted.

    Parameters
    ----------
    model : Model, str or Path
        A model, or one that `load` reads.
    cohort : Cohort, DataFrame, str or Path
        Patients that the model was not trained on.
    outcomes : str or sequence of str
        All of the model by default.
    allow_grading : str
        Additional CRS grading scale to accept.
    assume_remission : bool
        As for `fit`.
    allow_training_cohort : bool
        Whether to accept the cohort that the model was trained on.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    measures : DataFrame
        A row an outcome, horizon and measure: ``value`` with its 90 % interval, ``internal`` for the
        out-of-fold value of the training, and ``update`` for the update that the closed test indicates
        (``none`` for no update). An outcome that cannot be validated has one row with the reason as ``note``.

    Raises
    ------
    NotExternal
        If the model was trained or updated on this cohort.
    DataError
        If the cohort is refused, or no outcome can be validated.
    """
    config = FitConfig(
        outcomes=known("outcomes", listed(outcomes) or tuple(OUTCOMES), OUTCOMES),
        allow_grading=known_scale(allow_grading, option="allow_grading"),
        assume_remission=assume_remission,
        seed=seed,
    )
    validation = validate_externally(
        as_model(model).bundle, as_cohort(cohort), config, allow_training_cohort=allow_training_cohort
    )
    rows = [row for name, each in validation.outcomes.items() for row in _measures(name, each)]
    rows += [{"outcome": name, "note": reason} for name, reason in validation.left_out.items()]
    return pd.DataFrame(rows, columns=list(VALIDATED))


def compare(
    first: Model | str | Path,
    second: Model | str | Path,
    cohort: Patients,
    *,
    progress: bool = True,
) -> pd.DataFrame:
    """Compare two models on the same patients, outcome by outcome.

    Parameters
    ----------
    first, second : Model, str or Path
        Models, or ones that `load` reads.
    cohort : Cohort, DataFrame, str or Path
        On the cohort that a model was trained on, its cross-validation is repeated, so that its risks are
        out-of-fold; on any other cohort the model itself predicts.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    differences : DataFrame
        A row an outcome and loss: the loss of ``first`` and of ``second`` and the ``gain`` of the second over
        the first with its 90 % interval; above 0 the second is better. Where the two cannot be compared there
        is one row with the reason as ``note``.

    Raises
    ------
    Refused
        If both hold the same models, or a cross-validation would have to be repeated whose settings are not
        known because the model was read from a folder.
    """
    read, models = as_cohort(cohort), (as_model(first), as_model(second))
    if models[0].bundle.digest == models[1].bundle.digest:
        message = "both hold the same models: their digests are equal"
        raise Refused(message)
    pair = _contender(models[0], read.sha256), _contender(models[1], read.sha256)
    differences = compare_versions(pair, read, progress=bar if progress else silent)
    rows = [row for name, each in differences.items() for row in _losses(name, each)]
    return pd.DataFrame(rows, columns=list(COMPARED))


def _contender(model: Model, sha256: str) -> Contender:
    if model.recipe is None and model.bundle.cohort.sha256 == sha256:
        message = (
            "the cohort is the one that a model was trained on, and a bundle folder does not store the "
            "settings of its cross-validation: load the model by its version, or compare on other patients"
        )
        raise Refused(message)
    recipe = model.recipe or Recipe(FitConfig(estimand=model.bundle.estimand))
    return Contender(model.bundle, recipe)


def _measures(name: str, outcome: ExternalOutcome) -> Iterator[Row]:
    for days, measures in outcome.validation.metrics.items():
        internal = outcome.internal.get(days, {})
        for measure, figure in measures.items():
            yield {
                **{"outcome": name, "horizon_days": days, "measure": measure},
                **{"value": figure.value, "low": figure.low, "high": figure.high},
                "internal": internal.get(measure, Measured(None)).value,
                "update": outcome.choice.update.kind,
                "note": "" if figure.value is not None else "cannot be computed from these patients",
            }


def _losses(name: str, difference: Difference | Unavailable) -> Iterator[Row]:
    if isinstance(difference, Unavailable):
        yield {"outcome": name, "note": difference.reason}
        return
    for loss, gain in difference.gains.items():
        first, second = (each[loss].value for each in difference.losses)
        yield {
            **{"outcome": name, "horizon_days": difference.days, "n_infusions": difference.n_infusions},
            **{"n_events": difference.n_events, "loss": loss, "first": first, "second": second},
            **{"gain": gain.value, "gain_low": gain.low, "gain_high": gain.high, "note": ""},
        }
