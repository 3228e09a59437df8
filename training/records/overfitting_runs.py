"""Overfitting in the runs of a training: apparent measures beside validated ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.measures import MEASURES, decimals, short_title
from features.outcomes import OUTCOMES
from serving.model.figure_text import fixed
from training.fitting.train import Training
from training.records.metric_names import APPARENT, OPTIMISM, outcome_metric, overfitting_metrics
from training.validation.apparent_performance import Overfitting, mean_fold_losses, overfitting

OVERFITTING_FILE = "overfitting.json"
"""Apparent and validated measures of every model, as a table of MLflow."""
SHOWN = ("log_loss", "auroc", "calibration_slope")
"""Measures that show overfitting."""
IN_PARENT = "auroc"
"""Measure that the run of a training has too; the runs of the models have all of `SHOWN`."""
DRAWN = ("log_loss", "auroc")
"""Measures of the figure; the apparent calibration slope of a shrunken model may be any number."""
HOW_TO_READ = (
    "Apparent: measured in the training patients. Validated: out-of-fold. Optimism: apparent less validated. "
    "An overfitted model has a much higher apparent AUROC, a much lower apparent log loss, and a validated "
    "calibration slope below 1."
)


@dataclass(frozen=True)
class ModelOverfitting:
    """Overfitting of one model of a training.

    Attributes
    ----------
    outcome, model : str
    chosen : bool
        Whether it is in the bundle.
    measures : Overfitting
    fold_losses : tuple of float, optional
        Mean log loss of the folds' models in their training patients, and in those held out.
    """

    outcome: str
    model: str
    chosen: bool
    measures: Overfitting
    fold_losses: tuple[float, float] | None


def training_overfitting(training: Training) -> list[ModelOverfitting]:
    """Measure every validated model of a training in its training patients.

    Parameters
    ----------
    training : Training

    Returns
    -------
    models : list of ModelOverfitting
        Without models that were not validated.
    """
    return [
        each
        for outcome, fitted in training.outcomes.items()
        for name in fitted.models
        if (each := _of_model(training, outcome, name)) is not None
    ]


def model_overfitting(training: Training, outcome: str, model: str) -> dict[str, float]:
    """Name the metrics of one model's run; none without validation."""
    each = _of_model(training, outcome, model)
    return overfitting_metrics(each.measures if each is not None else None, SHOWN)


def parent_overfitting(models: Sequence[ModelOverfitting]) -> dict[str, float]:
    """Name the metrics of the training's run: `IN_PARENT` of the models in the bundle, by outcome."""
    return {
        f"{group}/{outcome_metric(each.outcome, IN_PARENT)}": figures[IN_PARENT]
        for each in models
        if each.chosen
        for group, figures in ((APPARENT, each.measures.apparent), (OPTIMISM, each.measures.optimism))
        if IN_PARENT in figures
    }


def overfitting_grid(models: Sequence[ModelOverfitting]) -> dict[str, dict[str, list[object]]]:
    """Give the table its file, a row a model and measure; no file where nothing was validated."""
    rows = [
        (each.outcome, each.model, each.measures.horizon_days, name, *_figures(each.measures, name))
        for each in models
        for name in MEASURES
        if name in each.measures.optimism
    ]
    columns = ("outcome", "model", "horizon_days", "measure", "apparent", "validated", "optimism")
    table: dict[str, list[object]] = {name: [row[n] for row in rows] for n, name in enumerate(columns)}
    return {OVERFITTING_FILE: table} if rows else {}


def overfitting_words(each: ModelOverfitting) -> str:
    """Write the apparent and the validated measures of a model in a sentence.

    Examples
    --------
    >>> models = Overfitting(365, {"auroc": 0.78}, {"auroc": 0.71}, {"auroc": 0.07})
    >>> overfitting_words(ModelOverfitting("relapse", "ridge", True, models, (0.4, 0.5)))
    'AUROC 0.78 in the training patients, 0.71 out-of-fold; log loss by fold 0.400 in training, 0.500 held \
out'
    """
    words = []
    for name in SHOWN:
        if name in each.measures.optimism:
            figures = (
                fixed(part[name], decimals(name))
                for part in (each.measures.apparent, each.measures.validated)
            )
            words.append("{} {} in the training patients, {} out-of-fold".format(short_title(name), *figures))
    if each.fold_losses is not None:
        training, held_out = each.fold_losses
        words.append(f"log loss by fold {training:.3f} in training, {held_out:.3f} held out")
    return "; ".join(words)


def label(each: ModelOverfitting) -> str:
    """Name a model in the figure."""
    return f"{OUTCOMES[each.outcome].name} / {each.model}{' *' if each.chosen else ''}"


def _figures(measures: Overfitting, name: str) -> tuple[float, float, float]:
    return measures.apparent[name], measures.validated[name], measures.optimism[name]


def _of_model(training: Training, outcome: str, name: str) -> ModelOverfitting | None:
    fitted = training.outcomes[outcome]
    model = fitted.models[name]
    if model.validation is None:
        return None
    measures = overfitting(model.model, fitted.data, model.validation)
    return ModelOverfitting(
        outcome, name, name == fitted.chosen, measures, mean_fold_losses(model.validation)
    )
