"""The published rate of an outcome: pooled over cohorts, among all infused, at the headline horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evidence.risk_over_time import odds_share
from training.evidence.rows import ALL_INFUSED, BaseRate
from training.statistics.random_effects import pool

NO_REMISSION = 0.15
"""Share of the infused who are not in remission at day 28 (10.1200/JCO.20.03585): a rate among complete
responders leaves them out, and here no response is an event."""

UNKNOWN_RATE = 0.3
"""Where nothing is published: no more than a place to start from, between the rates of severe toxicity, about
0.1, and of relapse, about 0.5. The intercept gives way to a few dozen infusions."""


@dataclass(frozen=True)
class PublishedRate:
    """The rate of an outcome at its headline horizon.

    Attributes
    ----------
    rate : float
        Among all infused, in (0, 1).
    sources : tuple of str
        Of the rows that were pooled; empty where nothing is published and `rate` is `UNKNOWN_RATE`.
    """

    rate: float
    sources: tuple[str, ...]


def published_rate(outcome: str, base_rates: tuple[BaseRate, ...]) -> PublishedRate:
    """Pool the published rates of an outcome on the log-odds scale.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    base_rates : tuple of BaseRate
        All rows; those of other outcomes, and those that are not estimates, have no part.

    Returns
    -------
    published : PublishedRate

    Examples
    --------
    >>> published_rate("severe_crs", ())
    PublishedRate(rate=0.3, sources=())
    """
    rows = pooled_rates(outcome, base_rates)
    if not rows:
        return PublishedRate(UNKNOWN_RATE, ())
    rates = np.array([headline_rate(row) for row in rows])
    counts = np.array([float(row.n or 0) for row in rows])
    pooled = pool(np.log(rates / (1 - rates)), 1 / np.sqrt(counts * rates * (1 - rates)))
    sources = dict.fromkeys(source for row in rows for source in row.sources)
    return PublishedRate(float(1 / (1 + np.exp(-pooled.mean))), tuple(sources))


def pooled_rates(outcome: str, base_rates: tuple[BaseRate, ...]) -> tuple[BaseRate, ...]:
    """Choose one rate of each cohort: among all infused before responders, then of more patients."""
    rows = [row for row in base_rates if row.outcome == outcome and row.use == "estimate"]
    rows.sort(key=lambda row: (row.among != ALL_INFUSED, -(row.n or 0), row.id))
    first: dict[str, BaseRate] = {}
    for row in rows:
        first.setdefault(row.cohort_group, row)
    return tuple(sorted(first.values(), key=lambda row: row.id))


def headline_rate(row: BaseRate) -> float:
    """State a rate among all infused at the headline horizon of its outcome.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> row = next(row for row in read_evidence().base_rates if row.id == "B25")
    >>> row.rate, row.among, round(headline_rate(row), 4)
    (0.41, 'complete responders', 0.4985)
    """
    if row.rate is None or row.horizon_days is None:
        message = f"{row.id} is not an estimate: it has no rate or no horizon"
        raise ValueError(message)
    among_all = row.rate if row.among == ALL_INFUSED else NO_REMISSION + (1 - NO_REMISSION) * row.rate
    odds = among_all / (1 - among_all) / odds_share(row.outcome, row.horizon_days)
    return odds / (1 + odds)
