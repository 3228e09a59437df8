"""Two versions by their recorded metrics, without a cohort."""

from __future__ import annotations

from serving.model.bundle import Bundle
from serving.model.measured import Measured
from training.comparison.champion_gain import CHAMPION_DIGEST, recorded_gain
from training.external.update_learner import ORIGINAL


def recorded_difference(first: Bundle, second: Bundle, outcome: str) -> Measured:
    """Read back how much lower the second version's log loss was than the first's, paired by patient.

    Parameters
    ----------
    first, second : Bundle
        That predict the outcome.
    outcome : str

    Returns
    -------
    gain : Measured
        Above 0 the second is better. None unless one of them was the champion when the other was trained, or
        is the parent of the other: only then was a paired difference computed, on the later one's cohort.
    """
    later = _gain_over(second, first, outcome)
    return later if later.value is not None else turned(_gain_over(first, second, outcome))


def turned(gain: Measured) -> Measured:
    """Turn a gain around.

    Examples
    --------
    >>> turned(Measured(0.2, 0.1, 0.3)), turned(Measured(None))
    (Measured(value=-0.2, low=-0.3, high=-0.1), Measured(value=None, low=None, high=None))
    """
    low, high = (None if end is None else -end for end in (gain.high, gain.low))
    return Measured(None if gain.value is None else -gain.value, low, high)


def measured_on(bundle: Bundle, outcome: str) -> tuple[str, str]:
    """Name the cohort that an outcome's recorded figures are of, and its digest."""
    update = bundle.summaries[outcome].update
    if update is not None:
        return update.cohort, update.cohort_sha256
    return bundle.cohort.name, bundle.cohort.sha256


def _gain_over(later: Bundle, earlier: Bundle, outcome: str) -> Measured:
    summary = later.summaries[outcome]
    if summary.update is not None and summary.update.parent_digest == earlier.digest:
        return summary.paired.get(ORIGINAL, Measured(None))
    if later.provenance.get(CHAMPION_DIGEST) == earlier.digest:
        return recorded_gain(later, outcome)
    return Measured(None)
