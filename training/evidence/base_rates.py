"""Published rates of an outcome, one a cohort, to be compared with what a model expects of that cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from features.columns import Values
from features.log_odds import expit, logit
from features.products import CD28, PRODUCTS
from training.evidence.case_mix import case_mix
from training.evidence.product_levels import ConstructEffect, Level, Levels, fit_levels
from training.evidence.rate_rows import ALL_INFUSED, BaseRate
from training.evidence.risk_over_time import odds_share
from training.statistics.random_effects import pool

NO_REMISSION = 0.15
"""Share of the infused who are not in remission at day 28 (10.1200/JCO.20.03585): a rate among complete
responders leaves them out, and here no response is an event."""

UNKNOWN_RATE = 0.3
"""Where nothing is published: no more than a place to start from, between the rates of severe toxicity, about
0.1, and of relapse, about 0.5. The intercept gives way to a few dozen infusions."""

INDIRECT_POPULATION = 0.15
"""Standard deviation added to the log-odds of a rate in other patients (children, other diseases): as much as
an effect seen in them is widened by, and as little as age moves the rates of tisagenlecleucel."""

INDIRECT_SCALE = 0.4
"""The same of a rate by another definition, or by one that is not stated: by the scales of their trials the
rates of severe CRS of tisagenlecleucel and brexucabtagene are two to three times those by ASTCT."""

UNKNOWN_CD28 = 0.3
"""Assumed share of CD28 constructs where a cohort's construct is not stated."""

LOGISTIC_TO_PROBIT = np.pi / 8
"""Mean of a logistic over a normal: ``expit(m / sqrt(1 + pi v / 8))`` (MacKay 1992)."""

MOST_STEPS = 100
TOLERANCE = 1e-9


@dataclass(frozen=True)
class CohortRate:
    """The rate of one cohort, and its patients as far as they are published.

    Attributes
    ----------
    row : BaseRate
        What it rests on.
    rate : float
        Among all infused, at the headline horizon.
    error : float
        Standard error of its log-odds, widened where patients or definition are others.
    product : str
        Known product, or the group of the cohort: its own academic product.
    cd28, split_dose : float
        Shares of patients.
    terms : ndarray of shape (n_patients, n_terms)
        Terms of the rebuilt cohort, centered; those of the product are 0.
    """

    row: BaseRate
    rate: float
    error: float
    product: str
    cd28: float
    split_dose: float
    terms: Values

    def level(self, effects: Values, covariance: Values) -> Level:
        """Take the case mix off the rate.

        Parameters
        ----------
        effects : ndarray of shape (n_terms,)
            Log-odds per unit of every term; 0 of those of the product.
        covariance : ndarray of shape (n_terms, n_terms)
            Of the effects.

        Returns
        -------
        level : Level
            Log-odds of the reference patient at which the mean risk of the cohort is its rate.
        """
        shift = self.terms @ effects
        variance = ((self.terms @ covariance) * self.terms).sum(axis=1)
        log_odds, slope = level_of(self.rate, shift, variance)
        return Level(log_odds, slope * self.error, self.product, self.cd28, self.split_dose)


def level_of(rate: float, shift: Values, variance: Values) -> tuple[float, float]:
    """Find the log-odds of the reference patient at which the mean risk of patients is a rate.

    Parameters
    ----------
    rate : float
        In (0, 1).
    shift, variance : ndarray of shape (n_patients,)
        What each patient's terms add to the log-odds, and its variance.

    Returns
    -------
    log_odds : float
    slope : float
        By how much it moves where the log-odds of the rate move by one.

    Examples
    --------
    >>> [round(value, 6) for value in level_of(0.5, np.zeros(2), np.zeros(2))]
    [0.0, 1.0]
    """
    scale = np.sqrt(1 + LOGISTIC_TO_PROBIT * variance)
    farthest = 40.0 + float(np.abs(shift).max())
    low, high, middle = -farthest, farthest, float(np.log(rate / (1 - rate)))
    for _ in range(MOST_STEPS):
        risk = expit((middle + shift) / scale)
        short, slope = rate - float(risk.mean()), float((risk * (1 - risk) / scale).mean())
        if abs(short) < TOLERANCE * rate * (1 - rate):
            break
        low, high = (middle, high) if short > 0 else (low, middle)
        # Newton's step where it stays between what is known to be too low and too high, half way otherwise.
        ahead = middle + short / slope if slope > 0 else np.inf
        middle = ahead if low < ahead < high else (low + high) / 2
    return middle, rate * (1 - rate) / slope


def published_rate(rates: Sequence[CohortRate]) -> float:
    """Pool rates on the log-odds scale, whatever the product and the case mix.

    Parameters
    ----------
    rates : sequence of CohortRate

    Returns
    -------
    rate : float
        In (0, 1); `UNKNOWN_RATE` where there is none.

    Examples
    --------
    >>> published_rate(())
    0.3
    """
    if not rates:
        return UNKNOWN_RATE
    log_odds = logit(np.array([rate.rate for rate in rates]))
    return risk_of(pool(log_odds, np.array([rate.error for rate in rates])).mean)


def risk_of(log_odds: float) -> float:
    """Turn log-odds into a risk."""
    return float(1 / (1 + np.exp(-log_odds)))


def cohort_rates(outcome: str, base_rates: tuple[BaseRate, ...]) -> tuple[CohortRate, ...]:
    """Prepare the rates of an outcome that are pooled.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    base_rates : tuple of BaseRate
        All rows; those of other outcomes, and those that are not estimates, have no part.

    Returns
    -------
    rates : tuple of CohortRate
        By id; empty where nothing is published.
    """
    return tuple(_cohort_rate(row) for row in pooled_rates(outcome, base_rates))


def levels_given(
    rates: Sequence[CohortRate], constructs: Sequence[ConstructEffect], effects: Values, covariance: Values
) -> Levels:
    """Fit the levels of products where the effects of all other terms are given.

    Parameters
    ----------
    rates : sequence of CohortRate
    constructs : sequence of ConstructEffect
        What studies say of CD28 and of split doses within themselves.
    effects, covariance : ndarray of shape (n_terms,), (n_terms, n_terms)
        As `CohortRate.level` takes them.
    """
    levels = [rate.level(effects, covariance) for rate in rates]
    typical = (
        float(np.mean([level.log_odds for level in levels]))
        if levels
        else float(np.log(UNKNOWN_RATE / (1 - UNKNOWN_RATE)))
    )
    return fit_levels(levels, constructs, typical=typical)


def pooled_rates(outcome: str, base_rates: tuple[BaseRate, ...]) -> tuple[BaseRate, ...]:
    """Choose one rate of each cohort and schedule: among all infused, by the same scale, of more patients."""
    rows = [row for row in base_rates if row.outcome == outcome and row.use == "estimate"]
    rows.sort(key=lambda row: (row.among != ALL_INFUSED, not row.scale_direct, -(row.n or 0), row.id))
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
    if row.rate is None or row.horizon_days is None:
        message = f"{row.id} is not an estimate: it has no rate or no horizon"
        raise ValueError(message)
    among_all = row.rate if row.among == ALL_INFUSED else NO_REMISSION + (1 - NO_REMISSION) * row.rate
    odds = among_all / (1 - among_all) / odds_share(row.outcome, row.horizon_days)
    return odds / (1 + odds)


def sampling_error(rate: float, n: int) -> float:
    """Compute the standard error of the log-odds of a rate among patients.

    Half a patient on either side keeps that of a rate without events, or of events alone, finite.

    Examples
    --------
    >>> round(sampling_error(0.5, 99), 3)
    0.2
    """
    events = rate * n
    return float(np.sqrt(1 / (events + 0.5) + 1 / (n - events + 0.5)))


@cache
def _cohort_rate(row: BaseRate) -> CohortRate:
    rate = headline_rate(row)
    variance = sampling_error(rate, row.n or 0) ** 2
    variance += 0.0 if row.population_direct else INDIRECT_POPULATION**2
    variance += 0.0 if row.scale_direct else INDIRECT_SCALE**2
    known = row.product in PRODUCTS
    cd28 = CD28[row.product] if known else row.cd28
    return CohortRate(
        row=row,
        rate=rate,
        error=float(np.sqrt(variance)),
        product=row.product if known else row.cohort_group,
        cd28=UNKNOWN_CD28 if cd28 is None else cd28,
        split_dose=_split(row),
        terms=case_mix(row.cohort_group, row.product if known else "", row.cd28, row.split_dose),
    )


def _split(row: BaseRate) -> float:
    if row.split_dose is not None:
        return row.split_dose
    return float(PRODUCTS[row.product].split_dose) if row.product in PRODUCTS else 0.0
