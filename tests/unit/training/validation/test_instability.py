"""Instability of risks over replicates, and its figure."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from features.predictors import predictors
from features.synthetic.simulation import synthetic_patients
from tests.bundles import make_bundle
from training.figures.instability import MOST_REPLICATES, band, instability_plot
from training.validation.instability import (
    Quartiles,
    headline_replicates,
    instability,
    interval_width,
    mean_absolute_error,
    other_side,
)

RISK = np.array([0.1, 0.3, 0.6])
REPLICATES = np.array([[0.1, 0.1, 0.1, 0.1], [0.2, 0.4, 0.3, 0.3], [0.4, 0.8, 0.5, 0.7]])


def figure_of(n_infusions: int, n_replicates: int) -> Figure | None:
    rng = np.random.default_rng(1)
    risk = rng.uniform(0.05, 0.8, n_infusions)
    replicates = np.clip(risk[:, None] + rng.normal(0, 0.08, (n_infusions, n_replicates)), 0, 1)
    return instability_plot(risk, replicates, title="severe CRS by day 30")


def test_mean_absolute_error_is_worked_by_hand() -> None:
    """0; (0.1 + 0.1) / 4; (0.2 + 0.2 + 0.1 + 0.1) / 4."""
    np.testing.assert_allclose(mean_absolute_error(RISK, REPLICATES), [0.0, 0.05, 0.15])


def test_interval_width_is_between_the_5th_and_95th_percentile() -> None:
    """Of 0, 0.01, ... 1 it is 0.9; of replicates that agree it is 0."""
    replicates = np.vstack([np.linspace(0, 1, 101), np.full(101, 0.4)])
    np.testing.assert_allclose(interval_width(replicates), [0.9, 0.0], atol=1e-12)


def test_other_side_counts_replicates_across_the_threshold() -> None:
    """A risk at the threshold is above it."""
    np.testing.assert_allclose(other_side(RISK, REPLICATES, threshold=0.5), [0.0, 0.0, 0.25])
    np.testing.assert_allclose(other_side(RISK, REPLICATES, threshold=0.3), [0.0, 0.25, 0.0])


def test_summary_has_median_and_quartiles_over_patients() -> None:
    """Of mean errors 0, 0.05 and 0.15; one patient of three is unstable at either threshold."""
    found = instability(RISK, REPLICATES, thresholds=(0.3, 0.5, 0.9))
    assert found.absolute_error.median == pytest.approx(0.05)
    assert found.absolute_error.lower == pytest.approx(0.025)
    assert found.absolute_error.upper == pytest.approx(0.1)
    assert found.reclassified == {0.3: pytest.approx(1 / 3), 0.5: pytest.approx(1 / 3), 0.9: 0.0}


def test_exactly_a_tenth_of_the_replicates_is_not_unstable() -> None:
    """More than a tenth is asked for."""
    replicates = np.full((1, 20), 0.6)
    replicates[0, :2] = 0.4
    assert instability(np.array([0.6]), replicates, thresholds=(0.5,)).reclassified == {0.5: 0.0}
    replicates[0, 2] = 0.4
    assert instability(np.array([0.6]), replicates, thresholds=(0.5,)).reclassified == {0.5: 1.0}


def test_replicates_that_agree_are_stable() -> None:
    """Nothing moves."""
    found = instability(RISK, np.repeat(RISK[:, None], 50, axis=1))
    assert found.absolute_error == Quartiles(0.0, 0.0, 0.0)
    assert found.interval_width == Quartiles(0.0, 0.0, 0.0)
    assert set(found.reclassified.values()) == {0.0}


def test_normal_replicates_have_their_known_error_and_width() -> None:
    """Mean absolute deviation of N(0, s) is s sqrt(2 / pi), its 90 % interval 3.29 s."""
    risk = np.full(40, 0.5)
    replicates = 0.5 + np.random.default_rng(3).normal(0, 0.05, (40, 4000))
    found = instability(risk, replicates)
    assert found.absolute_error.median == pytest.approx(0.05 * np.sqrt(2 / np.pi), rel=0.02)
    assert found.interval_width.median == pytest.approx(3.29 * 0.05, rel=0.03)


def test_figure_shows_the_replicates_and_their_band() -> None:
    """At most a hundred dots a patient; a band of two lines and the diagonal."""
    figure = figure_of(60, 150)
    assert figure is not None
    dots, low, high, diagonal = figure.axes[0].lines
    assert len(dots.get_xdata()) == 60 * MOST_REPLICATES
    assert (np.asarray(low.get_ydata()) < np.asarray(high.get_ydata())).all()
    assert list(diagonal.get_xdata()) == [0, 1]
    assert figure.axes[0].get_title() == "severe CRS by day 30"
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["90 % of replicates", "no change"]


def test_band_is_a_mean_over_at_least_ten_infusions() -> None:
    """So that its ends follow nobody: 25 infusions give 16 windows of ten."""
    risk = np.linspace(0.1, 0.5, 25)
    replicates = np.repeat(risk[:, None], 30, axis=1)
    middle, low, high = band(risk, replicates)
    assert len(middle) == 16
    assert middle[0] == pytest.approx(risk[:10].mean())
    np.testing.assert_allclose(low, middle)
    np.testing.assert_allclose(high, middle)


def test_figure_of_fewer_than_ten_infusions_is_not_drawn() -> None:
    """With a handful of columns of dots each patient could be told."""
    assert figure_of(9, 20) is None


def test_headline_risks_of_replicates_are_the_same_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of seven infusions, three at a time."""
    model, patients = (
        make_bundle().models["relapse"],
        predictors(synthetic_patients(7, rng=np.random.default_rng(1))),
    )
    monkeypatch.setattr("training.validation.instability.INFUSIONS", 3)
    whole = model.replicate_risks(patients)[:, :, 0]
    np.testing.assert_allclose(headline_replicates(model, patients), whole, rtol=0, atol=1e-9)
