"""Tune hyperparameters with nested cross-validation; register the better of tuned and default."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.measures import measure_title
from features.outcomes import OUTCOMES
from features.problems import Refused, counted
from features.read_cohort import read_cohort
from serving.model.measured import Measured
from training.commands.options import (
    DEFAULT_SEED,
    AssumeRemission,
    CohortFile,
    CohortName,
    Dask,
    Grading,
    HomeCenter,
    MappingFile,
    Overwrite,
    ShowSmallCounts,
    Workers,
    given_path,
    listed,
)
from training.commands.requested_config import home_center_number, requested_config
from training.commands.trials_file import beside_runs, refuse_trials_file
from training.console.bundle_folder import bundle_place
from training.console.screen import print_line
from training.console.tables import bar, show_figures
from training.dataset.cohort_name import refuse_name, renamed
from training.dataset.fit_config import FitConfig

if TYPE_CHECKING:
    from features.cohort import Cohort
    from training.fitting.tune import Tuning
    from training.tasks.task import Runner
    from training.tracking.recorder import Recorded

LAST_TUNING = Path(".cart-outcomes") / "last-tuning"
"""Where the newest tuned bundle is stored, whether or not MLflow is available."""
TRIALS = 20
"""Trials per search by default."""
MANY_TRIALS = 1000
"""Trials per search at most, if only the time is limited."""
TUNABLE = ("anchored", "xgboost")
NESTED = "Metrics of nested cross-validation with 90 % intervals; * marks the model in the bundle."


def command(
    cohort: CohortFile,
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome to tune; repeatable (default: all)")
    ] = None,
    model: Annotated[str, typer.Option(help="Model to tune: anchored or xgboost")] = "anchored",
    trials: Annotated[
        int, typer.Option(min=0, max=1000, help="Trials per search (default 20; unlimited with --minutes)")
    ] = 0,
    minutes: Annotated[
        float, typer.Option(min=0, help="Time limit for all searches together, in minutes (0: no limit)")
    ] = 0,
    study: Annotated[
        str, typer.Option(metavar="FILE.db", help="File for the trials (default: tuning.db)")
    ] = "",
    repeats: Annotated[int, typer.Option(min=1, max=20, help="Repeats of the outer cross-validation")] = 1,
    allow_grading: Grading = "",
    assume_remission: AssumeRemission = True,
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed; the same seed gives the same trials")
    ] = DEFAULT_SEED,
    bundle_out: Annotated[str, typer.Option(help="Folder to write the bundle to")] = "",
    overwrite: Overwrite = False,
    name: CohortName = "",
    mapping: MappingFile = "",
    home_center: HomeCenter = "",
    small_counts: ShowSmallCounts = False,
    workers: Workers = 0,
    dask: Dask = "",
) -> None:
    """Tune hyperparameters with nested cross-validation; register the better of tuned and default."""
    config = requested_config(outcomes=listed(outcome), allow_grading=allow_grading, seed=seed)
    tune(
        cohort,
        replace(config, repeats=repeats, assume_remission=assume_remission),
        model=model,
        trials=trials,
        minutes=minutes,
        study=given_path(study),
        mapping=given_path(mapping),
        bundle_out=given_path(bundle_out),
        overwrite=overwrite,
        name=name,
        home_center=home_center,
        small_counts=small_counts,
        workers=workers,
        dask=dask,
    )


def tune(
    cohort: Path,
    config: FitConfig,
    *,
    model: str = TUNABLE[0],
    trials: int = 0,
    minutes: float = 0.0,
    study: Path | None = None,
    mapping: Path | None = None,
    bundle_out: Path | None = None,
    overwrite: bool = False,
    name: str = "",
    home_center: str = "",
    small_counts: bool = False,
    workers: int = 0,
    dask: str = "",
    console: Console | None = None,
) -> None:
    """Tune a learner on a cohort file with nested cross-validation, and register the better model.

    Parameters
    ----------
    cohort : Path
    config : FitConfig
        Outcomes, scale allowed, seed and repeats.
    model : str
        Learner to tune.
    trials : int
        In each search; 0 for `TRIALS`, or as many as the time allows.
    minutes : float
        Together, shared evenly by all searches; 0 for no limit.
    study : Path, optional
        File of the trials; `TRIALS_FILE` beside the database of runs by default.
    mapping : Path, optional
        Maps a site's own table.
    bundle_out : Path, optional
        Where to leave the bundle.
    overwrite : bool
        Whether a bundle in ``bundle_out`` may be replaced.
    name : str
        Name of the cohort in bundle and MLflow; the file's name where it is empty.
    home_center : str
        Center to predict for; empty for a new center.
    small_counts : bool
        Whether bundle and runs state counts of fewer than five infusions.
    workers : int
        Processes that search; 0 for one a core.
    dask : str
        Address of a Dask scheduler whose workers search; empty for this machine. Trials are then kept as
        finished tasks, not in the file.
    console : Console, optional
        Where results are printed; standard output by default.

    Raises
    ------
    Refused
        If a name is unknown, the cohort is refused or has too few events, or the trials cannot be saved.

    Examples
    --------
    >>> tune(Path("c.csv"), FitConfig(), model="ridge")
    Traceback (most recent call last):
        ...
    features.problems.Refused: --model ridge is not one of anchored, xgboost
    """
    if model not in TUNABLE:
        message = f"--model {model} is not one of {', '.join(TUNABLE)}"
        raise Refused(message)
    screen = console or Console()
    refuse_name(name)
    folder = bundle_place(bundle_out, LAST_TUNING, inputs=[cohort, mapping, study], overwrite=overwrite)
    if study is not None:
        refuse_trials_file(study)
    read = renamed(read_cohort(cohort, mapping=mapping), name)
    config = replace(config, home_center=home_center_number(read, home_center))

    from serving.model.write_bundle import write_bundle
    from training.console.locks import bundle_folder
    from training.fitting.training_digest import training_digest
    from training.fitting.tune import refuse_few
    from training.tasks.chosen import chosen_runner
    from training.tracking.preflight import refuse_unrecordable
    from training.tracking.release_agreement import warn_of_disagreement

    refuse_few(read, config)
    file = study or beside_runs()
    if not dask:
        refuse_trials_file(file)
    digest = training_digest(read, config, model, str(trials)) if dask else ""
    with bundle_folder(folder), chosen_runner(workers, dask, digest=digest) as runner:
        refuse_unrecordable(folder)
        saved = "as finished tasks" if dask else f"in {file.name}"
        print_line(screen, f"trials are saved {saved}: if interrupted, run the same command again to resume")
        search = _Searching(None if dask else file, trials, minutes)
        tuning = _searched(read, config, model, search, runner)
        tuning = replace(tuning, training=replace(tuning.training, small_counts=small_counts))
        write_bundle(tuning.training.shared_bundle, folder)
        _show(tuning, screen)
        recorded = _recorded(tuning, folder, runner)
    print_line(screen, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
    warn_of_disagreement()


@dataclass(frozen=True)
class _Searching:
    """How long is searched, and where the trials are kept."""

    file: Path | None
    trials: int
    minutes: float


def _searched(cohort: Cohort, config: FitConfig, model: str, requested: _Searching, runner: Runner) -> Tuning:
    """Search by number of trials or by time."""
    from training.fitting.optuna_study import Search
    from training.fitting.tune import searches
    from training.fitting.tune import tune as run
    from training.tasks.serial import SERIAL

    n_searches = searches(cohort, config)
    if requested.minutes:
        search = Search(requested.file, requested.trials or MANY_TRIALS, requested.minutes * 60 / n_searches)
        return run(cohort, config, model, search, progress=bar, runner=runner)
    each = requested.trials or TRIALS
    if runner is not SERIAL:
        return run(cohort, config, model, Search(requested.file, each), progress=bar, runner=runner)
    with bar("trials", each * n_searches) as advance:
        return run(cohort, config, model, Search(requested.file, each, advance=advance))


def _recorded(tuning: Tuning, folder: Path, runner: Runner) -> Recorded:
    """Record models, baselines and trials, and register the bundle."""
    from serving.model.write_bundle import write_provenance
    from training.comparison.champion_refit import facts_over_champion
    from training.records.tuning_runs import trial_records
    from training.tracking.recorder import record_training
    from training.tracking.registered_recipe import champion_and_recipe

    training, trials = tuning.training, list(trial_records(tuning))
    write_provenance(
        folder, facts_over_champion(training, *champion_and_recipe(), progress=bar, runner=runner)
    )
    models = sum(len(fitted.models) + len(fitted.baselines) for fitted in training.outcomes.values())
    with bar("recording in MLflow", models + len(trials)) as advance:
        return record_training(
            training, folder, further_runs=trials, command="tune", runner=runner, advance=advance
        )


def _show(tuning: Tuning, screen: Console) -> None:
    from training.fitting.nested_tuning import DEFAULTS
    from training.pages.comparison_text import lower

    for name, fitted in tuning.training.outcomes.items():
        headline, plain = fitted.data.horizons_days[0], DEFAULTS[tuning.model]
        what = f"{OUTCOMES[name].title} by day {headline}"
        rows = {each: model.summary.metrics[headline] for each, model in fitted.models.items()}
        rows |= {each: baseline.metrics[headline] for each, baseline in fitted.baselines.items()}
        events = counted(fitted.data.n_headline_events, "distinct event")
        title = f"{what}: {events} in {counted(len(fitted.data), 'infusion')}"
        marked = {f"{each} *" if each == fitted.chosen else each: row for each, row in rows.items()}
        show_figures(title, marked, screen)
        chosen = tuning.settings(name).items()
        settings = ", ".join(f"{each} {value:g} (default {plain[each]:g})" for each, value in chosen)
        print_line(screen, f"  best of {len(tuning.trials[name])} trials: {settings}")
        gains = tuning.gains(name)
        figures = (f"{measure_title(loss)} {lower(gain, 'tuned', 'default')}" for loss, gain in gains.items())
        print_line(screen, f"  {', '.join(figures)}")
        print_line(screen, f"  {judged(gains['log_loss'], kept=fitted.chosen == tuning.model)}")
    for name, why in {**tuning.too_few, **tuning.training.left_out}.items():
        print_line(screen, f"{name} is left out: {why}")
    print_line(screen, f"{NESTED}\n")


def judged(gain: Measured, *, kept: bool) -> str:
    """Say whether tuning helped, by the paired gain in log loss over the default hyperparameters.

    Examples
    --------
    >>> judged(Measured(0.02, -0.01, 0.05), kept=False)
    'no clear difference between tuned and default; tuned has the lower log loss and is in the bundle'
    """
    if kept:
        return "no evidence that tuning helps: the default hyperparameters are in the bundle"
    if gain.low is not None and gain.low > 0:
        return "tuning lowers the log loss: the tuned hyperparameters are in the bundle"
    return "no clear difference between tuned and default; tuned has the lower log loss and is in the bundle"
