"""Figures: what they show, and what they keep to themselves."""

from __future__ import annotations

import sys
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from features.log_odds import expit
from features.predictors import predictors
from features.synthetic.simulation import synthetic_patients
from serving.model.measured import Measured
from tests.bundles import make_bundle
from training.figures.validation_figures import beeswarm_figure, calibration_figure, roc_figure
from training.statistics.metrics import auroc, ici
from training.validation.cross_validation import Validation
from training.validation.curves import CalibrationCurve, calibration_curve, roc_curve
from training.validation.shared_folds import Folds

NOTHING = np.zeros(0)


def validation(n_infusions: int, rng: np.random.Generator, *, slope: float = 1.0) -> Validation:
    """Out-of-fold risks whose true log-odds are ``slope`` times what they say."""
    log_odds = rng.normal(0, 1.5, n_infusions)
    label = (rng.random(n_infusions) < expit(slope * log_odds)).astype(float)[:, None]
    draws = rng.multinomial(n_infusions, np.full(n_infusions, 1 / n_infusions), size=60).astype(float)
    folds = Folds(np.zeros((1, n_infusions), dtype=np.int64), label, np.ones((n_infusions, 1)), draws)
    return Validation((30,), expit(log_odds)[None, :, None], folds, {}, np.zeros((1, 1)))


def texts(figure: Figure) -> str:
    """All words of a figure's axes."""
    return " ".join(
        f"{axes.get_title()} {axes.get_xlabel()} {axes.get_ylabel()} "
        + " ".join(label.get_text() for label in axes.get_yticklabels())
        for axes in figure.axes
    )


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_area_under_the_roc_curve_is_the_auroc(rng: np.random.Generator) -> None:
    """The curve and the number beside it are of the same weighted data, ties included."""
    risk, weight = rng.integers(0, 8, 60) / 10, rng.uniform(0.5, 2, 60)
    label = (rng.random(60) < risk).astype(float)
    curve = roc_curve(risk, label, weight)
    area = np.trapezoid(curve.sensitivity, curve.false_positive)
    assert area == pytest.approx(float(auroc(risk, label, weight[None])[0]), abs=1e-12)


def test_calibration_curve_is_the_one_the_ici_measures(rng: np.random.Generator) -> None:
    """Mean distance of the curve from the diagonal is the ICI."""
    found = validation(150, rng)
    curve = calibration_curve(found)
    expected = ici(found.mean_risk[:, 0], found.folds.label[:, 0], np.ones((1, 150)))[0]
    assert np.abs(curve.observed - curve.risk).mean() == pytest.approx(expected, abs=1e-9)


def test_band_holds_the_curve_of_calibrated_risks(rng: np.random.Generator) -> None:
    """Risks that are right have the diagonal within the band over most of their range."""
    curve = calibration_curve(validation(400, rng))
    within = (curve.low <= curve.risk) & (curve.risk <= curve.high)
    assert within.mean() > 0.8


def test_extreme_risks_bend_the_curve_to_the_middle(rng: np.random.Generator) -> None:
    """Risks twice too far from even odds are seen above the diagonal at the low end, below at the high."""
    curve = calibration_curve(validation(600, rng, slope=0.5))
    assert curve.observed[20] > curve.risk[20] + 0.03
    assert curve.observed[-20] < curve.risk[-20] - 0.03


@pytest.mark.parametrize(("n_infusions", "n_groups"), [(9, 1), (35, 3), (500, 10)])
def test_no_point_stands_for_fewer_than_ten_of_a_larger_cohort(
    n_infusions: int, n_groups: int, rng: np.random.Generator
) -> None:
    """Groups have at least ten infusions; a cohort of fewer is one group."""
    assert len(calibration_curve(validation(n_infusions, rng)).group_risk) == n_groups


def test_calibration_without_a_band_is_still_drawn() -> None:
    """Where no draw gives a curve the band is left out."""
    risk, nowhere = np.array([0.2, 0.4]), np.full(2, np.nan)
    curve = CalibrationCurve(risk, nowhere, nowhere, nowhere, NOTHING, NOTHING, NOTHING)
    assert "observed risk" in texts(calibration_figure(curve, title="relapse"))


def test_roc_figure_states_the_auroc_with_its_interval(rng: np.random.Generator) -> None:
    """The legend has the measured figure."""
    curve = roc_curve(np.array([0.1, 0.8]), np.array([0.0, 1.0]), np.ones(2))
    figure = roc_figure(curve, Measured(0.71, 0.6, 0.81), title="severe CRS")
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == "AUROC within folds 0.71 (90 %: 0.60 to 0.81)"


def test_beeswarm_shows_every_dot_of_the_served_contributions(rng: np.random.Generator) -> None:
    """Each row's dots stand at the contributions that the model explains its risks with."""
    patients = predictors(synthetic_patients(30, rng=rng))
    model = make_bundle().models["relapse"]
    explanation = model.explain(patients)
    figure = beeswarm_figure(explanation, patients, title="relapse\nSYNTHETIC cohort")
    assert figure is not None
    drawn = np.concatenate(
        [
            np.asarray(dots.get_offsets())[:, 0]
            for dots in figure.axes[0].collections
            if len(dots.get_offsets())
        ]
    )
    strongest = np.argsort(-np.abs(explanation.contributions).mean(axis=0))[0]
    for contribution in explanation.contributions[:, strongest]:
        assert np.abs(drawn - contribution).min() < 1e-9
    assert "SYNTHETIC cohort" in texts(figure)


@pytest.mark.parametrize("value", [np.nan, 1.0])
def test_beeswarm_draws_a_field_that_is_blank_or_the_same_everywhere(
    value: float, rng: np.random.Generator
) -> None:
    """Its contributions may vary with the burden that it is expected from; no warning reaches the screen."""
    patients = predictors(synthetic_patients(30, rng=rng))
    explanation = make_bundle().models["relapse"].explain(patients)
    shown = {name: np.full(30, value) for name in patients.values}
    same = replace(patients, values={**patients.values, **shown})
    figure = beeswarm_figure(explanation, same, title="relapse")
    assert figure is not None
    drawn = sum(len(dots.get_offsets()) for dots in figure.axes[0].collections)
    assert drawn % 30 == 0
    assert drawn > 0


def test_beeswarm_of_fewer_than_ten_infusions_is_not_drawn(rng: np.random.Generator) -> None:
    """With a handful of dots each patient could be told."""
    patients = predictors(synthetic_patients(9, rng=rng))
    explanation = make_bundle().models["relapse"].explain(patients)
    assert beeswarm_figure(explanation, patients, title="relapse") is None


def test_figures_leave_pyplot_alone(rng: np.random.Generator) -> None:
    """No figure stays behind in pyplot's global list, beside those of other libraries."""
    before = plt.get_fignums()
    calibration_figure(calibration_curve(validation(40, rng)), title="relapse")
    assert "matplotlib.pyplot" in sys.modules
    assert plt.get_fignums() == before


def test_axes_end_where_rare_risks_do() -> None:
    """And no mark lies beyond them: the whole range where a risk needs it."""
    for highest, end in ((0.2, 0.25), (0.4, 0.5), (0.7, 1.0)):
        risk = np.linspace(0.02, highest, 50)
        curve = CalibrationCurve(risk, risk, 0.8 * risk, risk, risk[::10], risk[::10], np.full(5, 10))
        above, below = calibration_figure(curve, title="severe ICANS").axes
        assert above.get_ylim() == pytest.approx((-0.02 * end, 1.02 * end))
        assert above.get_xlim() == below.get_xlim() == above.get_ylim()
        assert sum(bar.get_height() for bar in below.patches) == len(risk)
