"""Runs of an updated version, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from matplotlib.figure import Figure

from features.measures import GAIN
from features.outcomes import OUTCOMES
from features.schema import schema_digest
from features.small_counts import count_cell
from serving.model.masked_bundle import masked_summary
from serving.model.version_name import version_name
from training.dataset.fit_config import FitConfig
from training.external.closed_testing import step_words
from training.external.update_learner import ORIGINAL, UPDATED
from training.external.update_version import UpdatedOutcome, UpdatedVersion
from training.figures.decision_curve import decision_figure
from training.figures.validation_figures import beeswarm_figure, calibration_figure
from training.records.descriptions import SYNTHETIC, in_short
from training.records.drawn_figures import CONTRIBUTIONS_FIGURE
from training.records.league_file import LeagueEntry, league_grid
from training.records.league_table import league, league_markdown, league_tags
from training.records.metric_names import (
    by_outcome,
    horizon_metrics,
    model_metrics,
    of_parent,
    stated_metrics,
    with_ends,
)
from training.records.parent_intervals import intervals_tag
from training.records.run_names import child_name, cohort_words, run_name, settings_words
from training.records.run_record import RunRecord
from training.records.validation_runs import TESTS_FILE, closed_test_table
from training.records.validation_text import update_words
from training.validation.coarsened_curves import card_decision_curve
from training.validation.cross_validation import log_loss_gain
from training.validation.curves import calibration_curve
from training.validation.provenance import code_version, commit_tags

KIND = "update"
"""Tag ``kind`` of the parent run and of the version."""


def update_record(version: UpdatedVersion) -> RunRecord:
    """Record an updated version as a whole.

    Parameters
    ----------
    version : UpdatedVersion
        With its bundle as written.

    Returns
    -------
    record : RunRecord
    """
    figures = {
        name: in_short(outcome.summary.metrics[outcome.data.horizons_days[0]])
        for name, outcome in version.outcomes.items()
    }
    tags = {f"update.{name}": outcome.choice.update.kind for name, outcome in version.outcomes.items()}
    tags |= {f"chosen.{name}": model.method for name, model in version.bundle.models.items()}
    tags |= {f"status.{name}": summary.status for name, summary in version.bundle.summaries.items()}
    entries = _league(version)
    tags |= {
        f"horizon_days.{name}": str(outcome.data.horizons_days[0])
        for name, outcome in version.outcomes.items()
    }
    tags |= league_tags(entries)
    return RunRecord(
        name=_name(version),
        description=_description(version),
        parameters={"outcomes": ", ".join(version.outcomes), **_settings(version)},
        tags={"kind": KIND, **_tags(version), **tags, **intervals_tag(figures)},
        metrics=of_parent(figures),
        grids=league_grid(entries),
        period=version.period,
        note=league_markdown(entries),
    )


def _name(version: UpdatedVersion) -> str:
    """Name the parent run: the version, settings that differ from the default, the cohort, the time."""
    cohort, usual = version.cohort, replace(FitConfig(), estimand=version.config.estimand)
    words = cohort_words(cohort.name, cohort.sha256, len(cohort), synthetic=cohort.synthetic)
    first = f"version {version.parent.version} updated on {words[0]}"
    return run_name([first, *settings_words(version.config, usual), *words[1:]], version.period)


def _league(version: UpdatedVersion) -> list[LeagueEntry]:
    """Rank the update, the released model and the prevalence, outcome by outcome."""
    entries: list[LeagueEntry] = []
    for name, outcome in version.outcomes.items():
        entries += league(name, {UPDATED: outcome.validation, **outcome.baselines}, chosen=UPDATED)
    return entries


def updated_records(version: UpdatedVersion, *, small_counts: bool = False) -> Iterator[RunRecord]:
    """Record every updated outcome, and the released model and the prevalence in the same folds.

    Parameters
    ----------
    version : UpdatedVersion
    small_counts : bool
        Whether tags state counts of fewer than five infusions.

    Yields
    ------
    record : RunRecord
    """
    for name, outcome in version.outcomes.items():
        update = outcome.choice.update
        summary = outcome.summary if small_counts else masked_summary(outcome.summary)
        events = f"{count_cell(summary.n_events)}"
        yield _child(
            version,
            name,
            UPDATED,
            events=events,
            description=f"**{OUTCOMES[name].title}**: {update_words(update)}.",
            tags={
                "kind": "model",
                "chosen": "yes",
                "status": summary.status,
                "status_reasons": "; ".join(summary.status_reasons) or "none",
                "update": update.kind,
            },
            metrics={
                **model_metrics(summary),
                "update/shift": update.shift,
                "update/slope": update.slope,
            },
            figures=_figures(version, name, outcome),
            tables={TESTS_FILE: closed_test_table(outcome.choice)},
        )
        for baseline, validation in outcome.baselines.items():
            gain = log_loss_gain(validation, outcome.baselines["prevalence"])
            yield _child(
                version,
                name,
                baseline,
                events=events,
                description="Baseline in the same folds.",
                tags={"kind": "baseline", "chosen": "no"},
                metrics={
                    **horizon_metrics(stated_metrics(validation.metrics, summary.metrics)),
                    **with_ends(GAIN, gain),
                },
                measured=_parent_name(version) if baseline == ORIGINAL else "",
            )


def _child(
    version: UpdatedVersion,
    outcome: str,
    model: str,
    *,
    events: str,
    description: str,
    tags: Mapping[str, str],
    metrics: Mapping[str, float],
    figures: Mapping[str, Callable[[], Figure | None]] | None = None,
    tables: Mapping[str, str] | None = None,
    measured: str = "",
) -> RunRecord:
    data = version.outcomes[outcome].data
    shared = {
        "outcome": outcome,
        "horizons_days": ", ".join(str(days) for days in data.horizons_days),
        "n_events": events,
        "n_infusions": str(len(data)),
    }
    return RunRecord(
        name=child_name(outcome, model, _name(version)),
        description=description,
        parameters={"outcome": outcome, "model": model, **_settings(version)},
        tags={**_tags(version), **shared, **tags},
        metrics={**metrics, **by_outcome(outcome, metrics)},
        figures=figures or {},
        tables=tables or {},
        measured=measured,
        period=version.outcomes[outcome].periods.get(model),
    )


def _figures(
    version: UpdatedVersion, name: str, outcome: UpdatedOutcome
) -> Mapping[str, Callable[[], Figure | None]]:
    days = outcome.data.horizons_days[0]
    title = f"{OUTCOMES[name].title} by day {days}\nupdated on {_cohort_name(version)}"
    figures: dict[str, Callable[[], Figure | None]] = {
        "calibration.svg": partial(_calibration, outcome, title),
        "decision.svg": partial(_decision, outcome, days, title),
    }
    if version.cohort.synthetic:  # A dot an infusion, colored by its values.
        figures[CONTRIBUTIONS_FIGURE] = partial(_contributions, outcome, title)
    return figures


def _calibration(outcome: UpdatedOutcome, title: str) -> Figure:
    return calibration_figure(calibration_curve(outcome.validation), title=title)


def _decision(outcome: UpdatedOutcome, days: int, title: str) -> Figure | None:
    curve = card_decision_curve(outcome.validation, horizon_days=days)
    return decision_figure(curve, title=title) if curve is not None else None


def _contributions(outcome: UpdatedOutcome, title: str) -> Figure | None:
    patients = outcome.data.patients
    return beeswarm_figure(outcome.model.explain(patients), patients, title=title)


def _cohort_name(version: UpdatedVersion) -> str:
    return "SYNTHETIC cohort" if version.cohort.synthetic else version.cohort.name


def _settings(version: UpdatedVersion) -> dict[str, str]:
    config = version.config
    return {
        "parent_version": version.parent.version,
        "estimand": config.estimand,
        "allow_grading": config.allow_grading or "none",
        "assume_remission": str(config.assume_remission),
        "seed": str(config.seed),
        "folds": str(config.folds),
        "repeats": str(config.repeats),
        "bootstrap_draws": str(config.bootstrap_draws),
    }


def _parent_name(version: UpdatedVersion) -> str:
    return version_name(version.parent.version, version.parent.digest)


def _tags(version: UpdatedVersion) -> dict[str, str]:
    cohort = version.cohort
    return {
        "parent_version": version.parent.version,
        "parent_digest": version.parent.digest,
        "cohort": cohort.name,
        "cohort_sha256": cohort.sha256,
        "synthetic": SYNTHETIC if version.bundle.cohort.synthetic else "no",
        "n_infusions": str(len(cohort)),
        "n_patients": str(cohort.n_patients),
        "schema_digest": schema_digest(),
        "bundle_digest": version.bundle.digest,
        "code_version": code_version(),
        **commit_tags(),
    }


def _description(version: UpdatedVersion) -> str:
    loudly = [f"**{SYNTHETIC}**", ""] if version.bundle.cohort.synthetic else []
    lines = [f"Version {version.parent.version} updated on {version.cohort.name}.", ""]
    for name, outcome in version.outcomes.items():
        tests = "; ".join(step_words(step) for step in outcome.choice.steps)
        words = update_words(outcome.choice.update)
        lines.append(f"- {OUTCOMES[name].title}: {words} ({tests}); {outcome.summary.status}")
    lines += [
        f"- {OUTCOMES[name].title}: unchanged"
        for name in version.bundle.models
        if name not in version.outcomes
    ]
    measured = "Metrics are out-of-fold: the update was selected and fitted again in each fold."
    return "\n".join([*loudly, *lines, "", measured])
