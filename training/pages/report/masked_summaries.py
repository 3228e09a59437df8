"""What a report leaves out of outcomes with few events, so that it can leave the center."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from serving.model.bundle import Bundle
from serving.model.validation_summary import OutcomeSummary
from training.pages.publication.incidence_table import hidden_counts
from training.statistics.small_counts import FEWEST_SHOWN

Kept = TypeVar("Kept")

NOTE = (
    f"Not shown: counts of 1 to {FEWEST_SHOWN - 1} infusions, counts that would give them away, and figures "
    "of horizons with so few events."
)


def masked_bundle(bundle: Bundle) -> tuple[Bundle, frozenset[str]]:
    """Leave small counts out of the summaries of a bundle.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.

    Returns
    -------
    bundle : Bundle
        The same models. Counts of a horizon are left out where one of them is masked, its incidence where an
        event is, and its metrics where the event of interest is. Decisions about fewer than five infusions
        are left out.
    masked : frozenset of str
        Outcomes whose number of events is masked too; it is 0 in their summary, which is to be shown as
        masked.
    """
    summaries = {name: _masked(each) for name, each in bundle.summaries.items()}
    masked = frozenset(name for name, each in bundle.summaries.items() if _total_masked(each))
    summaries = {
        name: replace(each, n_events=0, n_competing=0) if name in masked else each
        for name, each in summaries.items()
    }
    return replace(bundle, summaries=summaries), masked


def _total_masked(summary: OutcomeSummary) -> bool:
    """Whether the events by the last horizon are masked; earlier bundles have no counts by horizon."""
    small = any(0 < count < FEWEST_SHOWN for count in (summary.n_events, summary.n_competing))
    return small or max(summary.horizon_counts, default=0) in _horizons(summary, 2)


def _horizons(summary: OutcomeSummary, first: int) -> frozenset[int]:
    """Give the horizons at which any of the first counts is masked: events, competing, free, censored."""
    hidden = {days: hidden_counts(counts)[:first] for days, counts in summary.horizon_counts.items()}
    return frozenset(days for days, marked in hidden.items() if marked.any())


def _masked(summary: OutcomeSummary) -> OutcomeSummary:
    shown = replace(
        summary,
        counts={code: count for code, count in summary.counts.items() if count >= FEWEST_SHOWN},
        horizon_counts=_without(summary.horizon_counts, _horizons(summary, 4)),
        cumulative_incidence=_without(summary.cumulative_incidence, _horizons(summary, 2)),
        mean_risk=_without(summary.mean_risk, _horizons(summary, 2)),
    )
    few = _horizons(summary, 1)
    return _without_figures(shown, few) if few else shown


def _without_figures(summary: OutcomeSummary, few: frozenset[int]) -> OutcomeSummary:
    """Leave out what would give the number of events away: metrics, curves, and reasons that name it."""
    return replace(
        summary,
        # The horizon was measured: it stays, without figures.
        metrics={days: {} if days in few else each for days, each in summary.metrics.items()},
        paired={},
        calibration=None,
        decision_curve=None,
        sample_size=None,
        status_reasons=(),
        status_facts=(),
    )


def _without(by_day: Mapping[int, Kept], hidden: frozenset[int]) -> dict[int, Kept]:
    return {days: each for days, each in by_day.items() if days not in hidden}
