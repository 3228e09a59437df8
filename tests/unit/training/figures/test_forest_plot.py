"""The forest plot: what it shows, and that it can be read."""

from __future__ import annotations

import itertools

from features.terms import TERMS
from training.evidence.evidence_set import read_evidence
from training.evidence.prior_from_studies import published_prior
from training.figures.forest_plot import forest_plot


def test_the_forest_plot_shows_studies_priors_and_fitted_coefficients():
    """A row for every term with evidence and for every study; one mark a fitted coefficient."""
    prior = published_prior("relapse", (365,), read_evidence())
    told = [term for term in prior.terms if term.basis != "none"]
    figure = forest_plot(prior, prior.mean)
    assert figure is not None
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == len(told) + sum(len(term.studies) for term in told)
    assert labels[0] == TERMS["disease_burden"].title
    marks = [line.get_label() for line in axes.lines]
    assert marks.count("prior in a new center") == marks.count("fitted coefficient") == len(told)
    without = forest_plot(prior)
    assert without is not None
    assert "fitted coefficient" not in [line.get_label() for line in without.axes[0].lines]


def test_labels_of_the_forest_plot_do_not_overlap():
    """Rows stand apart, and the longest title lies within the figure."""
    figure = forest_plot(published_prior("relapse", (365,), read_evidence()))
    assert figure is not None
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert all(upper.y0 > lower.y1 for upper, lower in itertools.pairwise(boxes))
    assert min(box.x0 for box in boxes) >= 0
