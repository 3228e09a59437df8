"""A comparison of two versions as a page that stands alone: aggregates, no patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from features.cohort import Cohort
from features.measures import IN_TERMINAL, LOSSES, MEASURES, measure_title
from features.outcomes import OUTCOMES
from serving.model.figure_text import measured
from serving.model.validation_summary import Measured
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
from training.pages.html import chart, frame, items, paragraph, table
from training.pages.svg import intervals

ABOUT = "Lower log loss and Brier score are better. Intervals are 90 %, by bootstrap of patients."
SYNTHETIC = "Synthetic patients: these figures are for trying the software, not for patients."


def comparison_page(pair: Pair, cohort: Cohort, found: Mapping[str, Difference | Unavailable]) -> str:
    """Write the comparison on the patients of a cohort.

    Parameters
    ----------
    pair : tuple of (Contender, Contender)
    cohort : Cohort
    found : mapping of str to (Difference or Unavailable)
        As `training.comparison.paired_comparison.compare_versions` gives it.

    Returns
    -------
    html : str
        No script, nothing loaded from elsewhere, no identifier.
    """
    gains = {
        f"{OUTCOMES[name].title}, {measure_title(loss)}": gain
        for name, each in found.items()
        if isinstance(each, Difference)
        for loss, gain in each.gains.items()
    }
    about = [ABOUT, *bases_words(pair, cohort, found)]
    sections = [_head(pair, about, synthetic=cohort.synthetic), _gains(pair, gains)]
    return frame(_title(pair), [*sections, *(_outcome(pair, name, each) for name, each in found.items())])


def recorded_page(pair: Pair) -> str:
    """Write what both versions recorded, side by side, where no cohort is at hand.

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
    synthetic = first.cohort.synthetic or second.cohort.synthetic
    sections = [_head(pair, [ABOUT, needs_cohort(pair)], synthetic=synthetic), _gains(pair, gains)]
    return frame(_title(pair), [*sections, *(_recorded(pair, name) for name in answered(pair))])


def _title(pair: Pair) -> str:
    return f"{pair[0].name} and {pair[1].name}".capitalize()


def _head(pair: Pair, about: Sequence[str], *, synthetic: bool) -> str:
    notice = f'<p class="notice" role="note">{escape(SYNTHETIC)}</p>' if synthetic else ""
    return "\n".join([f"<h1>{escape(_title(pair))}</h1>", notice, items(about), _versions(pair)])


def _versions(pair: Pair) -> str:
    rows = [
        [
            each.name,
            each.bundle.cohort.name or "published evidence only",
            each.bundle.estimand,
            each.bundle.digest.removeprefix("sha256:")[:12],
        ]
        for each in pair
    ]
    return table(["Version", "Trained on", "Question", "Digest"], rows, caption="Versions")


def _gains(pair: Pair, gains: Mapping[str, Measured]) -> str:
    """Draw the paired gains of the second version."""
    title = f"How much lower the losses of {pair[1].name} are than those of {pair[0].name}"
    drawn = {
        label: (gain.value, gain.low, gain.high)
        for label, gain in gains.items()
        if gain.value is not None and gain.low is not None and gain.high is not None
    }
    if not drawn:
        return paragraph("No paired difference was measured.")
    said = [f"{value:+.3f}" for value, _, _ in drawn.values()]
    behind = table(
        ["", "Lower by (90 % interval)"],
        [[label, measured(gain)] for label, gain in gains.items() if label in drawn],
        caption=title,
    )
    words = (
        f"Right of the line {pair[1].name} has the lower loss, left of it {pair[0].name}; an interval that "
        "crosses the line shows neither to have it."
    )
    svg = intervals(list(drawn), list(drawn.values()), said, title=title)
    return "\n".join([f"<h2>{escape(title)}</h2>", paragraph(words), chart(svg, behind)])


def _outcome(pair: Pair, name: str, found: Difference | Unavailable) -> str:
    parts = [f"<h2>{escape(OUTCOMES[name].title)}</h2>", paragraph(f"{difference_words(pair, name, found)}.")]
    if isinstance(found, Difference):
        rows = [
            [each.name, each.bundle.models[name].method, *(measured(losses[loss]) for loss in LOSSES)]
            for each, losses in zip(pair, found.losses, strict=True)
        ]
        headings = ["Version", "Model", *map(measure_title, LOSSES)]
        parts.append(table(headings, rows, caption=f"By day {found.days}: {patients_words(found)}"))
    return "\n".join(parts)


def _recorded(pair: Pair, name: str) -> str:
    heading, reason = f"<h2>{escape(OUTCOMES[name].title)}</h2>", why_not(name, pair)
    if reason:
        return "\n".join([heading, paragraph(f"Not comparable because {reason}.")])
    rows = [[each.name, each.bundle.models[name].method, *_figures(each, name)] for each in pair]
    headings = ["Version", "Model", *(MEASURES[name].short_title for name in IN_TERMINAL)]
    words = recorded_words(pair[0].bundle, pair[1].bundle, name)
    return "\n".join([heading, paragraph(f"{words}."), table(headings, rows, caption="As recorded")])


def _figures(version: Contender, name: str) -> list[str]:
    headline = version.bundle.models[name].horizons_days[0]
    recorded = version.bundle.summaries[name].metrics.get(headline, {})
    return [measured(recorded.get(figure)) for figure in IN_TERMINAL]
