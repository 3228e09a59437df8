"""A comparison of two versions in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping

from features.cohort import Cohort
from features.measures import LOSSES, measure_title
from features.outcomes import OUTCOMES
from features.problems import counted
from features.small_counts import shown_of
from serving.model.bundle import Bundle
from serving.model.measured import Measured
from training.comparison.paired_comparison import Difference, Pair
from training.comparison.recorded_difference import measured_on, recorded_difference
from training.comparison.version_risks import Contender
from training.dataset.unavailable import Unavailable


def verdict(names: tuple[str, str], what: str, gain: Measured, *, same: bool = False) -> str:
    """Say which of two versions has the lower log loss, by the interval of the paired gain.

    The verdict names the log loss: a version may have the lower log loss and the higher Brier score.

    Parameters
    ----------
    names : tuple of (str, str)
        Of the two versions.
    what : str
        Is predicted.
    gain : Measured
        Of the second over the first.
    same : bool
        Whether both give the same risks.

    Returns
    -------
    words : str

    Examples
    --------
    >>> names = ("version 2", "version 3")
    >>> verdict(names, "relapse by day 365", Measured(0.021, 0.004, 0.04))
    'version 3 has a significantly lower log loss than version 2 for relapse by day 365'
    >>> verdict(names, "relapse by day 365", Measured(0.021, -0.004, 0.04))
    'no evidence of a difference in log loss between version 2 and version 3 for relapse by day 365'
    """
    first, second = names
    if same:
        return f"{first} and {second} predict the same risks of {what}"
    if gain.low is not None and gain.low > 0:
        return f"{second} has a significantly lower log loss than {first} for {what}"
    if gain.high is not None and gain.high < 0:
        return f"{first} has a significantly lower log loss than {second} for {what}"
    return f"no evidence of a difference in log loss between {first} and {second} for {what}"


def difference_words(pair: Pair, name: str, difference: Difference | Unavailable) -> str:
    """Describe the comparison of an outcome in one sentence.

    Parameters
    ----------
    pair : tuple of (Contender, Contender)
    name : str
        Entry of `OUTCOMES`.
    difference : Difference or Unavailable

    Returns
    -------
    words : str
    """
    if isinstance(difference, Unavailable):
        return f"{OUTCOMES[name].title}: not comparable because {difference.reason}"
    first, second = pair[0].name, pair[1].name
    what = f"{OUTCOMES[name].title} by day {difference.days}"
    judged = verdict((first, second), what, difference.gains["log_loss"], same=difference.same)
    if difference.same:
        return judged
    figures = ", ".join(
        f"{measure_title(loss)} {lower(difference.gains[loss], second, first)}" for loss in LOSSES
    )
    return f"{judged}: {figures}"


def lower(gain: Measured, second: str, first: str) -> str:
    """State a gain, lower being better, by the version that has it.

    Examples
    --------
    >>> lower(Measured(-0.0214, -0.04, 0.004), "version 3", "version 2")
    'lower by 0.021 in version 2 (90 % interval -0.004 to 0.040)'
    """
    if gain.value is None:
        return "not computed"
    sign, which = (-1, first) if gain.value < 0 else (1, second)
    if gain.low is None or gain.high is None:
        return f"lower by {abs(gain.value):.3f} in {which} (no interval)"
    low, high = sorted((sign * gain.low, sign * gain.high))
    return f"lower by {abs(gain.value):.3f} in {which} (90 % interval {low:.3f} to {high:.3f})"


def patients_words(difference: Difference, *, small_counts: bool = True) -> str:
    """Describe the patients that a difference was measured on; few events are masked for others."""
    sizes = f"{counted(difference.n_infusions, 'infusion')} of {counted(difference.n_patients, 'patient')}"
    shown = shown_of(difference.n_events, difference.n_infusions, small_counts=small_counts)
    events = "a masked number of events" if shown is None else counted(shown, "event")
    words = f"{sizes}, {events}; intervals by bootstrap of patients"
    if not difference.unchecked:
        return words
    names = " and ".join(difference.unchecked)
    return f"{words}; {names} recorded no log loss, so the repeated cross-validation cannot be verified"


def bases_words(pair: Pair, cohort: Cohort, differences: Mapping[str, Difference | Unavailable]) -> list[str]:
    """Say where the risks of two versions for a cohort come from.

    Parameters
    ----------
    pair : tuple of (Contender, Contender)
    cohort : Cohort
    differences : mapping of str to (Difference or Unavailable)
        As `training.comparison.paired_comparison.compare_versions` gives it.

    Returns
    -------
    words : list of str
        One sentence per version, with its caveats; none where nothing was compared.
    """
    compared = any(isinstance(each, Difference) for each in differences.values())
    return [_basis(each, cohort) for each in pair] if compared else []


def _basis(version: Contender, cohort: Cohort) -> str:
    trained = version.bundle.cohort
    if not trained.trained:
        return f"{version.name} as released: it is based on published evidence only"
    if trained.sha256 == cohort.sha256:
        return (
            f"{version.name} out-of-fold: it was trained on {cohort.name}, "
            "so its cross-validation was repeated; "
            "each fold's model had fewer patients than the version itself"
        )
    return (
        f"{version.name} as released, without refitting: it was trained on {trained.name}, "
        "and has an advantage if the two cohorts share patients"
    )


def recorded_words(first: Bundle, second: Bundle, name: str) -> str:
    """Compare the recorded metrics of an outcome, without a cohort.

    Parameters
    ----------
    first, second : Bundle
        That can be compared in it.
    name : str
        Entry of `OUTCOMES`.

    Returns
    -------
    words : str
    """
    gain = recorded_difference(first, second, name)
    names = (f"version {first.version}", f"version {second.version}")
    what = f"{OUTCOMES[name].title} by day {first.models[name].horizons_days[0]}"
    if gain.value is not None:
        paired = f"log loss {lower(gain, names[1], names[0])}"
        return f"{verdict(names, what, gain)}: {paired}, paired, recorded when the later version was made"
    without = [each for each in (first, second) if not each.summaries[name].metrics]
    if without:
        unmeasured = " and ".join(f"version {each.version}" for each in without)
        return f"{what}: no metrics were recorded for {unmeasured}"
    (one, digest), (other, other_digest) = measured_on(first, name), measured_on(second, name)
    if digest != other_digest:
        return (
            f"{what}: the recorded metrics are from different patients ({one}, {other}) "
            "and cannot be compared; compare both versions on one cohort"
        )
    return f"{what}: the recorded metrics are from the same patients, but not paired"


def needs_cohort(pair: Pair) -> str:
    """Say what a paired difference needs."""
    versions = " ".join(each.bundle.version for each in pair)
    return (
        "individual risks are never stored, so a paired difference needs a cohort: "
        f"cart-outcomes compare {versions} --cohort FILE"
    )
