"""The command line of model versions: tuned, validated elsewhere, compared, promoted, reported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.commands.options import (
    DEFAULT_SEED,
    AssumeRemission,
    CohortFile,
    CohortName,
    MappingFile,
    Overwrite,
    given_path,
    listed,
)


def tune(
    cohort: CohortFile,
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome to tune; may be repeated. All by default.")
    ] = None,
    model: Annotated[str, typer.Option(help="anchored or xgboost.")] = "anchored",
    trials: Annotated[
        int, typer.Option(min=0, max=1000, help="Settings tried in each search; 0 for 20, or by the time.")
    ] = 0,
    minutes: Annotated[
        float, typer.Option(min=0, help="Time for all searches together; 0 for no limit.")
    ] = 0,
    study: Annotated[
        str, typer.Option(metavar="FILE.db", help="Where trials are kept; tuning.db by default.")
    ] = "",
    repeats: Annotated[int, typer.Option(min=1, max=20, help="Of the outer cross-validation.")] = 1,
    allow_grading: Annotated[
        str, typer.Option(metavar="SYSTEM", help="Allow another CRS scale by name, e.g. lee_2014.")
    ] = "",
    assume_remission: AssumeRemission = True,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trials.")] = DEFAULT_SEED,
    bundle_out: Annotated[str, typer.Option(help="Also leave the bundle in this folder.")] = "",
    overwrite: Overwrite = False,
    name: CohortName = "",
    mapping: MappingFile = "",
) -> None:
    """Search for settings, validated with the search inside every fold; register the better."""
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
        str, typer.Argument(metavar="VERSION", help="Registered version or alias; the champion by default.")
    ] = "",
    cohort: Annotated[str, typer.Argument(metavar="COHORT", help="Another cohort than it was made on.")] = "",
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome; may be repeated. All of the model by default.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update/--no-update", help="Register a version updated where called for.")
    ] = False,
    bundle: Annotated[str, typer.Option(help="A bundle folder instead of a registered version.")] = "",
    bundle_out: Annotated[str, typer.Option(help="With --update: also leave its bundle here.")] = "",
    overwrite: Overwrite = False,
    name: CohortName = "",
    mapping: MappingFile = "",
    allow_grading: Annotated[
        str, typer.Option(metavar="SYSTEM", help="Allow another CRS scale by name, e.g. lee_2014.")
    ] = "",
    assume_remission: AssumeRemission = True,
    allow_training_cohort: Annotated[
        bool,
        typer.Option(
            "--allow-training-cohort/--other-cohort", help="Measure a cohort that the model was made on."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = DEFAULT_SEED,
) -> None:
    """Measure a version on another cohort, nothing refitted; ask which update it calls for."""
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
        str, typer.Argument(metavar="VERSION", help="A registered version or alias; none for all.")
    ] = "",
    second: Annotated[str, typer.Argument(metavar="VERSION", help="The one to compare it with.")] = "",
    cohort: Annotated[
        str, typer.Option(help="Patients to compare two versions on, such as those they were trained on.")
    ] = "",
    mapping: MappingFile = "",
    html: Annotated[str, typer.Option(help="Also write the comparison of two versions as a page.")] = "",
    overwrite: Overwrite = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many trainings, newest first.")] = 20,
) -> None:
    """Show runs and models side by side, or which of two versions is better."""
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
    version: Annotated[str, typer.Argument(help="Registered version; the newest by default.")] = "",
    force: Annotated[
        str, typer.Option(metavar="WHY", help="Release although the gate says no; recorded.")
    ] = "",
    previous: Annotated[
        bool, typer.Option("--previous", help="Release the champion before the present one again.")
    ] = False,
) -> None:
    """Check a version, make it champion and release it for serving."""
    from training.commands.promote import promote as run

    run(version or None, force or None, previous=previous)


def report(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias; the champion by default.")
    ] = "",
    bundle: Annotated[str, typer.Option(help="A bundle folder instead of a registered version.")] = "",
    out: Annotated[str, typer.Option(help="The page to write; report-VERSION.html by default.")] = "",
    json: Annotated[str, typer.Option(help="All of it as JSON, in full precision.")] = "",
    overwrite: Overwrite = False,
    force: Annotated[
        bool, typer.Option("--force", hidden=True, help="Earlier name of --overwrite, for MLproject.")
    ] = False,
) -> None:
    """Report a version by TRIPOD+AI, with all that a risk is computed from."""
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
        typer.Argument(
            metavar="FOLDER", readable=False, help="The bundle's, as the failed command's message named it."
        ),
    ],
) -> None:
    """Record in MLflow what could not be recorded when it was made; nothing is fitted again."""
    from training.commands.record import record as run

    run(folder)


def repack(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Registered version or alias; the champion by default.")
    ] = "champion",
) -> None:
    """Give an earlier version its own scoring code, so that it loads without this project."""
    from training.commands.repack import repack as run

    run(version)
