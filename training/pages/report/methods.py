"""How each kind of model is made, in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping

from training.pages.report.facts import Facts

WORDS: Mapping[str, str] = {
    "anchored": (
        "Evidence-anchored: logit F(h|x) = intercept(h) + z(x)'b + f(x), one model an outcome with an "
        "intercept a horizon. The coefficients b have a normal prior from published effects; how far to "
        "trust it is averaged over candidate priors, from published effects as they stand to none at all, "
        "weighed by their marginal likelihood. f is a sum of shallow boosted trees on what the linear part "
        "leaves, taken only where they clearly gain in grouped cross-validation."
    ),
    "ridge": (
        "Ridge: penalized logistic regression on the same terms, an intercept a horizon, the penalty chosen "
        "by grouped cross-validation; no published effect has a part in it."
    ),
    "xgboost": (
        "Boosted shallow trees on the fields, an intercept a horizon, rounds chosen by grouped "
        "cross-validation; no published effect has a part in it."
    ),
    "published": "Published: the prior of published effects and base rates is the model itself.",
}
"""By method of a model."""

VALIDATED = (
    "Internal validation by repeated grouped stratified cross-validation: expected values, penalties, "
    "rounds and censoring weights are found anew in every fold. The model with the best out-of-fold log "
    "loss is in the bundle."
)
INTERVALS = (
    "Intervals: models refitted to patients weighted at random (Bayesian bootstrap), missing inputs drawn "
    "given disease burden."
)
PRIOR_INTERVALS = "Intervals: models drawn from the prior, missing inputs drawn given disease burden."


def methods_words(facts: Facts) -> tuple[str, ...]:
    """Say how the models of a bundle were made.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    words : tuple of str
        A method that is not known here is named.
    """
    said = [WORDS.get(method, f"Method {method}.") for method in facts.methods]
    intervals = INTERVALS if facts.trained else PRIOR_INTERVALS
    return (*said, *([VALIDATED] if facts.measured else []), intervals)
