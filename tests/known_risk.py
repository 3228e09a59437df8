"""Training sets of which the true risk is known: synthetic patients, and a sum of terms that is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq

from features.columns import Columns, Values
from features.expected_terms import reference_profile
from features.log_odds import expit
from features.synthetic.patients import first_infusions
from features.terms import TERMS, term_matrix
from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior import Prior
from training.evidence.prior_from_studies import published_prior

HEADLINE = {"relapse": 365, "severe_crs": 30, "severe_icans": 30}
"""Headline horizon of each outcome, days."""
NO_OTHERS: Mapping[int, float] = {}
N_POPULATION = 2000


@dataclass(frozen=True)
class Truth:
    """A true risk at the headline horizon.

    Attributes
    ----------
    coefficients : ndarray of shape (n_terms,)
        Log-odds per unit of each of `TERMS`.
    intercept : float
        Log-odds of the reference profile.
    """

    coefficients: Values
    intercept: float

    def risk(self, patients: Columns) -> Values:
        """State the risk of patients of whom everything is known: shape (n_infusions,)."""
        return expit(self.log_odds(patients))

    def log_odds(self, patients: Columns) -> Values:
        """State the log-odds of patients of whom everything is known: shape (n_infusions,)."""
        return self.intercept + centred_terms(patients) @ self.coefficients


def truth(coefficients: Values, *, base_rate: float) -> Truth:
    """Find the truth of given effects whose mean risk is a base rate."""
    shape = centred_terms(population()) @ coefficients
    intercept = brentq(lambda height: float(expit(height + shape).mean()) - base_rate, -30.0, 30.0)
    return Truth(coefficients, float(intercept))


def drawn_set(
    outcome: str,
    true: Truth,
    n_infusions: int,
    rng: np.random.Generator,
    *,
    earlier: Mapping[int, float] = NO_OTHERS,
) -> TrainingSet:
    """Draw patients, one infusion each, and what became of them.

    By the headline horizon, and by each of ``earlier``, at which the log-odds are less by the number given.
    """
    patients = some_patients(n_infusions, rng)
    less = np.array([0.0, *earlier.values()])
    risk = expit(true.log_odds(patients)[:, None] - less)
    label = (rng.random((n_infusions, 1)) < risk).astype(float)
    horizons = (HEADLINE[outcome], *earlier)
    return TrainingSet(outcome, horizons, patients, label, np.ones_like(label), np.arange(n_infusions))


def some_patients(n_infusions: int, rng: np.random.Generator) -> Columns:
    """Draw synthetic patients of whom everything is known."""
    return first_infusions(n_infusions, rng=rng).patients


def centred_terms(patients: Columns) -> Values:
    """State every term less the reference profile: shape (n_infusions, n_terms)."""
    return term_matrix(patients, tuple(TERMS)) - reference_profile(tuple(TERMS)).centre


def headline_prior(outcome: str) -> Prior:
    """Work out the prior at the headline horizon."""
    return published_prior(outcome, (HEADLINE[outcome],), evidence())


@cache
def evidence() -> Evidence:
    """Read the evidence files once."""
    return read_evidence()


@cache
def population() -> Columns:
    """Draw the patients over whom base rates are meant, always the same."""
    return some_patients(N_POPULATION, np.random.default_rng(20260102))
