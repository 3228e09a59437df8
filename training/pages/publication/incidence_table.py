"""Table of the cumulative incidence of every outcome in the cohort, with what became of the infusions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from serving.model.figure_text import fixed
from serving.model.masked_bundle import masked_horizon
from serving.model.status_at_horizon import HorizonCounts
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.status_at_horizon import horizon_counts
from training.dataset.unavailable import NoData
from training.pages.publication.baseline_table import SYNTHETIC_NOTE
from training.pages.publication.manuscript_table import MASKED, NONE, ManuscriptTable
from training.statistics.incidence_interval import incidence_steps

HEADINGS = (
    "Outcome",
    "By day",
    "Infusions",
    "Events",
    "Competing events",
    "Followed, event-free",
    "Censored before",
    "Cumulative incidence, % (95 % CI)",
)
ESTIMATE = (
    "Aalen-Johansen estimate; 95 % confidence interval on the log(-log) scale. Infusions are taken as "
    "independent of one another."
)
NO_DEATHS = "Where no event competes, the estimate is 1 minus the Kaplan-Meier estimate."


def incidence_table(
    cohort: Cohort, data: Mapping[str, OutcomeData | NoData], *, mask: bool = True
) -> ManuscriptTable:
    """Write the table.

    Parameters
    ----------
    cohort : Cohort
    data : mapping of str to OutcomeData or NoData
        By outcome, as training would use it.
    mask : bool
        Whether small counts, and estimates that would give them away, are masked.

    Returns
    -------
    table : ManuscriptTable
        A row for each outcome and horizon that can be estimated.
    """
    return ManuscriptTable(
        name="table-2-incidence",
        title="Cumulative incidence of the outcomes in the cohort",
        headings=HEADINGS,
        rows=tuple(
            row for each in data.values() if isinstance(each, OutcomeData) for row in _rows(each, mask=mask)
        ),
        notes=tuple(_notes(cohort, data, mask=mask)),
    )


def observed_outcomes(cohort: Cohort, config: FitConfig) -> dict[str, OutcomeData | NoData]:
    """Read every outcome off a cohort.

    Parameters
    ----------
    cohort : Cohort
    config : FitConfig

    Returns
    -------
    data : dict of str to OutcomeData or NoData
        By outcome. What was observed of an outcome needs no other outcome, even where its model does.
    """
    return {
        name: outcome_data(cohort, replace(outcome, given=None), config) for name, outcome in OUTCOMES.items()
    }


def hidden_counts(counts: HorizonCounts) -> list[bool]:
    """Mark which of the counts of a horizon have to be masked.

    Parameters
    ----------
    counts : HorizonCounts

    Returns
    -------
    hidden : list of bool
        Events, competing events, event-free, censored.

    Examples
    --------
    >>> hidden_counts(HorizonCounts(events=3, competing=0, free=40, censored=7))
    [True, False, True, False]
    """
    shown = masked_horizon(counts)
    return [each is None for each in (shown.events, shown.competing, shown.free, shown.censored)]


def _rows(data: OutcomeData, *, mask: bool) -> Iterator[tuple[str, ...]]:
    outcome, seen = data.outcome, data.observation
    steps = incidence_steps(seen.day, seen.event)
    for days in sorted(data.horizons_days):
        counts = horizon_counts(seen, horizon_days=days)
        hidden = hidden_counts(counts) if mask else [False] * 4
        numbers = (counts.events, counts.competing, counts.free, counts.censored)
        cells = [MASKED if masked else f"{number}" for number, masked in zip(numbers, hidden, strict=True)]
        if not outcome.competing:
            cells[1] = NONE
        estimate, low, high = (float(each[0]) for each in steps.at([days]))
        words = MASKED if any(hidden[:2]) else _percentages(estimate, low, high)
        yield (outcome.title, f"{days}", f"{len(data)}", *cells, words)


def _percentages(estimate: float, low: float, high: float) -> str:
    if np.isnan(low):
        return f"{fixed(estimate, 1, times=100)} ({NONE})"
    return f"{fixed(estimate, 1, times=100)} ({fixed(low, 1, times=100)} to {fixed(high, 1, times=100)})"


def _notes(cohort: Cohort, data: Mapping[str, OutcomeData | NoData], *, mask: bool) -> Iterator[str]:
    if cohort.synthetic:
        yield SYNTHETIC_NOTE
    yield f"{ESTIMATE} {NO_DEATHS}"
    for name, each in data.items():
        title = f"{OUTCOMES[name].title[:1].upper()}{OUTCOMES[name].title[1:]}"
        if isinstance(each, NoData):
            # A reason may name a small count.
            yield f"{title}: not estimated{f', {each.reason}' if not (mask and each.recorded) else ''}."
            continue
        competing = f" Competing event: {each.outcome.competing}." if each.outcome.competing else ""
        yield f"{title}: {each.outcome.definition}.{competing}"
        if dropped := sorted(each.dropped_horizons):
            yield f"{title}: too few are followed for an estimate by day {', '.join(map(str, dropped))}."
