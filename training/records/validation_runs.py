"""What is recorded of an external validation, run by run, as plain data."""

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
from training.console.stopwatch import whole
from training.dataset.fit_config import FEWEST_EVENTS, FitConfig
from training.external.closed_testing import Choice
from training.external.external_validation import ExternalOutcome, ExternalValidation
from training.figures.decision_curve import decision_figure
from training.figures.validation_figures import beeswarm_figure, calibration_figure, roc_figure
from training.records.descriptions import SYNTHETIC, in_short
from training.records.metric_names import by_outcome, horizon_metrics, outcome_metric, with_ends
from training.records.run_names import child_name, cohort_words, run_name, settings_words
from training.records.training_runs import RunRecord
from training.records.validation_text import sentences
from training.validation.coarsened_curves import card_decision_curve
from training.validation.curves import calibration_curve, roc_curve
from training.validation.provenance import code_version

KIND = "external_validation"
"""Tag ``kind`` of the parent run."""
TESTS_FILE = "closed_test.csv"
TEST_COLUMNS = ("larger", "smaller", "statistic", "design_effect", "df", "p_value")


def validation_record(found: ExternalValidation) -> RunRecord:
    """Record an external validation as a whole.

    Parameters
    ----------
    found : ExternalValidation

    Returns
    -------
    record : RunRecord
        Metrics are the most telling ones at the headline horizons, as ``<outcome>.<metric>``.
    """
    metrics: dict[str, float] = {}
    for name, outcome in found.outcomes.items():
        for short, figure in in_short(outcome.headline).items():
            metrics.update(with_ends(outcome_metric(name, short), figure))
    tags = {f"update.{name}": outcome.choice.update.kind for name, outcome in found.outcomes.items()}
    tags |= {f"left_out.{name}": reason for name, reason in found.left_out.items()}
    return RunRecord(
        name=_name(found),
        description=_description(found),
        parameters={"outcomes": ", ".join(found.outcomes), **_settings(found)},
        tags={"kind": KIND, **validation_tags(found), **tags},
        metrics=metrics,
        period=whole(found.periods.values()),
    )


def outcome_records(found: ExternalValidation) -> Iterator[RunRecord]:
    """Record every outcome of an external validation.

    Parameters
    ----------
    found : ExternalValidation

    Yields
    ------
    record : RunRecord
        Metrics by the names under which internal validation has them.
    """
    for name, outcome in found.outcomes.items():
        update = outcome.choice.update
        model = found.bundle.models[name]
        metrics = horizon_metrics(outcome.validation.metrics)
        yield RunRecord(
            name=child_name(name, model.method, _name(found)),
            description="\n".join(
                [_loudly(found), f"**{OUTCOMES[name].title}**", "", *_listed(sentences(outcome))]
            ),
            parameters={"outcome": name, "model": model.method, **_settings(found)},
            tags={
                **validation_tags(found),
                "kind": "external",
                "outcome": name,
                "horizons_days": ", ".join(str(days) for days in outcome.data.horizons_days),
                "n_events": str(outcome.data.n_events),
                "n_infusions": str(len(outcome.data)),
                "not_computed": ", ".join(outcome.not_computed) or "none",
                "update": update.kind,
                **{f"dropped_horizon.{d}": why for d, why in outcome.data.dropped_horizons.items()},
            },
            metrics={
                **metrics,
                **by_outcome(name, metrics),
                "update_shift": update.shift,
                "update_slope": update.slope,
            },
            figures=_figures(found, name, outcome),
            tables={TESTS_FILE: closed_test_table(outcome.choice)},
            period=found.periods.get(name),
        )


def _name(found: ExternalValidation) -> str:
    """Name the parent run: the version, settings that are not the default ones, the cohort, the moment."""
    cohort, usual = found.cohort, replace(FitConfig(), estimand=found.config.estimand)
    words = cohort_words(cohort.name, cohort.sha256, len(cohort), synthetic=cohort.synthetic)
    parts = [
        f"version {found.bundle.version} on {words[0]}",
        *settings_words(found.config, usual),
        *words[1:],
    ]
    return run_name(parts, whole(found.periods.values()))


def validation_tags(found: ExternalValidation) -> dict[str, str]:
    """Say which version was validated on which cohort, and how far that is external."""
    cohort, bundle = found.cohort, found.bundle
    synthetic = cohort.synthetic or bundle.cohort.synthetic
    return {
        "validated_version": bundle.version,
        "validated_digest": bundle.digest,
        "external": "yes" if found.external else "no: the model was made on this cohort",
        "cohort": cohort.name,
        "cohort_sha256": cohort.sha256,
        "synthetic": SYNTHETIC if synthetic else "no",
        "n_infusions": str(len(cohort)),
        "n_patients": str(cohort.n_patients),
        "schema_digest": schema_digest(),
        "code_version": code_version(),
    }


def closed_test_table(choice: Choice) -> str:
    """Write the tests as CSV, in their order."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(TEST_COLUMNS)
    writer.writerows([getattr(step, column) for column in TEST_COLUMNS] for step in choice.steps)
    return table.getvalue()


def _figures(
    found: ExternalValidation, name: str, outcome: ExternalOutcome
) -> Mapping[str, Callable[[], Figure | None]]:
    """Name the figures: those of internal validation, and the contributions in these patients."""
    figures: dict[str, Callable[[], Figure | None]] = {}
    for place, days in enumerate(outcome.data.horizons_days):
        ending = "" if place == 0 else f"_at_{days}_days"
        title = _title(found, name, days)
        if min(outcome.patients[days]) >= FEWEST_EVENTS:
            figures[f"calibration{ending}.png"] = partial(_calibration, outcome, place, title)
            figures[f"roc{ending}.png"] = partial(_roc, outcome, place, title)
        figures[f"decision{ending}.png"] = partial(_decision, outcome, days, title)
    figures["contributions.png"] = partial(_contributions, found, name, outcome)
    return figures


def _calibration(outcome: ExternalOutcome, place: int, title: str) -> Figure:
    curve = calibration_curve(outcome.validation, place=place)
    return calibration_figure(curve, title=title, risk_title="risk")


def _roc(outcome: ExternalOutcome, place: int, title: str) -> Figure | None:
    risk, folds = outcome.validation.mean_risk[:, place], outcome.validation.folds
    label, weight = folds.label[:, place], folds.weight[:, place]
    if np.ptp(label[weight > 0]) == 0:
        return None
    area = outcome.validation.metrics[outcome.data.horizons_days[place]]["auroc"]
    return roc_figure(roc_curve(risk, label, weight), area, title=title, area_title="AUROC")


def _decision(outcome: ExternalOutcome, days: int, title: str) -> Figure | None:
    curve = card_decision_curve(outcome.validation, horizon_days=days)
    return decision_figure(curve, title=title) if curve is not None else None


def _contributions(found: ExternalValidation, name: str, outcome: ExternalOutcome) -> Figure | None:
    model, patients = found.bundle.models[name], outcome.data.patients
    return beeswarm_figure(model.explain(patients), patients, title=_title(found, name, None))


def _title(found: ExternalValidation, name: str, days: int | None) -> str:
    when = "" if days is None else f" by day {days}"
    cohort = "SYNTHETIC cohort" if found.cohort.synthetic else found.cohort.name
    return f"{OUTCOMES[name].title}{when}\nversion {found.bundle.version} on {cohort}"


def _settings(found: ExternalValidation) -> dict[str, str]:
    config = found.config
    return {
        "version": found.bundle.version,
        "estimand": config.estimand,
        "allow_grading": config.allow_grading or "none",
        "assume_remission": str(config.assume_remission),
        "seed": str(config.seed),
        "bootstrap_draws": str(config.bootstrap_draws),
    }


def _description(found: ExternalValidation) -> str:
    told = [_loudly(found), f"Version {found.bundle.version} on {found.cohort.name}, nothing refitted.", ""]
    for name, outcome in found.outcomes.items():
        told += [f"**{OUTCOMES[name].title}**", "", *_listed(sentences(outcome)), ""]
    return "\n".join([*told, *(f"Left out: {name}: {why}" for name, why in found.left_out.items())])


def _loudly(found: ExternalValidation) -> str:
    synthetic = found.cohort.synthetic or found.bundle.cohort.synthetic
    return f"**{SYNTHETIC}**\n" if synthetic else ""


def _listed(lines: list[str]) -> list[str]:
    return [f"- {line}" for line in lines]
