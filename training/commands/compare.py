"""Compare recorded trainings and their models side by side, or two versions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.measures import IN_TERMINAL
from training.commands.options import Dask, MappingFile, Overwrite, ShowSmallCounts, Workers, given_path
from training.console.tables import OUT_OF_FOLD, show_figures

if TYPE_CHECKING:
    from training.tracking.run_list import RecordedModel, RecordedTraining

NOTHING_YET = "no training is recorded yet; try: cart-outcomes train data/synthetic.csv"


def command(
    first: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias; omit to list all runs")
    ] = "",
    second: Annotated[str, typer.Argument(metavar="VERSION", help="Version to compare it with")] = "",
    cohort: Annotated[
        str, typer.Option(help="Cohort file to compare two versions on, e.g. their training cohort")
    ] = "",
    mapping: MappingFile = "",
    html: Annotated[str, typer.Option(help="Page to write with the comparison of two versions (HTML)")] = "",
    small_counts: ShowSmallCounts = False,
    overwrite: Overwrite = False,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="Number of trainings to list, newest first")
    ] = 20,
    workers: Workers = 0,
    dask: Dask = "",
) -> None:
    """Compare recorded runs side by side, or two versions on the same patients."""
    if not (first or second or cohort or html):
        compare(limit)
        return
    # The list of trainings needs neither the reader of cohorts nor the comparison.
    from training.commands.compare_versions import compare_versions

    compare_versions(
        first,
        second,
        cohort=given_path(cohort),
        mapping=given_path(mapping),
        html=given_path(html),
        small_counts=small_counts,
        overwrite=overwrite,
        workers=workers,
        dask=dask,
    )


def compare(limit: int = 20, *, console: Console | None = None) -> None:
    """Print the newest trainings, one table per outcome.

    Parameters
    ----------
    limit : int
        Trainings at most.
    console : Console, optional
        Where they are printed; standard output by default.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    # MLflow takes seconds to import.
    from training.tracking.release_agreement import warn_of_disagreement
    from training.tracking.run_list import list_models
    from training.tracking.versions_without_run import list_kept_versions

    screen = console or Console()
    recorded = list_models(limit)
    kept = list_kept_versions(limit, listed={training.run_id for training in recorded})
    trainings = sorted([*recorded, *kept], key=lambda training: training.date, reverse=True)[:limit]
    if not trainings:
        screen.print(NOTHING_YET, highlight=False)
    for training in trainings:
        screen.print(f"\n{heading(training)}", highlight=False, markup=False)
        for outcome, models in groupby(training.models, key=lambda model: model.outcome):
            _show(outcome, list(models), screen)
    if trainings:
        screen.print(OUT_OF_FOLD)
    if len(trainings) == limit:
        screen.print(f"showing the newest {limit}; use --limit to see more", highlight=False)
    warn_of_disagreement()


def _show(outcome: str, models: list[RecordedModel], screen: Console) -> None:
    """Print the models of one outcome side by side."""
    chosen = next((model.status for model in models if model.chosen), "")
    headings = {f"{model.model} *" if model.chosen else model.model: model.metrics for model in models}
    title = f"{outcome}: {chosen}" if chosen else outcome
    if any(name in metrics for metrics in headings.values() for name in IN_TERMINAL):
        show_figures(title, headings, screen)
        return
    screen.print(f"\n{title}", style="bold", highlight=False, markup=False)
    screen.print(f"  {', '.join(headings)}: not cross-validated", highlight=False, markup=False)


def heading(training: RecordedTraining) -> str:
    """Write the heading of a training.

    Examples
    --------
    >>> from training.tracking.run_list import RecordedTraining
    >>> print(heading(RecordedTraining("a1", "2026-01-02 10:00", "c.csv", "treatment_policy",
    ...                                synthetic=True, version="3", champion=True, models=())))
    version 3, CHAMPION - 2026-01-02 10:00 UTC - c.csv, SYNTHETIC - treatment_policy
    """
    version = f"version {training.version}" if training.version else "not registered"
    champion = ", CHAMPION" if training.champion else ""
    champion += f", version {training.parent_version} updated" if training.parent_version else ""
    champion += ", run deleted" if training.run_deleted else ""
    synthetic = ", SYNTHETIC" if training.synthetic else ""
    return f"{version}{champion} - {training.date} UTC - {training.cohort}{synthetic} - {training.estimand}"
