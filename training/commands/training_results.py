"""Results of a training in the terminal, outcome by outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from features.decisions import decision_words
from features.outcome import Outcome
from features.outcomes import OUTCOMES
from features.problems import counted
from serving.model.figure_text import measured
from training.console.tables import OUT_OF_FOLD, show_figures
from training.validation.center_label import center_title

if TYPE_CHECKING:
    from serving.model.validation_summary import OutcomeSummary
    from training.fitting.fit_evidence_only import PublishedOutcome
    from training.fitting.fit_outcome import FittedOutcome
    from training.fitting.fitted_model import FittedModel
    from training.fitting.train import Training


def show_training(training: Training, console: Console) -> None:
    """Print each outcome of a training, its models side by side, and what was left out.

    Parameters
    ----------
    training : Training
    console : Console
    """
    cohort = training.cohort
    if cohort is None:
        _tell(console, "\npublished evidence only: no patient data were used")
    else:
        synthetic = " - SYNTHETIC, not for patients" if cohort.synthetic else ""
        size = f"{counted(len(cohort), 'infusion')} of {counted(cohort.n_patients, 'patient')}"
        _tell(console, f"\n{cohort.name}: {size}{synthetic}")
    for fitted in training.outcomes.values():
        _show_outcome(fitted, console)
    for name, published in training.published.items():
        _show_published(name, published, console)
    for name, reason in training.left_out.items():
        _tell(console, f"{name} is left out: {reason}")
    if any(fitted.baselines for fitted in training.outcomes.values()):
        _tell(console, f"{OUT_OF_FOLD}\n")


def _show_outcome(fitted: FittedOutcome, console: Console) -> None:
    chosen, headline = fitted.models[fitted.chosen], fitted.data.horizons_days[0]
    summary = chosen.summary
    events = counted(fitted.data.n_headline_events, "distinct event")
    size = f"{events} in {counted(summary.n_infusions, 'infusion')}"
    title = f"{fitted.data.outcome.title} by day {headline}: {size}"
    if summary.metrics:
        baselines = {name: validation.metrics[headline] for name, validation in fitted.baselines.items()}
        models = {
            f"{name} *" if name == fitted.chosen else name: model.summary.metrics[headline]
            for name, model in fitted.models.items()
        }
        show_figures(title, {**models, **baselines}, console)
    else:
        _tell(console, title)
    _tell(console, f"  in the bundle: {fitted.chosen}; {_judged(summary)}")
    _tell_composed(fitted.data.outcome, console)
    unbeaten = [name for name, gain in summary.paired.items() if gain.low is None or gain.low <= 0]
    if unbeaten:
        _tell(console, f"  no evidence of a lower log loss than {', '.join(unbeaten)}")
    _tell_evidence(chosen, console)
    if summary.size_note:
        _tell(console, f"  {summary.size_note}")
    for center, result in summary.by_center.items():
        area = measured(result.metrics.get("auroc"), digits=2)
        events = "a masked number" if result.n_events is None else str(result.n_events)
        size = f"{events} of {counted(result.n_infusions, 'infusion')} with the event"
        _tell(console, f"  internal-external validation, {center_title(center)}: AUROC {area}, {size}")
    for note in summary.center_notes:
        _tell(console, f"  {note}")
    for days, reason in summary.dropped_horizons.items():
        answered = days in chosen.model.horizons_days
        words = "risk from the published time course" if answered else "no risk"
        _tell(console, f"  by day {days}: {words} ({reason})")
    for code, count in summary.counts.items():
        _tell(console, f"  {counted(count, 'infusion')}: {decision_words(code)}")
    for reason in fitted.not_fitted.values():
        _tell(console, f"  not fitted: {reason}")


def _show_published(name: str, published: PublishedOutcome, console: Console) -> None:
    summary = published.fitted.summary
    headline = OUTCOMES[name].horizons_days[0]
    rate = summary.cumulative_incidence[headline]
    known = "published base rate" if published.prior.base_sources else "no published base rate; assumed"
    _tell(console, f"{OUTCOMES[name].title} by day {headline}: {known} {rate:.0%}")
    _tell(console, f"  {_judged(summary)}")
    _tell_composed(OUTCOMES[name], console)
    if published.prior.published:
        weight = published.fitted.model.evidence_weight
        _tell(
            console, f"  weight of published effects {weight:.0%}, not yet checked on this center's patients"
        )
    if summary.evidence_note:
        _tell(console, f"  {summary.evidence_note}")


def _tell_composed(outcome: Outcome, console: Console) -> None:
    """Print in whom the model of an outcome is fitted that only some can have."""
    if outcome.given is not None:
        others = " and ".join(OUTCOMES[name].title for name in outcome.rests_on)
        _tell(console, f"  model among {outcome.given.words}; risk composed with that of {others}")


def _judged(summary: OutcomeSummary) -> str:
    return f"{summary.status}{': ' if summary.status_reasons else ''}{'; '.join(summary.status_reasons)}"


def _tell_evidence(fitted: FittedModel, console: Console) -> None:
    """Print the weight of published effects in a model that has them as prior."""
    linear = fitted.model.linear
    if linear is not None and linear.prior_mean.any():
        _tell(console, f"  weight of published effects {fitted.model.evidence_weight:.0%}")
    if fitted.summary.evidence_note:
        _tell(console, f"  {fitted.summary.evidence_note}")


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
