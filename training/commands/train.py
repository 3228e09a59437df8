"""Fit, validate, record and register the models of a cohort."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.console import Console

from features.decisions import decision_words
from features.field import specs
from features.outcomes import ESTIMANDS, OUTCOMES, Estimand
from features.problems import Refused, counted
from features.read_cohort import read_cohort
from features.schema import FollowUp
from serving.model.figure_text import measured
from training.console.bundle_folder import bundle_place
from training.console.tables import OUT_OF_FOLD, bar, show_figures
from training.dataset.cohort_name import refuse_name, renamed
from training.dataset.fit_config import ALL_EVIDENCE, MODELS, EvidenceChoice, FitConfig
from training.validation.center_label import center_title

if TYPE_CHECKING:
    from features.cohort import Cohort
    from serving.model.validation_summary import OutcomeSummary
    from training.fitting.fit_evidence_only import PublishedOutcome
    from training.fitting.fit_outcome import FittedOutcome
    from training.fitting.fitted_model import FittedModel
    from training.fitting.train import Training

LAST_TRAINING = Path(".cart-outcomes") / "last-training"
"""Where the newest bundle is stored, whether or not MLflow is available."""


class UnknownName(Refused):
    """An option names something that does not exist."""


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

    Raises
    ------
    Refused
        If a name is unknown, the cohort or the evidence is refused, or nothing in it can be trained.

    Examples
    --------
    >>> train(Path("c.csv"), outcomes=("survival",), models=(), estimand="treatment_policy",
    ...       allow_grading="", seed=1, validate=True, bundle_out=None)
    Traceback (most recent call last):
        ...
    training.commands.train.UnknownName: --outcome survival is not one of severe_crs, severe_icans, relapse
    """
    _refuse_contradiction(cohort, models, evidence_only=evidence_only)
    config = replace(
        asked_config(outcomes=outcomes, allow_grading=allow_grading, seed=seed),
        models=_known("--model", models or MODELS, MODELS),
        estimand=cast(Estimand, _known("--estimand", (estimand,), ESTIMANDS)[0]),
        validate=validate,
        assume_remission=assume_remission,
        evidence=evidence,
    )
    inputs = [cohort, mapping, evidence.file]
    refuse_name(name)
    if name and cohort is None:
        message = "--name names a cohort, and --evidence-only uses none: omit one of them"
        raise UnknownName(message)
    folder = bundle_place(bundle_out, LAST_TRAINING, inputs=inputs, overwrite=overwrite)
    read = renamed(read_cohort(cohort, mapping=mapping), name) if cohort is not None else None
    _train(read, config, folder)


def asked_config(*, outcomes: tuple[str, ...], allow_grading: str, seed: int) -> FitConfig:
    """Check the names that several commands ask for.

    Raises
    ------
    UnknownName
        If there is no such outcome or scale.
    """
    return FitConfig(
        outcomes=_known("--outcome", outcomes or tuple(OUTCOMES), OUTCOMES),
        allow_grading=_scale(allow_grading),
        seed=seed,
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


def _train(cohort: Cohort | None, config: FitConfig, folder: Path) -> None:
    """Train, keep the bundle, show and record it."""
    # These take seconds to import; a cohort that is refused should not wait for them.
    from serving.model.bundle import write_bundle, write_provenance
    from training.comparison.champion_refit import facts_over_champion
    from training.console.interruption import told_when_stopped
    from training.console.locks import bundle_folder
    from training.console.resource_usage import sampled
    from training.fitting.train import train as fit
    from training.tracking.preflight import refuse_unrecordable
    from training.tracking.recorder import record_training
    from training.tracking.registered_recipe import champion_and_recipe
    from training.tracking.release_agreement import warn_of_disagreement

    console = Console()
    with bundle_folder(folder):
        refuse_unrecordable(folder)
        with sampled() as system:
            training = fit(cohort, config, progress=bar)
        write_bundle(training.bundle, folder)
        _show(training, console)
        with told_when_stopped(f"stopped: the bundle is in {folder}; train again to record it"):
            write_provenance(folder, facts_over_champion(training, *champion_and_recipe(), progress=bar))
        with bar("recording in MLflow", _children(training)) as advance:
            recorded = record_training(training, folder, system=system, advance=advance)
    _tell(console, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
    warn_of_disagreement()
    _tell(console, "compare the runs: cart-outcomes ui; release this version: cart-outcomes promote")


def _known(option: str, names: tuple[str, ...], known: Collection[str]) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            message = f"{option} {name} is not one of {', '.join(known)}"
            raise UnknownName(message)
    return tuple(dict.fromkeys(names))


def _scale(name: str) -> str:
    field = specs(FollowUp)["crs_grading_system"]
    if name and name not in field.options:
        message = f"--allow-grading {name}: {field.name} {field.rule}"
        raise UnknownName(message)
    return name


def _children(training: Training) -> int:
    """Child runs that will be recorded."""
    of_cohort = sum(len(fitted.models) + len(fitted.baselines) for fitted in training.outcomes.values())
    return of_cohort + len(training.published)


def _show(training: Training, console: Console) -> None:
    cohort = training.cohort
    if cohort is None:
        _tell(console, "\npublished evidence only: no patient data were used")
    else:
        synthetic = " - SYNTHETIC, not for patients" if cohort.synthetic else ""
        size = f"{len(cohort)} infusions of {cohort.n_patients} patients"
        _tell(console, f"\n{cohort.name}: {size}{synthetic}")
    for fitted in training.outcomes.values():
        _show_outcome(fitted, console)
    for name, published in training.published.items():
        _show_published(name, published, console)
    for name, reason in training.left_out.items():
        _tell(console, f"{name} is left out: {reason}")
    if any(fitted.baselines for fitted in training.outcomes.values()):
        _tell(console, f"{OUT_OF_FOLD}\n")


def _show_outcome(fitted: FittedOutcome, console: Console) -> None:
    chosen, headline = fitted.models[fitted.chosen], fitted.data.horizons_days[0]
    summary = chosen.summary
    title = f"{fitted.data.outcome.title} by day {headline}: {fitted.data.n_headline_events} events"
    title = f"{title} in {summary.n_infusions} infusions"
    if summary.metrics:
        baselines = {name: validation.metrics[headline] for name, validation in fitted.baselines.items()}
        models = {
            f"{name} *" if name == fitted.chosen else name: model.summary.metrics[headline]
            for name, model in fitted.models.items()
        }
        show_figures(title, {**models, **baselines}, console)
    else:
        _tell(console, title)
    _tell(console, f"  in the bundle: {fitted.chosen}; {_judged(summary)}")
    unbeaten = [name for name, gain in summary.paired.items() if gain.low is None or gain.low <= 0]
    if unbeaten:
        _tell(console, f"  no evidence of a lower log loss than {', '.join(unbeaten)}")
    _tell_evidence(chosen, console)
    if summary.size_note:
        _tell(console, f"  {summary.size_note}")
    for center, result in summary.by_center.items():
        area = measured(result.metrics.get("auroc"), digits=2)
        size = f"{result.n_events} events in {result.n_infusions} infusions"
        _tell(console, f"  internal-external validation, {center_title(center)}: AUROC {area}, {size}")
    for note in summary.center_notes:
        _tell(console, f"  {note}")
    for days, reason in summary.dropped_horizons.items():
        answered = days in chosen.model.horizons_days
        words = "risk from the published time course" if answered else "no risk"
        _tell(console, f"  by day {days}: {words} ({reason})")
    for code, count in summary.counts.items():
        _tell(console, f"  {counted(count, 'infusion')}: {decision_words(code)}")
    for reason in fitted.not_fitted.values():
        _tell(console, f"  not fitted: {reason}")


def _show_published(name: str, published: PublishedOutcome, console: Console) -> None:
    summary = published.fitted.summary
    headline = OUTCOMES[name].horizons_days[0]
    rate = summary.cumulative_incidence[headline]
    known = "published base rate" if published.prior.base_sources else "no published base rate; assumed"
    _tell(console, f"{OUTCOMES[name].title} by day {headline}: {known} {rate:.0%}")
    _tell(console, f"  {_judged(summary)}")
    if published.prior.published:
        weight = published.fitted.model.evidence_weight
        _tell(
            console, f"  weight of published effects {weight:.0%}, not yet checked on this center's patients"
        )
    if summary.evidence_note:
        _tell(console, f"  {summary.evidence_note}")


def _judged(summary: OutcomeSummary) -> str:
    return f"{summary.status}{': ' if summary.status_reasons else ''}{'; '.join(summary.status_reasons)}"


def _tell_evidence(fitted: FittedModel, console: Console) -> None:
    """Print the weight of published effects in a model that has them as prior."""
    linear = fitted.model.linear
    if linear is not None and linear.prior_mean.any():
        _tell(console, f"  weight of published effects {fitted.model.evidence_weight:.0%}")
    if fitted.summary.evidence_note:
        _tell(console, f"  {fitted.summary.evidence_note}")


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
