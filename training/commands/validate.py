"""Validate a version on an external cohort, and update it if an update is indicated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.problems import Refused
from features.read_cohort import read_cohort
from training.commands.options import (
    DEFAULT_SEED,
    AssumeRemission,
    CohortName,
    Dask,
    Grading,
    MappingFile,
    Overwrite,
    ShowSmallCounts,
    Workers,
    given_path,
    listed,
)
from training.commands.requested_config import requested_config
from training.commands.validation_results import show_update, show_validation
from training.console.bundle_folder import bundle_place
from training.console.locks import bundle_folder
from training.console.screen import print_line
from training.console.tables import bar
from training.dataset.cohort_name import refuse_name, renamed
from training.dataset.fit_config import FitConfig

if TYPE_CHECKING:
    from serving.model.bundle import Bundle
    from training.external.external_validation import ExternalValidation
    from training.tasks.task import Runner

LAST_UPDATE = Path(".cart-outcomes") / "last-update"
"""Where the newest updated bundle is stored, whether or not MLflow is available."""


def command(
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
    small_counts: ShowSmallCounts = False,
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed; the same seed gives the same results")
    ] = DEFAULT_SEED,
    workers: Workers = 0,
    dask: Dask = "",
) -> None:
    """Validate a version on an external cohort and test whether it needs updating."""
    chosen, file = read_arguments(version, cohort, bundle)
    config = requested_config(outcomes=listed(outcome), allow_grading=allow_grading, seed=seed)
    validate(
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
        small_counts=small_counts,
        workers=workers,
        dask=dask,
    )


def validate(
    version: str,
    cohort: Path,
    config: FitConfig,
    *,
    bundle: Path | None = None,
    update: bool = False,
    bundle_out: Path | None = None,
    overwrite: bool = False,
    name: str = "",
    mapping: Path | None = None,
    allow_training_cohort: bool = False,
    small_counts: bool = False,
    workers: int = 0,
    dask: str = "",
    console: Console | None = None,
) -> None:
    """Validate a version on a cohort file.

    Parameters
    ----------
    version : str
        Registered version or alias; ignored with ``bundle``.
    cohort : Path
        The external cohort.
    config : FitConfig
        Outcomes, scale allowed and seed.
    bundle : Path, optional
        A bundle folder instead of a registered version.
    update : bool
        Whether to register a new version with the updates that are indicated.
    bundle_out : Path, optional
        Where to leave its bundle.
    overwrite : bool
        Whether a bundle in ``bundle_out`` may be replaced.
    name : str
        Name of the cohort in bundle and MLflow; the file's name where it is empty.
    mapping : Path, optional
        Maps a site's own table.
    allow_training_cohort : bool
        Whether to accept a cohort that the model was trained or updated on.
    small_counts : bool
        Whether runs and an updated bundle state counts of fewer than five infusions.
    workers : int
        Processes that validate and update; 0 for one a core.
    dask : str
        Address of a Dask scheduler whose workers do; empty for this machine.
    console : Console, optional
        Where results are printed; standard output by default.

    Raises
    ------
    Refused
        If the bundle or the cohort is refused, or no outcome can be validated in it.
    """
    # These take seconds to import; a help text should not wait for them.
    from serving.model.read_bundle import read_bundle
    from training.external.external_validation import validate_externally
    from training.fitting.training_digest import training_digest
    from training.tasks.chosen import chosen_runner
    from training.tracking.preflight import refuse_unrecordable, refuse_unwritable
    from training.tracking.recorder import LAST_VALIDATION
    from training.tracking.release_agreement import warn_of_disagreement

    screen = console or Console()
    inputs = [cohort, mapping, bundle]
    refuse_name(name)
    folder = bundle_place(bundle_out, LAST_UPDATE, inputs=inputs, overwrite=overwrite)
    read = renamed(read_cohort(cohort, mapping=mapping), name)
    judged = read_bundle(bundle) if bundle is not None else _registered(version)
    refuse_unrecordable(LAST_VALIDATION)
    if update:
        refuse_unwritable([folder.parent])
    digest = training_digest(read, config, "validate", judged.digest) if dask else ""
    with chosen_runner(workers, dask, digest=digest) as runner:
        validation = validate_externally(
            judged,
            read,
            config,
            allow_training_cohort=allow_training_cohort,
            progress=bar,
            runner=runner,
        )
        show_validation(validation, screen)
        _record(validation, screen, small_counts=small_counts)
        if update:
            with bundle_folder(folder):
                _update(validation, folder, screen, runner, small_counts=small_counts)
    warn_of_disagreement()


def _registered(version: str) -> Bundle:
    from serving.model.read_bundle import read_bundle
    from training.tracking.model_registry import registered_bundle

    return read_bundle(registered_bundle(version)[1])


def _record(validation: ExternalValidation, console: Console, *, small_counts: bool) -> None:
    from training.records.validation_runs import outcome_records, validation_record
    from training.tracking.recorder import record_validation

    with bar("recording in MLflow", len(validation.outcomes)) as advance:
        recorded = record_validation(
            validation_record(validation, small_counts=small_counts),
            outcome_records(validation, small_counts=small_counts),
            validation.cohort,
            advance=advance,
        )
    print_line(console, f"recorded as run {recorded.run_id}; see it with cart-outcomes ui")


def _update(
    validation: ExternalValidation, folder: Path, console: Console, runner: Runner, *, small_counts: bool
) -> None:
    """Make, save, show and register a new version if an update is indicated."""
    from serving.model.masked_bundle import masked_bundle
    from serving.model.read_bundle import read_bundle
    from serving.model.write_bundle import write_bundle, write_provenance
    from training.comparison.update_facts import update_facts
    from training.external.update_version import updated_version
    from training.records.update_runs import update_record, updated_records
    from training.tracking.model_registry import champion_bundle
    from training.tracking.recorder import record_bundle

    version = updated_version(validation, progress=bar, runner=runner)
    if version is None:
        print_line(console, "no update is indicated; no new version was registered")
        return
    write_bundle(masked_bundle(version.bundle, small_counts=small_counts), folder)
    write_provenance(folder, update_facts(version, champion_bundle()))
    version = replace(version, bundle=read_bundle(folder))
    show_update(version, console)
    children = list(updated_records(version, small_counts=small_counts))
    with bar("recording in MLflow", len(children)) as advance:
        recorded = record_bundle(
            update_record(version),
            children,
            version.cohort,
            folder,
            command="validate",
            advance=advance,
        )
    print_line(console, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
    print_line(console, f"release it: cart-outcomes promote {recorded.version}")


def read_arguments(first: str, second: str, bundle: str) -> tuple[str, Path]:
    """Separate version and cohort: the version is optional, and omitted with a bundle.

    Parameters
    ----------
    first, second : str
        Arguments of the command line; empty if not given.
    bundle : str
        Option ``--bundle``.

    Returns
    -------
    version : str
        ``champion`` where none is named.
    cohort : Path

    Raises
    ------
    Refused
        If no cohort is named, or a version beside a bundle.

    Examples
    --------
    >>> read_arguments("2", "elsewhere.csv", "")[0], read_arguments("elsewhere.csv", "", "")[0]
    ('2', 'champion')
    >>> read_arguments("2", "elsewhere.csv", "folder")
    Traceback (most recent call last):
        ...
    features.problems.Refused: name a version or --bundle, not both: version 2 or the bundle in folder
    """
    from training.tracking.model_registry import CHAMPION

    version, cohort = (first, second) if second else ("", first)
    if not cohort:
        message = "name a cohort file: cart-outcomes validate [VERSION] COHORT"
        raise Refused(message)
    if version and bundle:
        message = f"name a version or --bundle, not both: version {version} or the bundle in {bundle}"
        raise Refused(message)
    return version or CHAMPION, Path(cohort)
