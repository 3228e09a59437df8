"""Runs of an external validation, as plain data."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from features.outcomes import OUTCOMES
from features.schema import schema_digest
from features.small_counts import count_cell, shown_of
from serving.model.version_name import version_name
from training.console.stopwatch import whole
from training.dataset.fit_config import FEWEST_EVENTS, FitConfig
from training.external.closed_testing import Choice
from training.external.external_validation import ExternalOutcome, ExternalValidation
from training.figures.decision_curve import decision_figure
from training.figures.validation_figures import beeswarm_figure, calibration_figure, roc_figure
from training.records.descriptions import SYNTHETIC, in_short
from training.records.drawn_figures import CONTRIBUTIONS_FIGURE
from training.records.metric_names import by_outcome, horizon_metrics, of_parent
from training.records.parent_intervals import intervals_tag
from training.records.run_names import child_name, cohort_words, run_name, settings_words
from training.records.run_record import RunRecord
from training.records.validation_text import hidden_events, sentences
from training.validation.coarsened_curves import card_decision_curve
from training.validation.curves import calibration_curve, roc_curve
from training.validation.provenance import code_version, commit_tags

KIND = "external_validation"
"""Tag ``kind`` of the parent run."""
TESTS_FILE = "closed_test.csv"
TEST_COLUMNS = ("larger", "smaller", "statistic", "design_effect", "df", "p_value")


def validation_record(validation: ExternalValidation, *, small_counts: bool = False) -> RunRecord:
    """Record an external validation as a whole.

    Parameters
    ----------
    validation : ExternalValidation
    small_counts : bool
        Whether the description states counts of fewer than five patients, and metrics of so few are recorded.

    Returns
    -------
    record : RunRecord
        Metrics are the most telling ones at the headline horizons, as ``<outcome>/<metric>``.
    """
    stated = {
        name: outcome.headline if small_counts or not hidden_events(outcome, outcome.headline_days) else {}
        for name, outcome in validation.outcomes.items()
    }
    figures = {name: in_short(headline) for name, headline in stated.items()}
    tags = {f"update.{name}": outcome.choice.update.kind for name, outcome in validation.outcomes.items()}
    tags |= {f"left_out.{name}": reason for name, reason in validation.left_out.items()}
    return RunRecord(
        name=_name(validation),
        description=_description(validation, small_counts=small_counts),
        parameters={"outcomes": ", ".join(validation.outcomes), **_settings(validation)},
        tags={"kind": KIND, **validation_tags(validation), **tags, **intervals_tag(figures)},
        metrics=of_parent(figures),
        measured=version_name(validation.bundle.version, validation.bundle.digest),
        period=whole(validation.periods.values()),
    )


def outcome_records(validation: ExternalValidation, *, small_counts: bool = False) -> Iterator[RunRecord]:
    """Record every outcome of an external validation.

    Parameters
    ----------
    validation : ExternalValidation
    small_counts : bool
        Whether descriptions and tags state counts of fewer than five patients, and metrics and figures of so
        few are recorded.

    Yields
    ------
    record : RunRecord
        Metrics by the names under which internal validation has them.
    """
    for name, outcome in validation.outcomes.items():
        update = outcome.choice.update
        model = validation.bundle.models[name]
        measured = {
            days: each if small_counts or not hidden_events(outcome, days) else {}
            for days, each in outcome.validation.metrics.items()
        }
        metrics = horizon_metrics(measured)
        yield RunRecord(
            name=child_name(name, model.method, _name(validation)),
            description="\n".join(
                [
                    _loudly(validation),
                    f"**{OUTCOMES[name].title}**",
                    "",
                    *_listed(sentences(outcome, small_counts=small_counts)),
                ]
            ),
            parameters={"outcome": name, "model": model.method, **_settings(validation)},
            tags={
                **validation_tags(validation),
                "kind": "external",
                "outcome": name,
                "horizons_days": ", ".join(str(days) for days in outcome.data.horizons_days),
                "n_events": f"{count_cell(_events(outcome, small_counts=small_counts))}",
                "n_infusions": str(len(outcome.data)),
                "not_computed": ", ".join(outcome.not_computed) or "none",
                "update": update.kind,
                **{f"dropped_horizon.{d}": why for d, why in outcome.data.dropped_horizons.items()},
            },
            metrics={
                **metrics,
                **by_outcome(name, metrics),
                "update/shift": update.shift,
                "update/slope": update.slope,
            },
            figures=_figures(validation, name, outcome, small_counts=small_counts),
            tables={TESTS_FILE: closed_test_table(outcome.choice)},
            period=validation.periods.get(name),
        )


def _name(validation: ExternalValidation) -> str:
    """Name the parent run: the version, settings that differ from the default, the cohort, the time."""
    cohort, usual = validation.cohort, replace(FitConfig(), estimand=validation.config.estimand)
    words = cohort_words(cohort.name, cohort.sha256, len(cohort), synthetic=cohort.synthetic)
    parts = [
        f"version {validation.bundle.version} on {words[0]}",
        *settings_words(validation.config, usual),
        *words[1:],
    ]
    return run_name(parts, whole(validation.periods.values()))


def validation_tags(validation: ExternalValidation) -> dict[str, str]:
    """Say which version was validated on which cohort, and whether that is external."""
    cohort, bundle = validation.cohort, validation.bundle
    synthetic = cohort.synthetic or bundle.cohort.synthetic
    return {
        "validated_version": bundle.version,
        "validated_digest": bundle.digest,
        "external": "yes" if validation.external else "no: the model was trained or updated on this cohort",
        "cohort": cohort.name,
        "cohort_sha256": cohort.sha256,
        "synthetic": SYNTHETIC if synthetic else "no",
        "n_infusions": str(len(cohort)),
        "n_patients": str(cohort.n_patients),
        "schema_digest": schema_digest(),
        "code_version": code_version(),
        **commit_tags(),
    }


def closed_test_table(choice: Choice) -> str:
    """Write the tests as CSV, in their order."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(TEST_COLUMNS)
    writer.writerows([getattr(step, column) for column in TEST_COLUMNS] for step in choice.steps)
    return table.getvalue()


def _events(outcome: ExternalOutcome, *, small_counts: bool) -> int | None:
    """Count the events by the last horizon; None where they, or those of the headline, are masked."""
    data = outcome.data
    shown = small_counts or not hidden_events(outcome, max(data.horizons_days))
    return shown_of(data.n_events, len(data), small_counts=small_counts) if shown else None


def _figures(
    validation: ExternalValidation, name: str, outcome: ExternalOutcome, *, small_counts: bool
) -> Mapping[str, Callable[[], Figure | None]]:
    """Name the figures: those of internal validation, and the contributions in these patients."""
    figures: dict[str, Callable[[], Figure | None]] = {}
    for horizon, days in enumerate(outcome.data.horizons_days):
        ending = "" if horizon == 0 else f"_at_{days}_days"
        title = _title(validation, name, days)
        if min(outcome.patients[days]) >= FEWEST_EVENTS:
            figures[f"calibration{ending}.svg"] = partial(_calibration, outcome, horizon, title)
            figures[f"roc{ending}.svg"] = partial(_roc, outcome, horizon, title)
        if small_counts or not hidden_events(outcome, days):
            figures[f"decision{ending}.svg"] = partial(_decision, outcome, days, title)
    if validation.cohort.synthetic:  # A dot an infusion, colored by its values.
        figures[CONTRIBUTIONS_FIGURE] = partial(_contributions, validation, name, outcome)
    return figures


def _calibration(outcome: ExternalOutcome, horizon: int, title: str) -> Figure:
    curve = calibration_curve(outcome.validation, position=horizon)
    return calibration_figure(curve, title=title, risk_title="risk")


def _roc(outcome: ExternalOutcome, horizon: int, title: str) -> Figure | None:
    risk, folds = outcome.validation.mean_risk[:, horizon], outcome.validation.folds
    label, weight = folds.label[:, horizon], folds.weight[:, horizon]
    if np.ptp(label[weight > 0]) == 0:
        return None
    area = outcome.validation.metrics[outcome.data.horizons_days[horizon]]["auroc"]
    return roc_figure(roc_curve(risk, label, weight), area, title=title, area_title="AUROC")


def _decision(outcome: ExternalOutcome, days: int, title: str) -> Figure | None:
    curve = card_decision_curve(outcome.validation, horizon_days=days)
    return decision_figure(curve, title=title) if curve is not None else None


def _contributions(validation: ExternalValidation, name: str, outcome: ExternalOutcome) -> Figure | None:
    model, patients = validation.bundle.models[name], outcome.data.patients
    return beeswarm_figure(model.explain(patients), patients, title=_title(validation, name, None))


def _title(validation: ExternalValidation, name: str, days: int | None) -> str:
    when = "" if days is None else f" by day {days}"
    cohort = "SYNTHETIC cohort" if validation.cohort.synthetic else validation.cohort.name
    return f"{OUTCOMES[name].title}{when}\nversion {validation.bundle.version} on {cohort}"


def _settings(validation: ExternalValidation) -> dict[str, str]:
    config = validation.config
    return {
        "version": validation.bundle.version,
        "estimand": config.estimand,
        "allow_grading": config.allow_grading or "none",
        "assume_remission": str(config.assume_remission),
        "seed": str(config.seed),
        "bootstrap_draws": str(config.bootstrap_draws),
    }


def _description(validation: ExternalValidation, *, small_counts: bool) -> str:
    heading = f"Version {validation.bundle.version} validated on {validation.cohort.name}, without refitting."
    lines = [_loudly(validation), heading, ""]
    for name, outcome in validation.outcomes.items():
        stated = _listed(sentences(outcome, small_counts=small_counts))
        lines += [f"**{OUTCOMES[name].title}**", "", *stated, ""]
    return "\n".join([*lines, *(f"Left out: {name}: {why}" for name, why in validation.left_out.items())])


def _loudly(validation: ExternalValidation) -> str:
    synthetic = validation.cohort.synthetic or validation.bundle.cohort.synthetic
    return f"**{SYNTHETIC}**\n" if synthetic else ""


def _listed(lines: list[str]) -> list[str]:
    return [f"- {line}" for line in lines]
