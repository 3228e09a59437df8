"""Multiple imputation beside the one expected value that a missing input takes in fitting."""

import dataclasses

import numpy as np
import pytest

from features.disease_burden import BURDEN_FIELD, HIGH_BURDEN_SHARE
from features.expected_terms import reference_profile
from features.log_odds import expit
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.synthetic.simulation import simulated_cohort
from features.terms import TERMS
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.linear_part import LinearPart
from serving.model.replicates import drawn_terms
from tests.bundles import patients
from tests.known_risk import drawn_set, headline_prior, truth
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import outcome_data
from training.evidence.evidence_set import read_evidence
from training.learners.anchored_linear import fit_linear, labeled_terms
from training.learners.imputation import N_IMPUTATIONS, drawn_inputs, even_draws, pooled_fits
from training.learners.learner import learners
from training.learners.residual_trees import TreeChoice
from training.validation.imputation_sensitivity import IMPUTATION_SEED, imputation_sensitivity

LEARNERS = learners(read_evidence())
LINEAR = ("anchored", "ridge")


def whole_set(n_infusions=80):
    """Draw infusions of which everything is known."""
    prior = headline_prior("severe_crs")
    true = truth(prior.effects, base_rate=float(prior.base_rate[0]))
    return drawn_set("severe_crs", true, n_infusions, np.random.default_rng(7))


def gaps_set(field="age_years", n_missing=30):
    """Leave one field of some infusions out."""
    training = whole_set()
    known = training.patients[field].copy()
    known[:n_missing] = np.nan
    return dataclasses.replace(training, patients=with_column(training.patients, field, known))


def with_column(columns, field, values):
    return dataclasses.replace(columns, values={**columns.values, field: values})


def fitted(name, training):
    learner = LEARNERS[name]
    choice = learner.choose(training, np.random.default_rng(1))
    return learner, learner.fit(training, choice), choice


def linear_of(names, *, low, high, spread):
    """Make a linear part of which only expected values and spreads matter."""
    none = np.zeros(len(names))
    return LinearPart(
        terms=names,
        centre=none,
        low_burden=np.array(low),
        high_burden=np.array(high),
        spread=np.array(spread),
        coefficients=none,
        published=none,
        prior_mean=none,
        prior_spread=none + 1,
        sources=((),) * len(names),
    )


@pytest.mark.parametrize("name", LINEAR)
def test_without_missing_inputs_nothing_differs(name):
    """To the last bit, and the result says that nothing was drawn."""
    training = whole_set()
    learner, model, choice = fitted(name, training)
    assert not np.isnan(model.linear.matrix(training.patients)).any()
    found = imputation_sensitivity(learner, model, training, choice)
    assert found == ImputationSensitivity(0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", ["xgboost", "published", "prevalence", "easix"])
def test_without_a_linear_part_fitted_to_patients_there_is_none(name):
    """Trees take missing values as they are; published evidence has no patients; others are not released."""
    training = gaps_set()
    learner, model, choice = fitted(name, training)
    assert imputation_sensitivity(learner, model, training, choice) is None


def test_it_is_the_mean_of_explicit_fits():
    """Age is missing in 30 of 80: twenty fits, one after another, averaged by hand."""
    training = gaps_set()
    learner, model, choice = fitted("anchored", training)
    assert model.trees is None
    known, fits = labeled_terms(choice.anchor, training), []
    shape = (80, len(model.linear.fields))
    for uniform in even_draws(20, shape, np.random.default_rng(IMPUTATION_SEED)):
        terms = known.terms.copy()
        age = model.linear.terms.index("age")
        for row in range(30):
            blasts = training.patients[BURDEN_FIELD][row]
            share = 1 / (1 + np.exp(-np.log10(max(blasts, 0.5) / 5) / 0.25))
            low, high = (drawn_terms(model.linear, uniform[[row]], high=each)[0, age] for each in (0.0, 1.0))
            terms[row, age] = (1 - share) * low + share * high - model.linear.centre[age]
        average = fit_linear(choice.anchor, dataclasses.replace(known, terms=terms)).average
        fits.append((average.intercepts, average.coefficients))
    intercepts, coefficients = (sum(parts) / 20 for parts in zip(*fits, strict=True))
    imputed = expit(intercepts[0] + model.linear.centered(training.patients) @ coefficients)
    difference = np.abs(imputed - model.risk(training.patients)[:, 0])
    found = imputation_sensitivity(learner, model, training, choice)
    assert (found.n_imputations, found.share_incomplete) == (20, 0.38)
    assert found.median_difference == pytest.approx(np.median(difference), abs=1e-12)
    assert found.difference_percentile_95 == pytest.approx(np.percentile(difference, 95), abs=1e-12)
    assert found.median_difference > 0


def test_drawn_inputs_of_an_expected_value_give_the_model_again(monkeypatch):
    """With every draw at its middle, a number takes its expected value, and the fit is that of the model."""
    training = gaps_set()
    learner, model, choice = fitted("anchored", training)
    monkeypatch.setattr("serving.model.replicates.normal_quantile", np.zeros_like)
    imputed = learner.with_drawn_inputs(model, training, choice, np.random.default_rng(1))
    np.testing.assert_allclose(imputed.linear.coefficients, model.linear.coefficients, atol=1e-9)
    np.testing.assert_allclose(imputed.risk(training.patients), model.risk(training.patients), atol=1e-9)


@pytest.mark.parametrize("made", [whole_set, gaps_set])
def test_trees_and_their_share_of_the_linear_part_stay(made):
    """Where they were chosen upon 0.6 of it, so are the fits to imputations: without gaps to the last bit."""
    training = made()
    learner, _, choice = fitted("anchored", training)
    choice = dataclasses.replace(choice, trees=TreeChoice(8, 0.6), margin=np.zeros_like(training.label))
    model = learner.fit(training, choice)
    imputed = learner.with_drawn_inputs(model, training, choice, np.random.default_rng(1))
    assert imputed.trees is model.trees is not None
    same = imputed.linear.coefficients == model.linear.coefficients
    assert same.all() == (not np.isnan(training.patients["age_years"]).any())
    assert (imputed.reference == model.reference).all() == same.all()
    np.testing.assert_allclose(imputed.linear.coefficients, model.linear.coefficients, atol=0.05)


def test_known_terms_stay_as_they_are():
    """Only missing ones are drawn, whichever the burden."""
    rows = predictors(patients(60, np.random.default_rng(3), missing=0.3))
    names = tuple(TERMS)
    profile = reference_profile(names)
    linear = linear_of(names, low=profile.low_burden, high=profile.high_burden, spread=profile.spread)
    uniform = np.random.default_rng(1).random((60, len(linear.fields)))
    drawn, matrix = drawn_inputs(linear, rows, uniform), linear.matrix(rows)
    assert not np.isnan(drawn).any()
    known = ~np.isnan(matrix)
    np.testing.assert_array_equal(drawn[known], matrix[known])


def test_draws_have_the_mean_and_spread_given_burden():
    """A number about its expected value, by as much as it varies; a yes as often as it is expected."""
    names = ("age", "cns3")
    linear = linear_of(names, low=[2.0, 0.1], high=[6.0, 0.4], spread=[1.5, 0.3])
    rng = np.random.default_rng(2)
    for blasts, high in ((0.5, 0.02), (100.0, 1.0), (None, HIGH_BURDEN_SHARE)):
        rows = predictors([{} if blasts is None else {BURDEN_FIELD: blasts}] * 4000)
        drawn = drawn_inputs(linear, rows, rng.random((4000, 2)))
        expected = (1 - high) * linear.low_burden + high * linear.high_burden
        np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=0.1)
        assert drawn[:, 0].std() == pytest.approx(1.5, rel=0.05)


def test_options_of_one_field_are_drawn_together():
    """An infusion has one infusion's draw a field, so never both of two options that exclude each other."""
    names = tuple(name for name in TERMS if TERMS[name].binary)
    profile = reference_profile(names)
    linear = linear_of(names, low=profile.low_burden, high=profile.high_burden, spread=profile.spread)
    uniform = np.random.default_rng(4).random((500, len(linear.fields)))
    drawn = drawn_inputs(linear, predictors([{}] * 500), uniform)
    for field in linear.fields:
        of_field = [position for position, parent in enumerate(linear.parents) if parent == field]
        if len(of_field) == 2:
            assert (drawn[:, of_field].sum(axis=1) <= 1).all()


def test_even_draws_are_uniform_and_independent_across_places():
    """One draw in each twentieth; each alone has the mean and variance of a uniform draw."""
    draws = np.stack(list(even_draws(20, (3000, 2), np.random.default_rng(6))))
    parts = np.sort((draws * 20).astype(int), axis=0)
    assert (parts == np.arange(20)[:, None, None]).all()
    assert draws[0].mean() == pytest.approx(0.5, abs=0.01)
    assert draws[0].var() == pytest.approx(1 / 12, abs=0.003)
    assert abs(np.corrcoef(draws[0].T)[0, 1]) < 0.05


def test_the_figure_hardly_depends_on_the_seed(monkeypatch):
    """Five seeds lie within half of their mean from one another; with independent draws they do not."""
    training = gaps_set("ldh_u_l")
    learner, model, choice = fitted("anchored", training)
    found = []
    for seed in range(5):
        monkeypatch.setattr("training.validation.imputation_sensitivity.IMPUTATION_SEED", seed)
        found.append(imputation_sensitivity(learner, model, training, choice).difference_percentile_95)
    assert np.ptp(found) < 0.5 * np.mean(found)


def test_fits_are_averaged():
    """Each of twenty fits sees other draws; without a missing term one is made."""
    linear = linear_of(("age",), low=[2.0], high=[6.0], spread=[1.5])
    seen = []

    def fit(terms):
        seen.append(terms.mean())
        return terms.mean(axis=0), terms[0]

    rows = predictors([{BURDEN_FIELD: 100.0}, {BURDEN_FIELD: 100.0, "age_years": 40.0}])
    intercepts, coefficients = pooled_fits(linear, rows, np.random.default_rng(1), fit)
    assert len(seen) == len(set(seen)) == N_IMPUTATIONS == 20
    assert intercepts == pytest.approx(np.mean(seen))
    assert coefficients == pytest.approx(2 * np.mean(seen) - 4.0)
    pooled_fits(linear, rows.take(np.array([1])), np.random.default_rng(1), fit)
    assert len(seen) == N_IMPUTATIONS + 1


@pytest.mark.parametrize("name", LINEAR)
def test_a_cohort_with_gaps_has_small_differences(name):
    """The same each time."""
    cohort = simulated_cohort(120, rng=np.random.default_rng(5))
    training = outcome_data(cohort, OUTCOMES["relapse"], FitConfig()).training_set()
    learner, model, choice = fitted(name, training)
    found = imputation_sensitivity(learner, model, training, choice)
    assert 0 < found.median_difference < found.difference_percentile_95 < 0.1
    assert found == imputation_sensitivity(learner, model, training, choice)
