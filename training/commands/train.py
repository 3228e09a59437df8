"""Fit, validate, record and register the models of a cohort."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, cast

import typer

from features.outcome import ESTIMANDS, Estimand
from features.read_cohort import read_cohort
from training.commands.options import (
    COHORT_HELP,
    DEFAULT_SEED,
    AssumeRemission,
    CohortName,
    Dask,
    EvidenceFile,
    ExcludedSources,
    Grading,
    HomeCenter,
    Literature,
    MappingFile,
    Overwrite,
    ShowSmallCounts,
    Workers,
    given_path,
    listed,
    listed_sources,
)
from training.commands.requested_config import UnknownName, home_center_number, known, requested_config
from training.commands.train_and_record import train_and_record
from training.console.bundle_folder import bundle_place
from training.dataset.cohort_name import refuse_name, renamed
from training.dataset.fit_config import ALL_EVIDENCE, MODELS, EvidenceChoice

LAST_TRAINING = Path(".cart-outcomes") / "last-training"
"""Where the newest bundle is stored, whether or not MLflow is available."""


def command(
    cohort: Annotated[str, typer.Argument(help=COHORT_HELP)] = "",
    outcome: Annotated[
        list[str] | None, typer.Option(help="Outcome to train; repeatable (default: all)")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Model to train: anchored, ridge or xgboost; repeatable (default: all)"),
    ] = None,
    estimand: Annotated[
        str, typer.Option(help="Estimand: treatment_policy or no_further_therapy")
    ] = "treatment_policy",
    allow_grading: Grading = "",
    assume_remission: AssumeRemission = True,
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed; the same seed gives the same bundle")
    ] = DEFAULT_SEED,
    validation: Annotated[
        bool, typer.Option("--validation/--no-validation", help="Cross-validate the models")
    ] = True,
    bundle_out: Annotated[str, typer.Option(help="Folder to write the bundle to")] = "",
    mapping: MappingFile = "",
    evidence_only: Annotated[
        bool,
        typer.Option("--evidence-only/--with-cohort", help="Use published evidence only, without a cohort"),
    ] = False,
    evidence_file: EvidenceFile = "",
    exclude_source: ExcludedSources = None,
    literature: Literature = True,
    overwrite: Overwrite = False,
    name: CohortName = "",
    home_center: HomeCenter = "",
    record_infusions: Annotated[
        bool,
        typer.Option(
            "--record-infusions/--no-record-infusions",
            help="Record every infusion's contributions in MLflow also for a real cohort, as a table and "
            "figures; they contain patients' values (those of a synthetic cohort are always recorded)",
        ),
    ] = False,
    small_counts: ShowSmallCounts = False,
    workers: Workers = 0,
    dask: Dask = "",
) -> None:
    """Train, validate and register the models of every outcome."""
    train(
        given_path(cohort),
        outcomes=listed(outcome),
        models=listed(model),
        estimand=estimand,
        allow_grading=allow_grading,
        assume_remission=assume_remission,
        seed=seed,
        validate=validation,
        bundle_out=given_path(bundle_out),
        mapping=given_path(mapping),
        evidence_only=evidence_only,
        evidence=EvidenceChoice(given_path(evidence_file), listed_sources(exclude_source), literature),
        overwrite=overwrite,
        name=name,
        home_center=home_center,
        record_infusions=record_infusions,
        small_counts=small_counts,
        workers=workers,
        dask=dask,
    )


def train(
    cohort: Path | None,
    *,
    outcomes: tuple[str, ...],
    models: tuple[str, ...],
    estimand: str,
    allow_grading: str,
    seed: int,
    validate: bool,
    bundle_out: Path | None,
    assume_remission: bool = True,
    mapping: Path | None = None,
    evidence_only: bool = False,
    evidence: EvidenceChoice = ALL_EVIDENCE,
    overwrite: bool = False,
    name: str = "",
    home_center: str = "",
    record_infusions: bool = False,
    small_counts: bool = False,
    workers: int = 0,
    dask: str = "",
) -> None:
    """Train on a cohort file, or make the models of published evidence alone.

    Parameters
    ----------
    cohort : Path or None
        The cohort; None with ``evidence_only``.
    outcomes, models : tuple of str
        Names; empty for all.
    estimand, allow_grading : str
        As in `FitConfig`.
    seed : int
        The same seed gives the same bundle.
    validate : bool
        Whether to cross-validate.
    bundle_out : Path or None
        Where to leave the bundle.
    assume_remission : bool
        As in `FitConfig`.
    mapping : Path or None
        Maps a site's own table.
    evidence_only : bool
        Whether no cohort is used at all.
    evidence : EvidenceChoice
        Prior of the anchored model.
    overwrite : bool
        Whether a bundle in ``bundle_out`` may be replaced.
    name : str
        Name of the cohort in bundle and MLflow; the file's name where it is empty.
    home_center : str
        Center to predict for; empty for a new center.
    record_infusions : bool
        Whether to record every infusion's contributions also for a real cohort.
    small_counts : bool
        Whether bundle and runs state counts of fewer than five infusions.
    workers : int
        Processes that fit; 0 for one a core.
    dask : str
        Address of a Dask scheduler whose workers fit; empty for this machine.

    Raises
    ------
    Refused
        If a name is unknown, the cohort or the evidence is refused, or nothing in it can be trained.

    Examples
    --------
    >>> train(Path("c.csv"), outcomes=(), models=("forest",), estimand="treatment_policy",
    ...       allow_grading="", seed=1, validate=True, bundle_out=None)
    Traceback (most recent call last):
        ...
    training.dataset.known_names.UnknownName: --model forest is not one of anchored, ridge, xgboost
    """
    _refuse_contradiction(cohort, models, evidence_only=evidence_only)
    config = replace(
        requested_config(outcomes=outcomes, allow_grading=allow_grading, seed=seed),
        models=known("--model", models or MODELS, MODELS),
        estimand=cast(Estimand, known("--estimand", (estimand,), ESTIMANDS)[0]),
        validate=validate,
        assume_remission=assume_remission,
        evidence=evidence,
    )
    inputs = [cohort, mapping, evidence.file]
    refuse_name(name)
    for option, given in (
        ("--name names a cohort", name),
        ("--home-center names a center of a cohort", home_center),
    ):
        if given and cohort is None:
            message = f"{option}, and --evidence-only uses none: omit one of them"
            raise UnknownName(message)
    folder = bundle_place(bundle_out, LAST_TRAINING, inputs=inputs, overwrite=overwrite)
    if cohort is None:
        train_and_record(None, config, folder, workers=workers, dask=dask)
        return
    read = renamed(read_cohort(cohort, mapping=mapping), name)
    config = replace(config, home_center=home_center_number(read, home_center))
    train_and_record(
        read,
        config,
        folder,
        workers=workers,
        dask=dask,
        record_infusions=record_infusions,
        small_counts=small_counts,
    )


def _refuse_contradiction(cohort: Path | None, models: tuple[str, ...], *, evidence_only: bool) -> None:
    if cohort is None and not evidence_only:
        message = (
            "name a cohort file to train on (data/synthetic.csv is a synthetic example), "
            "or use --evidence-only to train on published evidence alone"
        )
        raise UnknownName(message)
    if cohort is not None and evidence_only:
        message = f"--evidence-only uses no cohort: omit {cohort.name}, or omit --evidence-only"
        raise UnknownName(message)
    if evidence_only and set(models) - {"anchored"}:
        message = "--evidence-only trains one model, anchored: omit --model"
        raise UnknownName(message)
