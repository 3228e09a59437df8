"""A comparison of two versions as a self-contained page: aggregates, no patient data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.cohort import Cohort
from features.measures import IN_TERMINAL, LOSSES, MEASURES, measure_title
from features.outcomes import OUTCOMES
from serving.model.figure_text import measured
from serving.model.measured import Measured
from training.comparison.paired_comparison import Difference, Pair, answered, why_not
from training.comparison.recorded_difference import recorded_difference
from training.comparison.version_risks import Contender
from training.dataset.unavailable import Unavailable
from training.pages.comparison_text import (
    bases_words,
    difference_words,
    needs_cohort,
    patients_words,
    recorded_words,
)
from training.pages.html import Chart, Table, render
from training.pages.svg import intervals


@dataclass(frozen=True)
class OutcomeView:
    """One outcome of a comparison; ``figures`` is None where the versions cannot be compared."""

    title: str
    words: str
    figures: Table | None


def comparison_page(
    pair: Pair,
    cohort: Cohort,
    compared: Mapping[str, Difference | Unavailable],
    *,
    small_counts: bool = False,
) -> str:
    """Write the comparison on the patients of a cohort.

    Parameters
    ----------
    pair : tuple of (Contender, Contender)
    cohort : Cohort
    compared : mapping of str to (Difference or Unavailable)
        As `training.comparison.paired_comparison.compare_versions` gives it.
    small_counts : bool
        Whether numbers of fewer than five events are shown.

    Returns
    -------
    html : str
        No script, nothing loaded from elsewhere, no identifier.
    """
    gains = {
        f"{OUTCOMES[name].title}, {measure_title(loss)}": gain
        for name, each in compared.items()
        if isinstance(each, Difference)
        for loss, gain in each.gains.items()
    }
    outcomes = [_outcome(pair, name, each, small_counts=small_counts) for name, each in compared.items()]
    about = bases_words(pair, cohort, compared)
    return _page(pair, about, gains, outcomes, synthetic=cohort.synthetic)


def recorded_page(pair: Pair) -> str:
    """Write the recorded metrics of both versions side by side, without a cohort.

    Parameters
    ----------
    pair : tuple of (Contender, Contender)

    Returns
    -------
    html : str
        As `comparison_page`.
    """
    first, second = (each.bundle for each in pair)
    names = [name for name in answered(pair) if not why_not(name, pair)]
    gains = {
        f"{OUTCOMES[name].title}, {measure_title('log_loss')}": recorded_difference(first, second, name)
        for name in names
    }
    outcomes = [_recorded(pair, name) for name in answered(pair)]
    synthetic = first.cohort.synthetic or second.cohort.synthetic
    return _page(pair, [needs_cohort(pair)], gains, outcomes, synthetic=synthetic)


def _page(
    pair: Pair,
    about: list[str],
    gains: Mapping[str, Measured],
    outcomes: Sequence[OutcomeView],
    *,
    synthetic: bool,
) -> str:
    first, second = (version.name for version in pair)
    return render(
        "comparison.html",
        title=f"{first} and {second}".capitalize(),
        first=first,
        second=second,
        synthetic=synthetic,
        about=about,
        versions=_versions(pair),
        gains=_gains(pair, gains),
        outcomes=outcomes,
    )


def _versions(pair: Pair) -> Table:
    rows = [
        [
            each.name,
            each.bundle.cohort.name or "published evidence only",
            each.bundle.estimand,
            each.bundle.digest.removeprefix("sha256:")[:12],
        ]
        for each in pair
    ]
    return Table(["Version", "Trained on", "Estimand", "Digest"], rows, caption="Versions")


def _gains(pair: Pair, gains: Mapping[str, Measured]) -> Chart | None:
    """Draw the paired gains of the second version; None where none was measured."""
    title = f"Reduction in loss from {pair[0].name} to {pair[1].name}"
    drawn = {
        label: (gain.value, gain.low, gain.high)
        for label, gain in gains.items()
        if gain.value is not None and gain.low is not None and gain.high is not None
    }
    if not drawn:
        return None
    values = [f"{value:+.3f}" for value, _, _ in drawn.values()]
    behind = Table(
        ["", "Lower by (90 % interval)"],
        [[label, measured(gain)] for label, gain in gains.items() if label in drawn],
        caption=title,
    )
    return Chart(intervals(list(drawn), list(drawn.values()), values, title=title), behind)


def _outcome(pair: Pair, name: str, compared: Difference | Unavailable, *, small_counts: bool) -> OutcomeView:
    title, words = OUTCOMES[name].title, f"{difference_words(pair, name, compared)}."
    if isinstance(compared, Unavailable):
        return OutcomeView(title, words, None)
    rows = [
        [each.name, each.bundle.models[name].method, *(measured(losses[loss]) for loss in LOSSES)]
        for each, losses in zip(pair, compared.losses, strict=True)
    ]
    headings = ["Version", "Model", *map(measure_title, LOSSES)]
    caption = f"By day {compared.days}: {patients_words(compared, small_counts=small_counts)}"
    return OutcomeView(title, words, Table(headings, rows, caption=caption))


def _recorded(pair: Pair, name: str) -> OutcomeView:
    title, reason = OUTCOMES[name].title, why_not(name, pair)
    if reason:
        return OutcomeView(title, f"Not comparable because {reason}.", None)
    rows = [[each.name, each.bundle.models[name].method, *_figures(each, name)] for each in pair]
    headings = ["Version", "Model", *(MEASURES[name].short_title for name in IN_TERMINAL)]
    words = recorded_words(pair[0].bundle, pair[1].bundle, name)
    return OutcomeView(title, f"{words}.", Table(headings, rows, caption="As recorded"))


def _figures(version: Contender, name: str) -> list[str]:
    headline = version.bundle.models[name].horizons_days[0]
    recorded = version.bundle.summaries[name].metrics.get(headline, {})
    return [measured(recorded.get(figure)) for figure in IN_TERMINAL]
