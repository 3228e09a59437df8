"""Censoring weights: their weighted mean of labels is the Aalen-Johansen estimate."""

import numpy as np
import pytest

from features.event_labels import labels
from training.statistics.censoring_weights import censoring_survival, censoring_weights, horizon_dropped


def aalen_johansen(day, event, horizon_days, cause):
    """F_k(t) = sum over s <= t of S(s-) d_k(s) / n(s), written out."""
    free, incidence = 1.0, 0.0
    for t in np.unique(day[day <= horizon_days]):
        at_risk = (day >= t).sum()
        incidence += free * ((day == t) & (event == cause)).sum() / at_risk
        free *= 1 - ((day == t) & (event > 0)).sum() / at_risk
    return incidence


def weighted_mean(day, event, horizon_days, cause=1):
    label = labels(day, event, horizon_days=horizon_days, cause=cause)
    weight = censoring_weights(day, label, censoring_survival(day, event), horizon_days=horizon_days)
    return float((weight * np.nan_to_num(label)).sum() / len(day)), weight


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("cause", [1, 2])
def test_weighted_mean_of_labels_is_aalen_johansen_with_many_ties(seed, cause):
    """Equal to machine precision, whatever the ties between events and censoring."""
    rng = np.random.default_rng(seed)
    day, event = rng.integers(1, 25, 150).astype(float), rng.integers(0, 3, 150)
    found, weight = weighted_mean(day, event, 12, cause)
    assert found == pytest.approx(aalen_johansen(day, event, 12, cause), abs=1e-12)
    assert weight.sum() == pytest.approx(150, abs=1e-9)


def test_weighted_mean_matches_the_hand_worked_example():
    """Relapse at 1, 4, 7, death at 2, 6, censored 3, 5, 8: incidence 0.475 and 0.325 at day 8."""
    day = np.array([1, 4, 7, 2, 6, 3, 5, 8], dtype=float)
    event = np.array([1, 1, 1, 2, 2, 0, 0, 0])
    assert weighted_mean(day, event, 8, cause=1)[0] == pytest.approx(0.475, abs=1e-12)
    assert weighted_mean(day, event, 8, cause=2)[0] == pytest.approx(0.325, abs=1e-12)


def test_weighted_mean_matches_an_independent_implementation():
    """Lifelines' Aalen-Johansen agrees where no two days are tied (it jitters ties)."""
    from lifelines import AalenJohansenFitter

    rng = np.random.default_rng(7)
    day, event = rng.permutation(np.arange(1, 201)).astype(float), rng.integers(0, 3, 200)
    fitter = AalenJohansenFitter(calculate_variance=False).fit(day, event, event_of_interest=1)
    expected = float(fitter.cumulative_density_.loc[:90].iloc[-1, 0])
    assert weighted_mean(day, event, 90)[0] == pytest.approx(expected, abs=1e-12)


def test_weights_are_one_without_censoring():
    """Nobody lost, nobody stands for another."""
    day, event = np.array([5.0, 9.0, 40.0]), np.array([1, 2, 1])
    assert weighted_mean(day, event, 30)[1].tolist() == [1.0, 1.0, 1.0]


def test_multiplicity_equals_repeating_the_rows():
    """Counting an infusion twice is having it twice."""
    rng = np.random.default_rng(3)
    day, event, times = rng.integers(1, 20, 40).astype(float), rng.integers(0, 3, 40), rng.integers(0, 4, 40)
    counted = censoring_survival(day, event, times)
    repeated = censoring_survival(np.repeat(day, times), np.repeat(event, times))
    np.testing.assert_allclose(counted.before(np.arange(20)), repeated.before(np.arange(20)), atol=1e-12)


def test_horizon_with_little_follow_up_is_dropped_by_name():
    """A horizon that would need weights above ten is left out and says so."""
    day, event = np.concatenate([np.full(95, 10.0), np.full(5, 400.0)]), np.zeros(100, dtype=int)
    assert (
        horizon_dropped(day, event, horizon_days=365)
        == "only 5% remain uncensored before day 365, 10 % are needed"
    )


def test_horizon_with_few_at_risk_is_dropped_by_name():
    """Nine infusions still followed are too few."""
    day, event = np.concatenate([np.full(3, 10.0), np.full(9, 400.0)]), np.zeros(12, dtype=int)
    assert (
        horizon_dropped(day, event, horizon_days=365) == "fewer than 10 infusions are at risk at day 365 (9)"
    )


def test_horizon_stands_where_nobody_is_censored_before_it():
    """All labels known: the number at risk does not matter."""
    assert horizon_dropped(np.array([5.0, 400.0]), np.array([1, 0]), horizon_days=365) == ""
