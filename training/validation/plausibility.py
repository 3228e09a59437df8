"""Data that are too good or too strange to be true: a leak, an inverted scale, a patient entered twice.

Each doubt keeps a model from counting as internally validated and a version from being released without
``--force``. A plain threshold would fire by chance in small cohorts, so every doubt rests on an interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.decisions import DECISIONS, Decision
from features.field import FieldSpec, specs
from features.problems import counted
from features.schema import Patient
from serving.model.measured import Measured
from serving.model.validation_summary import Doubt
from training.dataset.outcome_dataset import OutcomeData
from training.evidence.evidence_set import read_evidence
from training.evidence.headline_rates import pooled_rates, rate_among
from training.statistics.laplace import NormalPriors, fit_priors
from training.statistics.random_effects import pool
from training.statistics.rate_interval import rate_interval

HIGHEST_AREA, SHOWN_AREA = 0.85, 0.80
"""AUROC of a single field, and the lower end of its interval: the best single predictors stay below .8."""

HIGHEST_ODDS_RATIO = 20.0
"""Per standard deviation of a single field."""

ONE_SIDED = NormalDist().inv_cdf(0.95)
"""A doubt rests on the lower end of a 90 % interval."""

BY_CHANCE = 0.01
"""Chance, over all fields of a cohort, that their ranks separate the events to this degree."""

FEWEST = 4
"""Events, and infusions without, in which a field must be known: many fields separate fewer by chance."""

SMALLEST_SPREAD = 0.6
"""Standard deviation between centers, in log-odds, that is the least taken: two or three cohorts cannot show
theirs, and five cohorts with severe CRS differ by .8."""

FAR, STILL_FAR = 3.0, 2.0
"""Standard deviations between centers from the published rate: of the rate, and of the near end of its 95 %
interval."""

WHY_FAR = "is the scale inverted, or were the patients selected by outcome?"

NEARLY_FLAT = 1e-6
"""Prior precision of an odds ratio: keeps it finite where a field tells the events apart without error."""

STEEPEST = 1.5
"""A calibration slope whose interval lies above it: held-out patients are separated better than the
model predicts, as when folds share patients."""


def data_doubts(data: OutcomeData) -> tuple[Doubt, ...]:
    """List what makes one outcome of a cohort implausible.

    Parameters
    ----------
    data : OutcomeData

    Returns
    -------
    doubts : tuple of Doubt
        Fields and aggregates only, no value of a patient.
    """
    return (*_near_equal(data), *_leaks(data), *_event_rate(data))


def steep_slopes(name: str, metrics: Mapping[int, Mapping[str, Measured]]) -> tuple[Doubt, ...]:
    """List calibration slopes whose interval lies above `STEEPEST`.

    Examples
    --------
    >>> slope = {30: {"calibration_slope": Measured(2.0, 1.6, 2.4)}}
    >>> print(steep_slopes("severe_crs", slope)[0].text)
    severe_crs by day 30: the calibration slope is above 1.5 (90 % interval 1.60 to 2.40)
    """
    doubts = []
    for days, measured in metrics.items():
        slope = measured.get("calibration_slope", Measured(None))
        if slope.low is not None and slope.high is not None and slope.low > STEEPEST:
            interval = f"(90 % interval {slope.low:.2f} to {slope.high:.2f})"
            words = f"{name} by day {days}: the calibration slope is above {STEEPEST:g} {interval}"
            doubts.append(Doubt("steep_slope", words))
    return tuple(doubts)


def _near_equal(data: OutcomeData) -> Iterator[Doubt]:
    count = data.observation.counts.get(Decision.NEAR_EQUAL, 0)
    if count:
        words = (
            f"{counted(count, 'infusion')} {DECISIONS[Decision.NEAR_EQUAL]}: use one identifier per patient"
        )
        yield Doubt("near_equal_ids", words)


def _leaks(data: OutcomeData) -> Iterator[Doubt]:
    """Find single fields that predict the outcome almost perfectly."""
    training = data.scoring_set()
    known = training.weight[:, 0] > 0
    event = training.label[known, 0] == 1
    readings = [
        (words, column[known])
        for spec in specs(Patient).values()
        for words, column in _readings(spec, data.patients[spec.name])
    ]
    for words, column in readings:
        has = ~np.isnan(column)
        limit = _too_good(column[has], event[has], n_fields=len(readings))
        if limit:
            day = training.horizons_days[0]
            title = f"{words} alone predicts {data.outcome.name} by day {day} ({limit[1]})"
            yield Doubt(limit[0], f"{title}: was it recorded after the event?")


def _readings(spec: FieldSpec, column: Values) -> Iterator[tuple[str, Values]]:
    """Give a field's values, each option of a choice, and whether it is blank."""
    missing = np.isnan(column)
    if spec.kind == "choice":
        for code, option in enumerate(spec.options):
            yield f"{spec.name} = {option}", np.where(missing, np.nan, (column == code).astype(float))
    else:
        yield spec.name, column
    if missing.any() and not missing.all():
        yield f"whether {spec.name} is blank", missing.astype(float)


def _too_good(column: Values, event: NDArray[np.bool_], *, n_fields: int) -> tuple[str, str] | None:
    """Say which limit a field passes, and by how much."""
    events, others = column[event], column[~event]
    if min(len(events), len(others)) < FEWEST or np.ptp(column) == 0:
        return None
    # It takes a second to import, which only the process that looks for doubts should wait for.
    from scipy.stats import rankdata

    rank_sum = float(rankdata(column)[event].sum())
    area = (rank_sum - len(events) * (len(events) + 1) / 2) / (len(events) * len(others))
    sign, area = (1.0, area) if area >= 0.5 else (-1.0, 1 - area)
    passed = _passed(area, sign * column, event)
    # The test is dear and few fields come so far.
    return passed if passed and _chance(column, event) * n_fields <= BY_CHANCE else None


def _passed(area: float, rising: Values, event: NDArray[np.bool_]) -> tuple[str, str] | None:
    """Say which limit an AUROC or an odds ratio of a field that rises with the risk passes."""
    n_events = int(event.sum())
    low = area - ONE_SIDED * _area_error(area, n_events, len(event) - n_events)
    if area > HIGHEST_AREA and low > SHOWN_AREA:
        return "single_field_auroc", f"AUROC {area:.2f}, 90 % interval from {low:.2f}"
    log_odds, error = _per_deviation(rising, event)
    lowest = log_odds - ONE_SIDED * error
    if lowest > np.log(HIGHEST_ODDS_RATIO):
        figures = f"odds ratio {np.exp(log_odds):.0f} per standard deviation, 90 % interval from"
        return "single_field_odds", f"{figures} {np.exp(lowest):.0f}"
    return None


def _chance(column: Values, event: NDArray[np.bool_]) -> float:
    """Chance of this order; of two values exactly (Fisher), since their ranks are nearly all tied."""
    from scipy import stats

    if len(np.unique(column)) > 2:
        return float(stats.mannwhitneyu(column[event], column[~event], alternative="two-sided").pvalue)
    upper = column == column.max()
    table = [[int((upper & event).sum()), int((~upper & event).sum())],
             [int((upper & ~event).sum()), int((~upper & ~event).sum())]]  # fmt: skip
    return float(stats.fisher_exact(table).pvalue)


def _area_error(area: float, n_events: int, n_others: int) -> float:
    """Give the standard error of an AUROC (Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747).

    A perfect AUROC would have none, so half a pair is taken to be in the wrong order.
    """
    area = min(area, 1 - 0.5 / (n_events * n_others))
    both_events, both_others = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (n_events - 1) * (both_events - area**2) + (n_others - 1) * (both_others - area**2)
    return float(np.sqrt((area * (1 - area) + max(spread, 0.0)) / (n_events * n_others)))


def _per_deviation(column: Values, event: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit a logistic regression: log odds ratio per standard deviation, and its error."""
    terms = ((column - column.mean()) / column.std())[:, None]
    label = event[:, None].astype(float)
    nearly_flat = NormalPriors(np.zeros((1, 2)), NEARLY_FLAT * np.eye(2)[None])
    fits = fit_priors(terms, label, np.ones_like(label), nearly_flat)
    return float(fits.parameters[0, 1]), float(np.sqrt(np.linalg.inv(fits.curvature[0])[1, 1]))


def _event_rate(data: OutcomeData) -> Iterator[Doubt]:
    """Compare the headline rate with the published ones: of the whole cohort, else of each center.

    Where only some can have the outcome, both are rates among those.
    """
    days = data.outcome.horizons_days[0]
    published = _published(data.outcome.name)
    if published is None or days not in data.horizons_days:
        return
    training, given = data.training_set(), data.outcome.given
    position = training.horizons_days.index(days)
    weight, label = training.weight[:, position], training.label[:, position]
    among = f" among {given.words}" if given is not None else ""
    name = f"{data.outcome.name} by day {days}{among}"
    whole = _far_rate(weight, label, published)
    if whole:
        yield Doubt("event_rate", f"{name} occurred in {whole}: {WHY_FAR}")
        return
    centers = np.unique(data.center)
    for center in centers if len(centers) > 1 else ():
        inside = data.center == center
        far = _far_rate(weight[inside], label[inside], published)
        if far:
            where = f"in one of {len(centers)} centers ({counted(int(inside.sum()), 'infusion')})"
            yield Doubt("event_rate_of_center", f"{name} occurred {where} in {far}: {WHY_FAR}")


def _far_rate(weight: Values, label: Values, published: tuple[float, float]) -> str:
    """Put a rate that is far from the published one into words; empty where it is not."""
    mean, spread = published
    if weight.sum() == 0:
        return ""
    size = float(weight.sum() ** 2 / (weight**2).sum())
    rate = float(weight @ label / weight.sum())
    low, high = rate_interval(rate, size, level=0.95)
    ends = [(_logit(each) - mean) / spread for each in (_shrunk(rate, size), low, high)]
    if not ((ends[0] > FAR and ends[1] > STILL_FAR) or (ends[0] < -FAR and ends[2] < -STILL_FAR)):
        return ""
    usual = 1 / (1 + np.exp(-mean))
    away = f"{abs(ends[0]):.1f} standard deviations between centers away"
    return f"{rate:.0%}; a typical published cohort has {usual:.0%} ({away})"


@cache
def _published(outcome: str) -> tuple[float, float] | None:
    """Pool the published rates: mean and deviation between cohorts, in log-odds; None without any.

    Where only some can have the outcome, rates and patients are those among them.
    """
    every = read_evidence().base_rates
    rows = pooled_rates(outcome, every)
    if not rows:
        return None
    rates, counts = np.array([rate_among(row, every) for row in rows]).T
    pooled = pool(np.log(rates / (1 - rates)), 1 / np.sqrt(counts * rates * (1 - rates)))
    return pooled.mean, max(float(np.sqrt(pooled.tau2)), SMALLEST_SPREAD)


def _shrunk(rate: float, size: float) -> float:
    return (rate * size + 0.5) / (size + 1)


def _logit(rate: float) -> float:
    inside = min(max(rate, 1e-9), 1 - 1e-9)
    return float(np.log(inside / (1 - inside)))
