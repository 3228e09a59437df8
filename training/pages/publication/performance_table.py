"""Table of the out-of-fold performance of one outcome's model, at every horizon."""

from __future__ import annotations

from collections.abc import Iterator

from features.measures import decimals, in_order, measure_title
from serving.answers.card import OutcomeCard
from serving.model import figure_text
from serving.model.masked_bundle import masked_horizon
from training.pages.publication.manuscript_table import MASKED, NONE, ManuscriptTable

MEASURED = "Out of fold, with 90 % intervals over a bootstrap of patients."


def performance_table(outcome: OutcomeCard, *, mask: bool = True) -> ManuscriptTable:
    """Write the table of an outcome.

    Parameters
    ----------
    outcome : OutcomeCard
    mask : bool
        Whether the figures of a horizon with few events are masked: they would give the count away.

    Returns
    -------
    table : ManuscriptTable
        Measures are rows, horizons columns; no rows where nothing was measured.
    """
    days = sorted(outcome.metrics)
    names = in_order({name for metrics in outcome.metrics.values() for name in metrics})
    hidden = {at: few_events(outcome, at, mask=mask) for at in days}
    events = [MASKED if hidden[at] else _count(outcome.events_by(at)) for at in days]
    rows = [
        ("Infusions", *(f"{outcome.n_infusions}" for _ in days)),
        ("Events", *events),
        *(
            (_capital(measure_title(name)), *(_cell(outcome, at, name, masked=hidden[at]) for at in days))
            for name in names
        ),
    ]
    return ManuscriptTable(
        name=f"table-4-performance-{outcome.name}",
        title=f"Performance of the model of {outcome.title}",
        headings=("Measure", *(f"By day {at}" for at in days)),
        rows=tuple(rows) if names else (),
        notes=tuple(_notes(outcome, masked=any(hidden.values()))),
    )


def few_events(outcome: OutcomeCard, horizon_days: int, *, mask: bool = True) -> bool:
    """Whether the events of an outcome by a horizon have to be masked, or are masked in its bundle."""
    counts = outcome.horizon_counts.get(horizon_days)
    if counts is None:
        return False
    return (masked_horizon(counts) if mask else counts).events is None


def _cell(outcome: OutcomeCard, horizon_days: int, name: str, *, masked: bool) -> str:
    if masked:
        return MASKED
    metric = outcome.metrics[horizon_days].get(name)
    if metric is None or metric.value is None:
        return NONE
    return figure_text.measured(metric, digits=decimals(name)).replace("-", "−")


def _count(count: int | None) -> str:
    return NONE if count is None else f"{count}"


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _notes(outcome: OutcomeCard, *, masked: bool) -> Iterator[str]:
    yield MEASURED
    # The reasons behind a status name numbers of events.
    reasons = f" ({'; '.join(outcome.status_reasons)})" if outcome.status_reasons and not masked else ""
    yield f"Status: {outcome.status}{reasons}."
