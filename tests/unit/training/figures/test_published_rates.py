"""The forest plot of rates: a row a product and a cohort."""

from __future__ import annotations

import itertools

from features.products import PRODUCTS
from training.evidence.evidence_set import read_evidence
from training.evidence.prior_from_studies import published_prior
from training.figures.published_rates import OWN, published_rates_figure


def test_every_product_and_every_cohort_has_a_row():
    """Cohorts below their product, academic ones last; each mark is at the cohort's rate."""
    prior = published_prior("severe_crs", (30,), read_evidence())
    figure = published_rates_figure(prior)
    assert figure is not None
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert [label for label in labels if not label.startswith(" ")] == [*PRODUCTS, OWN]
    assert len(labels) == len(PRODUCTS) + 1 + len(prior.rates)
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_label() == "cohort"]
    assert sorted(marks) == sorted(rate.rate for rate in prior.rates)
    assert labels[labels.index("obecabtagene") + 1].strip() == "FELIX (B07, n = 127)"


def test_its_labels_do_not_overlap():
    """And all lie within the figure."""
    figure = published_rates_figure(published_prior("severe_icans", (30,), read_evidence()))
    assert figure is not None
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert all(upper.y0 > lower.y1 for upper, lower in itertools.pairwise(boxes))
    assert min(box.x0 for box in boxes) >= 0
