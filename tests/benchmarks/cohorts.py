"""Cohorts of a world: complete first infusions and what is seen of them, and a test set with true risks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.decisions import SEVERE_GRADE
from features.event_labels import labels
from features.log_odds import expit
from features.observation import Observation, milder_than
from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from features.synthetic.patients import first_infusions
from features.synthetic.truth import NO_RESPONSE_ODDS, relapse_odds_share, relapse_point
from tests.benchmarks.centers import HOME_CENTER, NEW_CENTER, drawn_centers
from tests.benchmarks.product_mix import given_products
from tests.benchmarks.settings import PLAIN, Setting
from tests.benchmarks.world import World
from training.dataset.outcome_dataset import OutcomeData
from training.statistics.censoring_weights import horizon_dropped

RESPONSE_DAY = 28.0
DEATH_SHARE = 0.15
"""Of those who would never relapse."""
LAST_DEATH_DAY = 700.0
FOLLOW_UP_DAYS = (200.0, 1500.0)
FOLLOW_UP_DAYS_OF_FEW = (400.0, 1500.0)
"""Where fewer than ten would be at risk at the headline horizon all are followed past it: it remains."""
N_TEST = 2000
N_INTERVALS = 500
"""Test patients whose intervals are checked."""


@dataclass(frozen=True)
class DrawnCohort:
    """A cohort and what `OutcomeData` does not hold.

    Attributes
    ----------
    data : OutcomeData
        What a learner is given.
    grades : ndarray of shape (n_infusions,), optional
        CRS grades 0 to 4 that agree with the event; None for other outcomes.
    """

    data: OutcomeData
    grades: Values | None


@dataclass(frozen=True)
class Test:
    """Fresh patients and their true risk at the headline horizon.

    Attributes
    ----------
    patients : Columns of `Patient`
        As a request has them: with gaps where the setting has gaps.
    risk : ndarray of shape (n_patients,)
        Of the complete patients.
    center : ndarray of shape (n_patients,)
        Empty where the setting has no centers.
    """

    patients: Columns
    risk: Values
    center: NDArray[np.str_]

    __test__ = False

    @cached_property
    def checked(self) -> Columns:
        """The first `N_INTERVALS` patients, whose terms all learners share."""
        return self.patients.take(np.arange(N_INTERVALS))


class Center:
    """One center's truth: a world in a setting, from which cohorts and later patients are drawn.

    Parameters
    ----------
    world : World
    setting : Setting
    rng : numpy.random.Generator
        Source of what the setting draws once: direction of the shift, products, centers.

    Notes
    -----
    What a setting adds has sources of its own: the cohort of another setting has the same patients.
    """

    def __init__(
        self, world: World, setting: Setting = PLAIN, rng: np.random.Generator | None = None
    ) -> None:
        self._setting = setting
        self._rng = np.random.default_rng(0) if rng is None else rng
        shift = setting.rate_shift * float(self._rng.choice([-1.0, 1.0]))
        self.world = world.shifted(shift) if shift else world
        known = self._rng.permutation(list(PRODUCTS))[: setting.n_products]
        self.products = tuple(str(name) for name in known)
        self.centers = drawn_centers(world.outcome, self._rng) if setting.centers else None

    def cohort(self, n_patients: int, rng: np.random.Generator) -> DrawnCohort:
        """Draw a cohort, every infusion its own patient."""
        drawn = first_infusions(n_patients, rng=rng)
        patients = self._treated(drawn.patients)
        time = self._rng.random(n_patients)
        log_odds = self._log_odds(patients, drawn.center, time)
        outcome, grades = self.world.outcome, None
        if outcome == "relapse":
            seen = _relapse(log_odds, rng)
        else:
            latent = rng.logistic(size=n_patients)
            seen = _severe_toxicity(latent < log_odds)
            grades = self._setting.grades(log_odds, latent, self._rng)
            seen = replace(seen, milder=milder_than(SEVERE_GRADE, grades))
        shown = self._setting.gaps(patients, log_odds, self._rng)
        data = _outcome_data(outcome, shown, seen, self._names(drawn.center))
        home = str(self._names(np.array([HOME_CENTER]))[0]) if self._setting.home_center else ""
        return DrawnCohort(replace(data, home=home), grades)

    def test_set(self, rng: np.random.Generator) -> Test:
        """Draw the patients on whom predictions are compared with the truth, at the end of the cohort."""
        drawn = first_infusions(N_TEST, rng=rng)
        patients = self._treated(drawn.patients)
        center = drawn.center
        if self._setting.new_center or self._setting.home_center:
            center = np.full(N_TEST, NEW_CENTER if self._setting.new_center else HOME_CENTER)
        log_odds = self._log_odds(patients, center, np.ones(N_TEST))
        shown = self._setting.gaps(patients, log_odds, self._rng)
        return Test(shown, expit(log_odds), self._names(center))

    def _treated(self, patients: Columns) -> Columns:
        return given_products(patients, self.products, self._rng) if self.products else patients

    def _log_odds(self, patients: Columns, center: NDArray[np.int64], time: Values) -> Values:
        own = self.world.log_odds(patients)
        return own if self.centers is None else own + self.centers.log_odds(patients, center, time)

    def _names(self, center: NDArray[np.int64]) -> NDArray[np.str_]:
        known = self.centers is not None
        return np.array([f"center {number + 1}" if known else "" for number in center.tolist()])


def cohort_of(world: World, n_patients: int, rng: np.random.Generator) -> OutcomeData:
    """Draw a plain cohort, every infusion its own patient.

    Parameters
    ----------
    world : World
    n_patients : int
    rng : numpy.random.Generator

    Returns
    -------
    data : OutcomeData
        Horizons are dropped as in `training.dataset.outcome_dataset`; the headline horizon always remains.
    """
    return Center(world).cohort(n_patients, rng).data


def severe_toxicity_of(
    outcome: str, patients: Columns, log_odds: Values, rng: np.random.Generator
) -> OutcomeData:
    """Observe a severe toxicity in given patients, every infusion its own patient."""
    seen = _severe_toxicity(rng.logistic(size=len(log_odds)) < log_odds)
    return _outcome_data(outcome, patients, seen, np.full(len(seen), ""))


def test_set_of(world: World, rng: np.random.Generator) -> Test:
    """Draw plain patients on whom predictions are compared with the truth."""
    return Center(world).test_set(rng)


test_set_of.__test__ = False  # type: ignore[attr-defined]


def _severe_toxicity(event: NDArray[np.bool_]) -> Observation:
    """Observe a grade in everybody."""
    return _observation(event.astype(np.int64), np.full(len(event), 30.0))


def _relapse(log_odds: Values, rng: np.random.Generator) -> Observation:
    """Observe relapse with death competing, censored at the end of follow-up."""
    relapse_day = _relapse_day(log_odds, rng)
    death_day = np.where(
        rng.random(len(log_odds)) < DEATH_SHARE, rng.uniform(1, LAST_DEATH_DAY, len(log_odds)), np.inf
    )
    death_day = np.where(np.isinf(relapse_day), np.ceil(death_day), np.inf)
    standard, longer = (
        np.ceil(rng.uniform(*span, len(log_odds))) for span in (FOLLOW_UP_DAYS, FOLLOW_UP_DAYS_OF_FEW)
    )
    seen = _followed(relapse_day, death_day, standard)
    headline = OUTCOMES["relapse"].horizons_days[0]
    if horizon_dropped(seen.day, seen.event, horizon_days=headline):
        return _followed(relapse_day, death_day, longer)
    return seen


def _relapse_day(log_odds: Values, rng: np.random.Generator) -> Values:
    """Draw the day by proportional odds, ``logit F(t) = log odds + log R(t)``; infinity for never."""
    odds_share = np.exp(rng.logistic(size=len(log_odds)) - log_odds)
    ever = odds_share < relapse_odds_share(np.inf)
    late = np.clip(odds_share, NO_RESPONSE_ODDS, 1.0)
    late[ever] = np.maximum(odds_share[ever], NO_RESPONSE_ODDS)
    day = np.where(odds_share <= NO_RESPONSE_ODDS, RESPONSE_DAY, np.ceil(relapse_point(late)))
    return np.where(ever, day, np.inf)


def _followed(relapse_day: Values, death_day: Values, end_day: Values) -> Observation:
    day = np.minimum(np.minimum(relapse_day, death_day), end_day)
    event = np.select([day == relapse_day, day == death_day], [1, 2], 0)
    return _observation(event.astype(np.int64), day)


def _observation(event: np.ndarray, day: Values) -> Observation:
    size = len(event)
    return Observation(event, day, np.ones(size, dtype=bool), np.zeros(size, dtype=bool), {})


def _outcome_data(name: str, patients: Columns, seen: Observation, center: NDArray[np.str_]) -> OutcomeData:
    outcome = OUTCOMES[name]
    reasons = {h: horizon_dropped(seen.day, seen.event, horizon_days=h) for h in outcome.horizons_days}
    horizons = tuple(h for h, reason in reasons.items() if not reason)
    at_headline = labels(seen.day, seen.event, horizon_days=horizons[0])
    alone = np.arange(len(seen))
    return OutcomeData(
        outcome=outcome,
        estimand="treatment_policy",
        patients=patients,
        observation=seen,
        groups=alone,
        position=alone,
        center=center,
        horizons_days=horizons,
        dropped_horizons={h: reason for h, reason in reasons.items() if reason},
        n_events=int((labels(seen.day, seen.event, horizon_days=max(horizons)) == 1).sum()),
        n_headline_events=int((at_headline == 1).sum()),
        n_headline_free=int((at_headline == 0).sum()),
    )
