"""Published rates of cohorts by product, beside the rate that the evidence alone gives each product."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from training.evidence.base_rates import CohortRate
from training.evidence.evidence_review import NINETY_FIVE, rate_interval
from training.evidence.prior import Prior
from training.evidence.product_rates import PublishedRate, product_rates
from training.figures.forest_plot import ROW_INCHES, label_rows, marks_legend
from training.figures.validation_figures import BLUE, GREY

OWN = "academic, other or unknown product"


def published_rates_figure(prior: Prior) -> Figure | None:
    """Draw the rates of an outcome, a group of rows a product.

    Parameters
    ----------
    prior : Prior
        Of one outcome.

    Returns
    -------
    figure : Figure or None
        Intervals are 95 %; None where nothing is published.

    Examples
    --------
    >>> from training.evidence.evidence_set import Evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> published_rates_figure(published_prior("relapse", (365,), Evidence((), ()))) is None
    True
    """
    if not prior.rates:
        return None
    rates = product_rates(prior, reach=NINETY_FIVE)
    academic = [rate for rate in prior.rates if rate.product not in PRODUCTS]
    groups = [
        (product, rates.known[product], [rate for rate in prior.rates if rate.product == product])
        for product in PRODUCTS
    ]
    groups.append((OWN, rates.own, academic))
    n_rows = len(groups) + len(prior.rates)
    figure = Figure(figsize=(10, 1.6 + ROW_INCHES * n_rows), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    labels: list[str] = []
    for product, level, cohorts in groups:
        labels += _product(axes, product, level, cohorts, row=len(labels))
    label_rows(axes, labels)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlim(left=0)
    days = prior.horizons_days[0]
    given = OUTCOMES[prior.outcome].given
    among = f"\namong {given.words}" if given is not None else ""
    axes.set_xlabel(f"patients with the event by day {days}, with 95 % interval{among}")
    axes.set_title(f"{OUTCOMES[prior.outcome].title}: published rates by product")
    marks_legend(axes)
    return figure


def _product(
    axes: Axes, product: str, level: PublishedRate, cohorts: Iterable[CohortRate], *, row: int
) -> list[str]:
    """Draw a product's rate and below it its cohorts; give the labels of these rows."""
    axes.plot([level.low, level.high], [row, row], color=BLUE, lw=4, alpha=0.35, solid_capstyle="butt")
    axes.plot(level.rate, row, "D", color=BLUE, ms=6, label="evidence alone, in a new center")
    labels = [product]
    for below, rate in enumerate(cohorts, start=row + 1):
        widened, sampled = rate_interval(rate, error=rate.error), rate_interval(rate)
        axes.plot(
            widened,
            [below, below],
            color=GREY,
            lw=1,
            alpha=0.5,
            label="widened for other patients or another scale",
        )
        axes.plot(sampled, [below, below], color=GREY, lw=2, solid_capstyle="butt")
        axes.plot(rate.rate, below, "s", color=GREY, ms=4.5, label="cohort")
        labels.append(f"    {rate.row.cohort} ({rate.row.id}, n = {rate.n:.0f})")
    return labels
