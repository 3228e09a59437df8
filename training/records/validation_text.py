"""The results of an external validation, in plain sentences."""

from __future__ import annotations

from features.measures import short_title
from features.problems import counted
from features.small_counts import MASKED, is_small
from serving.model.figure_text import measured
from serving.model.measured import Measured
from training.dataset.fit_config import FEWEST_EVENTS
from training.external.closed_testing import Choice, choice_words
from training.external.external_validation import ExternalOutcome
from training.external.update_methods import INTERCEPT, NONE, RECALIBRATION, Update


def sentences(outcome: ExternalOutcome, *, small_counts: bool = False) -> list[str]:
    """Describe the results of one outcome at its headline horizon.

    Parameters
    ----------
    outcome : ExternalOutcome
    small_counts : bool
        Whether counts of fewer than five patients, and calibration in the large of so few, are stated.

    Returns
    -------
    sentences : list of str
        Counts; metrics not computed; calibration, discrimination; the update.
    """
    days = outcome.headline_days
    events, free = outcome.patients[days]
    hidden = not small_counts and hidden_events(outcome, days)
    counts = f"{counted(events, 'patient')} with the event by day {days}, {free} known event-free"
    if hidden:
        counts = f"{MASKED} numbers of patients with the event by day {days}, and known event-free"
    lines = [counts]
    if min(events, free) < FEWEST_EVENTS:
        lines[0] += f"; {FEWEST_EVENTS} of each are needed to validate a model"
    if outcome.not_computed:
        names = ", ".join(short_title(name) for name in outcome.not_computed)
        lines.append(f"not computed: {names}")
    lines += [] if hidden else [level(outcome.headline["observed_expected"])]
    lines += spread(outcome.headline["calibration_slope"])
    lines += ranking(outcome.headline["auroc"], outcome.internal.get(days, {}).get("auroc"))
    return [*lines, update_sentence(outcome.choice)]


def hidden_events(outcome: ExternalOutcome, days: int) -> bool:
    """Whether the patients with the event by a horizon, or those known free of it, are few."""
    return any(is_small(count) for count in outcome.patients[days])


def level(ratio: Measured) -> str:
    """Describe calibration in the large: whether risks are too high or too low on average.

    Examples
    --------
    >>> level(Measured(0.61, 0.40, 0.85))
    'predicted risks are too high on average: observed : expected events 0.61 (0.40 to 0.85)'
    >>> level(Measured(1.1, 0.8, 1.5))
    'no evidence of miscalibration on average: observed : expected events 1.10 (0.80 to 1.50)'
    >>> level(Measured(0.2))
    'observed : expected events 0.20, too few events to judge'
    """
    figure = f"observed : expected events {measured(ratio, digits=2)}"
    if ratio.low is None or ratio.high is None:
        return f"{figure}, too few events to judge"
    if ratio.low <= 1 <= ratio.high:
        return f"no evidence of miscalibration on average: {figure}"
    return f"predicted risks are too {'high' if ratio.high < 1 else 'low'} on average: {figure}"


def spread(slope: Measured) -> list[str]:
    """Describe the calibration slope: whether predictions are too extreme; empty where it is not known.

    Examples
    --------
    >>> spread(Measured(0.4, 0.1, 0.8))
    ['predictions are too extreme: calibration slope 0.40 (0.10 to 0.80)']
    >>> spread(Measured(0.7, -0.2, 1.6))
    ['no evidence that higher predicted risks mean more events: calibration slope 0.70 (-0.20 to 1.60)']
    """
    if slope.low is None or slope.high is None:
        return []
    figure = f"calibration slope {measured(slope, digits=2)}"
    if slope.high < 0:
        return [f"higher predicted risks mean fewer events: {figure}"]
    if slope.low <= 0:
        return [f"no evidence that higher predicted risks mean more events: {figure}"]
    if slope.high < 1:
        return [f"predictions are too extreme: {figure}"]
    if slope.low > 1:
        return [f"predictions are too moderate: {figure}"]
    return [f"no evidence that predictions are too extreme or too moderate: {figure}"]


def ranking(area: Measured, internal: Measured | None) -> list[str]:
    """Compare the discrimination with that of internal validation; empty where it is not known.

    Examples
    --------
    >>> ranking(Measured(0.68, 0.6, 0.76), Measured(0.72, 0.66, 0.78))
    ['AUROC 0.68 (0.60 to 0.76) here, 0.72 (0.66 to 0.78) in internal validation']
    """
    if area.value is None:
        return []
    known = internal is not None and internal.value is not None
    before = f"{measured(internal, digits=2)} in internal validation" if known else "not validated internally"
    return [f"AUROC {measured(area, digits=2)} here, {before}"]


def update_sentence(choice: Choice) -> str:
    """Say which update is indicated.

    Examples
    --------
    >>> update_sentence(Choice(Update(), (Update(),), ()))
    'the need for an update cannot be tested: too few events or event-free patients'
    >>> update_sentence(Choice(Update(), (Update(),), (), "intercept could not be fitted: why"))
    'the need for an update cannot be tested: intercept could not be fitted: why'
    >>> from training.external.closed_testing import Step
    >>> step = Step("none", "intercept", 9.0, 1.0, 1, 0.0031)
    >>> update_sentence(Choice(Update("intercept", 0.8), (Update(), Update("intercept", 0.8)), (step,)))
    'an update is indicated: log-odds +0.80 at every horizon (intercept against none: p = 0.003)'
    """
    if not choice.steps:
        why = choice.ended or "too few events or event-free patients"
        return f"the need for an update cannot be tested: {why}"
    tests = "; ".join(choice_words(choice))
    if choice.update.kind == NONE:
        return f"no evidence that an update is needed ({tests})"
    indicated = f"an update is indicated: {update_words(choice.update)} ({tests})"
    retrain = "; effects differ in this cohort: also train a new model and compare the two"
    return f"{indicated}{retrain}" if choice.update.added_factors else indicated


def update_words(update: Update) -> str:
    """Say what an update changes.

    Examples
    --------
    >>> update_words(Update("recalibration", -0.5, 0.7))
    'log-odds -0.50 at every horizon, effects multiplied by 0.70'
    """
    words = f"log-odds {update.shift:+.2f} at every horizon"
    if update.kind in (NONE, INTERCEPT):
        return words
    if update.kind == RECALIBRATION:
        return f"{words}, effects multiplied by {update.slope:.2f}"
    factors = ", ".join(
        f"{name} by {update.slope + added:.2f}" for name, added in update.added_factors.items()
    )
    return f"{words}, effects multiplied: {factors}, all others by {update.slope:.2f}"
