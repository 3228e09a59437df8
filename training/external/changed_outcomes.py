"""Outcomes whose risk changes with an update of what they are composed of, and is not validated again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from features.outcomes import OUTCOMES
from serving.model.bundle import Bundle
from serving.model.validation_summary import OutcomeSummary, Reason, Status

PART_UPDATED = "part_updated"


def changed_with(bundle: Bundle, updated: Collection[str]) -> dict[str, tuple[str, ...]]:
    """List the outcomes that rest on updated ones, and were not updated themselves.

    Parameters
    ----------
    bundle : Bundle
        Before the update.
    updated : collection of str
        Outcomes that were updated.

    Returns
    -------
    changed : dict of str to tuple of str
        By outcome: the updated ones that its risk is composed of.
    """
    changed: dict[str, tuple[str, ...]] = {}
    for name in (each for each in OUTCOMES if each in bundle.models and each not in updated):
        parts = [part for part in OUTCOMES[name].rests_on if part in updated]
        further = [each for part in OUTCOMES[name].rests_on for each in changed.get(part, ())]
        if parts or further:
            changed[name] = tuple(dict.fromkeys([*parts, *further]))
    return changed


def without_validation(summary: OutcomeSummary, updated: Collection[str]) -> OutcomeSummary:
    """Take what was measured of the former risks out of a summary, and say why.

    Parameters
    ----------
    summary : OutcomeSummary
        Before the update.
    updated : collection of str
        What the outcome is composed of and was updated.

    Returns
    -------
    summary : OutcomeSummary
        Not validated; what is known of the cohort stays.
    """
    titles = " and ".join(OUTCOMES[each].title for each in updated)
    words = f"its risk is composed of updated risks ({titles}); it was not validated afterward"
    reason = Reason(PART_UPDATED, words, {"parts": titles})
    return replace(
        summary,
        metrics={},
        paired={},
        by_center={},
        center_notes=(),
        by_subgroup={},
        sample_size=None,
        instability=None,
        imputation_sensitivity=None,
        mean_risk={},
        calibration=None,
        decision_curve=None,
        status=Status.NOT_VALIDATED,
        status_reasons=(reason.text,),
        status_facts=(reason,),
    )
