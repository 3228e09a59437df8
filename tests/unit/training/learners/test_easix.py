"""The baseline of one published score: what it fits, and what it does without the score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from features.columns import Columns
from features.expected_terms import reference_profile
from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from features.terms import term_matrix
from serving.model.easix_model import easix_index
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.training_set import TrainingSet
from training.learners.easix import COEFFICIENT_SPREAD, SCORE, Easix, easix_model


def training_set(outcome: str, *, n_patients: int = 200, seed: int = 11) -> TrainingSet:
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(seed))
    data = outcome_data(cohort, OUTCOMES[outcome], FitConfig())
    assert isinstance(data, OutcomeData)
    return data.training_set()


def without_platelets(patients: Columns) -> Columns:
    """Take away what EASIX cannot be computed without."""
    blank = np.full(len(patients), np.nan)
    return Columns(patients.model, {**patients.values, "platelets_1e9_l": blank})


def test_easix_equals_scikit_learn_at_one_horizon() -> None:
    """The same penalty on the same one term."""
    training = training_set("severe_crs")
    learner = Easix()
    expected = learner.choose(training, np.random.default_rng(1))
    model = learner.fit(training, expected)
    assert model.linear is not None
    scale = reference_profile(SCORE).spread
    known = training.weight[:, 0] > 0
    reference = LogisticRegression(C=COEFFICIENT_SPREAD**2, tol=1e-10, max_iter=5000)
    reference.fit(
        (model.linear.centered(training.patients) / scale)[known],
        training.label[known, 0],
        sample_weight=training.weight[known, 0],
    )
    np.testing.assert_allclose(model.linear.coefficients * scale, reference.coef_[0], atol=5e-3)


def test_only_the_score_moves_the_risk() -> None:
    """The explanation has one row, and everybody with the same score has the same risk."""
    training = training_set("relapse")
    learner = Easix()
    model = learner.fit(training, learner.choose(training, np.random.default_rng(1)))
    assert model.method == "easix"
    assert model.explain(training.patients).fields == ("easix",)
    score = term_matrix(training.patients, SCORE)[:, 0]
    known = np.flatnonzero(~np.isnan(score))
    order = known[np.argsort(score[known])]
    steps = np.diff(model.risk(training.patients)[order, 0])
    assert (steps >= 0).all() or (steps <= 0).all()


def test_missing_score_takes_its_expected_value_given_burden() -> None:
    """Risks follow burden alone: ordered as the marrow blasts are."""
    training = training_set("relapse")
    learner = Easix()
    model = learner.fit(training, learner.choose(training, np.random.default_rng(1)))
    risk = model.risk(without_platelets(training.patients))[:, 0]
    assert np.isfinite(risk).all()
    blasts = training.patients["marrow_blasts_pct"]
    known = ~np.isnan(blasts)
    in_order = risk[known][np.argsort(blasts[known], kind="stable")]
    assert (np.diff(in_order) >= -1e-12).all() or (np.diff(in_order) <= 1e-12).all()


def test_coefficient_stays_finite_where_the_score_tells_events_apart() -> None:
    """Labels that follow the score without error: the weak prior holds the odds ratio within reason."""
    training = training_set("severe_crs", n_patients=60)
    learner = Easix()
    expected = learner.choose(training, np.random.default_rng(1))
    model = learner.fit(training, expected)
    assert model.linear is not None
    score = model.linear.centered(training.patients)
    apart = replace(training, label=(score > np.median(score)).astype(float), weight=np.ones_like(score))
    fitted = learner.fit(apart, expected).linear
    assert fitted is not None
    assert 0 < fitted.coefficients[0] * expected.spread[0] < 5 * COEFFICIENT_SPREAD


def test_replicates_differ_by_the_draw_of_the_prior_alone() -> None:
    """On the same patients, by little: the prior is weak."""
    training = training_set("relapse")
    learner, rng = Easix(), np.random.default_rng(3)
    expected = learner.choose(training, rng)
    found = [learner.refit(training, expected, rng).linear for _ in range(8)]
    model = learner.fit(training, expected).linear
    assert model is not None
    coefficients = np.array([linear.coefficients[0] for linear in found if linear is not None])
    assert 0 < coefficients.std() < 0.1
    np.testing.assert_allclose(coefficients, model.coefficients[0], atol=0.2)


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
def test_a_curve_never_falls(outcome: str) -> None:
    """A later horizon has the higher risk for every patient."""
    training = training_set(outcome)
    learner = Easix()
    model = learner.fit(training, learner.choose(training, np.random.default_rng(3)))
    order = np.argsort(model.horizons_days)
    assert (np.diff(model.risk(training.patients)[:, order], axis=1) >= 0).all()


def test_parameters_state_the_prior() -> None:
    """Nothing else is to be chosen."""
    expected = reference_profile(SCORE)
    assert Easix().parameters(expected) == {"prior_spread": COEFFICIENT_SPREAD}


def test_the_comparator_says_what_the_baseline_says() -> None:
    """Of a known index the same risk at the headline horizon, uncentred."""
    training = training_set("relapse")
    learner = Easix()
    baseline = learner.fit(training, learner.choose(training, np.random.default_rng(1)))
    found = easix_model(training, horizon_days=training.horizons_days[0])
    assert found is not None
    index = easix_index(training.patients)
    known = ~np.isnan(index)
    assert known.sum() > 50
    np.testing.assert_allclose(
        found.risk(index)[known], baseline.risk(training.patients)[known, 0], atol=1e-12
    )


def test_there_is_no_comparator_of_another_horizon_or_of_labs_that_nobody_has() -> None:
    """Nor where the event was seen in fewer than five of known EASIX: burden would speak in its stead."""
    training = training_set("severe_crs")
    assert easix_model(training, horizon_days=365) is None
    blank = replace(training, patients=without_platelets(training.patients))
    assert easix_model(blank, horizon_days=30) is None
    known = ~np.isnan(easix_index(training.patients))
    events = np.flatnonzero(known & (training.label[:, 0] == 1))
    few = training.take(np.append(np.flatnonzero(training.label[:, 0] == 0), events[:4]))
    enough = training.take(np.append(np.flatnonzero(training.label[:, 0] == 0), events[:5]))
    assert easix_model(few, horizon_days=30) is None
    assert easix_model(enough, horizon_days=30) is not None


def test_a_fit_that_does_not_settle_gives_no_comparator(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer goes without it, and the training goes on."""

    def unsettled(*_: object) -> None:
        message = "Newton steps did not settle"
        raise FloatingPointError(message)

    monkeypatch.setattr(Easix, "fit", unsettled)
    assert easix_model(training_set("severe_crs"), horizon_days=30) is None
