"""Fit, validate, record and register the models of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from rich.console import Console
from rich.table import Table

from features.field import specs
from features.intake import read_cohort
from features.outcomes import ESTIMANDS, OUTCOMES, Estimand
from features.problems import Refused
from features.schema import FollowUp
from serving.bundle import write_bundle
from training.config import FitConfig
from training.fitting import FittedModel, Training
from training.fitting import train as fit
from training.learners import LEARNERS
from training.terminal import bar, measured
from training.tracking import record_training

LAST_TRAINING = Path(".cart-outcomes") / "last-training"
"""Where the newest bundle is kept, whatever becomes of MLflow."""

SHOWN = {
    "log_loss": "log loss",
    "log_loss_gain_over_prevalence": "gain over prevalence",
    "auroc": "AUROC",
    "calibration_slope": "slope",
    "observed_expected": "O:E",
}


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
    defaults = FitConfig()
    config = FitConfig(
        outcomes=_known("--outcome", outcomes or defaults.outcomes, OUTCOMES),
        models=_known("--model", models or defaults.models, LEARNERS),
        estimand=cast(Estimand, _known("--estimand", (estimand,), ESTIMANDS)[0]),
        allow_grading=_scale(allow_grading),
        seed=seed,
        validate=validate,
    )
    if cohort is None:
        message = "name a cohort file to train on; data/synthetic.csv is a synthetic one to try"
        raise UnknownName(message)
    console = Console()
    training = fit(read_cohort(cohort, mapping=mapping), config, progress=bar)
    folder = bundle_out or LAST_TRAINING
    write_bundle(training.bundle, folder)
    _show(training, console)
    with bar("recording in MLflow", _children(training)) as advance:
        recorded = record_training(training, folder, advance=advance)
    console.print(f"registered as version {recorded.version}; the bundle is in {folder}")
    console.print("compare the runs: cart-outcomes ui; release this version: cart-outcomes promote")


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
    title = (
        f"{training.cohort.name}: {len(training.cohort)} infusions of {training.cohort.n_patients} patients"
    )
    table = Table(title=f"{title}{synthetic}", caption="out of fold, with 90 % intervals; * is released")
    for column in ("outcome", "by day", "events", "model", *SHOWN.values(), "status"):
        table.add_column(column)
    for name, fitted in training.outcomes.items():
        for model, found in fitted.models.items():
            chosen = "*" if model == fitted.chosen else ""
            table.add_row(name, *_cells(found, f"{model}{chosen}"))
    console.print(table)
    for name, fitted in training.outcomes.items():
        summary = fitted.models[fitted.chosen].summary
        for days, reason in summary.dropped_horizons.items():
            console.print(f"{name} by day {days} is left out: {reason}")
        for words, count in summary.counts.items():
            console.print(f"{name}: {count} infusions: {words}")
        for reason in summary.status_reasons:
            console.print(f"{name} is {summary.status}: {reason}")
    for name, reason in training.left_out.items():
        console.print(f"{name} is left out: {reason}")


def _cells(found: FittedModel, model: str) -> list[str]:
    summary, headline = found.summary, found.model.horizons_days[0]
    metrics = summary.metrics.get(headline, {})
    figures = [measured(metrics.get(name)) for name in SHOWN]
    return [str(headline), str(summary.n_events), model, *figures, summary.status]
