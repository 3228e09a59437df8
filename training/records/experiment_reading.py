"""What the figures of a training say, in sentences: why these models, calibration, overfitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
NOT_OVERFIT = "no evidence of it, the interval of the slope includes 1 or more"
OVERFIT = "overfitted, the interval of the slope is below 1"
SLOPE_UNCLEAR = "cannot be judged by the slope"
OVERFITTING_VERDICTS = (NOT_OVERFIT, OVERFIT, SLOPE_UNCLEAR)
LONGEST_LOSSES = 200
OVERFITTING_FIGURE = "figures/overfitting.svg"
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
    judged = {
        outcome: each for outcome in OUTCOMES if (each := _calibrated(entry.measures(outcome))) is not None
    }
    words = _grouped(VERDICTS, judged)
    return f"**Calibration**, out-of-fold (slope; 1 is ideal): {words}." if words else ""


def _calibrated(measures: Mapping[str, Measured]) -> tuple[str, str] | None:
    """Judge one outcome, with the figures that say so; None where nothing was measured."""
    figures = {name: measures[name] for name in IDEAL if name in measures}
    if all(each.low is None for each in figures.values()):
        return None
    wrong = [
        f"{short_title(name)} {_words(name, each)}" for name, each in figures.items() if _excludes(name, each)
    ]
    if wrong:
        return MISCALIBRATED, f" {', '.join(wrong)}"
    slope = figures.get(SLOPE, Measured(None))
    return (UNCLEAR, "") if _is_unclear(slope) else (CALIBRATED, f" {_words(SLOPE, slope)}")


def overfitting(entry: Entry) -> str:
    """Sort the outcomes by whether the slope shows overfitting, each with what it was in training and is.

    An overfitted model is too sure of other patients: its calibration slope out-of-fold is below 1.
    """
    both = {name: each for name in OUTCOMES if (each := entry.optimism(name)) is not None}
    if not both:
        return ""
    digits = decimals(OVERFITTED)
    judged = {
        name: (
            _overfitted(entry.measures(name).get(SLOPE, Measured(None))),
            f" {fixed(apparent, digits)} and {fixed(validated, digits)}",
        )
        for name, (apparent, validated) in both.items()
    }
    return (
        f"**Overfitting** ({short_title(OVERFITTED)} in the training patients, out-of-fold): "
        f"{_grouped(OVERFITTING_VERDICTS, judged)}. [Figure]({entry.artifact(OVERFITTING_FIGURE)}). "
        f"All figures of {entry.title}: [page]({entry.artifact(INDEX_FILE)})."
    )


def _overfitted(slope: Measured) -> str:
    if slope.high is not None and slope.high < IDEAL[SLOPE]:
        return OVERFIT
    return SLOPE_UNCLEAR if _is_unclear(slope) else NOT_OVERFIT


def _is_unclear(slope: Measured) -> bool:
    return slope.low is None or slope.low <= 0


def _grouped(verdicts: Sequence[str], judged: Mapping[str, tuple[str, str]]) -> str:
    """List the outcomes of each verdict with their figures."""
    groups: dict[str, list[str]] = {}
    for outcome, (verdict, figures) in judged.items():
        groups.setdefault(verdict, []).append(f"`{outcome}`{figures}")
    return "; ".join(f"{each}: {', '.join(groups[each])}" for each in verdicts if each in groups)


def _excludes(name: str, figure: Measured) -> bool:
    if figure.low is None or figure.high is None:
        return False
    return not figure.low <= IDEAL[name] <= figure.high


def _words(name: str, figure: Measured) -> str:
    return measured(figure, digits=decimals(name))
