"""The figures of one model's run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from features.columns import Columns
from features.measures import MEASURES
from features.outcomes import OUTCOMES
from serving.model.risk_model import RiskModel
from training.dataset.outcome_dataset import OutcomeData
from training.evidence.prior import Prior
from training.fitting.train import Training
from training.records.contribution_records import Draw, contribution_figures
from training.records.evidence_tables import model_prior
from training.records.overfitting_runs import DRAWN, ModelOverfitting, label
from training.validation.coarsened_curves import card_decision_curve
from training.validation.cross_validation import Validation
from training.validation.curves import calibration_curve, roc_curve
from training.validation.instability import headline_replicates
from training.validation.state_shares import StateShares, state_shares

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What draws is imported where a figure is drawn, perhaps in another process: it takes half a second.

OVERFITTING_FIGURE = "overfitting.svg"


def model_figures(training: Training, outcome: str, model: str) -> Mapping[str, Draw]:
    """Name the figures of a model, each drawn when it is called.

    Parameters
    ----------
    training : Training
    outcome, model : str

    Returns
    -------
    figures : mapping of str to callable
        By file name. Calibration, ROC and decision curve at every horizon (of a model that is not in the
        bundle at the headline one), and cumulative incidence in thirds of risk, are of out-of-fold risks and
        need validation; contributions are those of the
        whole cohort under the model that was fitted on it, those of single infusions only where
        `Training.shows_infusions`. A horizon with few events has none, unless small counts were requested.
        The forest plot needs a model
        that starts from published effects, the instability plot one with replicates.
    """
    fitted = training.outcomes[outcome]
    trained = fitted.models[model]
    figures: dict[str, Draw] = {}
    shown, events = training.shows_infusions, training.shows_infusions or training.small_counts
    if trained.validation is not None:
        known = training.shown(trained.summary).metrics
        drawn = trained.validation.horizons_days[: None if model == fitted.chosen else 1]
        for horizon, days in enumerate(drawn):
            if not known.get(days):
                continue  # Few events: the figures would give their number away.
            ending = "" if horizon == 0 else f"_at_{days}_days"
            title = _title(training, outcome, model, days)
            figures[f"calibration{ending}.svg"] = partial(_calibration, trained.validation, horizon, title)
            figures[f"roc{ending}.svg"] = partial(_roc, trained.validation, horizon, title)
            figures[f"decision{ending}.svg"] = partial(_decision, trained.validation, days, title)
        headline = _title(training, outcome, model, trained.validation.horizons_days[0])
        figures["incidence.svg"] = partial(_incidence, trained.validation, fitted.data, headline, events)
    patients, title = fitted.data.patients, _title(training, outcome, model, None)
    figures |= contribution_figures(trained.model, patients, title, single_infusions=shown)
    prior = model_prior(training, outcome, model)
    if prior is not None and trained.model.linear is not None:
        figures["forest.svg"] = partial(_forest, prior, trained.model, title)
    if trained.model.replicates is not None:
        headline = _title(training, outcome, model, trained.model.horizons_days[0])
        figures["instability.svg"] = partial(_instability, trained.model, patients, headline)
    return figures


def training_figures(training: Training, overfitted: Sequence[ModelOverfitting]) -> Mapping[str, Draw]:
    """Name the figures of a training as a whole: overfitting, and states that exclude one another.

    Parameters
    ----------
    training : Training
    overfitted : sequence of ModelOverfitting
        Its validated models.

    Returns
    -------
    figures : mapping of str to callable
        By file name; none where nothing was validated, no outcomes exclude one another, or nothing was
        observed.
    """
    cohort = f"{'SYNTHETIC cohort ' if training.synthetic else ''}{training.bundle.cohort.name}"
    figures: dict[str, Draw] = {}
    for shares in state_shares(training.bundle.summaries):
        title = f"{', '.join(shares.titles)}\n{cohort}"
        figures[f"states_{'_'.join(shares.outcomes)}.svg"] = partial(_states, shares, title)
    if overfitted:
        figures[OVERFITTING_FIGURE] = partial(_overfitting, tuple(overfitted), cohort)
    return figures


def published_figures(prior: Prior) -> Mapping[str, Draw]:
    """Name the figures of a model of published evidence alone: nothing was fitted."""
    return {"forest.svg": partial(_published, prior)}


def _published(prior: Prior) -> Figure | None:
    from training.figures.forest_plot import forest_plot

    return forest_plot(prior)


def _states(shares: StateShares, title: str) -> Figure | None:
    from training.figures.state_bars import state_figure

    return state_figure(shares, title=title)


def _overfitting(overfitted: Sequence[ModelOverfitting], cohort: str) -> Figure | None:
    from training.figures.overfitting import MeasuredTwice, overfitting_figure

    rows = [
        MeasuredTwice(label(each), each.measures.apparent, each.measures.validated) for each in overfitted
    ]
    measures = {name: MEASURES[name].title for name in DRAWN}
    return overfitting_figure(rows, measures, title=f"Apparent and validated performance, {cohort}")


def _calibration(validation: Validation, horizon: int, title: str) -> Figure:
    from training.figures.validation_figures import calibration_figure

    return calibration_figure(calibration_curve(validation, position=horizon), title=title)


def _roc(validation: Validation, horizon: int, title: str) -> Figure | None:
    from training.figures.validation_figures import roc_figure

    risk, folds = validation.mean_risk[:, horizon], validation.folds
    label, weight = folds.label[:, horizon], folds.weight[:, horizon]
    if np.ptp(label[weight > 0]) == 0:
        return None  # Without events, or without event-free patients, by this horizon there is no curve.
    curve = roc_curve(risk, label, weight)
    days = validation.horizons_days[horizon]
    return roc_figure(curve, validation.metrics[days]["auroc"], title=title)


def _decision(validation: Validation, days: int, title: str) -> Figure | None:
    from training.figures.decision_curve import decision_figure

    curve = card_decision_curve(validation, horizon_days=days)
    return decision_figure(curve, title=title) if curve is not None else None


def _incidence(validation: Validation, data: OutcomeData, title: str, single_events: bool) -> Figure | None:
    from training.figures.cumulative_incidence import incidence_figure

    return incidence_figure(validation, data, title=title, single_events=single_events)


def _forest(prior: Prior, model: RiskModel, title: str) -> Figure | None:
    from training.figures.forest_plot import forest_plot

    figure = forest_plot(prior, model.linear.coefficients if model.linear is not None else None)
    if figure is not None:
        # The fitted coefficients are of a cohort, and its name belongs to them.
        figure.axes[0].set_title(f"{title}\npublished effects, prior and fit")
    return figure


def _instability(model: RiskModel, patients: Columns, title: str) -> Figure | None:
    from training.figures.instability import instability_plot

    return instability_plot(model.risk(patients)[:, 0], headline_replicates(model, patients), title=title)


def _title(training: Training, outcome: str, model: str, days: int | None) -> str:
    when = "" if days is None else f" by day {days}"
    cohort = f"{'SYNTHETIC cohort ' if training.synthetic else ''}{training.bundle.cohort.name}"
    return f"{OUTCOMES[outcome].title}{when}\n{model}, {cohort}"
