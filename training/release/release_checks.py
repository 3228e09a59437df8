"""Checks before a version is released, and remarks about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit, logit
from features.measures import GAIN
from features.predictors import predictors
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.masked_reasons import OF_EVENTS
from serving.model.measured import Measured
from serving.model.read_bundle import read_bundle
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import OutcomeSummary, Reason
from training.comparison.champion_gain import champion_reasons, champion_remarks
from training.validation.plausibility import steep_slopes

STEEP = "steep_slope"
"""Code of the reason that a slope is too steep."""
CONTRIBUTION_TOLERANCE = 1e-6
"""How far reference and contributions may be from the log-odds of the risk that is shown."""
SHOWN_HARM = 0.01
"""Loss in log loss against the prevalence that counts as harm: what risks cost that are off by 0.3 log-odds
at even odds, or by 0.4 at 15 % (half of the squared error times p(1 - p))."""


def gate_reasons(folder: Path, champion: Bundle | None = None) -> list[str]:
    """List every reason against releasing a bundle.

    Parameters
    ----------
    folder : Path
        As `write_bundle` leaves it.
    champion : Bundle, optional
        What is released now, to compare with.

    Returns
    -------
    reasons : list of str
        Empty where it may be released.

    Examples
    --------
    >>> gate_reasons(Path("no-such-folder"))
    ['no-such-folder holds no bundle.json; train, or promote a version, first']
    """
    try:
        bundle = read_bundle(folder)
    except BundleError as error:
        return [str(error)]
    return bundle_reasons(bundle, champion)


def bundle_reasons(bundle: Bundle, champion: Bundle | None = None) -> list[str]:
    """List the reasons against a bundle whose schema and digests were verified on reading."""
    if not bundle.models:
        return ["the bundle has no outcome"]
    return [
        *_contribution_reasons(bundle),
        *_slope_reasons(bundle),
        *_doubt_reasons(bundle),
        *(champion_reasons(bundle, champion) if champion is not None else []),
    ]


def lost_reasons(bundle: Bundle, outcomes: Sequence[str], *, name: str) -> list[str]:
    """List the outcomes that the last release answers and a bundle does not.

    Parameters
    ----------
    bundle : Bundle
        To be released.
    outcomes : sequence of str
        Of the last release.
    name : str
        Its version, for the message.

    Returns
    -------
    reasons : list of str
        One for each outcome.

    Examples
    --------
    >>> from serving.model.cohort_summary import NO_COHORT
    >>> lost_reasons(Bundle("treatment_policy", NO_COHORT, {}, {}, {}, []), ["relapse"], name="1-3fa2c1")
    ['relapse: predicted by the last release, version 1-3fa2c1, but not by this version']
    """
    return [
        f"{outcome}: predicted by the last release, version {name}, but not by this version"
        for outcome in outcomes
        if outcome not in bundle.models
    ]


def bundle_remarks(bundle: Bundle, champion: Bundle | None = None) -> list[str]:
    """List remarks on a bundle that are no reason against its release.

    A calibration slope below 0 that is not shown to do harm, see `_slope_reasons`; horizons whose metrics the
    bundle does not state; and why a version could not be compared with the champion.
    """
    remarks = [words for words, harm in _below_zero(bundle) if not harm] + _unchecked(bundle)
    return remarks + (champion_remarks(bundle, champion) if champion is not None else [])


def _unchecked(bundle: Bundle) -> list[str]:
    """Name the horizons whose metrics are left out because few had the event or were free of it."""
    return [
        f"{name} by day {days}: the calibration slope was not checked; metrics of few events are not stated"
        for name, summary in bundle.summaries.items()
        for days, metrics in summary.metrics.items()
        if not metrics
    ]


def _doubt_reasons(bundle: Bundle) -> Iterator[str]:
    """List doubts about the data; a steep slope is read off the metrics, which older bundles have too."""
    for name, summary in bundle.summaries.items():
        for doubt in (*summary.doubts, *steep_slopes(name, summary.metrics)):
            yield doubt.text
        # Where the metrics of a horizon with few events were left out, the reason of the status is not.
        yield from (
            f"{name}: {fact.text}" for fact in summary.status_facts if fact == Reason(STEEP, OF_EVENTS[STEEP])
        )


def _contribution_reasons(bundle: Bundle) -> Iterator[str]:
    """Contributions must sum to the risk that is shown, on the golden patients.

    Where only some can have an outcome they sum to the risk among those, which is composed with the risks of
    the other outcomes of the same bundle.
    """
    for name, model in bundle.models.items():
        worst = _worst_sum(model, bundle)
        if not worst <= CONTRIBUTION_TOLERANCE:
            yield (
                f"{name}: contributions do not sum to the risk: off by {worst:.1e} log-odds "
                f"({CONTRIBUTION_TOLERANCE:g} is allowed)"
            )


def _worst_sum(model: RiskModel, bundle: Bundle) -> float:
    """State how far the risk that is shown is from the one of the sums, in log-odds."""
    patients = predictors(bundle.golden)
    summed = _summed_risk(model, bundle, patients)
    return float(np.abs(logit(summed) - logit(model.risk(patients))).max(initial=0.0))


def _summed_risk(model: RiskModel, bundle: Bundle, patients: Columns) -> Values:
    """Compute the risk from the contributions, composed with the risks of the bundle's other outcomes."""
    explanation = model.explain(patients)
    summed = expit(explanation.reference + explanation.contributions.sum(axis=1)[:, None])
    return model.composed(summed, lambda part: _summed_risk(bundle.models[part.outcome], bundle, patients))


def _slope_reasons(bundle: Bundle) -> Iterator[str]:
    """List models that are inversely calibrated and significantly worse than the prevalence.

    A model without any signal has a calibration slope below 0 by chance: the slope has no scale, so risks
    that hardly differ can have a slope as far below 0 as risks that differ much. A lower log loss of the
    prevalence adds little, since both depend on whether higher risks had fewer events. So a slope below 0 is
    a reason only where the risks are worse than one risk for all by more than `SHOWN_HARM`, and a remark
    otherwise: six cases of severe ICANS among 90 patients should not block a whole model. Of 390
    models (ridge, EASIX, boosting) of 60 or 120 simulated patients whose outcomes had been shuffled, 97 had a
    slope below 0 at some horizon, 89 of them also a gain below 0, and 22 are refused.
    """
    for words, harm in _below_zero(bundle):
        if harm:
            yield f"{words}, {harm}"


def _below_zero(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Name each calibration slope whose interval lies below 0, and the harm; empty where none is shown."""
    for name, summary in bundle.summaries.items():
        for days, metrics in summary.metrics.items():
            slope = metrics.get("calibration_slope", Measured(None))
            if slope.low is not None and slope.high is not None and slope.high < 0:
                words = (
                    f"{name} by day {days}: the calibration slope is below 0 "
                    f"(90 % interval {slope.low:.2f} to {slope.high:.2f})"
                )
                yield words, _harm(bundle.models[name], summary, days)


def _harm(model: RiskModel, summary: OutcomeSummary, days: int) -> str:
    """Say how much worse the log loss is than the prevalence's; empty where no harm is shown.

    A horizon without a gain uses the headline's: one ranking of patients serves all horizons.
    """
    at_horizon, at_headline = (summary.metrics.get(each, {}) for each in (days, model.horizons_days[0]))
    gain = at_horizon.get(GAIN) or at_headline.get(GAIN) or Measured(None)
    if model.same_for_all or gain.low is None or gain.high is None or gain.high >= -SHOWN_HARM:
        return ""
    return (
        f"and the log loss is {-gain.high:.3f} to {-gain.low:.3f} worse than that of the prevalence "
        f"({SHOWN_HARM:g} is allowed)"
    )
