"""What the figures of a training say, in sentences: why these models, calibration, overfitting."""

from __future__ import annotations

from collections.abc import Mapping

from features.measures import decimals, short_title
from features.outcomes import OUTCOMES
from serving.model.figure_text import fixed, measured
from serving.model.measured import Measured
from training.records.experiment_entry import OVERFITTED, Entry
from training.records.index_page import INDEX_FILE
from training.records.markdown_table import plain

IDEAL = {"calibration_slope": 1.0, "observed_expected": 1.0}
"""Measures of calibration, and what they are where risks are right."""
SLOPE = "calibration_slope"
CALIBRATED = "no evidence of miscalibration"
MISCALIBRATED = "the 90 % interval excludes 1"
UNCLEAR = "cannot be judged, the slope is unknown or its interval includes 0"
VERDICTS = (CALIBRATED, MISCALIBRATED, UNCLEAR)
LONGEST_LOSSES = 200
OVERFITTING_FIGURE = "figures/overfitting.png"
"""Artifact of a training."""


def reading(entry: Entry) -> list[str]:
    """Write a sentence about each question that the figures answer.

    Parameters
    ----------
    entry : Entry

    Returns
    -------
    sentences : list of str
        Markdown; empty ones where nothing is known.
    """
    return [calibration(entry), overfitting(entry), why_models(entry)]


def why_models(entry: Entry) -> str:
    """Say why each main outcome has its model: the log loss of every candidate and baseline."""
    losses = {
        name: entry.facts.tags.get(f"log_losses.{name}", "") for name, each in OUTCOMES.items() if each.main
    }
    why = [f"`{name}`: {plain(words, LONGEST_LOSSES)}" for name, words in losses.items() if words]
    if not why:
        return ""
    return (
        "**Why these models** (\\*): log loss out-of-fold, lowest first; what is not a trained model is a "
        f"baseline. {'; '.join(why)}."
    )


def calibration(entry: Entry) -> str:
    """Sort the outcomes by whether the intervals of the measures of calibration include the ideal."""
    groups: dict[str, list[str]] = {}
    for outcome in OUTCOMES:
        judged = _calibrated(entry.measures(outcome))
        if judged:
            groups.setdefault(judged[0], []).append(f"`{outcome}`{judged[1]}")
    words = [f"{each}: {', '.join(groups[each])}" for each in VERDICTS if each in groups]
    return f"**Calibration**, out-of-fold: {'; '.join(words)}." if words else ""


def _calibrated(measures: Mapping[str, Measured]) -> tuple[str, str] | None:
    """Judge one outcome, with the figures that say so; None where nothing was measured."""
    figures = {name: measures[name] for name in IDEAL if name in measures}
    if all(each.low is None for each in figures.values()):
        return None
    wrong = [
        f"{short_title(name)} {_words(name, each)}" for name, each in figures.items() if _excludes(name, each)
    ]
    if wrong:
        return MISCALIBRATED, f" ({', '.join(wrong)})"
    slope = figures.get(SLOPE, Measured(None))
    return (UNCLEAR if slope.low is None or slope.low <= 0 else CALIBRATED), ""


def overfitting(entry: Entry) -> str:
    """Name the outcome with the largest optimism, and link to the figures of the training."""
    both = {name: each for name in OUTCOMES if (each := entry.optimism(name)) is not None}
    if not both:
        return ""
    worst = max(both, key=lambda name: both[name][0] - both[name][1])
    digits, (apparent, validated) = decimals(OVERFITTED), both[worst]
    title = short_title(OVERFITTED)
    return (
        f"**Overfitting**: largest optimism `{worst}`, {title} {fixed(apparent, digits)} in the training "
        f"patients and {fixed(validated, digits)} out-of-fold. "
        f"[Figure]({entry.artifact(OVERFITTING_FIGURE)}). All figures of {entry.title}: "
        f"[page]({entry.artifact(INDEX_FILE)})."
    )


def _excludes(name: str, figure: Measured) -> bool:
    if figure.low is None or figure.high is None:
        return False
    return not figure.low <= IDEAL[name] <= figure.high


def _words(name: str, figure: Measured) -> str:
    return measured(figure, digits=decimals(name))
