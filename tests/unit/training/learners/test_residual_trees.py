"""The residual trees: found where patients show an interaction, and not where they show none."""

import dataclasses

import numpy as np
import pytest

from features.log_odds import expit, logit
from tests.known_risk import drawn_set, headline_prior, some_patients, truth
from training.learners.residual_trees import (
    FEWEST_EVENTS,
    ROUNDS,
    SETTINGS,
    CrossFit,
    choose_trees,
    fit_trees,
    shared,
    worth_looking,
)
from training.statistics.folds import grouped_folds, strata_of
from training.statistics.metrics import log_loss

NO_EFFECT = truth(np.zeros(len(headline_prior("relapse").terms)), base_rate=0.4)


def noise(n_infusions, *, seed):
    """Draw a cohort in which everybody has the same risk, and the margin that says so."""
    training = drawn_set("relapse", NO_EFFECT, n_infusions, np.random.default_rng(seed))
    return training, np.full_like(training.label, NO_EFFECT.intercept)


def crossed(patients):
    """Log-odds of 1.2 where burden or dose is high, -1.2 where both are or neither: no sum of terms."""
    high = patients["marrow_blasts_pct"] >= 5
    dose = patients["dose_1e6_per_kg"] > np.median(patients["dose_1e6_per_kg"])
    return np.where(high != dose, 1.2, -1.2)


def crossed_set(n_infusions, *, seed):
    """Draw a cohort whose risk is `crossed`."""
    training, _ = noise(n_infusions, seed=seed)
    label = np.random.default_rng(seed + 1).random(n_infusions) < expit(crossed(training.patients))
    return dataclasses.replace(training, label=label[:, None].astype(float))


def folds_of(training, *, seed):
    return grouped_folds(
        strata_of(training.label, training.weight),
        training.groups,
        folds=5,
        rng=np.random.default_rng(seed),
    )


@pytest.mark.parametrize(
    ("events", "free", "worth"),
    [
        (FEWEST_EVENTS, FEWEST_EVENTS, True),
        (FEWEST_EVENTS - 1, 100, False),
        (100, FEWEST_EVENTS - 1, False),
        (0, 0, False),
    ],
)
def test_events_and_patients_without_have_to_be_enough(events, free, worth):
    """Of each at least 25; those censored before the horizon are neither."""
    training, _ = noise(events + free + 50, seed=1)
    label, weight = np.zeros_like(training.label), np.ones_like(training.weight)
    label[:events], weight[events + free :] = 1.0, 0.0
    assert worth_looking(dataclasses.replace(training, label=label, weight=weight)) is worth


def harm(training, margin, true, *, seed):
    """Fit trees as chosen where there is nothing to find; state what they add to the loss on new patients."""
    choice = choose_trees(training, [CrossFit(folds_of(training, seed=seed), margin)])
    if choice.rounds == 0:
        return 0.0
    trees = fit_trees(training, shared(margin, training, choice.share), rounds=choice.rounds, seed=seed)
    fresh = some_patients(1000, np.random.default_rng(seed + 100))
    log_odds = shared(true.log_odds(fresh)[:, None], training, choice.share)[:, 0]
    risk = expit(log_odds + trees.mean_margin + trees.contributions(fresh).sum(axis=1))
    return excess(true.risk(fresh), risk)


def excess(true, risk):
    """Mean log loss of stated risks over that of the true ones."""
    return float((true * np.log(true / risk) + (1 - true) * np.log((1 - true) / (1 - risk))).mean())


def test_noise_is_seldom_taken_for_an_interaction():
    """Eight cohorts of 1,000 in which nothing predicts, and a margin that knows: mostly none, never much.

    With 150 to 400 patients it is nearly every other cohort, at a cost of .002 to .003 on average.
    """
    added = [harm(*noise(1000, seed=seed), NO_EFFECT, seed=seed) for seed in range(8)]
    assert sum(loss > 0 for loss in added) <= 3
    assert max(added) < 0.004


def test_what_a_sum_of_terms_says_is_left_to_it():
    """Six cohorts of 1,000 with the published effects, and a margin that is their truth: little is added."""
    true, added = truth(headline_prior("relapse").mean, base_rate=0.45), []
    for seed in range(6):
        training = drawn_set("relapse", true, 1000, np.random.default_rng(seed))
        margin = true.log_odds(training.patients)[:, None]
        added.append(harm(training, margin, true, seed=seed))
    assert sum(loss > 0 for loss in added) <= 2
    assert np.mean(added) < 0.002


@pytest.mark.parametrize("seed", [10, 20])
def test_an_interaction_of_burden_and_dose_is_found(seed):
    """1,500 patients: trees are chosen, and of what a model without them loses on new ones a fifth is won."""
    training = crossed_set(1500, seed=seed)
    # Either alone tells nothing, so the margin of a linear part is the share of events.
    margin = np.full_like(training.label, logit(training.label.mean()))
    choice = choose_trees(training, [CrossFit(folds_of(training, seed=seed), margin)])
    assert choice.rounds in ROUNDS[1:]
    trees = fit_trees(training, margin, rounds=choice.rounds, seed=seed)
    fresh = some_patients(2000, np.random.default_rng(seed + 5))
    risk = expit(margin[0, 0] + trees.mean_margin + trees.contributions(fresh).sum(axis=1))
    true = expit(crossed(fresh))
    assert excess(true, risk) < 0.8 * excess(true, training.label.mean())


def test_no_rounds_lose_what_the_margin_loses():
    """The first candidate is the linear part as it is: its loss worked out by the metric of validation."""
    from training.learners.residual_trees import _held_out

    training = drawn_set("relapse", NO_EFFECT, 120, np.random.default_rng(3), earlier={90: 0.9})
    rng = np.random.default_rng(4)
    training = dataclasses.replace(training, weight=rng.exponential(size=training.label.shape))
    margin = rng.normal(-0.5, 1.0, training.label.shape)
    loss = _held_out(training, CrossFit(folds_of(training, seed=5), margin), 1.0, [0, 5])[0]
    by_horizon = [
        log_loss(expit(margin[:, place]), training.label[:, place], training.weight[None, :, place])[0]
        * training.weight[:, place].sum()
        for place in range(2)
    ]
    assert loss.sum() == pytest.approx(np.sum(by_horizon) / 2, rel=1e-9)


def test_patients_who_do_not_count_do_not_move_the_trees():
    """Forty of weight 0 with the other label: trees and their means are those without them."""
    training = crossed_set(240, seed=30)
    margin = np.zeros_like(training.label)
    weight = np.where(np.arange(240) < 200, 1.0, 0.0)[:, None]
    patients = training.patients.take(np.arange(50))
    flipped = np.where(weight == 0, 1 - training.label, training.label)
    first, second = (
        fit_trees(dataclasses.replace(training, label=label, weight=weight), margin, rounds=10, seed=1)
        for label in (training.label, flipped)
    )
    np.testing.assert_array_equal(first.contributions(patients), second.contributions(patients))


def test_contributions_are_stated_against_the_cohort_that_counts():
    """Their mean over it is 0, and f is their sum and its own mean."""
    training = crossed_set(200, seed=31)
    trees = fit_trees(training, np.zeros_like(training.label), rounds=15, seed=1)
    found = trees.contributions(training.patients)
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-7)
    assert np.abs(found).max() > 0.05


def test_the_same_seed_gives_the_same_trees_and_another_seed_others():
    """Each tree sees a part of the patients and columns."""
    training = crossed_set(200, seed=32)
    first, again, other = (
        fit_trees(training, np.zeros_like(training.label), rounds=10, seed=seed).ubj for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_no_tree_is_no_margin():
    """Log-odds of 0 before the first tree: unset, it would be estimated and shift every risk."""
    assert SETTINGS["base_score"] == 0.5


def test_trees_that_nobody_explains_are_the_same_trees():
    """Contributions stated against 0 and against their mean add up to the same log-odds."""
    training = crossed_set(80, seed=3)
    margin = np.zeros_like(training.label)
    plain, told = (
        fit_trees(training, margin, rounds=3, seed=1, explained=explained) for explained in (False, True)
    )
    assert plain.ubj == told.ubj
    assert (plain.mean_contributions == 0).all()
    found, expected = (
        each.mean_margin + each.contributions(training.patients).sum(axis=1) for each in (plain, told)
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
