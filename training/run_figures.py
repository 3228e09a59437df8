"""The figures of one model's run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from matplotlib.figure import Figure

from features.outcomes import OUTCOMES
from training.curves import calibration_curve, roc_curve
from training.figures import beeswarm_figure, calibration_figure, roc_figure
from training.fitting import Training
from training.validation import Validation


def model_figures(training: Training, outcome: str, model: str) -> Mapping[str, Callable[[], Figure | None]]:
    """Name the figures of a model, each drawn when it is called.

    Parameters
    ----------
    training : Training
    outcome, model : str

    Returns
    -------
    figures : mapping of str to callable
        By file name. Calibration and ROC at every horizon are of out-of-fold risks and need validation;
        contributions are those of the whole cohort under the model that was fitted on it.
    """
    fitted = training.outcomes[outcome]
    found = fitted.models[model]
    figures: dict[str, Callable[[], Figure | None]] = {}
    if found.validation is not None:
        for place, days in enumerate(found.validation.horizons_days):
            ending = "" if place == 0 else f"_at_{days}_days"
            title = _title(training, outcome, model, days)
            figures[f"calibration{ending}.png"] = partial(_calibration, found.validation, place, title)
            figures[f"roc{ending}.png"] = partial(_roc, found.validation, place, title)
    patients, title = fitted.data.patients, _title(training, outcome, model, None)
    figures["contributions.png"] = lambda: beeswarm_figure(
        found.model.explain(patients), patients, title=title
    )
    return figures


def _calibration(validation: Validation, place: int, title: str) -> Figure:
    return calibration_figure(calibration_curve(validation, place=place), title=title)


def _roc(validation: Validation, place: int, title: str) -> Figure:
    risk, folds = validation.mean_risk[:, place], validation.folds
    curve = roc_curve(risk, folds.label[:, place], folds.weight[:, place])
    days = validation.horizons_days[place]
    return roc_figure(curve, validation.metrics[days]["auroc"], title=title)


def _title(training: Training, outcome: str, model: str, days: int | None) -> str:
    when = "" if days is None else f" by day {days}"
    cohort = "SYNTHETIC cohort" if training.cohort.synthetic else training.cohort.name
    return f"{OUTCOMES[outcome].title}{when}\n{model}, {cohort}"
