"""How each kind of model is made, in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping

from features.outcomes import OUTCOMES
from training.pages.report.facts import Facts, by_outcome

WORDS: Mapping[str, str] = {
    "anchored": (
        "Evidence-anchored: logit F(h|x) = intercept(h) + z(x)'b + f(x), one model per outcome with one "
        "intercept per horizon. The coefficients b have a normal prior from published effects. The model "
        "averages over candidate priors, from the published effects as reported to no effects, weighted by "
        "their marginal likelihood. Where the outcome is a grade, the grade below it is learned from as far "
        "as it makes the events more probable. In a cohort of three or more centers, each center has a "
        "random intercept. f is a sum of shallow boosted trees fitted to the residuals of the linear part, "
        "included only if grouped cross-validation shows a clear gain. For intervals, each replicate adds a "
        "small random amount to every effect, which no number of patients removes."
    ),
    "ridge": (
        "Ridge: penalized logistic regression on the same terms, one intercept per horizon, penalty chosen "
        "by grouped cross-validation; no published effects."
    ),
    "xgboost": (
        "XGBoost: shallow boosted trees on the fields, one intercept per horizon, number of rounds chosen by "
        "grouped cross-validation; no published effects."
    ),
    "published": "Published: the model is the prior from published effects and base rates.",
}
"""By method of a model."""

VALIDATED = (
    "Internal validation by repeated grouped stratified cross-validation: expected values, penalties, "
    "rounds and censoring weights are estimated within every fold. The bundle holds the model with the best "
    "out-of-fold log loss."
)
INTERVALS = (
    "Intervals: models refitted to randomly weighted patients (Bayesian bootstrap); missing inputs are drawn "
    "given disease burden."
)
PRIOR_INTERVALS = "Intervals: models drawn from the prior; missing inputs are drawn given disease burden."

COMPOSED = (
    "Composed risks: where only some patients can have an outcome, its model is fitted among them. "
    "The risk among all is that risk times the probability of being one of them, so the risks of several "
    "outcomes agree. Performance is that of the composed risks."
)


def composed_words(facts: Facts) -> str:
    """Say which risks are composed, and of what."""
    among = {}
    for outcome in facts.composed:
        given = OUTCOMES[outcome].given
        assert given is not None
        added = f", plus the risk of {OUTCOMES[given.plus].title}" if given.plus else ""
        among[OUTCOMES[outcome].title] = f"model among {given.words}{added}"
    return f"{COMPOSED} {by_outcome(among)}"


def methods_words(facts: Facts) -> tuple[str, ...]:
    """Say how the models of a bundle were made.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    words : tuple of str
        A method without a description is named.
    """
    methods = [WORDS.get(method, f"Method {method}.") for method in facts.methods]
    methods += [composed_words(facts)] if facts.composed else []
    intervals = INTERVALS if facts.trained else PRIOR_INTERVALS
    return (*methods, *([VALIDATED] if facts.measured else []), intervals)
