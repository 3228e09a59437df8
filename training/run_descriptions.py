"""What the runs of a training say of themselves, in Markdown."""

from __future__ import annotations

from features.outcomes import OUTCOMES
from serving.intended_use import INTENDED_USE
from serving.summary import Measured, OutcomeSummary
from training.fitting import FittedModel, FittedOutcome, Training
from training.terminal import measured

GAIN = "log_loss_gain_over_prevalence"
SYNTHETIC = "SYNTHETIC COHORT, not for patients"
IN_SHORT = (GAIN, "log_loss", "brier_scaled", "auroc", "calibration_slope", "observed_expected")
"""Measures of the chosen models that the run of a training shows; the models' own runs have them all."""


def training_description(training: Training) -> str:
    """Describe a training in Markdown: cohort, outcomes, chosen models and their status."""
    cohort = training.cohort
    synthetic = f"**{SYNTHETIC}**\n\n" if cohort.synthetic else ""
    rows = [_described(name, fitted) for name, fitted in training.outcomes.items()]
    left_out = [f"\nLeft out: {OUTCOMES[name].title}: {why}" for name, why in training.left_out.items()]
    return "\n".join(
        [
            f"{synthetic}{cohort.name}: {len(cohort)} infusions of {cohort.n_patients} patients. "
            f"Estimand: {training.config.estimand}.\n",
            "| outcome | chosen model | by day | events | gain in log loss | AUROC | slope | status |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            *left_out,
            "\nMeasured out of fold at the first day named, with 90 % intervals; gain over the prevalence.",
            f"\n{INTENDED_USE}",
        ]
    )


def model_description(training: Training, outcome: str, name: str, summary: OutcomeSummary) -> str:
    """Describe one model of an outcome: what it predicts, whether it is chosen, how far it is validated."""
    chosen = "Chosen for the bundle" if name == training.outcomes[outcome].chosen else "Not chosen"
    reasons = f" ({'; '.join(summary.status_reasons)})" if summary.status_reasons else ""
    synthetic = f"**{SYNTHETIC}**\n\n" if training.cohort.synthetic else ""
    return (
        f"{synthetic}**{OUTCOMES[outcome].title}**: {OUTCOMES[outcome].definition}.\n\n"
        f"{chosen}; {summary.status}{reasons}. Censoring: {summary.censoring}."
    )


def headline_metrics(model: FittedModel) -> dict[str, Measured]:
    """Pick the most telling measures at the headline horizon; none without validation."""
    if model.validation is None:
        return {}
    found = {**model.validation.metrics[model.validation.horizons_days[0]], GAIN: model.gain}
    return {name: found[name] for name in IN_SHORT}


def _described(name: str, fitted: FittedOutcome) -> str:
    """Write one outcome as a row of a Markdown table."""
    model = fitted.models[fitted.chosen]
    headline = headline_metrics(model)
    cells = [
        OUTCOMES[name].title,
        fitted.chosen,
        ", ".join(str(days) for days in fitted.data.horizons_days),
        f"{fitted.data.n_events} of {len(fitted.data)}",
        *(measured(headline.get(metric)) for metric in (GAIN, "auroc", "calibration_slope")),
        model.summary.status,
    ]
    return f"| {' | '.join(cells)} |"
