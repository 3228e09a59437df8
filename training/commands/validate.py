"""Validate a version on an external cohort, and update it if an update is indicated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from features.decisions import decision_words
from features.outcomes import OUTCOMES
from features.problems import Refused
from features.read_cohort import read_cohort
from serving.model.bundle import Bundle, read_bundle, write_bundle, write_provenance
from serving.model.figure_text import measured
from serving.model.validation_summary import Measured
from training.console.bundle_folder import bundle_place
from training.console.locks import bundle_folder
from training.console.tables import bar, show_figures
from training.dataset.cohort_name import refuse_name, renamed
from training.dataset.fit_config import FitConfig

if TYPE_CHECKING:
    from training.external.external_validation import ExternalOutcome, ExternalValidation
    from training.external.update_version import UpdatedVersion

LAST_UPDATE = Path(".cart-outcomes") / "last-update"
"""Where the newest updated bundle is stored, whether or not MLflow is available."""
OVERLAP = (
    "Remove patients of the training cohort from the file first: a bundle holds no patient data, "
    "so patients in both cohorts cannot be detected."
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
    console : Console, optional
        Where results are printed; standard output by default.

    Raises
    ------
    Refused
        If the bundle or the cohort is refused, or no outcome can be validated in it.
    """
    from training.external.external_validation import validate_externally
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
    validation = validate_externally(judged, read, config, allow_training_cohort=allow_training_cohort)
    _show(validation, screen)
    _record(validation, screen)
    if update:
        with bundle_folder(folder):
            _update(validation, folder, screen)
    warn_of_disagreement()


def _registered(version: str) -> Bundle:
    from training.tracking.model_registry import registered_bundle

    return read_bundle(registered_bundle(version)[1])


def _show(validation: ExternalValidation, console: Console) -> None:
    cohort, bundle = validation.cohort, validation.bundle
    synthetic = " - SYNTHETIC, not for patients" if cohort.synthetic or bundle.cohort.synthetic else ""
    size = f"{len(cohort)} infusions of {cohort.n_patients} patients"
    _tell(console, f"\nversion {bundle.version} on {cohort.name}: {size}{synthetic}")
    if not validation.external:
        _tell(
            console,
            "NOT EXTERNAL: the model was trained or updated on this cohort, so the metrics are optimistic",
        )
    for name, outcome in validation.outcomes.items():
        _show_outcome(name, outcome, console)
    for name, reason in validation.left_out.items():
        _tell(console, f"{name} is left out: {reason}")
    _tell(console, f"The model was not refitted. Metrics have 90 % intervals. {OVERLAP}\n")


def _show_outcome(name: str, outcome: ExternalOutcome, console: Console) -> None:
    from training.records.validation_text import sentences

    days = outcome.headline_days
    rows: dict[str, Mapping[str, Measured]] = {f"day {days}": outcome.headline}
    if days in outcome.internal:
        rows["internal"] = outcome.internal[days]
    rows |= {f"day {other}": outcome.validation.metrics[other] for other in outcome.data.horizons_days[1:]}
    title = f"{OUTCOMES[name].title}: {outcome.data.n_events} events in {len(outcome.data)} infusions"
    show_figures(title, rows, console)
    for sentence in sentences(outcome):
        _tell(console, f"  {sentence}")
    for other, reason in outcome.data.dropped_horizons.items():
        _tell(console, f"  day {other} is not validated: {reason}")
    for code, count in outcome.data.observation.counts.items():
        if count:
            _tell(console, f"  {count} infusions: {decision_words(code)}")


def _record(validation: ExternalValidation, console: Console) -> None:
    from training.records.validation_runs import outcome_records, validation_record
    from training.tracking.recorder import record_validation

    with bar("recording in MLflow", len(validation.outcomes)) as advance:
        recorded = record_validation(
            validation_record(validation), outcome_records(validation), validation.cohort, advance=advance
        )
    _tell(console, f"recorded as run {recorded.run_id}; see it with cart-outcomes ui")


def _update(validation: ExternalValidation, folder: Path, console: Console) -> None:
    """Make, save, show and register a new version if an update is indicated."""
    from training.comparison.update_facts import update_facts
    from training.external.update_version import updated_version
    from training.records.update_runs import update_record, updated_records
    from training.tracking.model_registry import champion_bundle
    from training.tracking.recorder import record_bundle

    version = updated_version(validation, progress=bar)
    if version is None:
        _tell(console, "no update is indicated; no new version was registered")
        return
    write_bundle(version.bundle, folder)
    write_provenance(folder, update_facts(version, champion_bundle()))
    version = replace(version, bundle=read_bundle(folder))
    _show_update(version, console)
    with bar("recording in MLflow", len(list(updated_records(version)))) as advance:
        recorded = record_bundle(
            update_record(version),
            updated_records(version),
            version.cohort,
            folder,
            command="validate",
            advance=advance,
        )
    _tell(console, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
    _tell(console, f"release it: cart-outcomes promote {recorded.version}")


def _show_update(version: UpdatedVersion, console: Console) -> None:
    from training.external.update_version import ORIGINAL

    for name, outcome in version.outcomes.items():
        days = outcome.data.horizons_days[0]
        rows = {"updated": outcome.summary.metrics[days]}
        rows |= {each: validation.metrics[days] for each, validation in outcome.baselines.items()}
        show_figures(f"{OUTCOMES[name].title} by day {days}, out of fold", rows, console)
        gain = outcome.summary.paired[ORIGINAL]
        _tell(console, f"  gain in log loss over the released model {measured(gain)}")
        if gain.value is not None and gain.value <= 0:
            _tell(console, "  out of fold the update is no better: consider keeping the released model")
        reasons = f": {'; '.join(outcome.summary.status_reasons)}" if outcome.summary.status_reasons else ""
        _tell(console, f"  {outcome.summary.status}{reasons}")
    _tell(
        console,
        "Metrics are out-of-fold: each fold's update was selected and fitted without its held-out patients.",
    )


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


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
