"""The structured abstract of a report; what only the author knows is left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.measures import MEASURES
from features.problems import counted
from serving.answers.card import OutcomeCard
from serving.model.measured import Measured
from training.pages.report.facts import Facts, event_words
from training.pages.report.methods import methods_words
from training.pages.report.numbers import figure
from training.pages.report.tripod_methods import SCOPE

FIGURES = ("auroc", "observed_expected", "calibration_slope")
"""Measures that an abstract states."""


@dataclass(frozen=True)
class Passage:
    """One heading of the abstract.

    Attributes
    ----------
    heading : str
    said : tuple of str
        Lines from the bundle.
    author : str
        What the author has to add; empty where nothing.
    """

    heading: str
    said: tuple[str, ...]
    author: str = ""


def abstract(facts: Facts) -> tuple[Passage, ...]:
    """Sum up a report.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    passages : tuple of Passage
    """
    outcomes = facts.card.outcomes
    return (
        Passage("Background", (f"Risk prediction before {SCOPE}.",), "rationale and existing models"),
        Passage("Objective", (f"{facts.kind}.",)),
        Passage("Participants", _participants(facts), "centers, dates, eligibility" if facts.trained else ""),
        Passage("Outcomes", tuple(_line(each, _horizons(each)) for each in outcomes)),
        Passage("Methods", methods_words(facts)),
        Passage("Results", tuple(_line(each, _result(facts, each)) for each in outcomes)),
        Passage("Conclusions", tuple(_line(each, each.status) for each in outcomes), "interpretation"),
    )


def _line(outcome: OutcomeCard, words: str) -> str:
    return f"{outcome.title[:1].upper()}{outcome.title[1:]}: {words}."


def _participants(facts: Facts) -> tuple[str, ...]:
    if not facts.trained:
        return ("None: the models are derived from published evidence alone.",)
    synthetic = ("The cohort is synthetic and contains no real patients.",) if facts.card.synthetic else ()
    return (f"{facts.size}.", *synthetic)


def _horizons(outcome: OutcomeCard) -> str:
    days = ", ".join(map(str, outcome.horizons_days))
    competing = f"; competing event: {outcome.competing}" if outcome.competing else ""
    return f"by day {days}{competing}"


def _result(facts: Facts, outcome: OutcomeCard) -> str:
    if not outcome.n_infusions:
        return "not observed; the risk comes from published evidence"
    last = f"by day {max(outcome.horizons_days)}"
    size = f"{event_words(outcome)} {last} in {counted(outcome.n_infusions, 'infusion')}"
    figures = outcome.metrics.get(outcome.headline_days, {})
    measured = [
        f"{MEASURES[name].short_title} {figure(figures[name])}" for name in FIGURES if _known(figures, name)
    ]
    if not measured:
        return f"{size}; performance {'masked' if outcome.metrics else 'not measured'}"
    return f"{size}; by day {outcome.headline_days} {', '.join(measured)}"


def _known(figures: Mapping[str, Measured], name: str) -> bool:
    return name in figures and figures[name].value is not None
