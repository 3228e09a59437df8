"""Descriptions of the runs of a training, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from features.measures import GAIN, IN_RUN_LIST
from features.outcomes import OUTCOMES
from features.problems import counted
from features.small_counts import MASKED
from serving.answers.intended_use import INTENDED_USE
from serving.model.figure_text import measured
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary, Status
from training.fitting.fit_outcome import FittedOutcome
from training.fitting.fitted_model import FittedModel
from training.fitting.train import Training
from training.records.evidence_used import evidence_words
from training.records.markdown_table import NO_BREAK, table_row
from training.records.metric_names import IN_SHORT
from training.records.run_names import cohort_words, run_name, settings_words

SYNTHETIC = "SYNTHETIC COHORT, not for patients"
PUBLISHED = "published"
"""Name of a model that is based on published evidence only."""
COLUMNS = (
    "outcome",
    "chosen model",
    "by day",
    "events",
    "weight of evidence",
    "gain in log loss",
    "AUROC",
    "calibration slope",
    "status",
)
"""Columns of the table of outcomes in a training's description."""


def training_name(training: Training) -> str:
    """Name a training: settings that differ from the default, the cohort, the time of the fit."""
    cohort = training.bundle.cohort
    words: list[str] = [Status.PUBLISHED_EVIDENCE_ONLY]
    if cohort.trained:
        words = cohort_words(cohort.name, cohort.sha256, cohort.n_infusions, synthetic=cohort.synthetic)
    return run_name([*settings_words(training.config), *words], training.period)


def training_description(training: Training) -> str:
    """Describe a training in Markdown: cohort, outcomes, chosen models and their status."""
    cohort, config = training.bundle.cohort, training.config
    size = f"{counted(cohort.n_infusions, 'infusion')} of {counted(cohort.n_patients, 'patient')}"
    basis = (
        f"{cohort.name}: {size}." if cohort.trained else "Published evidence only: no patient data were used."
    )
    rows = [_described(training, name, fitted) for name, fitted in training.outcomes.items()]
    rows += [_described_published(name, entry.fitted) for name, entry in training.published.items()]
    left_out = [f"\nLeft out: {OUTCOMES[name].title}: {why}" for name, why in training.left_out.items()]
    measures = "\nOut-of-fold metrics at the first day listed, with 90 % intervals; gain over the prevalence."
    return "\n".join(
        [
            f"{_loudly(training)}{basis} {evidence_words(config.evidence)} Estimand: {config.estimand}.\n",
            table_row(*COLUMNS),
            f"|{' --- |' * len(COLUMNS)}",
            *rows,
            *left_out,
            *([measures] if training.outcomes else []),
            f"\n{INTENDED_USE}",
        ]
    )


def model_description(training: Training, outcome: str, summary: OutcomeSummary, *, chosen: bool) -> str:
    """Describe one model of an outcome: what it predicts, whether it is chosen, and its status.

    Parameters
    ----------
    training : Training
    outcome : str
    summary : OutcomeSummary
        As people may see it, see `Training.shown`.
    chosen : bool
        Whether the model is in the bundle.
    """
    reasons = f" ({'; '.join(summary.status_reasons)})" if summary.status_reasons else ""
    facts = [f"{'Chosen for the bundle' if chosen else 'Not chosen'}; {summary.status}{reasons}."]
    facts += [composed_words(outcome)] if OUTCOMES[outcome].given is not None else []
    facts += [f"Censoring: {summary.censoring}."] if summary.censoring else []
    facts += [f"Sample size: {summary.size_note}."] if summary.size_note else []
    facts += [f"Evidence: {summary.evidence_note}."] if summary.evidence_note else []
    entry = OUTCOMES[outcome]
    return f"{_loudly(training)}**{entry.title}**: {entry.definition}.\n\n{' '.join(facts)}"


def composed_words(outcome: str) -> str:
    """Say in whom the model is fitted of an outcome that only some can have, and what follows for all."""
    entry = OUTCOMES[outcome]
    others = " and ".join(OUTCOMES[name].title for name in entry.rests_on)
    return (
        f"The model is of {entry.among}; the risk among all infused patients is composed with that of "
        f"{others}, and metrics are those of the composed risk."
    )


def headline_metrics(model: FittedModel) -> dict[str, Measured]:
    """Pick the measures of a chosen model that its parent run has too; none without validation."""
    if model.validation is None:
        return {}
    return in_short({**model.validation.metrics[model.validation.horizons_days[0]], GAIN: model.gain})


def in_short(headline: Mapping[str, Measured]) -> dict[str, Measured]:
    """Pick the measures that a parent run has of each outcome: `IN_SHORT`, and those of the view."""
    return {name: headline[name] for name in dict.fromkeys((*IN_SHORT, *IN_RUN_LIST)) if name in headline}


def _loudly(training: Training) -> str:
    """Start with a warning if the cohort is synthetic."""
    return f"**{SYNTHETIC}**\n\n" if training.synthetic else ""


def _described(training: Training, name: str, fitted: FittedOutcome) -> str:
    """Write one outcome as a row of a Markdown table."""
    model = fitted.models[fitted.chosen]
    headline = headline_metrics(model)
    summary = training.shown(model.summary)
    hidden = summary.events_by(fitted.data.horizons_days[0]) is None
    events = MASKED if hidden else f"{fitted.data.n_headline_events}"
    return table_row(
        OUTCOMES[name].title,
        fitted.chosen,
        _horizons(fitted, model),
        f"{events} of {len(fitted.data)}",
        f"{model.model.evidence_weight:.0%}",
        *(_unbroken(headline.get(metric)) for metric in (GAIN, "auroc", "calibration_slope")),
        model.summary.status,
    )


def _described_published(name: str, fitted: FittedModel) -> str:
    days, weight = _days(fitted.model.horizons_days), f"{fitted.model.evidence_weight:.0%}"
    measures = ("-",) * 3
    return table_row(OUTCOMES[name].title, PUBLISHED, days, "-", weight, *measures, fitted.summary.status)


def _unbroken(figure: Measured | None) -> str:
    """Keep an interval on one line, so that it is not read together with the next column."""
    return measured(figure).replace(" to ", f"{NO_BREAK}to{NO_BREAK}")


def _horizons(fitted: FittedOutcome, model: FittedModel) -> str:
    """List the horizons validated in the cohort, and those from the published time course."""
    known = fitted.data.horizons_days
    rest = tuple(days for days in model.model.horizons_days if days not in known)
    return f"{_days(known)}; not validated: {_days(rest)}" if rest else _days(known)


def _days(horizons_days: tuple[int, ...]) -> str:
    return ", ".join(str(days) for days in horizons_days)
