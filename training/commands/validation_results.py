"""Results of an external validation, and of an update, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from features.decisions import decision_words
from features.outcomes import OUTCOMES
from features.problems import counted
from serving.model.figure_text import measured
from serving.model.measured import Measured
from training.console.screen import print_line
from training.console.tables import show_figures

if TYPE_CHECKING:
    from training.external.external_validation import ExternalOutcome, ExternalValidation
    from training.external.update_version import UpdatedVersion

OVERLAP = (
    "Remove patients of the training cohort from the file first: a bundle holds no patient data, "
    "so patients in both cohorts cannot be detected."
)


def show_validation(validation: ExternalValidation, console: Console) -> None:
    """Print how a version did on an external cohort, outcome by outcome.

    Parameters
    ----------
    validation : ExternalValidation
    console : Console
    """
    cohort, bundle = validation.cohort, validation.bundle
    synthetic = " - SYNTHETIC, not for patients" if cohort.synthetic or bundle.cohort.synthetic else ""
    size = f"{counted(len(cohort), 'infusion')} of {counted(cohort.n_patients, 'patient')}"
    print_line(console, f"\nversion {bundle.version} on {cohort.name}: {size}{synthetic}")
    if not validation.external:
        print_line(
            console,
            "NOT EXTERNAL: the model was trained or updated on this cohort, so the metrics are optimistic",
        )
    for name, outcome in validation.outcomes.items():
        _show_outcome(name, outcome, console)
    for name, reason in validation.left_out.items():
        print_line(console, f"{name} is left out: {reason}")
    print_line(console, f"The model was not refitted. Metrics have 90 % intervals. {OVERLAP}\n")


def show_update(version: UpdatedVersion, console: Console) -> None:
    """Print what an update gains over the released model.

    Parameters
    ----------
    version : UpdatedVersion
    console : Console
    """
    from training.external.changed_outcomes import changed_with
    from training.external.update_learner import ORIGINAL

    for name, outcome in version.outcomes.items():
        days = outcome.data.horizons_days[0]
        rows = {"updated": outcome.summary.metrics[days]}
        rows |= {each: validation.metrics[days] for each, validation in outcome.baselines.items()}
        show_figures(f"{OUTCOMES[name].title} by day {days}, out of fold", rows, console)
        gain = outcome.summary.paired[ORIGINAL]
        print_line(console, f"  gain in log loss over the released model {measured(gain)}")
        if gain.value is not None and gain.value <= 0:
            print_line(console, "  out of fold the update is no better: consider keeping the released model")
        reasons = f": {'; '.join(outcome.summary.status_reasons)}" if outcome.summary.status_reasons else ""
        print_line(console, f"  {outcome.summary.status}{reasons}")
    for name in changed_with(version.parent, version.outcomes):
        summary = version.bundle.summaries[name]
        reasons = "; ".join(summary.status_reasons)
        print_line(console, f"{OUTCOMES[name].title}: {summary.status}: {reasons}")
    print_line(
        console,
        "Metrics are out-of-fold: each fold's update was selected and fitted without its held-out patients.",
    )


def _show_outcome(name: str, outcome: ExternalOutcome, console: Console) -> None:
    from training.records.validation_text import sentences

    days = outcome.headline_days
    rows: dict[str, Mapping[str, Measured]] = {f"day {days}": outcome.headline}
    if days in outcome.internal:
        rows["internal"] = outcome.internal[days]
    rows |= {f"day {other}": outcome.validation.metrics[other] for other in outcome.data.horizons_days[1:]}
    size = f"{counted(outcome.data.n_events, 'distinct event')} in {counted(len(outcome.data), 'infusion')}"
    title = f"{OUTCOMES[name].title}: {size}"
    show_figures(title, rows, console)
    for sentence in sentences(outcome, small_counts=True):
        print_line(console, f"  {sentence}")
    for other, reason in outcome.data.dropped_horizons.items():
        print_line(console, f"  day {other} is not validated: {reason}")
    for code, count in outcome.data.observation.counts.items():
        if count:
            print_line(console, f"  {counted(count, 'infusion')}: {decision_words(code)}")
