"""What the report says of multiple imputation as a sensitivity analysis."""

from __future__ import annotations

from serving.model.figure_text import fixed
from serving.model.imputation_sensitivity import ImputationSensitivity
from training.pages.report.facts import Facts, by_outcome

NONE_MISSING = "no input is missing, so the risks are the same"
LEAST_SHARE = 0.01


def sensitivity_words(sensitivity: ImputationSensitivity | None) -> str:
    """Say of one outcome how far multiple imputation moves the headline risk; empty where it was not done.

    Examples
    --------
    >>> sensitivity_words(ImputationSensitivity(0, 0.0, 0.0, 0.0))
    'Multiple imputation as a sensitivity analysis: no input is missing, so the risks are the same.'
    """
    if sensitivity is None:
        return ""
    title = "Multiple imputation as a sensitivity analysis"
    if sensitivity.n_imputations == 0:
        return f"{title}: {NONE_MISSING}."
    return (
        f"{title}: {_share(sensitivity)} of infusions lack an input of the linear part. With the linear part "
        f"fitted to {sensitivity.n_imputations} imputations instead of expected values, the headline risk "
        f"differs by {_points(sensitivity.median_difference)} percentage points (median; 95th percentile "
        f"{_points(sensitivity.difference_percentile_95)})."
    )


def all_sensitivities(facts: Facts) -> str:
    """Say how the analysis was done and what it gave, outcome by outcome; empty where it was not."""
    known = {outcome.title: outcome.imputation_sensitivity for outcome in facts.card.outcomes}
    words = {title: _brief(each) for title, each in known.items() if each is not None}
    if not words:
        return ""
    return (
        "Sensitivity analysis: the linear part fitted to multiple imputations, drawn given disease burden "
        "and without the outcome, coefficients averaged by Rubin's rules. Absolute difference in headline "
        f"risk, percentage points, median (95th percentile): {by_outcome(words)}"
    )


def _brief(sensitivity: ImputationSensitivity) -> str:
    if sensitivity.n_imputations == 0:
        return NONE_MISSING
    median = _points(sensitivity.median_difference)
    return f"{median} ({_points(sensitivity.difference_percentile_95)})"


def _share(sensitivity: ImputationSensitivity) -> str:
    if sensitivity.share_incomplete < LEAST_SHARE:
        return "less than 1 %"
    return f"{fixed(sensitivity.share_incomplete, 0, times=100)} %"


def _points(difference: float) -> str:
    return fixed(difference, 1, times=100)
