"""A bundle without small counts, so that it can leave the center: the models stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from features.small_counts import is_small, masked_parts
from serving.model.bundle import Bundle
from serving.model.cohort_summary import CohortSummary
from serving.model.group_results import CenterResult
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.masked_reasons import masked_doubts, masked_reasons
from serving.model.status_at_horizon import HorizonCounts
from serving.model.validation_summary import OutcomeSummary

Kept = TypeVar("Kept")
FREE = 2
"""Position of the event-free infusions in `HorizonCounts`: they are masked before the others."""


def masked_bundle(bundle: Bundle, *, small_counts: bool = False) -> Bundle:
    """Leave small counts out of what a bundle states of its cohort.

    Parameters
    ----------
    bundle : Bundle
    small_counts : bool
        Whether they are shown after all; the bundle is then returned as it is.

    Returns
    -------
    bundle : Bundle
        The same models, and summaries as `masked_summary` gives them. A bundle that has no small count is
        the same afterward, and so is a masked one.
    """
    if small_counts:
        return bundle
    summaries = {name: masked_summary(each) for name, each in bundle.summaries.items()}
    return replace(bundle, cohort=masked_cohort(bundle.cohort), summaries=summaries)


def masked_cohort(cohort: CohortSummary) -> CohortSummary:
    """Leave out each share of missing values that is a small count of infusions, or leaves one.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from serving.model.cohort_summary import NO_COHORT
    >>> cohort = replace(NO_COHORT, n_infusions=60, missing={"ecog": 0.05, "crp_mg_l": 0.5, "sex": 0.0})
    >>> masked_cohort(cohort).missing
    {'crp_mg_l': 0.5, 'sex': 0.0}
    """
    size = cohort.n_infusions
    return replace(
        cohort, missing={name: each for name, each in cohort.missing.items() if not tells_few(each, size)}
    )


def tells_few(share: float, size: int) -> bool:
    """Whether a share of infusions, to two decimals, may be a small count, or leave one.

    Examples
    --------
    >>> tells_few(0.05, 60), tells_few(0.97, 60), tells_few(0.1, 60), tells_few(1.0, 60)
    (True, True, False, False)
    """
    return any(is_small(round(part * size)) for part in (share, 1 - share))


def masked_summary(summary: OutcomeSummary) -> OutcomeSummary:
    """Leave small counts out of a summary.

    Parameters
    ----------
    summary : OutcomeSummary

    Returns
    -------
    summary : OutcomeSummary
        A count that is masked is None: it is from 1 to 4, or would give one away. Incidence, mean risk and
        metrics of a horizon are left out where its events are masked. If that is the headline horizon, what
        is stated of that horizon alone is left out too, and reasons state no number. Decisions about fewer
        than five infusions are left out.
    """
    by_day = {days: masked_horizon(counts) for days, counts in summary.horizon_counts.items()}
    few = {days for days, counts in by_day.items() if counts.events is None}
    last = by_day.get(max(by_day, default=0))
    n_events = _total(summary.n_events, last is not None and last.events is None)
    if n_events is None and not by_day:
        # Bundles of earlier versions have no counts by horizon.
        few = {*summary.cumulative_incidence, *summary.metrics}
    shown = replace(
        summary,
        n_events=n_events,
        n_competing=_total(summary.n_competing, last is not None and last.competing is None),
        counts={code: count for code, count in summary.counts.items() if not is_small(count)},
        horizon_counts=by_day,
        cumulative_incidence=_without(summary.cumulative_incidence, few),
        mean_risk=_without(summary.mean_risk, few),
        # The horizon was measured: it stays, without figures.
        metrics={days: {} if days in few else each for days, each in summary.metrics.items()},
        imputation_sensitivity=_imputed(summary),
    )
    headline = next(iter(summary.horizon_counts or summary.metrics), None)
    if headline in few:
        return _without_words(_without_figures(shown), summary, few=True)
    return _without_words(replace(shown, by_center=_masked_centers(summary)), summary, few=False)


def masked_horizon(counts: HorizonCounts) -> HorizonCounts:
    """Mask the counts of a horizon whose sum is public.

    Examples
    --------
    >>> masked_horizon(HorizonCounts(events=3, competing=0, free=40, censored=7))
    HorizonCounts(events=None, competing=0, free=None, censored=7)
    """
    known = (counts.events, counts.competing, counts.free, counts.censored)
    numbers = [count for count in known if count is not None]
    if len(numbers) < len(known):
        return counts
    hidden = masked_parts(numbers, expendable={FREE})
    return HorizonCounts(*(None if each else count for count, each in zip(numbers, hidden, strict=True)))


def _total(count: int | None, hidden: bool) -> int | None:
    """Mask events by the last horizon; patients are counted, so that they may be fewer than there."""
    return None if hidden or count is None or is_small(count) else count


def _masked_centers(summary: OutcomeSummary) -> dict[int, CenterResult]:
    """Mask centers with few events or few others, given the events of all; masked ones have no metrics."""
    centers = list(summary.by_center.values())
    events = [each.n_events for each in centers if each.n_events is not None]
    if len(events) < len(centers):
        return dict(summary.by_center)
    small = [is_small(n) or is_small(each.n_infusions - n) for n, each in zip(events, centers, strict=True)]
    in_all = summary.events_by(next(iter(summary.horizon_counts), 0))
    # Events in infusions of no predicted center; where there are none, the sum of the centers is known.
    rest = [others] if (others := (in_all or 0) - sum(events)) > 0 else []
    small += [is_small(each) for each in rest]
    hidden = masked_parts([*events, *rest], small, expendable={len(events)})
    return {
        number: CenterResult(each.n_infusions, None, {}) if masked else each
        for (number, each), masked in zip(summary.by_center.items(), hidden, strict=False)
    }


def _imputed(summary: OutcomeSummary) -> ImputationSensitivity | None:
    imputed = summary.imputation_sensitivity
    few = imputed is not None and tells_few(imputed.share_incomplete, summary.n_infusions)
    return None if few else imputed


def _without_figures(summary: OutcomeSummary) -> OutcomeSummary:
    """Leave out what would give the number of events by the headline horizon away."""
    centers = {number: CenterResult(each.n_infusions, None, {}) for number, each in summary.by_center.items()}
    return replace(
        summary,
        paired={},
        calibration=None,
        decision_curve=None,
        sample_size=None,
        by_center=centers,
        by_subgroup={},
    )


def _without_words(summary: OutcomeSummary, exact: OutcomeSummary, *, few: bool) -> OutcomeSummary:
    """Leave numbers out of the reasons and doubts that would give a masked count away."""
    facts = masked_reasons(exact, few=few)
    reasons = tuple(fact.text for fact in facts) if facts else summary.status_reasons
    return replace(
        summary,
        status_facts=facts,
        status_reasons=() if few and not facts else reasons,
        doubts=masked_doubts(exact, few=few),
    )


def _without(by_day: Mapping[int, Kept], hidden: set[int]) -> dict[int, Kept]:
    return {days: each for days, each in by_day.items() if days not in hidden}
