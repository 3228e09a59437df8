"""One true risk: effects of terms, what no sum of terms can say, and the base rate of the population."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from scipy.optimize import brentq

from features.columns import Columns, Values
from features.log_odds import expit, logit
from features.synthetic.patients import first_infusions
from features.terms import KNOWN_TERMS, term_matrix

N_REFERENCE = 20_000
REFERENCE_SEED = 20260101


@dataclass(frozen=True)
class Bend:
    """What is added to the log-odds of some patients, beyond any sum of terms."""

    title: str
    log_odds: float
    holds: Callable[[Columns], Values]


@dataclass(frozen=True)
class World:
    """One true risk.

    Attributes
    ----------
    outcome : str
        Entry of `tests.benchmarks.readings.BASE_RATES`.
    effects : mapping of str to float
        Log odds ratio per unit of a term; terms that are not named have none.
    base_rate : float
        Mean true risk of the population at the headline horizon.
    bends : tuple of Bend
        Interactions, thresholds, and columns that no study speaks of.
    """

    outcome: str
    effects: Mapping[str, float]
    base_rate: float
    bends: tuple[Bend, ...] = ()

    def risk(self, patients: Columns) -> Values:
        """State the true risk at the headline horizon: shape (n_infusions,)."""
        return expit(self.log_odds(patients))

    def log_odds(self, patients: Columns) -> Values:
        """State the true log-odds at the headline horizon: shape (n_infusions,)."""
        return self.intercept + self._predictor(patients)

    def shifted(self, log_odds: float) -> World:
        """Move the base rate; effects stay."""
        return replace(self, base_rate=shifted_rate(self.base_rate, log_odds))

    @cached_property
    def intercept(self) -> float:
        """Log-odds at zero terms with which the population has the base rate."""
        predictor = self._predictor(reference_population())
        excess = lambda intercept: float(expit(intercept + predictor).mean()) - self.base_rate  # noqa: E731
        return float(brentq(excess, -40.0, 40.0, xtol=1e-10))

    def _predictor(self, patients: Columns) -> Values:
        names = tuple(self.effects)
        bent = sum((bend.log_odds * bend.holds(patients) for bend in self.bends), np.zeros(len(patients)))
        if not names:
            return bent
        effects = np.array([self.effects[name] for name in names])
        return np.asarray(bent + term_matrix(patients, names) @ effects, dtype=np.float64)


def shifted_rate(rate: float, log_odds: float) -> float:
    """Move a rate on the log-odds scale.

    Examples
    --------
    >>> round(shifted_rate(0.5, 1.0), 4)
    0.7311
    """
    return float(expit(logit(np.array(rate)) + log_odds))


@cache
def reference_population() -> Columns:
    """Draw the patients to whom base rates and standard deviations refer, always the same."""
    return first_infusions(N_REFERENCE, rng=np.random.default_rng(REFERENCE_SEED)).patients


@cache
def term_spreads() -> Mapping[str, float]:
    """Compute the standard deviation of every term in the population, 0 for products that it does not get."""
    spreads = term_matrix(reference_population(), tuple(KNOWN_TERMS)).std(axis=0)
    return dict(zip(KNOWN_TERMS, spreads.tolist(), strict=True))


@cache
def is_binary(name: str) -> bool:
    """Whether a term has no values but 0 and 1."""
    values = KNOWN_TERMS[name].compute(reference_population())
    return bool(np.isin(values, (0.0, 1.0)).all())
