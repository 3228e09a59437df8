"""What became of the infusions of a cohort, outcome by outcome and horizon by horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.cohort import Cohort
from features.decisions import decision_words
from features.event_labels import labels
from features.observation import Observation
from features.outcome import Outcome, observe
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data


@dataclass(frozen=True)
class AtHorizon:
    """What is known of the infusions at a horizon; the four counts add up to those with a known outcome.

    Attributes
    ----------
    horizon_days : int
    events, competing, free, censored : int
        With the event by then, with the competing event before, event-free, and censored before.
    risk : float or None
        Cumulative incidence, weighted for censoring; None where too few are followed so long.
    """

    horizon_days: int
    events: int
    competing: int
    free: int
    censored: int
    risk: float | None


@dataclass(frozen=True)
class Flow:
    """From the infusions of a cohort to the events of an outcome.

    Attributes
    ----------
    outcome : Outcome
    enrolled, known : int
        Infusions, and those with a known outcome.
    horizons : tuple of AtHorizon
        Earliest first.
    decisions : mapping of str to int
        What was decided about infusions, in words, and how many.
    left_out : str
        Why training would leave the outcome out; empty where it would not.
    """

    outcome: Outcome
    enrolled: int
    known: int
    horizons: tuple[AtHorizon, ...]
    decisions: Mapping[str, int]
    left_out: str


def outcome_flow(cohort: Cohort, outcome: Outcome) -> Flow:
    """Follow the infusions of a cohort to an outcome.

    Parameters
    ----------
    cohort : Cohort
        Checked.
    outcome : Outcome
        An entry of `OUTCOMES`.

    Returns
    -------
    flow : Flow
        Under the treatment policy: follow-up goes on after transplant and later infusions.
    """
    seen = observe(outcome, cohort.follow_up)
    risks, left_out = _risks(cohort, outcome)
    return Flow(
        outcome=outcome,
        enrolled=len(cohort),
        known=int(seen.known.sum()),
        horizons=tuple(_at(seen, days, risks.get(days)) for days in sorted(outcome.horizons_days)),
        decisions={decision_words(code): count for code, count in seen.counts.items() if count},
        left_out=left_out,
    )


def _at(seen: Observation, days: int, risk: float | None) -> AtHorizon:
    known = seen.known
    label = labels(seen.day[known], seen.event[known], horizon_days=days)
    competed = (seen.event[known] == 2) & (seen.day[known] <= days)
    return AtHorizon(
        horizon_days=days,
        events=int((label == 1).sum()),
        competing=int(competed.sum()),
        free=int(((label == 0) & ~competed).sum()),
        censored=int(np.isnan(label).sum()),
        risk=risk,
    )


def _risks(cohort: Cohort, outcome: Outcome) -> tuple[dict[int, float], str]:
    """Estimate the cumulative incidence at each horizon that can be estimated."""
    data = outcome_data(cohort, outcome, FitConfig())
    if not isinstance(data, OutcomeData):
        return {}, data.reason
    training = data.scoring_set()
    weighted = (training.label * training.weight).sum(axis=0) / training.weight.sum(axis=0)
    return dict(zip(training.horizons_days, map(float, weighted), strict=True)), ""
