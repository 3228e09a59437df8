"""Runs of a training as plain data: names, parameters, tags, metrics and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from features.measures import GAIN
from features.outcomes import OUTCOMES
from features.schema import schema_digest
from features.small_counts import count_cell
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary, Status
from training.comparison.champion_gain import CHAMPION_GAIN, recorded_gain
from training.console.stopwatch import Period
from training.fitting.fitted_model import FittedModel
from training.fitting.train import Training
from training.records.contribution_records import contribution_tables
from training.records.descriptions import (
    PUBLISHED,
    SYNTHETIC,
    headline_metrics,
    model_description,
    training_description,
    training_name,
)
from training.records.evidence_tables import baseline_weight, prior_tables
from training.records.evidence_used import evidence_choice, evidence_tags
from training.records.league_file import league_grid
from training.records.league_table import league_markdown, league_tags, training_league
from training.records.metric_names import (
    by_outcome,
    centers_table,
    fold_losses,
    gain_name,
    horizon_metrics,
    measures_table,
    model_metrics,
    of_parent,
    stated_metrics,
    with_ends,
)
from training.records.overfitting_runs import (
    model_overfitting,
    overfitting_grid,
    parent_overfitting,
    training_overfitting,
)
from training.records.parent_intervals import intervals_tag
from training.records.run_figures import model_figures, published_figures, training_figures
from training.records.run_names import child_name
from training.records.run_record import RunRecord
from training.validation.center_label import center_title
from training.validation.cross_validation import log_loss_gain
from training.validation.provenance import code_version, commit_tags

MEASURES_FILE = "measures.json"
"""Every measure at every horizon with its interval, as a table of MLflow."""
CENTERS_FILE = "centers.json"
"""Every measure in every center, by internal-external validation."""


def parent_record(training: Training) -> RunRecord:
    """Record a training as a whole.

    Parameters
    ----------
    training : Training
        With its bundle as written.

    Returns
    -------
    record : RunRecord
        Metrics are the most telling ones of the chosen models at their headline horizons, as
        ``<outcome>/<metric>``. The runs of the models have all others.
    """
    figures = {name: headline_metrics(each.models[each.chosen]) for name, each in training.outcomes.items()}
    gains = {name: recorded_gain(training.bundle, name) for name in training.outcomes}
    tags: dict[str, str] = {}
    for name, fitted in training.outcomes.items():
        model = fitted.models[fitted.chosen]
        tags |= {f"horizon_days.{name}": str(fitted.data.horizons_days[0])}
        tags |= {f"chosen.{name}": fitted.chosen, f"status.{name}": model.summary.status}
        tags |= {f"not_fitted.{name}.{other}": why for other, why in fitted.not_fitted.items()}
    for name, published in training.published.items():
        tags |= {f"chosen.{name}": PUBLISHED, f"status.{name}": published.fitted.summary.status}
    tags |= {f"left_out.{name}": reason for name, reason in training.left_out.items()}
    entries, overfitted = training_league(training.outcomes), training_overfitting(training)
    tags |= league_tags(entries)
    tags |= intervals_tag(
        {name: {**figures[name], gain_name(CHAMPION_GAIN): gain} for name, gain in gains.items()}
    )
    return RunRecord(
        name=training_name(training),
        description=training_description(training),
        parameters={
            "outcomes": ", ".join([*training.outcomes, *training.published]),
            "models": ", ".join(training.config.models),
            **_settings(training),
        },
        tags={"kind": "training", **_training_tags(training), **tags},
        metrics={**of_parent(figures), **_over_champion(gains), **parent_overfitting(overfitted)},
        figures=training_figures(training, overfitted),
        grids={**league_grid(entries), **overfitting_grid(overfitted)},
        period=training.period,
        note=league_markdown(entries),
    )


def child_records(training: Training) -> Iterator[RunRecord]:
    """Record every model of every outcome, and the baselines in the same folds.

    Parameters
    ----------
    training : Training
        With its bundle as written.

    Yields
    ------
    record : RunRecord
        Outcomes trained on the cohort come first.
    """
    for outcome, fitted in training.outcomes.items():
        for name, model in fitted.models.items():
            yield _model_record(training, outcome, name, model)
        for name in fitted.baselines:
            yield _baseline_record(training, outcome, name)
    for outcome in training.published:
        yield _published_record(training, outcome)


def _over_champion(gains: Mapping[str, Measured]) -> dict[str, float]:
    named = {gain_name(f"{outcome}/champion"): gain.value for outcome, gain in gains.items()}
    return {name: value for name, value in named.items() if value is not None}


def _model_record(training: Training, outcome: str, name: str, fitted: FittedModel) -> RunRecord:
    chosen = name == training.outcomes[outcome].chosen
    record, shown = _child(training, outcome, name), training.shown(fitted.summary)
    metrics = model_metrics(shown)
    if chosen:
        metrics |= with_ends(gain_name(CHAMPION_GAIN), recorded_gain(training.bundle, outcome))
    return replace(
        record,
        description=model_description(training, outcome, shown, chosen=chosen),
        parameters={**record.parameters, **_parameters(fitted)},
        tags={**record.tags, **_model_tags(shown, chosen=chosen)},
        metrics={**metrics, **by_outcome(outcome, metrics), **model_overfitting(training, outcome, name)},
        series=fold_losses(fitted.validation),
        figures=model_figures(training, outcome, name),
        tables={**prior_tables(training, outcome, name), **contribution_tables(training, outcome, name)},
        grids={**_measures(shown.metrics), **_centers(shown)},
    )


def _baseline_record(training: Training, outcome: str, name: str) -> RunRecord:
    baselines, shown = training.outcomes[outcome].baselines, _chosen_summary(training, outcome)
    validation, record = baselines[name], _child(training, outcome, name)
    weight = baseline_weight(training, outcome, name)
    measured = stated_metrics(validation.metrics, shown.metrics)
    metrics = horizon_metrics(measured)
    gain = log_loss_gain(validation, baselines["prevalence"])
    return replace(
        record,
        description=f"Baseline in the same folds. {OUTCOMES[outcome].definition}.",
        # Every run needs this parameter: MLflow's comparison of runs has it as an axis.
        parameters={**record.parameters, "evidence_weight": f"{weight:g}"},
        tags={**record.tags, "kind": "baseline", "chosen": "no"},
        metrics={**metrics, **with_ends(GAIN, gain), **by_outcome(outcome, metrics)},
        series=fold_losses(validation),
        grids=_measures(measured),
    )


def _published_record(training: Training, outcome: str) -> RunRecord:
    published = training.published[outcome]
    fitted, record = published.fitted, _child(training, outcome, PUBLISHED)
    return replace(
        record,
        description=model_description(training, outcome, fitted.summary, chosen=True),
        parameters={**record.parameters, **_parameters(fitted)},
        tags={**record.tags, **_model_tags(fitted.summary, chosen=True)},
        figures=published_figures(published.prior),
        tables=prior_tables(training, outcome, PUBLISHED),
        local=False,
    )


def _child(training: Training, outcome: str, name: str) -> RunRecord:
    """Give what the runs of models and baselines share."""
    fitted = training.outcomes.get(outcome)
    model = training.bundle.models[outcome]
    horizons = fitted.data.horizons_days if fitted is not None else model.horizons_days
    tags = {
        "outcome": outcome,
        "horizons_days": ", ".join(str(days) for days in horizons),
        "n_events": f"{count_cell(_chosen_summary(training, outcome).n_events) if fitted is not None else 0}",
        "n_infusions": str(len(fitted.data) if fitted is not None else 0),
    }
    if fitted is not None:
        tags |= {f"dropped_horizon.{days}": why for days, why in fitted.data.dropped_horizons.items()}
        tags |= {f"not_fitted.{other}": why for other, why in fitted.not_fitted.items()}
    return RunRecord(
        name=child_name(outcome, name, training_name(training)),
        description="",
        parameters={"outcome": outcome, "model": name, **_settings(training)},
        tags={**_training_tags(training), **tags},
        period=_period(training, outcome, name),
    )


def _chosen_summary(training: Training, outcome: str) -> OutcomeSummary:
    """Give the summary of the model in the bundle, as people may see it: counts are those of all models."""
    fitted = training.outcomes[outcome]
    return training.shown(fitted.models[fitted.chosen].summary)


def _period(training: Training, outcome: str, name: str) -> Period | None:
    if outcome in training.published:
        return training.published[outcome].period
    return training.outcomes[outcome].periods.get(name)


def _measures(metrics: Mapping[int, Mapping[str, Measured]]) -> dict[str, dict[str, list[object]]]:
    """Give the table of measures its file; none where nothing was measured."""
    return {MEASURES_FILE: measures_table(metrics)} if metrics else {}


def _centers(summary: OutcomeSummary) -> dict[str, dict[str, list[object]]]:
    """Give the table of centers its file; none where no center was predicted by the others."""
    return {CENTERS_FILE: centers_table(summary.by_center)} if summary.by_center else {}


def _parameters(fitted: FittedModel) -> dict[str, str]:
    stated = {key: str(value) for key, value in fitted.parameters.items()}
    return {**stated, "evidence_weight": f"{fitted.model.evidence_weight:g}"}


def _model_tags(summary: OutcomeSummary, *, chosen: bool) -> dict[str, str]:
    """Give the tags of a model; empty ones are left out."""
    notes = {
        "grading": summary.grading,
        "sample_size": summary.sample_size.verdict if summary.sample_size is not None else "",
        "evidence_note": summary.evidence_note,
        "interval_note": summary.interval_note,
    }
    return {
        "kind": "model",
        "chosen": "yes" if chosen else "no",
        "status": summary.status,
        "status_reasons": "; ".join(summary.status_reasons) or "none",
        **{name: words for name, words in notes.items() if words},
    }


def _settings(training: Training) -> dict[str, str]:
    config = training.config
    return {
        "estimand": config.estimand,
        "evidence": evidence_choice(config.evidence),
        "allow_grading": config.allow_grading or "none",
        "assume_remission": str(config.assume_remission),
        "home_center": str(config.home_center or "none"),
        "seed": str(config.seed),
        "validate": str(config.validate),
        "folds": str(config.folds),
        "repeats": str(config.repeats),
        "bootstrap_draws": str(config.bootstrap_draws),
        "replicates": str(config.replicates),
    }


def _training_tags(training: Training) -> dict[str, str]:
    cohort = training.bundle.cohort
    counts = {name: _chosen_summary(training, name).n_events for name in training.outcomes}
    events = ", ".join(f"{name} {count_cell(count)}" for name, count in counts.items())
    return {
        "cohort": cohort.name if cohort.trained else Status.PUBLISHED_EVIDENCE_ONLY,
        "cohort_sha256": cohort.sha256 or "none",
        "synthetic": SYNTHETIC if cohort.synthetic else "no",
        "n_infusions": str(cohort.n_infusions),
        "n_patients": str(cohort.n_patients),
        "n_events": events or "none",
        **({"home_center": center_title(cohort.home_center)} if cohort.home_center else {}),
        **evidence_tags(training.config.evidence),
        "schema_digest": schema_digest(),
        "bundle_digest": training.bundle.digest,
        "code_version": code_version(),
        **commit_tags(),
    }
