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
from training.evidence.headline_rates import pooled_rates, rate_among
from training.evidence.product_levels import ConstructEffect, Level, Levels, fit_levels
from training.evidence.rate_rows import BaseRate
from training.statistics.random_effects import pool

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
        At the headline horizon, among those who can have the outcome.
    n : float
        Patients who can have the outcome.
    error : float
        Standard error of its log-odds, widened where patients or definition are others.
    product : str
        Known product, or the name of an academic one: of its own, or the group of the cohort.
    cd28, split_dose : float
        Shares of patients.
    terms : ndarray of shape (n_patients, n_terms)
        Terms of the rebuilt cohort, centered; those of the product are 0.
    """

    row: BaseRate
    rate: float
    n: float
    error: float
    product: str
    cd28: float
    split_dose: float
    terms: Values


def levels_at(rates: Values, shift: Values, variance: Values) -> tuple[Values, Values]:
    """Find the log-odds of the reference patient at which the mean risk of each cohort is its rate.

    Parameters
    ----------
    rates : ndarray of shape (n_cohorts,)
        In (0, 1).
    shift, variance : ndarray of shape (n_cohorts, n_patients)
        What each patient's terms add to the log-odds, and its variance.

    Returns
    -------
    log_odds : ndarray of shape (n_cohorts,)
    slope : ndarray of shape (n_cohorts,)
        By how much it moves where the log-odds of the rate move by one.

    Examples
    --------
    >>> found = levels_at(np.array([0.5, 0.2]), np.zeros((2, 3)), np.zeros((2, 3)))
    >>> [each.round(4).tolist() for each in found]
    [[0.0, -1.3863], [1.0, 1.0]]
    """
    scale = np.sqrt(1 + LOGISTIC_TO_PROBIT * variance)
    high = 40.0 + np.abs(shift).max(axis=1)
    low, middle, even = -high, logit(rates), rates * (1 - rates)
    for _ in range(MOST_STEPS):
        risk = expit((middle[:, None] + shift) / scale)
        short, slope = rates - risk.mean(axis=1), (risk * (1 - risk) / scale).mean(axis=1)
        unsettled = np.abs(short) >= TOLERANCE * even
        if not unsettled.any():
            break
        low, high = np.where(short > 0, middle, low), np.where(short > 0, high, middle)
        # Newton's step where it stays between what is known to be too low and too high, half way otherwise.
        ahead = middle + np.divide(short, slope, out=np.full_like(short, np.inf), where=slope > 0)
        step = np.where((low < ahead) & (ahead < high), ahead, (low + high) / 2)
        middle = np.where(unsettled, step, middle)
    return middle, even / slope


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
    return tuple(_cohort_rate(row, *rate_among(row, base_rates)) for row in pooled_rates(outcome, base_rates))


def levels_of(rates: Sequence[CohortRate], effects: Values, covariance: Values) -> list[Level]:
    """Take the case mix off rates.

    Parameters
    ----------
    rates : sequence of CohortRate
        Of cohorts rebuilt with equally many patients.
    effects : ndarray of shape (n_terms,)
        Log-odds per unit of every term; 0 of those of the product.
    covariance : ndarray of shape (n_terms, n_terms)
        Of the effects.

    Returns
    -------
    levels : list of Level
        Log-odds of the reference patient at which the mean risk of the cohort is its rate.
    """
    if not rates:
        return []
    shift = np.stack([rate.terms @ effects for rate in rates])
    variance = np.zeros_like(shift)
    if covariance.any():
        variance = np.stack([((rate.terms @ covariance) * rate.terms).sum(axis=1) for rate in rates])
    log_odds, slopes = levels_at(np.array([rate.rate for rate in rates]), shift, variance)
    return [
        Level(float(level), float(slope) * rate.error, rate.product, rate.cd28, rate.split_dose)
        for rate, level, slope in zip(rates, log_odds, slopes, strict=True)
    ]


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
        As `levels_of` takes them.
    """
    levels = levels_of(rates, effects, covariance)
    typical = (
        float(np.mean([level.log_odds for level in levels]))
        if levels
        else float(np.log(UNKNOWN_RATE / (1 - UNKNOWN_RATE)))
    )
    return fit_levels(levels, constructs, typical=typical)


def sampling_error(rate: float, n: float) -> float:
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
def _cohort_rate(row: BaseRate, rate: float, n: float) -> CohortRate:
    variance = sampling_error(rate, n) ** 2
    variance += 0.0 if row.population_direct else INDIRECT_POPULATION**2
    variance += 0.0 if row.scale_direct else INDIRECT_SCALE**2
    known = row.product in PRODUCTS
    cd28 = CD28[row.product] if known else row.cd28
    return CohortRate(
        row=row,
        rate=rate,
        n=n,
        error=float(np.sqrt(variance)),
        product=row.product if known else row.academic_product or row.cohort_group,
        cd28=UNKNOWN_CD28 if cd28 is None else cd28,
        split_dose=_split(row),
        terms=case_mix(row.cohort_group, row.product if known else "", row.cd28, row.split_dose),
    )


def _split(row: BaseRate) -> float:
    if row.split_dose is not None:
        return row.split_dose
    return float(PRODUCTS[row.product].split_dose) if row.product in PRODUCTS else 0.0
