"""The figures of a manuscript with their captions: incidence, calibration, decision curves, odds ratios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from features.outcome import Outcome
from features.outcomes import OUTCOMES
from serving.answers.card import OutcomeCard
from serving.model.risk_model import RiskModel
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.unavailable import NoData
from training.figures.journal_forest import ForestRow, journal_forest
from training.figures.journal_incidence import incidence_curves, journal_incidence
from training.figures.journal_style import JournalFigure, JournalWidth
from training.figures.journal_validation import journal_calibration, journal_decision
from training.pages.publication.baseline_table import SYNTHETIC_NOTE
from training.pages.publication.model_table import term_ratios
from training.pages.publication.performance_table import few_events
from training.pages.report.facts import Facts

INCIDENCE = "Aalen-Johansen estimate with 95 % bands, and numbers at risk."
MASKED_INCIDENCE = (
    "Each step stands for at least five events, curves of fewer events are left out, and a curve ends where "
    "fewer than five infusions are followed. Numbers at risk are rounded down to multiples of five."
)
CALIBRATION = (
    "Observed against predicted risk, out of fold: smooth curve with its 90 % band over a bootstrap of "
    "patients; dots are groups of at least ten infusions. Bars: infusions by predicted risk, rounded down to "
    "multiples of five."
)
DECISION = "Net benefit by threshold risk, out of fold, beside treating all and treating none."
FOREST = (
    "Odds ratios per unit of each term with 90 % intervals: of the model, and of the prior from "
    "publications. Intervals beyond 0.05 or 20 are cut and end in an arrow."
)


@dataclass(frozen=True)
class ManuscriptFigure:
    """One figure.

    Attributes
    ----------
    name : str
        Of its files, without ending.
    title : str
    words : str
        What the caption states beside the title.
    figure : JournalFigure
    """

    name: str
    title: str
    words: str
    figure: JournalFigure

    def caption(self, number: int) -> str:
        """Write the caption with the number of the figure and the name of its files."""
        return f"Figure {number} ({self.name}). {self.title}. {self.words}"


def manuscript_figures(
    facts: Facts, data: Mapping[str, OutcomeData | NoData], *, width: JournalWidth, mask: bool = True
) -> Iterator[ManuscriptFigure]:
    """Draw every figure; call it within `journal_style`.

    Parameters
    ----------
    facts : Facts
    data : mapping of str to OutcomeData or NoData
        The cohort by outcome.
    width : JournalWidth
    mask : bool
        Whether small counts are masked. Figures that would give one away are left out.

    Yields
    ------
    figure : ManuscriptFigure
    """
    for each in data.values():
        if isinstance(each, OutcomeData) and has_curve(each.outcome, data):
            yield from _incidence(facts, each, width, mask=mask)
    for outcome in facts.card.outcomes:
        if not (mask and few_events(outcome, outcome.headline_days)):
            yield from _validation(outcome, width)
    for model in facts.bundle.models.values():
        yield from _forest(facts, model, width)


def has_curve(outcome: Outcome, data: Mapping[str, OutcomeData | NoData]) -> bool:
    """Whether an outcome has a figure of its incidence.

    It has several horizons, and is not already drawn as the event that competes with another outcome.
    """
    given = OUTCOMES[outcome.name].given
    drawn_with_other = given is not None and given.neither and isinstance(data[given.outcome], OutcomeData)
    return len(outcome.horizons_days) > 1 and not drawn_with_other


def _incidence(
    facts: Facts, data: OutcomeData, width: JournalWidth, *, mask: bool
) -> Iterator[ManuscriptFigure]:
    outcome = data.outcome
    curves = incidence_curves(data, mask=mask)
    if outcome.title not in {curve.title for curve in curves}:
        return
    yield ManuscriptFigure(
        f"figure-incidence-{outcome.name}",
        f"Cumulative incidence of {outcome.title}{_and_competing(outcome)}",
        " ".join([INCIDENCE, *([MASKED_INCIDENCE] if mask else []), *_synthetic(facts)]),
        journal_incidence(data, width=width, mask=mask),
    )


def _and_competing(outcome: Outcome) -> str:
    return f", and of {outcome.competing}" if outcome.competing else ""


def _validation(outcome: OutcomeCard, width: JournalWidth) -> Iterator[ManuscriptFigure]:
    by = f"{outcome.title} by day {outcome.headline_days}"
    if outcome.calibration is not None:
        drawn = journal_calibration(outcome.calibration, width=width)
        yield ManuscriptFigure(f"figure-calibration-{outcome.name}", f"Calibration, {by}", CALIBRATION, drawn)
    if outcome.decision_curve is not None:
        drawn = journal_decision(outcome.decision_curve, width=width)
        yield ManuscriptFigure(f"figure-decision-{outcome.name}", f"Decision curve, {by}", DECISION, drawn)


def _forest(facts: Facts, model: RiskModel, width: JournalWidth) -> Iterator[ManuscriptFigure]:
    rows = [
        ForestRow(
            each.title,
            (each.ratio, each.low, each.high),
            (each.prior, each.prior_low, each.prior_high),
        )
        for each in term_ratios(model)
    ]
    if rows:
        titles = {outcome.name: outcome.title for outcome in facts.card.outcomes}
        yield ManuscriptFigure(
            f"figure-odds-ratios-{model.outcome}",
            f"Odds ratios of the model of {titles[model.outcome]}",
            FOREST,
            journal_forest(rows, width=width),
        )


def _synthetic(facts: Facts) -> list[str]:
    return [SYNTHETIC_NOTE] if facts.card.synthetic else []
