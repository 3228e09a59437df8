"""Cross-validation, its intervals, and that nothing leaks from a held-out patient."""

import numpy as np
import pytest

from features.log_odds import expit
from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from features.terms import TERMS, explanation_rows, term_matrix
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import outcome_data
from training.evidence.evidence_set import read_evidence
from training.learners.bootstrap_replicates import replicate, weighted_sets
from training.learners.kept_priors import ALL_TERMS
from training.learners.learner import learners
from training.learners.prevalence import Prevalence
from training.learners.ridge import Ridge, RidgeChoice, _expected
from training.statistics.metrics import ici
from training.validation.bootstrap_intervals import measured, measured_distance
from training.validation.cross_validation import cross_validate, log_loss_gain
from training.validation.shared_folds import patient_bootstrap, shared_folds

LEARNERS = learners(read_evidence())
CONFIG = FitConfig(folds=3, repeats=2, bootstrap_draws=40, replicates=8)


def data(outcome="severe_crs", *, n_patients=150, seed=21):
    cohort = simulated_cohort(n_patients, rng=np.random.default_rng(seed))
    return outcome_data(cohort, OUTCOMES[outcome], CONFIG)


class Spy:
    """A learner that notes which patients it saw and predicts a constant."""

    name = "spy"
    interval_note = None

    def __init__(self):
        self.seen = []

    def choose(self, training, rng):
        self.seen.append(set(training.groups.tolist()))

    def skip_choice(self, training, rng):
        pass

    def fit(self, training, choice):
        return RiskModel("severe_crs", "spy", training.horizons_days, reference=np.array([-1.0]))

    def parameters(self, choice):
        return {}


def test_no_patient_is_predicted_by_a_model_that_saw_the_patient():
    """Every infusion of a patient is held out together."""
    spy, prepared = Spy(), data()
    folds = shared_folds(prepared, CONFIG, np.random.default_rng(1))
    cross_validate(spy, prepared, folds, np.random.default_rng(1))
    fold_of_call = [(repeat, fold) for repeat in range(2) for fold in range(3)]
    for (repeat, fold), seen in zip(fold_of_call, spy.seen, strict=True):
        held_out = set(prepared.groups[folds.number[repeat] == fold].tolist())
        assert not seen & held_out


def test_a_constant_risk_has_its_known_log_loss():
    """-log(p) for events, -log(1 - p) for the others, averaged."""
    prepared = data()
    folds = shared_folds(prepared, CONFIG, np.random.default_rng(1))
    found = cross_validate(Spy(), prepared, folds, np.random.default_rng(1)).metrics[30]["log_loss"]
    risk, share = 1 / (1 + np.e), folds.label.mean()
    expected = -(share * np.log(risk) + (1 - share) * np.log(1 - risk))
    assert found.value == pytest.approx(expected)
    assert found.low < found.value < found.high


def test_the_interval_of_log_loss_has_the_width_of_its_standard_error():
    """For a constant risk the loss is linear in the event share, whose patient-clustered error is known."""
    prepared = data(n_patients=400)
    config = FitConfig(folds=3, repeats=1, bootstrap_draws=600)
    folds = shared_folds(prepared, config, np.random.default_rng(1))
    found = cross_validate(Spy(), prepared, folds, np.random.default_rng(1)).metrics[30]["log_loss"]
    losses = np.where(folds.label[:, 0] == 1, np.log(1 + np.e), np.log(1 + np.e) - 1)
    off = np.bincount(prepared.groups, losses - losses.mean())
    width = 2 * 1.645 * np.sqrt((off**2).sum()) / len(losses)
    assert found.high - found.low == pytest.approx(width, rel=0.12)


def test_gain_over_itself_is_zero():
    """The comparison is paired."""
    prepared = data()
    folds = shared_folds(prepared, CONFIG, np.random.default_rng(1))
    validation = cross_validate(Prevalence(), prepared, folds, np.random.default_rng(1))
    gain = log_loss_gain(validation, validation)
    assert (gain.value, gain.low, gain.high) == (0.0, 0.0, 0.0)


def test_bootstrap_counts_all_infusions_of_a_patient_alike():
    """Patients are drawn, not infusions; every draw has as many patients."""
    groups = np.array([0, 0, 1, 2, 2, 2])
    drawn = patient_bootstrap(groups, 200, np.random.default_rng(1))
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, [0, 2, 3]].sum(axis=1) == 3).all()


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_a_replicate_of_the_cohort_itself_is_the_model(name, monkeypatch):
    """Every patient of weight 1 and nothing else uncertain: the replicate's risks are the model's."""
    prepared, learner, rng = data("relapse"), LEARNERS[name], np.random.default_rng(5)
    monkeypatch.setattr(
        type(learner), "refit", lambda self, training, choice, rng: self.fit(training, choice)
    )
    whole = prepared.training_set()
    choice = learner.choose(whole, rng)
    model = learner.fit(whole, choice)
    replicates = replicate(learner, choice, [whole, whole], rng)
    with_replicates = RiskModel(
        model.outcome, name, model.horizons_days, model.reference, model.linear, model.trees, replicates
    )
    # Of a missing input every replicate takes a value of its own.
    complete = ~np.isnan(term_matrix(prepared.patients, ALL_TERMS)).any(axis=1)
    patients = prepared.patients.take(complete)
    risks = with_replicates.replicate_risks(patients)
    np.testing.assert_allclose(risks[:, 0], model.risk(patients), atol=2e-6)


@pytest.mark.parametrize(
    ("name", "n_fields"),
    [
        ("anchored", len(explanation_rows(ALL_TERMS))),
        ("ridge", len(explanation_rows(tuple(TERMS)))),
        ("xgboost", 0),
    ],
)
def test_missing_inputs_are_drawn_for_the_fields_of_the_linear_part(name, n_fields):
    """One uniform draw a replicate and field; none where there is no linear part."""
    prepared, learner, rng = data("severe_crs"), LEARNERS[name], np.random.default_rng(7)
    choice = learner.choose(prepared.training_set(), rng)
    missing = replicate(learner, choice, weighted_sets(prepared, 3, rng), rng).missing
    assert missing.shape == (3, n_fields)
    assert ((missing > 0) & (missing < 1)).all()


def test_intervals_narrow_with_more_patients(monkeypatch):
    """Four times the patients, the same penalty: about half the width."""

    def width(n_patients):
        prepared, learner = data(n_patients=n_patients), Ridge()
        rng = np.random.default_rng(6)
        whole = prepared.training_set()
        choice = RidgeChoice(0.6, _expected(whole))
        monkeypatch.setattr(Ridge, "choose", lambda self, training, rng: choice)
        model = learner.fit(whole, choice)
        replicates = replicate(learner, choice, weighted_sets(prepared, 40, rng), rng)
        low, high = RiskModel(
            model.outcome, "ridge", model.horizons_days, model.reference, model.linear, None, replicates
        ).interval(prepared.patients)
        return float(np.mean(high - low))

    assert width(1200) < 0.65 * width(300)


def drawn_ici(rng, *, shift, n=120, n_draws=60):
    """Draw a cohort whose true log-odds lie off its risks by a shift; its ICI and that of bootstrap draws."""
    log_odds = rng.normal(-1.0, 0.9, n)
    label = (rng.random(n) < expit(log_odds + shift)).astype(float)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=n_draws)
    return ici(expit(log_odds), label, np.vstack([np.ones(n), drawn]))


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_the_interval_of_the_ici_holds_the_truth_and_the_figure(shift):
    """The true ICI by integration over many patients; percentiles of the draws never hold 0."""
    rng = np.random.default_rng(11)
    log_odds = rng.normal(-1.0, 0.9, 100_000)
    truth = np.abs(expit(log_odds + shift) - expit(log_odds)).mean()
    found = [drawn_ici(rng, shift=shift) for _ in range(40)]
    intervals = [measured_distance(values) for values in found]
    assert all(each.low <= each.value <= each.high for each in intervals)
    assert np.mean([each.low <= truth <= each.high for each in intervals]) >= 0.85
    if shift == 0:
        percentiles = [measured(values) for values in found]
        assert not any(each.low <= truth for each in percentiles)


def test_a_model_that_is_far_off_is_still_shown_to_be():
    """The interval does not reach down to 0 whatever the draws."""
    found = measured_distance(drawn_ici(np.random.default_rng(12), shift=2.0, n=300))
    assert found.low > 0.2


def test_every_measure_of_a_validation_has_an_interval_about_it():
    """The ICI among them, of risks that are right."""
    prepared = data(n_patients=300)
    folds = shared_folds(prepared, CONFIG, np.random.default_rng(1))
    measures = cross_validate(Prevalence(), prepared, folds, np.random.default_rng(1)).metrics[30]
    assert measures["ici"].low == 0.0
    assert measures["ici"].low <= measures["ici"].value <= measures["ici"].high


def test_a_distance_without_draws_or_figure_has_no_interval():
    """As any other measure."""
    assert measured_distance(np.array([np.nan, 0.1, 0.2])) == Measured(None)
    assert measured_distance(np.array([0.1, np.nan, np.nan])) == Measured(0.1)
