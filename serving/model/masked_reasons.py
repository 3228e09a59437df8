"""Reasons and doubts in words that state no small count."""

from __future__ import annotations

from dataclasses import replace

from features.decisions import Decision
from features.small_counts import is_small
from serving.model.validation_summary import Doubt, OutcomeSummary, Reason

OF_EVENTS = {
    "few_events": "too few events or non-events to validate a model",
    "observed_expected": "observed and expected events disagree (O:E)",
    "calibration_slope": (
        "no evidence of a correct calibration slope: its interval excludes 1 or includes 0"
    ),
    "below_recommended_size": "the cohort is below the recommended size",
    "event_rate": "the event rate is far from the published one",
    "steep_slope": "the calibration slope is steeper than is plausible",
    "single_field_auroc": "a single field predicts the outcome almost perfectly",
    "single_field_odds": "a single field predicts the outcome almost perfectly",
}
"""By code: what figures about few events are reduced to."""
OF_CENTER = {"event_rate_of_center": "the event rate of a center is far from the published one"}
"""By code: what the figures of a single center, whatever its size, are reduced to."""
OF_DECISION = {
    "repeated_patients": (
        Decision.REPEATED,
        "a few infusions are identical in every value to one of another patient: performance is "
        "overestimated",
    ),
    "near_equal_ids": (
        Decision.NEAR_EQUAL,
        "the identifiers of a few patients differ only in spelling: use one identifier per patient",
    ),
}
"""By code: the decision whose count is stated, and the words without it."""


def masked_reasons(summary: OutcomeSummary, *, few: bool) -> tuple[Reason, ...]:
    """Leave numbers out of the reasons of a status where they would give a small count away.

    Parameters
    ----------
    summary : OutcomeSummary
        Before anything is left out.
    few : bool
        Whether the events by the headline horizon are masked.

    Returns
    -------
    reasons : tuple of Reason
        In the same order, by the same codes; one without numbers has no figures.

    Examples
    --------
    >>> fact = Reason("few_events", "3 events and 57 non-events", {"events": 3, "non_events": 57})
    >>> summary = OutcomeSummary(60, 3, 0, {}, {}, {}, "", "", status_facts=(fact,))
    >>> masked_reasons(summary, few=True)
    (Reason(code='few_events', text='too few events or non-events to validate a model', figures={}),)
    """
    reduced = _reduced(summary, few=few or _few_stated(summary))
    return tuple(
        Reason(fact.code, reduced[fact.code]) if fact.code in reduced else fact
        for fact in summary.status_facts
    )


def masked_doubts(summary: OutcomeSummary, *, few: bool) -> tuple[Doubt, ...]:
    """Leave numbers out of the doubts, as `masked_reasons` does."""
    reduced = _reduced(summary, few=few)
    return tuple(
        replace(doubt, text=reduced[doubt.code]) if doubt.code in reduced else doubt
        for doubt in summary.doubts
    )


def _reduced(summary: OutcomeSummary, *, few: bool) -> dict[str, str]:
    """Give the words without numbers, by the codes for which they are needed."""
    counted = {
        code: words
        for code, (decision, words) in OF_DECISION.items()
        if is_small(summary.counts.get(decision, 0))
    }
    return {**OF_CENTER, **counted, **(OF_EVENTS if few else {})}


def _few_stated(summary: OutcomeSummary) -> bool:
    """Whether a reason itself states a small number of events or of patients without."""
    stated = [fact.figures.get(name) for fact in summary.status_facts for name in ("events", "non_events")]
    return any(is_small(int(each)) for each in stated if each is not None)
