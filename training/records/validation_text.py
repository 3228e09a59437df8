"""What an external validation found, in plain sentences."""

from __future__ import annotations

from features.measures import short_title
from features.problems import counted
from serving.model.figure_text import measured
from serving.model.validation_summary import Measured
from training.dataset.fit_config import FEWEST_EVENTS
from training.external.closed_testing import Choice, choice_words
from training.external.external_validation import ExternalOutcome
from training.external.update_methods import INTERCEPT, NONE, RECALIBRATION, Update


def sentences(found: ExternalOutcome) -> list[str]:
    """Say what was found of one outcome at its headline horizon.

    Parameters
    ----------
    found : ExternalOutcome

    Returns
    -------
    sentences : list of str
        Counts; what could not be computed; level, spread and ranking of the risks; the update.
    """
    days = found.headline_days
    events, free = found.patients[days]
    told = [f"{counted(events, 'patient')} with the event by day {days}, {free} known to be free of it"]
    if min(events, free) < FEWEST_EVENTS:
        told[0] += f"; {FEWEST_EVENTS} of each are needed to judge a model"
    if found.not_computed:
        names = ", ".join(short_title(name) for name in found.not_computed)
        told.append(f"cannot be computed: {names}")
    told.append(level(found.headline["observed_expected"]))
    told += spread(found.headline["calibration_slope"])
    told += ranking(found.headline["auroc"], found.internal.get(days, {}).get("auroc"))
    return [*told, update_sentence(found.choice)]


def level(ratio: Measured) -> str:
    """Say whether the risks are too high or too low on average.

    Examples
    --------
    >>> level(Measured(0.61, 0.40, 0.85))
    'on average the risks are too high: observed to expected events 0.61 (0.40 to 0.85)'
    >>> level(Measured(1.1, 0.8, 1.5))
    'on average the risks are not shown to be off: observed to expected events 1.10 (0.80 to 1.50)'
    >>> level(Measured(0.2))
    'observed to expected events 0.20, too few to judge'
    """
    figure = f"observed to expected events {measured(ratio, digits=2)}"
    if ratio.low is None or ratio.high is None:
        return f"{figure}, too few to judge"
    if ratio.low <= 1 <= ratio.high:
        return f"on average the risks are not shown to be off: {figure}"
    return f"on average the risks are too {'high' if ratio.high < 1 else 'low'}: {figure}"


def spread(slope: Measured) -> list[str]:
    """Say whether the risks lie too far apart or too close together; nothing where it is not known.

    Examples
    --------
    >>> spread(Measured(0.4, 0.1, 0.8))
    ['the risks lie too far apart: slope 0.40 (0.10 to 0.80)']
    >>> spread(Measured(0.7, -0.2, 1.6))
    ['that higher risks go with more events is not shown: slope 0.70 (-0.20 to 1.60)']
    """
    if slope.low is None or slope.high is None:
        return []
    figure = f"slope {measured(slope, digits=2)}"
    if slope.high < 0:
        return [f"higher risks went with fewer events, the wrong way round: {figure}"]
    if slope.low <= 0:
        return [f"that higher risks go with more events is not shown: {figure}"]
    if slope.high < 1:
        return [f"the risks lie too far apart: {figure}"]
    if slope.low > 1:
        return [f"the risks lie too close together: {figure}"]
    return [f"how far the risks lie apart is not shown to be off: {figure}"]


def ranking(area: Measured, internal: Measured | None) -> list[str]:
    """Put the discrimination beside that out of fold; nothing where it is not known.

    Examples
    --------
    >>> ranking(Measured(0.68, 0.6, 0.76), Measured(0.72, 0.66, 0.78))
    ['AUROC 0.68 (0.60 to 0.76) here, 0.72 (0.66 to 0.78) out of fold where it was made']
    """
    if area.value is None:
        return []
    known = internal is not None and internal.value is not None
    before = (
        f"{measured(internal, digits=2)} out of fold where it was made" if known else "none measured before"
    )
    return [f"AUROC {measured(area, digits=2)} here, {before}"]


def update_sentence(choice: Choice) -> str:
    """Say which update the patients call for.

    Examples
    --------
    >>> update_sentence(Choice(Update(), (Update(),), ()))
    'whether an update is called for cannot be tested: too few events, or patients without'
    >>> update_sentence(Choice(Update(), (Update(),), (), "intercept could not be fitted: why"))
    'whether an update is called for cannot be tested: intercept could not be fitted: why'
    >>> from training.external.closed_testing import Step
    >>> step = Step("none", "intercept", 9.0, 1.0, 1, 0.0031)
    >>> update_sentence(Choice(Update("intercept", 0.8), (Update(), Update("intercept", 0.8)), (step,)))
    'an update is called for: log-odds +0.80 at every horizon (intercept against none: p = 0.003)'
    """
    if not choice.steps:
        why = choice.ended or "too few events, or patients without"
        return f"whether an update is called for cannot be tested: {why}"
    tests = "; ".join(choice_words(choice))
    if choice.update.kind == NONE:
        return f"no update is shown to be called for ({tests})"
    told = f"an update is called for: {update_words(choice.update)} ({tests})"
    return f"{told}; effects differ here, train anew too and compare" if choice.update.more else told


def update_words(update: Update) -> str:
    """Say what an update changes.

    Examples
    --------
    >>> update_words(Update("recalibration", -0.5, 0.7))
    'log-odds -0.50 at every horizon, effects times 0.70'
    """
    words = f"log-odds {update.shift:+.2f} at every horizon"
    if update.kind in (NONE, INTERCEPT):
        return words
    if update.kind == RECALIBRATION:
        return f"{words}, effects times {update.slope:.2f}"
    factors = ", ".join(f"{name} times {update.slope + more:.2f}" for name, more in update.more.items())
    return f"{words}, effects of {factors}, of all others times {update.slope:.2f}"
