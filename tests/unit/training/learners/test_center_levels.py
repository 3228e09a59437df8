"""Levels of centers: what patients of several centers make of them, and who is answered for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from features.columns import Values
from features.log_odds import expit, logit
from features.terms import TERMS
from serving.model.risk_model import RiskModel
from tests.benchmarks.own_learners import LinearOnly
from tests.known_risk import centred_terms, evidence, headline_prior, some_patients, truth
from training.dataset.centers import Centers
from training.dataset.training_set import TrainingSet
from training.learners.anchored import Anchored
from training.learners.anchored_linear import Anchor, fit_linear, labeled_terms
from training.learners.bootstrap_replicates import replicate
from training.learners.candidate_priors import DEPARTURES, Candidates, candidates
from training.learners.center_levels import with_center_levels
from training.learners.imputation import expected_terms
from training.statistics.laplace import NormalPriors, fit_priors

NAMES = tuple(TERMS)
OUTCOME = "severe_crs"
SHIFTS = np.array([-0.8, 0.0, 0.9])


def several_centers(
    sizes: tuple[int, ...],
    shifts: Values,
    *,
    seed: int,
    home: int | None = None,
    high: float = 0.0,
    base_rate: float = 0.3,
) -> TrainingSet:
    """Draw centers that differ by known log-odds; ``high`` moves patients at risk toward the last center."""
    rng = np.random.default_rng(seed)
    patients = some_patients(sum(sizes), rng)
    prior = headline_prior(OUTCOME)
    log_odds = truth(prior.effects, base_rate=base_rate).log_odds(patients)
    order = np.argsort(high * log_odds + rng.normal(size=len(log_odds)))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.repeat(np.arange(len(sizes)), sizes)
    label = (rng.random(len(number)) < expit(log_odds + shifts[number]))[:, None].astype(float)
    centers = Centers(number, len(sizes), home)
    alone = np.arange(len(number))
    return TrainingSet(OUTCOME, (30,), patients, label, np.ones_like(label), alone, centers=centers)


def released(training: TrainingSet, n_replicates: int = 0) -> RiskModel:
    """Fit without trees, with replicates of exponential weights."""
    learner, rng = Anchored(evidence()), np.random.default_rng(11)
    choice = LinearOnly(learner).choose(training, rng)
    model = learner.fit(training, choice)
    if not n_replicates:
        return model
    draws = rng.exponential(size=(n_replicates, len(training), 1))
    sets = (replace(training, weight=training.weight * draw / draw.mean()) for draw in draws)
    return replace(model, replicates=replicate(learner, choice, sets, rng))


def test_levels_are_those_of_a_penalized_likelihood() -> None:
    """An independent minimum of the same sum: ``-log L + |beta|^2 / 2 v + |u|^2 / 2 s^2``."""
    training = several_centers((120, 80, 50), SHIFTS, seed=1)
    assert training.centers is not None
    terms = centred_terms(training.patients)[:, [NAMES.index("disease_burden"), NAMES.index("age")]]
    vague = NormalPriors(np.zeros((1, 3)), np.eye(3)[None] / 100)
    priors = with_center_levels(vague, np.array([0.5]), training.centers)
    columns = np.hstack([terms, training.centers.columns])
    found = fit_priors(columns, training.label, training.weight, priors).parameters[0]

    def height(at: Values) -> float:
        log_odds = at[0] + terms @ at[1:3] + at[3:6][training.centers.number]  # type: ignore[union-attr]
        fit = training.label[:, 0] * log_odds - np.logaddexp(0, log_odds)
        return float(-fit.sum() + (at[:3] ** 2).sum() / 200 + (at[3:] ** 2).sum() / (2 * 0.25))

    expected = minimize(height, np.zeros(6), method="BFGS", options={"gtol": 1e-8}).x
    assert found[:6] == pytest.approx(expected, abs=1e-4)
    assert found[6:] == pytest.approx([0.0, 0.0])


def test_a_mix_of_patients_that_differs_by_center_does_not_bias_effects() -> None:
    """Patients at risk are treated where risks are higher anyway: without levels, burden takes the blame."""
    training = several_centers((400, 400, 400), 1.5 * SHIFTS, seed=2, high=2.0)
    prior = headline_prior(OUTCOME)
    expected = expected_terms(training.patients, NAMES, training.weight.sum(axis=1))
    wide = replace(prior, terms=tuple(replace(term, spread=5.0) for term in prior.terms))
    slopes = {}
    for by_center in (True, False):
        anchor = Anchor(prior, expected, one_candidate(wide, expected.spread, by_center=by_center))
        known = training if by_center else replace(training, centers=None)
        coefficients = fit_linear(anchor, labeled_terms(anchor, known)).average.coefficients
        terms = centred_terms(training.patients)
        slopes[by_center] = np.polyfit(terms @ prior.effects, terms @ coefficients, 1)[0]
    assert abs(slopes[True] - 1) < 0.35
    assert abs(slopes[True] - 1) < abs(slopes[False] - 1) - 0.2


def one_candidate(prior: object, spread: Values, *, by_center: bool) -> Candidates:
    """Lay out the candidate whose effects may be anything."""
    laid_out = candidates(prior, spread, by_center=by_center)  # type: ignore[arg-type]
    mass = np.zeros(len(laid_out.mass))
    mass[0] = 1.0
    return replace(laid_out, mass=mass)


def test_a_home_center_with_many_patients_has_the_risk_that_it_shows() -> None:
    """Its mean risk is near its observed rate, whatever the other centers show."""
    training = several_centers((150, 100, 100), SHIFTS * 1.5, seed=3, home=2)
    own = training.centers.number == 2  # type: ignore[union-attr]
    risk = released(training).risk(training.patients.take(own))[:, 0].mean()
    pooled = released(replace(training, centers=None)).risk(training.patients.take(own))[:, 0].mean()
    observed = float(training.label[own].mean())
    assert abs(risk - observed) < 0.06
    assert abs(risk - observed) < abs(pooled - observed) / 2


def test_a_home_center_with_five_patients_is_near_a_new_one() -> None:
    """Five of five with the event move its risk up, and not far."""
    training = several_centers((150, 100, 5), np.zeros(3), seed=4, home=2)
    own = training.centers.number == 2  # type: ignore[union-attr]
    label = np.where(own[:, None], 1.0, training.label)
    of_home = replace(training, label=label)
    of_new = replace(of_home, centers=replace(training.centers, home=None))  # type: ignore[type-var]
    home, new = (released(each).risk(training.patients)[:, 0].mean() for each in (of_home, of_new))
    assert 0 < logit(np.array([home]))[0] - logit(np.array([new]))[0] < 0.8


def test_names_of_centers_change_nothing() -> None:
    """Not the model and not a replicate: numbers are all that a fit has of a center."""
    training = several_centers((60, 40, 30), SHIFTS, seed=5)
    turned = Centers(np.array([2, 0, 1])[training.centers.number], 3)  # type: ignore[union-attr]
    models = [released(each) for each in (training, replace(training, centers=turned))]
    assert models[0].reference == pytest.approx(models[1].reference, abs=1e-8)
    assert models[0].linear is not None
    assert models[1].linear is not None
    assert models[0].linear.coefficients == pytest.approx(models[1].linear.coefficients, abs=1e-8)


def test_the_interval_of_a_new_center_is_the_wider_one() -> None:
    """How far it is from the typical center is not known; of a home center with many patients it is."""
    training = several_centers((120, 60, 60), np.zeros(3), seed=6)
    patients, widths, spreads = some_patients(20, np.random.default_rng(7)), {}, {}
    for home in (None, 0):
        centers = replace(training.centers, home=home)  # type: ignore[type-var]
        model = released(replace(training, centers=centers), 60)
        low, high = model.interval(patients)
        widths[home] = float((logit(high) - logit(low)).mean())
        spreads[home] = float(model.replicate_risks(patients)[:, :, 0].mean(axis=0).std())
    assert widths[None] > widths[0]
    assert spreads[None] > 1.25 * spreads[0]


def test_risks_of_a_new_center_are_right_on_average_over_new_centers() -> None:
    """Log-odds of the typical center would be too extreme: a new center may be any other."""
    rng, predicted, rate = np.random.default_rng(8), [], float(headline_prior(OUTCOME).base_rate[0])
    patients = some_patients(200, rng)
    log_odds = truth(headline_prior(OUTCOME).effects, base_rate=rate).log_odds(patients)
    true = expit(log_odds[:, None] + 0.5 * rng.normal(size=500)).mean()
    for seed in range(16):
        training = several_centers((30,) * 6, 0.5 * rng.normal(size=6), seed=100 + seed, base_rate=rate)
        predicted.append(released(training).risk(patients)[:, 0].mean())
    assert abs(np.mean(predicted) - true) < 2 * np.std(predicted) / 4


def test_without_centers_nothing_is_added() -> None:
    """Priors and patients are the very same objects as before."""
    prior = headline_prior(OUTCOME)
    laid_out = candidates(prior, np.ones(len(NAMES)))
    assert laid_out.between is None
    assert with_center_levels(laid_out.priors, None, None) is laid_out.priors


def test_centers_lie_apart_as_far_as_published_rates_do_or_farther() -> None:
    """Two spreads, weighed by the patients: the wider where published rates do not hold."""
    laid_out = candidates(headline_prior(OUTCOME), np.ones(len(NAMES)), by_center=True)
    assert laid_out.between is not None
    by_departure = laid_out.between.reshape(-1, len(DEPARTURES))[0]
    assert by_departure.min() == pytest.approx(0.2, abs=0.05)
    assert by_departure.max() == pytest.approx(np.hypot(by_departure.min(), 0.5))
