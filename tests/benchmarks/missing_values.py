"""What charts do not hold: gaps at the rates of real series, blind to the patient or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit, logit
from features.schema import Patient
from features.synthetic.gaps import (
    DETAIL_GAPS,
    INFUSION_GAPS,
    LABORATORY_GAPS,
    PERSON_GAPS,
    patients_with_gaps,
)

INFORMED_SHARES: Mapping[str, float] = {**PERSON_GAPS, **INFUSION_GAPS, **LABORATORY_GAPS, **DETAIL_GAPS}
NEVER_MISSING = ("prior_allo_hsct", "product", "split_dose")
"""Columns that other columns rest on: they have no gaps where gaps are informative."""
LEAST_SHARE = 0.10
"""Share missing, at least, where gaps are informative: of rare gaps nothing could be learned."""
SICKER = 1.0
"""By how much the log-odds of a gap fall for one standard deviation of the true log-odds of the outcome: a
patient who looks ill is examined more, so that a gap itself speaks of low risk."""

Gaps = Callable[[Columns, Values, np.random.Generator], Columns]
"""Takes values out of complete patients, whose true log-odds are given."""


def no_gaps(patients: Columns, log_odds: Values, rng: np.random.Generator) -> Columns:
    """Leave charts complete."""
    return patients


def blind_gaps(patients: Columns, log_odds: Values, rng: np.random.Generator) -> Columns:
    """Take values out at the rates of the synthetic cohorts, without looking at the patient."""
    alone = np.arange(len(patients))
    return patients_with_gaps(patients, alone, infusion_number=np.ones_like(alone), rng=rng)


def informative_gaps(patients: Columns, log_odds: Values, rng: np.random.Generator) -> Columns:
    """Take values out more often of patients at low risk.

    Parameters
    ----------
    patients : Columns of `Patient`
        Complete.
    log_odds : ndarray of shape (n_infusions,)
        Their true log-odds of the outcome.
    rng : numpy.random.Generator

    Returns
    -------
    patients : Columns of `Patient`
        Standardized by these patients; where all have one risk, gaps are blind.
    """
    spread = max(float(log_odds.std()), 1e-9)
    apart = (log_odds - log_odds.mean()) / spread if spread > 1e-9 else np.zeros(len(patients))
    values = dict(patients.values)
    for name, share in INFORMED_SHARES.items():
        chance = expit(logit(np.array(max(share, LEAST_SHARE))) - SICKER * apart)
        missing = rng.random(len(patients)) < chance
        if name not in NEVER_MISSING:
            values[name] = np.where(missing, np.nan, values[name])
    return Columns(Patient, values)
