"""The dependence figure: which fields it shows, and how."""

import numpy as np

from features.predictors import predictors
from serving.model.explanation import Explanation
from tests.bundles import make_bundle, patients
from training.figures.contribution_dependence import MOST_SHOWN, dependence_figure


def shown(n_patients=40, **changes):
    """Draw the figure of the relapse model over made-up patients."""
    rows = [row | changes for row in patients(n_patients, np.random.default_rng(3))]
    cohort = predictors(rows)
    explanation = make_bundle().models["relapse"].explain(cohort)
    return dependence_figure(explanation, cohort, title="relapse"), explanation


def test_strongest_fields_come_first():
    """By how much a field moves the risk between patients."""
    figure, explanation = shown()
    strength = np.abs(explanation.contributions - explanation.contributions.mean(axis=0)).mean(axis=0)
    first = explanation.fields[int(np.argmax(strength))]
    assert first == "marrow_blasts_pct"
    panels = [axes for axes in figure.axes if axes.axison]
    assert panels[0].get_xlabel() == "Marrow blasts before lymphodepletion, %"
    assert len(panels) <= MOST_SHOWN


def test_options_are_words_on_the_axis():
    """Not their codes."""
    figure, _ = shown()
    ticks = {label.get_text() for axes in figure.axes for label in axes.get_xticklabels()}
    assert {"nonresponder", "response_unknown"} <= ticks


def test_composites_are_named_by_what_their_axis_shows():
    """The value of EASIX there is its logarithm, not a doubling of it."""
    figure, _ = shown()
    titles = [axes.get_xlabel() for axes in figure.axes]
    assert "log2 of EASIX (LDH x creatinine / platelets)" in titles
    assert figure.get_supxlabel() == "values beyond the 2% and 98% quantiles are drawn at them"


def test_every_known_infusion_is_a_dot():
    """What is not known has no place on the axis."""
    figure, _ = shown()
    dots = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    assert len(dots[0].get_xdata()) == 40


def test_nothing_to_show_is_no_figure():
    """Few infusions, or nothing that contributes."""
    assert shown(n_patients=9)[0] is None
    cohort = predictors(patients(20, np.random.default_rng(3)))
    nothing = Explanation(
        np.zeros(1), ("age_years",), np.zeros((20, 1)), np.zeros((20, 1)), np.zeros((20, 0))
    )
    assert dependence_figure(nothing, cohort, title="nothing") is None
