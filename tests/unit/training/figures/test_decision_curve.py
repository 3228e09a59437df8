"""The decision curve drawn is the one that was measured."""

import numpy as np

from serving.model.validation_curves import DecisionCurve
from training.figures.decision_curve import LOWEST_SHOWN, decision_figure


def test_lines_are_the_model_everybody_and_nobody():
    """At the thresholds given; what could not be computed is a gap."""
    curve = DecisionCurve(threshold=(0.1, 0.2, 0.3), model=(0.2, None, 0.1), treat_all=(0.15, 0.05, -0.4))
    (axes,) = decision_figure(curve, title="severe CRS").axes
    model, everybody, nobody = axes.get_lines()
    np.testing.assert_array_equal(model.get_ydata(), [0.2, np.nan, 0.1])
    np.testing.assert_array_equal(everybody.get_ydata(), [0.15, 0.05, -0.4])
    np.testing.assert_array_equal(nobody.get_ydata(), [0, 0])
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words[1:] == ["acting on everybody (treat all)", "acting on nobody (treat none)"]
    low, high = axes.get_ylim()
    assert low == LOWEST_SHOWN
    assert high > 0.2
