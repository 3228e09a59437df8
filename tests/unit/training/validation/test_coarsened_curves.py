"""Curves of the model card: what the validation says, coarse enough to tell nothing of a single patient."""

from __future__ import annotations

import numpy as np
import pytest

from features.log_odds import expit
from training.statistics.metrics import NET_BENEFIT_THRESHOLDS, net_benefit
from training.validation.coarsened_curves import (
    HISTOGRAM_BINS,
    MOST_POINTS,
    card_calibration,
    card_decision_curve,
)
from training.validation.cross_validation import Validation
from training.validation.curves import calibration_curve
from training.validation.shared_folds import Folds


def validation(n_infusions: int, *, seed: int = 5, spread: float = 1.5, repeats: int = 2) -> Validation:
    """Out-of-fold risks that are right, the same patients in every repeat."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-0.5, spread, n_infusions)
    label = (rng.random(n_infusions) < expit(log_odds)).astype(float)[:, None]
    draws = rng.multinomial(n_infusions, np.full(n_infusions, 1 / n_infusions), size=40).astype(float)
    folds = Folds(np.zeros((repeats, n_infusions), dtype=np.int64), label, np.ones((n_infusions, 1)), draws)
    noise = rng.normal(0, 0.1, (repeats, n_infusions))
    return Validation((30,), expit(log_odds + noise)[:, :, None], folds, {}, np.zeros((repeats, 1)))


@pytest.mark.parametrize("n_infusions", [12, 60, 400])
def test_the_calibration_stands_between_the_percentiles(n_infusions: int) -> None:
    """At most 25 rising points, none beyond 95 % of the predictions, and the band about the curve."""
    found = validation(n_infusions)
    card = card_calibration(found, horizon_days=30)
    assert card is not None
    low, high = np.quantile(found.mean_risk[:, 0], [0.025, 0.975])
    assert len(card.risk) <= MOST_POINTS
    assert list(card.risk) == sorted(set(card.risk))
    assert low - 5e-4 <= card.risk[0] < card.risk[-1] <= high + 5e-4
    assert len(card.observed) == len(card.low) == len(card.high) == len(card.risk)


def test_the_card_draws_the_curve_of_the_figure() -> None:
    """Interpolated between its points, to three decimals."""
    found = validation(300)
    card, curve = card_calibration(found, horizon_days=30), calibration_curve(found)
    assert card is not None
    expected = np.interp(card.risk, curve.risk, curve.observed)
    np.testing.assert_allclose(np.array(card.observed, dtype=float), expected, atol=5e-4 + 1e-9)
    np.testing.assert_allclose(card.group_risk, curve.group_risk, atol=5e-4 + 1e-9)


def test_points_stand_for_ten_infusions_or_more() -> None:
    """Groups share out the cohort; a cohort of nine has none."""
    card, small = (card_calibration(validation(size), horizon_days=30) for size in (57, 9))
    assert card is not None
    assert small is not None
    assert sum(card.group_n) == 57
    assert min(card.group_n) >= 10
    assert len(card.group_n) == len(card.group_risk) == len(card.group_observed) == 5
    assert small.group_n == ()


@pytest.mark.parametrize("seed", range(20))
def test_no_bar_of_the_histogram_stands_for_fewer_than_five(seed: int) -> None:
    """Counts are whole fives, at most what there is; what is hidden is not the rest of the sum."""
    found = validation(90, seed=seed)
    card = card_calibration(found, horizon_days=30)
    assert card is not None
    true, _ = np.histogram(found.mean_risk[:, 0], bins=HISTOGRAM_BINS)
    told = np.array(card.histogram)
    assert len(told) == 20
    assert (told % 5 == 0).all()
    assert (told[true < 5] == 0).all()
    assert ((true - told >= 0) & (true - told < 5)).all()


def test_net_benefit_is_that_of_the_metrics() -> None:
    """Averaged over repeats, at the thresholds that are measured too; everybody treated beside it."""
    found = validation(200)
    curve = card_decision_curve(found, horizon_days=30)
    assert curve is not None
    assert (curve.threshold[0], curve.threshold[-1], len(curve.threshold)) == (0.01, 0.5, 50)
    label, weight = found.folds.label[:, 0], np.ones((1, 200))
    for at in NET_BENEFIT_THRESHOLDS:
        place = curve.threshold.index(at)
        measured = np.mean([net_benefit(at)(risk[:, 0], label, weight)[0] for risk in found.risk])
        assert curve.model[place] == pytest.approx(measured, abs=5e-4 + 1e-9)
        prevalence = label.mean()
        everybody = prevalence - (1 - prevalence) * at / (1 - at)
        assert curve.treat_all[place] == pytest.approx(everybody, abs=5e-4 + 1e-9)


def test_net_benefit_worked_by_hand() -> None:
    """Risks 0.1 to 0.8 of eight, events at 0.3, 0.5, 0.7 and 0.8.

    At 25 % six are treated, four rightly: 4/8 - 2/8 x 1/3 = 0.417. At 1 % all are: 4/8 - 4/8 / 99 = 0.495.
    """
    label = np.array([0, 0, 1, 0, 1, 0, 1, 1.0])[:, None]
    folds = Folds(np.zeros((1, 8), dtype=np.int64), label, np.ones((8, 1)), np.ones((1, 8)))
    risk = (np.arange(1, 9) / 10)[None, :, None]
    curve = card_decision_curve(Validation((30,), risk, folds, {}, np.zeros((1, 1))), horizon_days=30)
    assert curve is not None
    assert (curve.model[24], curve.model[0], curve.treat_all[0]) == (0.417, 0.495, 0.495)


def test_a_horizon_that_was_not_validated_has_no_curves() -> None:
    """The headline is answered from the published course there."""
    assert card_calibration(validation(50), horizon_days=365) is None
    assert card_decision_curve(validation(50), horizon_days=365) is None


def test_what_does_not_exist_is_none() -> None:
    """Without weight nothing is measured; a single risk for all has one point."""
    found = validation(40, spread=0.0, repeats=1)
    flat = Validation((30,), np.full_like(found.risk, 0.2), found.folds, {}, found.fold_log_loss)
    card = card_calibration(flat, horizon_days=30)
    assert card is not None
    assert card.risk == (0.2,)
    unweighted = Folds(found.folds.number, found.folds.label, np.zeros((40, 1)), found.folds.draws)
    nothing = Validation((30,), found.risk, unweighted, {}, found.fold_log_loss)
    curve = card_decision_curve(nothing, horizon_days=30)
    assert curve is not None
    assert set(curve.model) == set(curve.treat_all) == {None}
