"""A training from Python: the same models and numbers as those of ``cart-outcomes train``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pandas as pd

from features.cohort import Cohort
from features.outcome import ESTIMANDS, Estimand
from features.outcomes import OUTCOMES
from features.problems import Refused
from serving.model.bundle import Bundle
from serving.model.masked_bundle import masked_bundle
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from training.api.cohorts import read_cohort
from training.api.model import Model
from training.comparison.training_recipe import Recipe
from training.console.progress import silent
from training.console.tables import bar
from training.dataset.fit_config import MODELS, EvidenceChoice, FitConfig
from training.dataset.known_names import home_center_number, known, known_scale, listed
from training.fitting.train import train
from training.tasks.chosen import chosen_runner
from training.tasks.serial import SERIAL
from training.tasks.task import Runner


def fit(
    cohort: Cohort | pd.DataFrame | str | Path | None,
    *,
    outcomes: Sequence[str] = (),
    models: Sequence[str] = (),
    estimand: str = "treatment_policy",
    validate: bool = True,
    literature: bool = True,
    exclude_sources: Sequence[str] = (),
    evidence_file: str | Path | None = None,
    home_center: str = "",
    allow_grading: str = "",
    assume_remission: bool = True,
    small_counts: bool = False,
    seed: int = FitConfig.seed,
    workers: int = 1,
    progress: bool = True,
    config: FitConfig | None = None,
) -> Model:
    """Train models of outcomes on a cohort, or make those of published evidence alone.

    Parameters
    ----------
    cohort : Cohort, DataFrame, str, Path or None
        None to use published evidence alone.
    outcomes : str or sequence of str
        Entries of `OUTCOMES`; all by default. Outcomes that one is composed of are added.
    models : str or sequence of str
        Of ``anchored``, ``ridge`` and ``xgboost``; by default all for main outcomes, the first for others.
    estimand : str
        ``treatment_policy`` or ``no_further_therapy``.
    validate : bool
        Whether to cross-validate.
    literature : bool
        Whether to use published evidence as the prior.
    exclude_sources : str or sequence of str
        DOI, PMID or citation of sources to leave out, such as the center's own publication.
    evidence_file : str or Path, optional
        CSV file of a site's own evidence, with the columns of ``data/evidence/effects.csv``.
    home_center : str
        Center to predict for, as in the column ``center``; empty for a new center.
    allow_grading : str
        Additional CRS grading scale to accept.
    assume_remission : bool
        Whether infusions without a response assessment count as in remission if followed beyond day 60.
    small_counts : bool
        Whether the model states counts of fewer than five infusions; they should then stay in the center.
    seed : int
        The same seed gives the same model.
    workers : int
        Processes that fit; 0 for one for each physical core. The numbers do not depend on it.
    progress : bool
        Whether to show a progress bar on standard error or in the notebook.
    config : FitConfig, optional
        Settings that are no argument, such as ``folds`` and ``replicates``.

    Returns
    -------
    model : Model
        As ``cart-outcomes train`` writes it with the same settings. Nothing is recorded in MLflow.

    Raises
    ------
    DataError
        If the cohort is refused, or no outcome can be trained, with the reason for each.
    UnknownName
        If an outcome, model, estimand, scale or center does not exist.

    Examples
    --------
    >>> fit(None, outcomes=["severe_icans"])
    Model(version unregistered-..., published evidence only, severe_icans)
    >>> fit(None, outcomes=["fever"])
    Traceback (most recent call last):
        ...
    training.dataset.known_names.UnknownName: outcomes fever is not one of severe_crs, ...
    """
    chosen = replace(
        config or FitConfig(),
        outcomes=known("outcomes", listed(outcomes) or tuple(OUTCOMES), OUTCOMES),
        models=known("models", listed(models) or MODELS, MODELS),
        estimand=cast(Estimand, known("estimand", (estimand,), ESTIMANDS)[0]),
        allow_grading=known_scale(allow_grading, option="allow_grading"),
        assume_remission=assume_remission,
        validate=validate,
        seed=seed,
        evidence=_evidence(evidence_file, exclude_sources, literature=literature),
    )
    read = cohort if cohort is None or isinstance(cohort, Cohort) else read_cohort(cohort)
    if read is not None:
        number = home_center_number(read, home_center, option="home_center")
        chosen = replace(chosen, home_center=number)
    with _runner(workers) as runner:
        training = train(read, chosen, progress=bar if progress else silent, runner=runner)
    return _written(masked_bundle(training.bundle, small_counts=small_counts), chosen)


def _evidence(file: str | Path | None, exclude_sources: Sequence[str], *, literature: bool) -> EvidenceChoice:
    return EvidenceChoice(Path(file) if file else None, listed(exclude_sources), literature)


def _written(made: Bundle, config: FitConfig) -> Model:
    """Give a model as it is read by the service: written, verified, with its digest."""
    with TemporaryDirectory() as folder:
        write_bundle(made, Path(folder) / "bundle")
        bundle = read_bundle(Path(folder) / "bundle")
    file = config.evidence.file
    return Model(bundle, Recipe(config, file.name if file is not None else ""), made)


@contextmanager
def _runner(workers: int) -> Iterator[Runner]:
    if workers < 0:
        message = f"workers must be 0 or more, got {workers}"
        raise Refused(message)
    if workers == 1:
        yield SERIAL
        return
    with chosen_runner(workers) as runner:
        yield runner
