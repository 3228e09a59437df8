"""What is recorded of a training, run by run: names, parameters, tags, metrics and figures, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure

from features.outcomes import OUTCOMES
from features.schema import schema_digest
from serving.summary import Measured
from training.fitting import FittedModel, FittedOutcome, Training
from training.provenance import code_version, git_commit
from training.run_descriptions import (
    GAIN,
    SYNTHETIC,
    headline_metrics,
    model_description,
    training_description,
)
from training.run_figures import model_figures
from training.validation import Validation, log_loss_gain


@dataclass(frozen=True)
class RunRecord:
    """One run.

    Attributes
    ----------
    name, description : str
        For people; the description is Markdown.
    parameters, tags : mapping of str to str
    metrics : mapping of str to float
        Measures that exist; ``<name>_low`` and ``<name>_high`` end their 90 % interval, and
        ``<name>_at_<days>_days`` are those of other horizons than the headline.
    series : mapping of str to sequence of float
        Values step by step.
    figures : mapping of str to callable
        By file name; each draws when it is called, and may find nothing to draw.
    """

    name: str
    description: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    series: Mapping[str, list[float]] = field(default_factory=dict)
    figures: Mapping[str, Callable[[], Figure | None]] = field(default_factory=dict)


def parent_record(training: Training, *, digest: str) -> RunRecord:
    """Record a training as a whole.

    Parameters
    ----------
    training : Training
    digest : str
        Of its bundle.

    Returns
    -------
    record : RunRecord
        Metrics are the most telling ones of the chosen models at their headline horizons, as
        ``<outcome>.<metric>``.
    """
    metrics = {}
    for name, fitted in training.outcomes.items():
        for short, figure in headline_metrics(fitted.models[fitted.chosen]).items():
            metrics.update(_ends(f"{name}.{short}", figure))
    chosen = {f"chosen.{name}": fitted.chosen for name, fitted in training.outcomes.items()}
    status = {
        f"status.{name}": fitted.models[fitted.chosen].summary.status
        for name, fitted in training.outcomes.items()
    }
    left_out = {f"left_out.{name}": reason for name, reason in training.left_out.items()}
    return RunRecord(
        name=f"{'SYNTHETIC ' if training.cohort.synthetic else ''}{training.cohort.name}, "
        f"{len(training.cohort)} infusions",
        description=training_description(training),
        parameters={
            "outcomes": ", ".join(training.outcomes),
            "models": ", ".join(training.config.models),
            **_settings(training),
        },
        tags={"kind": "training", **_cohort_tags(training, digest), **chosen, **status, **left_out},
        metrics=metrics,
    )


def child_records(training: Training, *, digest: str) -> Iterator[RunRecord]:
    """Record every model of every outcome, and the baselines in the same folds."""
    for outcome, fitted in training.outcomes.items():
        for name, model in fitted.models.items():
            yield _model_record(training, outcome, name, model, digest)
        for name in fitted.baselines:
            yield _baseline_record(training, outcome, name, digest)


def model_metrics(validation: Validation | None, gain: Measured) -> dict[str, float]:
    """Name the measures of a model; one that could not be computed is left out.

    Examples
    --------
    >>> model_metrics(None, Measured(0.02, -0.01, 0.05))
    {}
    """
    if validation is None:
        return {}
    headline = validation.horizons_days[0]
    found = _ends(GAIN, gain)
    for days, metrics in validation.metrics.items():
        for name, figure in metrics.items():
            found.update(_ends(name if days == headline else f"{name}_at_{days}_days", figure))
    return found


def _model_record(training: Training, outcome: str, name: str, fitted: FittedModel, digest: str) -> RunRecord:
    whole, summary = training.outcomes[outcome], fitted.summary
    record = _child(training, outcome, name, digest)
    return RunRecord(
        name=record.name,
        description=model_description(training, outcome, name, summary),
        parameters={
            **record.parameters,
            **{key: str(value) for key, value in fitted.parameters.items()},
            "evidence_weight": f"{fitted.model.evidence_weight:g}",
        },
        tags={
            **record.tags,
            "kind": "model",
            "chosen": "yes" if name == whole.chosen else "no",
            "status": summary.status,
            "status_reasons": "; ".join(summary.status_reasons) or "none",
            **({"grading": summary.grading} if summary.grading else {}),
        },
        metrics=model_metrics(fitted.validation, fitted.gain),
        series=_fold_log_loss(fitted.validation),
        figures=model_figures(training, outcome, name),
    )


def _baseline_record(training: Training, outcome: str, name: str, digest: str) -> RunRecord:
    validation = training.outcomes[outcome].baselines[name]
    record = _child(training, outcome, name, digest)
    return RunRecord(
        name=record.name,
        description=f"Baseline in the same folds. {OUTCOMES[outcome].definition}.",
        parameters=record.parameters,
        tags={**record.tags, "kind": "baseline", "chosen": "no"},
        metrics=model_metrics(validation, _gain(training.outcomes[outcome], name)),
        series=_fold_log_loss(validation),
    )


def _child(training: Training, outcome: str, name: str, digest: str) -> RunRecord:
    """State what the runs of models and baselines share."""
    data = training.outcomes[outcome].data
    dropped = {f"dropped_horizon.{days}": why for days, why in data.dropped_horizons.items()}
    return RunRecord(
        name=f"{outcome} / {name}",
        description="",
        parameters={"outcome": outcome, "model": name, **_settings(training)},
        tags={
            **_cohort_tags(training, digest),
            "outcome": outcome,
            "horizons_days": ", ".join(str(days) for days in data.horizons_days),
            "n_events": str(data.n_events),
            "n_infusions": str(len(data)),
            **dropped,
        },
        metrics={},
    )


def _settings(training: Training) -> dict[str, str]:
    config = training.config
    return {
        "estimand": config.estimand,
        "allow_grading": config.allow_grading or "none",
        "seed": str(config.seed),
        "validate": str(config.validate),
        "folds": str(config.folds),
        "repeats": str(config.repeats),
        "bootstrap_draws": str(config.bootstrap_draws),
        "replicates": str(config.replicates),
    }


def _cohort_tags(training: Training, digest: str) -> dict[str, str]:
    cohort = training.cohort
    return {
        "cohort": cohort.name,
        "cohort_sha256": cohort.sha256,
        "synthetic": SYNTHETIC if cohort.synthetic else "no",
        "n_infusions": str(len(cohort)),
        "n_patients": str(cohort.n_patients),
        "n_events": ", ".join(f"{name} {fitted.data.n_events}" for name, fitted in training.outcomes.items()),
        "schema_digest": schema_digest(),
        "bundle_digest": digest,
        "code_version": code_version(),
        **({"git_commit": git_commit()} if git_commit() else {}),
    }


def _gain(fitted: FittedOutcome, name: str) -> Measured:
    if name in fitted.models:
        return fitted.models[name].gain
    return log_loss_gain(fitted.baselines[name], fitted.baselines["prevalence"])


def _ends(name: str, figure: Measured) -> dict[str, float]:
    named = {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return {key: value for key, value in named.items() if value is not None}


def _fold_log_loss(validation: Validation | None) -> dict[str, list[float]]:
    if validation is None:
        return {}
    losses = validation.fold_log_loss.ravel()
    return {"fold_log_loss": losses[~np.isnan(losses)].tolist()}
