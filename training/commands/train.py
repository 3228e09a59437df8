"""Fit, validate, record and register the models of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.console import Console

from features.field import specs
from features.intake.door import read_cohort
from features.outcomes import ESTIMANDS, OUTCOMES, Estimand
from features.problems import Refused
from features.schema import FollowUp
from training.config import FitConfig
from training.terminal import bar, show_figures

if TYPE_CHECKING:
    from features.cohort import Cohort
    from training.fitting import FittedOutcome, Training

LAST_TRAINING = Path(".cart-outcomes") / "last-training"
"""Where the newest bundle is kept, whatever becomes of MLflow."""


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
    mapping: Path | None = None,
) -> None:
    """Train on a cohort file.

    Parameters
    ----------
    cohort : Path or None
        The cohort; without one there is nothing to learn from.
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
    mapping : Path or None
        Maps a site's own table.

    Raises
    ------
    Refused
        If a name is unknown, the cohort is refused, or nothing in it can be trained.

    Examples
    --------
    >>> train(Path("c.csv"), outcomes=("survival",), models=(), estimand="treatment_policy",
    ...       allow_grading="", seed=1, validate=True, bundle_out=None)
    Traceback (most recent call last):
        ...
    training.commands.train.UnknownName: --outcome survival is not one of severe_crs, severe_icans, relapse
    """
    if cohort is None:
        message = "name a cohort file to train on; data/synthetic.csv is a synthetic one to try"
        raise UnknownName(message)
    config = FitConfig(
        outcomes=_known("--outcome", outcomes or tuple(OUTCOMES), OUTCOMES),
        models=models or FitConfig().models,
        estimand=cast(Estimand, _known("--estimand", (estimand,), ESTIMANDS)[0]),
        allow_grading=_scale(allow_grading),
        seed=seed,
        validate=validate,
    )
    _train(read_cohort(cohort, mapping=mapping), config, bundle_out or LAST_TRAINING)


def _train(cohort: Cohort, config: FitConfig, folder: Path) -> None:
    """Train, keep the bundle, show and record it."""
    # These take seconds to import; a cohort that is refused should not wait for them.
    from serving.bundle import refuse_folder, write_bundle
    from training.fitting import train as fit
    from training.learners import LEARNERS
    from training.tracking import record_training

    _known("--model", config.models, LEARNERS)
    refuse_folder(folder)
    console = Console()
    training = fit(cohort, config, progress=bar)
    write_bundle(training.bundle, folder)
    _show(training, console)
    with bar("recording in MLflow", _children(training)) as advance:
        recorded = record_training(training, folder, advance=advance)
    _tell(console, f"registered as version {recorded.version}; the bundle is in {folder.resolve()}")
    _tell(console, "compare the runs: cart-outcomes ui; release this version: cart-outcomes promote")


def _known(option: str, names: tuple[str, ...], known: object) -> tuple[str, ...]:
    listed = tuple(cast(dict[str, object], known))
    for name in names:
        if name not in listed:
            message = f"{option} {name} is not one of {', '.join(listed)}"
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
    return sum(len(fitted.models) + len(fitted.baselines) for fitted in training.outcomes.values())


def _show(training: Training, console: Console) -> None:
    synthetic = " - SYNTHETIC, not for patients" if training.cohort.synthetic else ""
    size = f"{len(training.cohort)} infusions of {training.cohort.n_patients} patients"
    console.print(f"\n{training.cohort.name}: {size}{synthetic}", highlight=False, markup=False)
    for fitted in training.outcomes.values():
        _show_outcome(fitted, console)
    for name, reason in training.left_out.items():
        _tell(console, f"{name} is left out: {reason}")
    if training.config.validate:
        _tell(console, "Figures are out of fold, with 90 % intervals; * is in the bundle.\n")


def _show_outcome(fitted: FittedOutcome, console: Console) -> None:
    summary, headline = fitted.models[fitted.chosen].summary, fitted.data.horizons_days[0]
    title = f"{fitted.data.outcome.title} by day {headline}: {summary.n_events} events"
    title = f"{title} in {summary.n_infusions} infusions"
    if summary.metrics:
        baselines = {name: validation.metrics[headline] for name, validation in fitted.baselines.items()}
        models = {
            f"{name} *" if name == fitted.chosen else name: found.summary.metrics[headline]
            for name, found in fitted.models.items()
        }
        show_figures(title, {**models, **baselines}, console)
    else:
        _tell(console, title)
    _tell(
        console,
        f"  {summary.status}{': ' if summary.status_reasons else ''}{'; '.join(summary.status_reasons)}",
    )
    for days, reason in summary.dropped_horizons.items():
        _tell(console, f"  no risk by day {days}: {reason}")
    for words, count in summary.counts.items():
        _tell(console, f"  {count} infusions: {words}")


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
