"""Cohorts of a world: complete first infusions and what is seen of them, and a test set with true risks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.event_labels import labels
from features.observation import Observation
from features.outcomes import OUTCOMES
from features.synthetic.patients import first_infusions
from features.synthetic.truth import NO_RESPONSE_ODDS, relapse_odds_share, relapse_point
from tests.benchmarks.worlds import World
from training.dataset.outcome_dataset import OutcomeData
from training.statistics.censoring_weights import horizon_dropped

RESPONSE_DAY = 28.0
DEATH_SHARE = 0.15
"""Of those who would never relapse."""
LAST_DEATH_DAY = 700.0
FOLLOW_UP_DAYS = (200.0, 1500.0)
FOLLOW_UP_DAYS_OF_FEW = (400.0, 1500.0)
"""Where fewer than ten would be at risk at the headline horizon all are followed past it: it stands."""
N_TEST = 2000


@dataclass(frozen=True)
class Test:
    """Fresh patients and their true risk at the headline horizon."""

    patients: Columns
    risk: Values

    __test__ = False


def cohort_of(world: World, n_patients: int, rng: np.random.Generator) -> OutcomeData:
    """Draw a cohort, every infusion its own patient.

    Parameters
    ----------
    world : World
    n_patients : int
    rng : numpy.random.Generator

    Returns
    -------
    data : OutcomeData
        Horizons are dropped as in `training.dataset.outcome_dataset`; the headline horizon always stands.
    """
    patients = first_infusions(n_patients, rng=rng).patients
    draw = _relapse if world.outcome == "relapse" else _severe_toxicity
    return _outcome_data(world.outcome, patients, draw(world.log_odds(patients), rng))


def severe_toxicity_of(
    outcome: str, patients: Columns, log_odds: Values, rng: np.random.Generator
) -> OutcomeData:
    """Observe a severe toxicity in given patients, every infusion its own patient."""
    return _outcome_data(outcome, patients, _severe_toxicity(log_odds, rng))


def test_set_of(world: World, rng: np.random.Generator) -> Test:
    """Draw the patients on whom predictions are compared with the truth."""
    patients = first_infusions(N_TEST, rng=rng).patients
    return Test(patients, world.risk(patients))


test_set_of.__test__ = False  # type: ignore[attr-defined]


def _severe_toxicity(log_odds: Values, rng: np.random.Generator) -> Observation:
    """Observe a grade in everybody."""
    event = rng.logistic(size=len(log_odds)) < log_odds
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


def _outcome_data(name: str, patients: Columns, seen: Observation) -> OutcomeData:
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
        center=np.full(len(seen), ""),
        horizons_days=horizons,
        dropped_horizons={h: reason for h, reason in reasons.items() if reason},
        n_events=int((labels(seen.day, seen.event, horizon_days=max(horizons)) == 1).sum()),
        n_headline_events=int((at_headline == 1).sum()),
        n_headline_free=int((at_headline == 0).sum()),
    )
