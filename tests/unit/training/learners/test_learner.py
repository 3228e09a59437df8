"""Ridge, xgboost and prevalence: what each of them fits, and what every learner keeps to."""

import numpy as np
import pytest
import xgboost
from sklearn.linear_model import LogisticRegression

from features.expected_terms import reference_profile
from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from features.terms import TERMS
from serving.model.trees import read_booster, tree_matrix
from training.dataset.fit_config import MODELS, FitConfig
from training.dataset.outcome_dataset import outcome_data
from training.evidence.evidence_set import read_evidence
from training.learners.boosted_trees import SETTINGS, Boosted, BoostedChoice
from training.learners.learner import BASELINES, learners
from training.learners.prevalence import Prevalence
from training.learners.ridge import SPREADS, Ridge, RidgeChoice, _expected, _terms

NAMES = sorted({*MODELS, *BASELINES})


def training_set(outcome, *, n_patients=200, seed=11):
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(seed))
    return outcome_data(cohort, OUTCOMES[outcome], FitConfig()).training_set()


def test_prevalence_is_the_cumulative_incidence():
    """Drawn in by the wide prior of the intercept by less than a thousandth."""
    training = training_set("relapse")
    observed = (training.weight * training.label).sum(0) / training.weight.sum(0)
    risk = Prevalence().fit(training, None).risk(training.patients.take(np.array([0])))[0]
    np.testing.assert_allclose(risk, observed, atol=1e-3)


def test_ridge_equals_scikit_learn_at_one_horizon():
    """The same penalty on the same terms; the intercept's wide prior moves nothing by more than 0.01."""
    training = training_set("severe_crs")
    choice = RidgeChoice(0.35, _expected(training))
    model = Ridge().fit(training, choice)
    scale = reference_profile(tuple(TERMS)).spread
    terms = _terms(training, choice.expected) / scale
    known = training.weight[:, 0] > 0
    reference = LogisticRegression(C=0.35**2, tol=1e-10, max_iter=5000)
    reference.fit(terms[known], training.label[known, 0], sample_weight=training.weight[known, 0])
    np.testing.assert_allclose(model.linear.coefficients * scale, reference.coef_[0], atol=1e-2)
    assert model.reference[0] == pytest.approx(reference.intercept_[0], abs=0.05)


def test_ridge_states_its_prior_per_unit_of_each_term():
    """No effect, give or take the spread of the penalty; nothing is published."""
    training = training_set("severe_crs", n_patients=60)
    linear = Ridge().fit(training, RidgeChoice(0.35, _expected(training))).linear
    np.testing.assert_array_equal(linear.prior_mean, 0.0)
    np.testing.assert_allclose(linear.prior_spread * reference_profile(tuple(TERMS)).spread, 0.35)
    assert not linear.published.any()


def test_ridge_chooses_little_spread_where_nothing_predicts():
    """Labels shuffled among patients: the strongest penalties win."""
    training = training_set("relapse")
    order = np.random.default_rng(2).permutation(len(training))
    shuffled = type(training)(
        training.outcome,
        training.horizons_days,
        training.patients,
        training.label[order],
        training.weight[order],
        training.groups,
    )
    assert Ridge().choose(shuffled, np.random.default_rng(1)).spread <= SPREADS[2]


def test_boosted_margin_is_reference_plus_contributions():
    """XGBoost's own prediction of a margin, intercept included."""
    training = training_set("relapse")
    model = Boosted().fit(training, BoostedChoice(20))
    intercepts = Prevalence().fit(training, None).reference
    booster = read_booster(model.trees.ubj)
    for place, intercept in enumerate(intercepts):
        data = xgboost.DMatrix(tree_matrix(training.patients), base_margin=np.full(len(training), intercept))
        margin = booster.predict(data, output_margin=True)
        np.testing.assert_allclose(model.log_odds(training.patients)[:, place], margin, atol=2e-5)


def test_boosted_without_rounds_is_the_prevalence():
    """Zero rounds are legal and predict one risk for all."""
    training = training_set("severe_icans")
    model = Boosted().fit(training, BoostedChoice(0))
    prevalence = Prevalence().fit(training, None)
    np.testing.assert_allclose(model.risk(training.patients), prevalence.risk(training.patients), atol=1e-6)


def test_boosted_loss_before_the_first_round_is_the_prevalence_loss():
    """The first candidate of the choice is no trees at all."""
    from training.learners.boosted_trees import _held_out_losses
    from training.statistics.metrics import log_loss

    training = training_set("relapse")
    held_out = np.arange(len(training)) % 5 == 0
    kept, tested = training.take(~held_out), training.take(held_out)
    risk = Prevalence().fit(kept, None).risk(tested.patients)
    expected = log_loss(risk.ravel(), tested.label.ravel(), tested.weight.reshape(1, -1))[0]
    found = _held_out_losses(training, held_out=held_out)[0] / tested.weight.sum()
    assert found == pytest.approx(expected, abs=1e-6)


def test_base_score_is_set_so_that_no_tree_means_no_margin():
    """Unset it would be estimated and shift every risk."""
    assert SETTINGS["base_score"] == 0.5


def test_there_is_a_learner_for_every_name():
    """Those that can be released, and those they are compared with; each knows its own name."""
    made = learners(read_evidence())
    assert sorted(made) == NAMES
    assert all(learner.name == name for name, learner in made.items())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
def test_a_curve_never_falls(name, outcome):
    """Whatever the learner, a later horizon has the higher risk for every patient."""
    training = training_set(outcome)
    learner = learners(read_evidence())[name]
    model = learner.fit(training, learner.choose(training, np.random.default_rng(3)))
    order = np.argsort(model.horizons_days)
    assert (np.diff(model.risk(training.patients)[:, order], axis=1) >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_fitting_twice_gives_the_same_model(name):
    """Bit for bit, choice included."""
    training = training_set("relapse")

    def log_odds():
        learner = learners(read_evidence())[name]
        choice = learner.choose(training, np.random.default_rng(8))
        return learner.fit(training, choice).log_odds(training.patients)

    np.testing.assert_array_equal(log_odds(), log_odds())


def test_trees_keep_no_value_of_a_patient_as_it_was():
    """Split thresholds come from values rounded to two digits, which many patients share."""
    training = training_set("relapse")
    model = Boosted().fit(training, BoostedChoice(60))
    table = read_booster(model.trees.ubj).trees_to_dataframe()
    splits = table.loc[table["Feature"] != "Leaf", "Split"].to_numpy(dtype=float)
    splits = splits[splits > 0]
    np.testing.assert_allclose(splits, [float(f"{split:.2g}") for split in splits], rtol=1e-5)
