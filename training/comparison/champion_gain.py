"""Whether a version is worse than the champion: what training measures, and how `promote` checks it.

A champion's risks for patients that it was trained on are not out-of-fold, and would look too good. So:

* Trained on the same cohort (equal SHA-256), the champion's cross-validation is repeated in the folds of
  the training, and the gain is paired. Where that was not done (it was not the champion then, or cannot be
  repeated) the two versions' recorded out-of-fold losses are compared. They are from the same patients but
  not paired, since individual losses are never stored; this requires a clear difference.
* Otherwise the champion's risks for the new cohort are compared with the version's own out-of-fold risks,
  infusion by infusion, during training, while the cohort is available. The bundle's provenance records the
  gain, and the digest of the champion it is over.

* Trained on the same patients in another file, order or type of file, it is not compared.

A cohort that has grown is another cohort by its SHA-256, and the champion was trained on most of it: its
risks are then better than they would be for new patients. A version may be refused for that, and the reason
says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter, ValidationError

from features.cohort import Cohort
from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.measured import Measured
from training.dataset.cohort_summary import same_patients
from training.dataset.outcome_dataset import OutcomeData
from training.validation.center_label import answered_center
from training.validation.cross_validation import Validation, log_loss_gain

if TYPE_CHECKING:
    from training.fitting.train import Training

CHAMPION_GAIN = "log_loss_gain_over_champion"
"""Facts in the provenance of a bundle, one per outcome; the bundle's digest does not cover them."""
CHAMPION_DIGEST = "champion_digest"
"""Fact in the provenance of a bundle: the champion that the gains are over."""


def gain_over_champion(
    validation: Validation, data: OutcomeData, champion: Bundle, *, cohort_sha256: str
) -> Measured:
    """Measure how much better a model's out-of-fold risks are than the champion's risks.

    Parameters
    ----------
    validation : Validation
        Of the model, on ``data``.
    data : OutcomeData
    champion : Bundle
    cohort_sha256 : str
        Of the cohort that ``data`` is from.

    Returns
    -------
    gain : Measured
        Paired gain in log loss at the headline horizon with its 90 % interval, above 0 where the model is
        better. None where the two cannot be compared fairly: the champion has no model of the outcome at that
        horizon, has another estimand, or was trained on this cohort.
    """
    model, headline = champion.models.get(data.outcome.name), data.horizons_days[0]
    if model is None or headline not in model.horizons_days:
        return Measured(None)
    if champion.estimand != data.estimand or cohort_sha256 in _seen_by(champion, data.outcome.name):
        return Measured(None)
    horizon = model.horizons_days.index(headline)
    risk = model.risk(data.patients)[None, :, horizon : horizon + 1]
    repeated = np.repeat(risk, len(validation.risk), axis=0)
    baseline = Validation((headline,), repeated, validation.folds, {}, validation.fold_log_loss)
    return log_loss_gain(validation, baseline)


def champion_facts(training: Training, champion: Bundle | None) -> dict[str, str]:
    """Compare the models of a training with the champion, for the provenance of its bundle.

    Parameters
    ----------
    training : Training
    champion : Bundle or None

    Returns
    -------
    facts : dict of str to str
        The champion's digest and, for every outcome that can be compared, the gain at the headline horizon
        with its interval. Empty without a champion or a cohort.
    """
    if champion is None or training.cohort is None:
        return {}
    validated = {
        name: (validation, fitted.data)
        for name, fitted in training.outcomes.items()
        if (validation := fitted.models[fitted.chosen].validation) is not None
    }
    return gain_facts(validated, champion, cohort=training.cohort)


def gain_facts(
    validated: Mapping[str, tuple[Validation, OutcomeData]], champion: Bundle, *, cohort: Cohort
) -> dict[str, str]:
    """State the gains of validated models over the champion, for the provenance of their bundle.

    Parameters
    ----------
    validated : mapping of str to (Validation, OutcomeData)
        By outcome.
    champion : Bundle
    cohort : Cohort
        That they were validated on.

    Returns
    -------
    facts : dict of str to str
        As `champion_facts` gives them; no gain where the champion was trained on these patients in another
        file, since it would be ahead by what it remembers.
    """
    facts = {CHAMPION_DIGEST: champion.digest}
    if same_patients(champion.cohort, cohort):
        return facts
    for name, (validation, data) in validated.items():
        gain = gain_over_champion(validation, data, champion, cohort_sha256=cohort.sha256)
        if gain.value is not None:
            facts[f"{CHAMPION_GAIN}.{name}"] = json.dumps([gain.value, gain.low, gain.high])
    return facts


def recorded_gain(bundle: Bundle, outcome: str) -> Measured:
    """Read the gain over the champion back from a bundle's provenance.

    Raises
    ------
    BundleError
        If the fact is not a gain with its interval.
    """
    stated = bundle.provenance.get(f"{CHAMPION_GAIN}.{outcome}")
    if not stated:
        return Measured(None)
    try:
        value, low, high = TypeAdapter(tuple[float | None, float | None, float | None]).validate_json(stated)
    except ValidationError:
        message = (
            f"provenance.json has no valid {CHAMPION_GAIN}.{outcome}; the bundle is damaged: train again"
        )
        raise BundleError(message) from None
    return Measured(value, low, high)


def champion_reasons(bundle: Bundle, champion: Bundle) -> list[str]:
    """List the outcomes that a version predicts worse than the champion does.

    Parameters
    ----------
    bundle : Bundle
        Of the version to be released.
    champion : Bundle

    Returns
    -------
    reasons : list of str
        Of outcomes that both predict; a lost outcome is no reason here.
    """
    if _why_not(bundle, champion):
        return []
    return [judged for name in _shared(bundle, champion) if (judged := _judged(name, bundle, champion))]


def champion_remarks(bundle: Bundle, champion: Bundle) -> list[str]:
    """List what could not be compared with the champion, and where its recorded loss is lower."""
    compared = f"not compared with the champion, version {champion.version}"
    why = _why_not(bundle, champion)
    if why:
        return [f"{compared}: {why}"]
    missing = [
        f"{name}: {compared}: a required metric is missing"
        for name in _shared(bundle, champion)
        if _judged(name, bundle, champion) is None
    ]
    return missing + [
        words for name in _shared(bundle, champion) if (words := _worse(name, bundle, champion))
    ]


def _worse(name: str, bundle: Bundle, champion: Bundle) -> str:
    """Say that the champion's recorded loss is lower, and how to test the difference."""
    if not _same_cohort(name, bundle, champion) or _paired(name, bundle, champion):
        return ""
    if _judged(name, bundle, champion):
        return ""
    losses = [
        each.summaries[name]
        .metrics.get(each.models[name].horizons_days[0], {})
        .get("log_loss", Measured(None))
        for each in (bundle, champion)
    ]
    own, before = (loss.value for loss in losses)
    if own is None or before is None or own <= before:
        return ""
    return (
        f"{name}: out-of-fold log loss {own:.3f}, against {before:.3f} for the champion on the same cohort; "
        f"test the difference: cart-outcomes compare {champion.version} {bundle.version} --cohort FILE"
    )


def _why_not(bundle: Bundle, champion: Bundle) -> str:
    """Why no outcome can be compared; empty where they can."""
    if bundle.estimand != champion.estimand:
        return f"it has another estimand ({champion.estimand})"
    if bundle.cohort.synthetic != champion.cohort.synthetic:
        return "one of the two was trained on a synthetic cohort"
    own, other = bundle.cohort.home_center, champion.cohort.home_center
    if bundle.cohort.sha256 == champion.cohort.sha256 and own != other:
        return f"it predicts for {answered_center(other)}, this version for {answered_center(own)}"
    same = all(_same_cohort(name, bundle, champion) for name in _shared(bundle, champion))
    if not same and bundle.provenance.get(CHAMPION_DIGEST) != champion.digest:
        return "it was not the champion when this version was trained"
    return ""


def _same_cohort(name: str, bundle: Bundle, champion: Bundle) -> bool:
    """Whether the recorded losses of an outcome are of the same patients."""
    return _measured_on(bundle, name) == _measured_on(champion, name)


def _measured_on(bundle: Bundle, name: str) -> str:
    """Digest of the cohort that an outcome was validated on: what it was updated on, where it was."""
    update = bundle.summaries[name].update
    return update.cohort_sha256 if update is not None else bundle.cohort.sha256


def _seen_by(bundle: Bundle, name: str) -> set[str]:
    """Digests of the cohorts that an outcome's model was fitted to."""
    update = bundle.summaries[name].update
    earlier = update.earlier if update is not None else ()
    return {bundle.cohort.sha256, _measured_on(bundle, name), *earlier}


def _shared(bundle: Bundle, champion: Bundle) -> list[str]:
    return [name for name in bundle.models if name in champion.models]


def _paired(name: str, bundle: Bundle, champion: Bundle) -> bool:
    """Whether training measured the gain over this champion."""
    measured = recorded_gain(bundle, name).value is not None
    return measured and bundle.provenance.get(CHAMPION_DIGEST) == champion.digest


def _judged(name: str, bundle: Bundle, champion: Bundle) -> str | None:
    """Why an outcome is predicted worse, empty where it is not; None where a measure is missing."""
    days = bundle.models[name].horizons_days[0]
    own = bundle.summaries[name].metrics.get(days, {})
    if not _same_cohort(name, bundle, champion) or _paired(name, bundle, champion):
        return _judged_by_gain(f"{name} by day {days}", recorded_gain(bundle, name), champion.version)
    before = champion.summaries[name].metrics.get(days, {}).get("log_loss", Measured(None))
    return _judged_by_loss(f"{name} by day {days}", own.get("log_loss"), before, champion.version)


def _judged_by_gain(which: str, gain: Measured | None, version: str) -> str | None:
    """On another cohort the interval of the paired gain over the champion must not lie below 0."""
    if gain is None or gain.value is None or gain.low is None or gain.high is None:
        return None
    if gain.high >= 0:
        return ""
    return (
        f"{which}: on this version's cohort the champion, version {version}, has a log loss lower by "
        f"{-gain.value:.3f} (90 % interval {-gain.high:.3f} to {-gain.low:.3f}); it has an advantage if "
        "it was trained on some of these patients"
    )


def _judged_by_loss(which: str, loss: Measured | None, before: Measured, version: str) -> str | None:
    """On the same cohort the interval of the log loss must not lie above that of the champion."""
    if loss is None or loss.value is None or loss.low is None or loss.high is None or before.value is None:
        return None
    if loss.low <= before.value:
        return ""
    return (
        f"{which}: out-of-fold log loss {loss.value:.3f} (90 % interval {loss.low:.3f} to {loss.high:.3f}), "
        f"against {before.value:.3f} for the champion, version {version}, on the same cohort"
    )
