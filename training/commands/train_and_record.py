"""Train, keep the bundle, show what came out, and record it in MLflow."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from training.commands.training_results import show_training
from training.console.screen import print_line
from training.console.tables import bar
from training.dataset.fit_config import FitConfig

if TYPE_CHECKING:
    from features.cohort import Cohort
    from training.fitting.train import Training
    from training.tasks.task import Runner

LARGE_COHORT, VALIDATED_COHORT = 600, 60
"""Infusions from which on workers are started at once, without and with validation: they will be needed."""
IMPORTED_BY_WORKERS = ("xgboost", "training.fitting.whole_fit")
"""What fits need; it takes a second to import. What draws is imported with the first figure."""


IMPORTED_AHEAD = (
    "training.comparison.champion_refit",
    "training.tracking.recorder",
    "training.tracking.registered_recipe",
    "training.tracking.release_agreement",
)
"""What is needed after the fit, and takes long to import."""


def train_and_record(
    cohort: Cohort | None,
    config: FitConfig,
    folder: Path,
    *,
    workers: int,
    dask: str,
    record_infusions: bool = False,
    small_counts: bool = False,
) -> None:
    """Train, keep the bundle, show and record it.

    Parameters
    ----------
    cohort : Cohort or None
        None for published evidence alone.
    config : FitConfig
    folder : Path
        Of the bundle.
    workers : int
        Processes that fit; 0 for one a core.
    dask : str
        Address of a Dask scheduler whose workers fit; empty for this machine.
    record_infusions : bool
        Whether contributions of single infusions of a real cohort are recorded.
    small_counts : bool
        Whether bundle and runs state counts of fewer than five infusions.

    Raises
    ------
    Refused
        If nothing in the cohort can be trained, or MLflow cannot record it.
    """
    # These take seconds to import; a cohort that is refused should not wait for them.
    from training.console.locks import bundle_folder
    from training.fitting.training_digest import training_digest
    from training.tasks.chosen import chosen_runner

    digest = training_digest(cohort, config) if dask else ""
    least = VALIDATED_COHORT if config.validate else LARGE_COHORT
    takes_long = cohort is not None and len(cohort.patients) >= least
    begin_with = IMPORTED_BY_WORKERS if takes_long else ()
    with (
        bundle_folder(folder),
        ExitStack() as kept,
        chosen_runner(
            workers,
            dask,
            digest=digest,
            begin_with=begin_with,
            meanwhile=partial(_prepare_recording, folder, kept, ahead=takes_long),
        ) as runner,
    ):
        _fit_and_record(
            cohort, config, folder, runner, record_infusions=record_infusions, small_counts=small_counts
        )


def _prepare_recording(folder: Path, kept: ExitStack, *, ahead: bool) -> None:
    """Look whether MLflow can record the training; perhaps import it, and make a new database, ahead."""
    from training.tracking.preflight import refuse_unrecordable

    refuse_unrecordable(folder)
    if ahead:
        # All of it takes seconds, in which workers, if there are any, already fit.
        for name in IMPORTED_AHEAD:
            import_module(name)
        from training.tracking.new_database import made_ahead

        kept.enter_context(made_ahead())


def _fit_and_record(
    cohort: Cohort | None,
    config: FitConfig,
    folder: Path,
    runner: Runner,
    *,
    record_infusions: bool,
    small_counts: bool,
) -> None:
    # Workers import what they need meanwhile. What is for the records is imported when the bundle is safe.
    from serving.model.write_bundle import write_bundle, write_provenance
    from training.console.interruption import told_when_stopped
    from training.console.resource_usage import sampled
    from training.fitting.train import train as fit

    console = Console()
    with sampled() as system:
        training = fit(cohort, config, progress=bar, runner=runner)
    training = replace(training, record_infusions=record_infusions, small_counts=small_counts)
    write_bundle(training.shared_bundle, folder)
    show_training(training, console)
    with told_when_stopped(f"stopped: the bundle is in {folder}; train again to record it"):
        from training.comparison.champion_refit import facts_over_champion
        from training.tracking.recorder import record_training
        from training.tracking.registered_recipe import champion_and_recipe
        from training.tracking.release_agreement import warn_of_disagreement

        write_provenance(
            folder, facts_over_champion(training, *champion_and_recipe(), progress=bar, runner=runner)
        )
    with bar("recording in MLflow", _children(training)) as advance:
        recorded = record_training(training, folder, system=system, runner=runner, advance=advance)
    print_line(console, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
    warn_of_disagreement()
    print_line(console, "compare the runs: cart-outcomes ui; release this version: cart-outcomes promote")


def _children(training: Training) -> int:
    """Child runs that will be recorded."""
    of_cohort = sum(len(fitted.models) + len(fitted.baselines) for fitted in training.outcomes.values())
    return of_cohort + len(training.published)
