"""Command line for model versions: tune, validate, compare, promote, report, record, repack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.options import (
    DEFAULT_SEED,
    AssumeRemission,
    CohortFile,
    CohortName,
    Grading,
    MappingFile,
    Overwrite,
    given_path,
    listed,
)


def tune(
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
) -> None:
    """Tune hyperparameters with nested cross-validation; register the better of tuned and default."""
    from dataclasses import replace

    from training.commands.train import asked_config
    from training.commands.tune import tune as run

    config = asked_config(outcomes=listed(outcome), allow_grading=allow_grading, seed=seed)
    run(
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
    )


def validate(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias (default: champion)")
    ] = "",
    cohort: Annotated[
        str, typer.Argument(metavar="COHORT", help="Cohort file; must differ from the training cohort")
    ] = "",
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome to validate; repeatable (default: all of the model)")
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update/--no-update", help="Register an updated version if an update is indicated"),
    ] = False,
    bundle: Annotated[str, typer.Option(help="Bundle folder to use instead of a registered version")] = "",
    bundle_out: Annotated[
        str, typer.Option(help="Folder to write the updated bundle to (with --update)")
    ] = "",
    overwrite: Overwrite = False,
    name: CohortName = "",
    mapping: MappingFile = "",
    allow_grading: Grading = "",
    assume_remission: AssumeRemission = True,
    allow_training_cohort: Annotated[
        bool,
        typer.Option(
            "--allow-training-cohort/--other-cohort", help="Accept the cohort the model was trained on"
        ),
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed; the same seed gives the same results")
    ] = DEFAULT_SEED,
) -> None:
    """Validate a version on an external cohort and test whether it needs updating."""
    from dataclasses import replace

    from training.commands.train import asked_config
    from training.commands.validate import read_arguments
    from training.commands.validate import validate as run

    chosen, file = read_arguments(version, cohort, bundle)
    config = asked_config(outcomes=listed(outcome), allow_grading=allow_grading, seed=seed)
    run(
        chosen,
        file,
        replace(config, assume_remission=assume_remission),
        bundle=given_path(bundle),
        update=update,
        bundle_out=given_path(bundle_out),
        overwrite=overwrite,
        name=name,
        mapping=given_path(mapping),
        allow_training_cohort=allow_training_cohort,
    )


def compare(
    first: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias; omit to list all runs")
    ] = "",
    second: Annotated[str, typer.Argument(metavar="VERSION", help="Version to compare it with")] = "",
    cohort: Annotated[
        str, typer.Option(help="Cohort file to compare two versions on, e.g. their training cohort")
    ] = "",
    mapping: MappingFile = "",
    html: Annotated[str, typer.Option(help="Page to write with the comparison of two versions (HTML)")] = "",
    overwrite: Overwrite = False,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="Number of trainings to list, newest first")
    ] = 20,
) -> None:
    """Compare recorded runs side by side, or two versions on the same patients."""
    if first or second or cohort or html:
        from training.commands.compare_versions import compare_versions

        compare_versions(
            first,
            second,
            cohort=given_path(cohort),
            mapping=given_path(mapping),
            html=given_path(html),
            overwrite=overwrite,
        )
        return
    from training.commands.compare import compare as run

    run(limit)


def promote(
    version: Annotated[str, typer.Argument(help="Registered version or alias (default: newest)")] = "",
    force: Annotated[
        str, typer.Option(metavar="WHY", help="Promote despite failed checks; the reason is recorded")
    ] = "",
    previous: Annotated[bool, typer.Option("--previous", help="Promote the previous champion again")] = False,
) -> None:
    """Check a version, make it the champion and release it for serving."""
    from training.commands.promote import promote as run

    run(version or None, force or None, previous=previous)


def report(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias (default: champion)")
    ] = "",
    bundle: Annotated[str, typer.Option(help="Bundle folder to use instead of a registered version")] = "",
    out: Annotated[str, typer.Option(help="Page to write (default: report-VERSION.html)")] = "",
    json: Annotated[str, typer.Option(help="JSON file to write, in full precision")] = "",
    overwrite: Overwrite = False,
    force: Annotated[
        bool, typer.Option("--force", hidden=True, help="Earlier name of --overwrite, for MLproject")
    ] = False,
) -> None:
    """Write a TRIPOD+AI report of a version, with every number a risk is computed from."""
    from training.commands.report import report as run

    run(
        version,
        bundle=given_path(bundle),
        out=given_path(out),
        json=given_path(json),
        overwrite=overwrite or force,
    )


def record(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", readable=False, help="Bundle folder named in the error message"),
    ],
) -> None:
    """Retry logging a finished run to MLflow."""
    from training.commands.record import record as run

    run(folder)


def repack(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias (default: champion)")
    ] = "champion",
) -> None:
    """Add the scoring code to an earlier version, so it loads without this project installed."""
    from training.commands.repack import repack as run

    run(version)
