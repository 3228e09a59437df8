"""Published rates at the headline horizon of an outcome, among those who can have it."""

from __future__ import annotations

import numpy as np

from features.log_odds import expit, logit
from features.outcomes import OUTCOMES
from features.time_course import odds_share
from training.evidence.rate_rows import ALL_INFUSED, BaseRate
from training.evidence.risk_over_time import risk_at

NO_REMISSION = 0.15
"""Share of the infused who are not in remission at day 28 (10.1200/JCO.20.03585): a rate among complete
responders leaves them out, whether all of them have the outcome or none."""

RAREST_USUAL = 1e-3
"""Rate of another outcome of which nothing is published: it takes nothing from the row's own."""


def pooled_rates(outcome: str, base_rates: tuple[BaseRate, ...]) -> tuple[BaseRate, ...]:
    """Choose one rate of each cohort and schedule: among all infused, by the same scale, of more patients.

    Of equally many patients the rate by a day nearer to the headline horizon counts.
    """
    headline = OUTCOMES[outcome].horizons_days[0]
    rows = [row for row in base_rates if row.outcome == outcome and row.use == "estimate"]
    rows.sort(
        key=lambda row: (
            row.among != ALL_INFUSED,
            not row.scale_direct,
            -(row.n or 0),
            abs((row.horizon_days or headline) - headline),
            row.id,
        )
    )
    first: dict[tuple[str, float | None], BaseRate] = {}
    for row in rows:
        first.setdefault((row.cohort_group, row.split_dose), row)
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
    return _at_headline(row.outcome, _among_infused(row), row.horizon_days or 0)


def rate_among(row: BaseRate, base_rates: tuple[BaseRate, ...]) -> tuple[float, float]:
    """State a rate among those who can have the outcome, at the headline horizon, and how many they are.

    The risk of being one of them is that of the same cohort where it is published, and the usual one
    otherwise.

    Parameters
    ----------
    row : BaseRate
        An estimate.
    base_rates : tuple of BaseRate
        All rows.

    Returns
    -------
    rate : float
        In (0, 1): at least half an event in those patients, and at most all but half an event.
    n : float
        Patients.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> rows = read_evidence().base_rates
    >>> rate, n = rate_among(next(row for row in rows if row.id == "B75"), rows)
    >>> bool(rate > headline_rate(next(row for row in rows if row.id == "B75"))), n < 137
    (True, True)
    """
    given, n = OUTCOMES[row.outcome].given, float(row.n or 0)
    if given is None:
        return headline_rate(row), n
    day = row.horizon_days or 0
    other = _rate_in_cohort(given.outcome, row, day, base_rates)
    share = other if given.happened else 1 - other
    plus = _rate_in_cohort(given.plus, row, day, base_rates) if given.plus else 0.0
    few = 0.5 / (n * share + 1)
    rate = float(np.clip((_among_infused(row) - plus) / share, few, 1 - few))
    return _at_headline(row.outcome, rate, day), n * share


def _rate_in_cohort(outcome: str, like: BaseRate, day: int, base_rates: tuple[BaseRate, ...]) -> float:
    """State the rate of another outcome by a day in the cohort of a row, or the usual one."""
    rows = pooled_rates(outcome, base_rates)
    same = [row for row in rows if row.cohort_group == like.cohort_group]
    same.sort(key=lambda row: (row.split_dose != like.split_dose, -(row.n or 0), row.id))
    among = rate_among(same[0], base_rates)[0] if same else _usual_rate(rows, base_rates)
    by_day = float(risk_at(outcome, among, (day,))[0])
    given = OUTCOMES[outcome].given
    if given is None:
        return by_day
    other = _rate_in_cohort(given.outcome, like, day, base_rates)
    plus = _rate_in_cohort(given.plus, like, day, base_rates) if given.plus else 0.0
    return plus + (other if given.happened else 1 - other) * by_day


def _usual_rate(rows: tuple[BaseRate, ...], base_rates: tuple[BaseRate, ...]) -> float:
    """Average rates on the log-odds scale, each by its patients; next to none where nothing is published."""
    if not rows:
        return RAREST_USUAL
    rates, patients = np.array([rate_among(row, base_rates) for row in rows]).T
    return float(expit(np.average(logit(rates), weights=patients, keepdims=True))[0])


def _among_infused(row: BaseRate) -> float:
    if row.rate is None or row.horizon_days is None:
        message = f"{row.id} is not an estimate: it has no rate or no horizon"
        raise ValueError(message)
    if row.among == ALL_INFUSED:
        return row.rate
    without_remission = NO_REMISSION * OUTCOMES[row.outcome].without_remission
    return without_remission + (1 - NO_REMISSION) * row.rate


def _at_headline(outcome: str, rate: float, day: int) -> float:
    odds = rate / (1 - rate) / odds_share(outcome, day)
    return odds / (1 + odds)
