"""Censoring by transplant that depends on burden is weighted away."""

from dataclasses import replace

import numpy as np
import pytest

from features.columns import Columns
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.schema import FollowUp
from training.dataset.dependent_censoring import can_model, fit_further_therapy
from training.dataset.outcome_dataset import OutcomeData


def transplanted(n, rng):
    """Draw a cohort in which high burden relapses more and is transplanted more; the truth without HSCT."""
    high = rng.random(n) < 0.5
    known = {"age_years": 40.0, "prior_allo_hsct": False}
    patients = predictors([{**known, "marrow_blasts_pct": 60.0 if burden else 1.0} for burden in high])
    relapse = rng.exponential(np.where(high, 300, 1500), n).astype(int) + 29
    transplant = rng.exponential(np.where(high, 150, 2000), n).astype(int) + 29
    rows = [
        {
            "response_day28": "cr",
            "relapse_day": int(a) if a <= 1000 else None,
            "allo_hsct_day": int(b) if b < min(a, 1000) else None,
            "last_contact_day": 1000,
        }
        for a, b in zip(relapse, transplant, strict=True)
    ]
    return patients, Columns.from_rows(FollowUp, rows), float((relapse <= 365).mean())


def incidence(patients, follow_up, estimand):
    seen = observe(OUTCOMES["relapse"], follow_up, estimand=estimand)
    each, modelled = np.arange(len(seen)), can_model(patients, seen)
    nowhere = np.full(len(seen), "")
    data = OutcomeData(
        OUTCOMES["relapse"], estimand, patients, seen, each, each, nowhere, (365,), {}, 99, 99, 99, modelled
    )
    training = data.training_set()
    return float((training.weight * training.label).sum() / training.weight.sum()), data


@pytest.mark.parametrize("seed", range(3))
def test_weighting_recovers_the_incidence_without_further_therapy(seed):
    """Kaplan-Meier of censoring alone misses it, the Cox model of burden finds it."""
    rng = np.random.default_rng(seed)
    patients, follow_up, truth = transplanted(3000, rng)
    weighted, data = incidence(patients, follow_up, "no_further_therapy")
    naive = replace(data, models_therapy=False).training_set()
    ignored = float((naive.weight * naive.label).sum() / naive.weight.sum())
    assert abs(weighted - truth) < 0.025
    assert abs(ignored - truth) > 2 * abs(weighted - truth)


def test_few_transplants_are_said_not_to_be_modelled():
    """The output then says what it assumes."""
    rng = np.random.default_rng(9)
    patients, follow_up, _ = transplanted(12, rng)
    _, data = incidence(patients, follow_up, "no_further_therapy")
    assert data.observation.further_therapy.sum() < 10
    assert data.censoring_assumption == "assumes transplant independent of risk"


def test_the_cox_model_equals_lifelines_own_prediction():
    """Survival before a day, for patients unlike the mean."""
    import pandas as pd
    from lifelines import CoxPHFitter

    from training.dataset.dependent_censoring import PRIOR_SPREAD, _covariates

    rng = np.random.default_rng(5)
    patients, follow_up, _ = transplanted(400, rng)
    seen = observe(OUTCOMES["relapse"], follow_up, estimand="no_further_therapy")
    model = fit_further_therapy(patients, seen.day, seen.further_therapy, np.ones(400))
    assert model is not None
    table = pd.DataFrame(_covariates(patients), columns=["burden", "age", "hsct"])
    table = table[["burden"]].assign(day=seen.day, ended=seen.further_therapy)
    cox = CoxPHFitter(penalizer=1 / (PRIOR_SPREAD**2 * 400)).fit(table, "day", "ended")
    expected = cox.predict_survival_function(table[["burden"]].iloc[:5], times=[200.0]).to_numpy()[0]
    found = model.survival_before(patients.take(np.arange(5)), np.full(5, 200.5))
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_counting_an_infusion_twice_is_having_it_twice():
    """A draw by multiplicity is the draw with its rows repeated, but for how Efron splits repeated ties."""
    rng = np.random.default_rng(6)
    patients, follow_up, _ = transplanted(150, rng)
    seen = observe(OUTCOMES["relapse"], follow_up, estimand="no_further_therapy")
    times = rng.multinomial(150, np.full(150, 1 / 150))
    rows = np.repeat(np.arange(150), times)
    counted = fit_further_therapy(patients, seen.day, seen.further_therapy, times.astype(float))
    repeated = fit_further_therapy(
        patients.take(rows), seen.day[rows], seen.further_therapy[rows], np.ones(150)
    )
    np.testing.assert_allclose(counted.coefficients, repeated.coefficients, rtol=0.03, atol=1e-6)


def test_folds_use_the_model_that_the_whole_cohort_can_carry():
    """With twelve transplants a fold of nine still has its Cox model: the assumption is one."""
    rng = np.random.default_rng(7)
    patients, follow_up, _ = transplanted(30, rng)
    _, data = incidence(patients, follow_up, "no_further_therapy")
    assert data.models_therapy
    ended = np.flatnonzero(data.observation.further_therapy)
    fold = np.setdiff1d(np.arange(30), ended[9:])
    plain = replace(data, models_therapy=False)
    assert not np.allclose(data.training_set(fold).weight, plain.training_set(fold).weight)
