"""What a run holds of contributions: figures and a table; of single infusions only where they may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from features.columns import Columns
from serving.model.risk_model import RiskModel
from training.dataset.typical_patient import typical_patient
from training.figures.contribution_table import contribution_table
from training.fitting.train import Training
from training.records.drawn_figures import CONTRIBUTIONS_FIGURE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from training.figures.stated_contributions import StatedContributions

Draw = Callable[[], "Figure | None"]

# What draws is imported where a figure is drawn, perhaps in another process: it takes half a second.

TABLE = "contributions/{outcome}.csv"
"""Where a run has the table of contributions."""


def contribution_figures(
    model: RiskModel, patients: Columns, title: str, *, single_infusions: bool
) -> dict[str, Draw]:
    """Name the figures of the contributions of a model, each drawn when it is called.

    Parameters
    ----------
    model : RiskModel
    patients : Columns of `Patient`
        Of the cohort.
    title : str
    single_infusions : bool
        Whether figures with a dot an infusion may be drawn: the cohort is synthetic, or they were requested.

    Returns
    -------
    figures : dict of str to callable
        By file name: means in clinical groups and a typical patient, who is no real one; where allowed also
        all contributions, and contributions by value, with a dot an infusion.
    """
    figures: dict[str, Draw] = {
        "groups.svg": partial(_groups, model, patients, title),
        "typical_patient.svg": partial(_typical, model, patients, title),
    }
    if single_infusions:
        figures[CONTRIBUTIONS_FIGURE] = partial(_contributions, model, patients, title)
        figures["dependence.svg"] = partial(_dependence, model, patients, title)
    return figures


def contribution_tables(training: Training, outcome: str, model: str) -> Mapping[str, str]:
    """Write the contributions of every infusion as CSV, by path; none where they may not be recorded.

    Parameters
    ----------
    training : Training
    outcome, model : str

    Returns
    -------
    tables : mapping of str to str
        For the chosen model, as `training.figures.contribution_table.laid_out` lays it out, without
        identifiers. Contributions are the same at every horizon; the reference is that of the headline one.
    """
    fitted = training.outcomes[outcome]
    if model != fitted.chosen or not training.shows_infusions:
        return {}
    patients = fitted.data.patients
    table = contribution_table(fitted.models[model].model.explain(patients), patients)
    return {TABLE.format(outcome=outcome): table.to_csv(index=False)}


def of_patients(model: RiskModel, patients: Columns) -> StatedContributions:
    """State the contributions of patients at the headline horizon."""
    from training.figures.stated_contributions import stated_contributions

    return stated_contributions(
        model.explain(patients),
        patients,
        outcome=model.outcome,
        horizons_days=model.horizons_days,
        days=model.horizons_days[0],
    )


def _groups(model: RiskModel, patients: Columns, title: str) -> Figure | None:
    from training.figures.contributions_by_group import group_figure

    return group_figure(model.explain(patients), patients, title=title)


def _typical(model: RiskModel, patients: Columns, title: str) -> Figure | None:
    from training.figures.contribution_waterfall import waterfall_figure

    typical = typical_patient(patients)
    if typical is None:
        return None
    heading = f"{title}\ntypical patient: median or most frequent value of each field,\nno real patient"
    return waterfall_figure(of_patients(model, typical)[0], title=heading)


def _contributions(model: RiskModel, patients: Columns, title: str) -> Figure | None:
    from training.figures.validation_figures import beeswarm_figure

    return beeswarm_figure(model.explain(patients), patients, title=title)


def _dependence(model: RiskModel, patients: Columns, title: str) -> Figure | None:
    from training.figures.contribution_dependence import dependence_figure

    return dependence_figure(model.explain(patients), patients, title=title)
