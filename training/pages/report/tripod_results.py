"""Answers to the items of TRIPOD+AI from ethics to the discussion: open science, results, use."""

from __future__ import annotations

from collections.abc import Mapping

from features.problems import counted
from serving.answers.card import OutcomeCard
from training.pages.report.answers import Answer, Writer
from training.pages.report.facts import Facts, by_outcome, event_words
from training.pages.report.numbers import FIGURE_DIGITS, rounded
from training.pages.report.tripod_methods import NOT_MEASURED


def _code(facts: Facts) -> Answer:
    provenance = facts.card.provenance
    version = f"cart-outcomes {provenance.get('code_version', 'of unknown version')}, Apache-2.0"
    commit = f", commit {provenance['git_commit']}" if "git_commit" in provenance else ""
    return Answer(
        f"{version}{commit}. Bundle {facts.card.bundle.digest}.", "repository address", "provenance"
    )


def _flow(facts: Facts) -> Answer:
    if not facts.trained:
        return Answer("No participants.", applies=False)
    words = {outcome.title: f"{_known(facts, outcome)}{_competing(outcome)}" for outcome in _observed(facts)}
    return Answer(by_outcome(words), "screening and exclusions before the file, length of follow-up", "data")


def _analyses(facts: Facts) -> Answer:
    if not facts.trained:
        return Answer("No participants.", applies=False)
    words = {
        o.title: f"{_known(facts, o)} for fitting{' and cross-validation' * bool(o.metrics)}"
        for o in _observed(facts)
    }
    return Answer(by_outcome(words), see="data")


def _observed(facts: Facts) -> list[OutcomeCard]:
    """Outcomes that are not from published evidence alone."""
    return [outcome for outcome in facts.card.outcomes if outcome.n_infusions]


def _competing(outcome: OutcomeCard) -> str:
    return "" if outcome.n_competing is None else f", {outcome.n_competing} competing"


def _known(facts: Facts, outcome: OutcomeCard) -> str:
    events = f"{event_words(outcome)} by day {max(outcome.horizons_days)}"
    return f"{counted(outcome.n_infusions, 'infusion')} with {events}"


def _performance(facts: Facts) -> Answer:
    if not facts.measured:
        return Answer(NOT_MEASURED, "evaluation in patients", "limitations")
    words = {outcome.title: _discrimination(outcome) + outcome.status for outcome in facts.measured}
    return Answer(by_outcome(words), see="performance")


def _discrimination(outcome: OutcomeCard) -> str:
    area = outcome.metrics.get(outcome.headline_days, {}).get("auroc")
    if area is None or area.value is None:
        return ""
    return f"AUROC {rounded(area.value, FIGURE_DIGITS)} by day {outcome.headline_days}, "


def _across(facts: Facts) -> Answer:
    if any(outcome.by_center for outcome in facts.card.outcomes):
        return Answer("Each center predicted by a model of the others.", see="performance")
    return Answer("Not evaluated.", applies=False)


def _updated(facts: Facts) -> Answer:
    if not facts.updates:
        return Answer("The models were not updated.", applies=False)
    titles = {outcome.name: outcome.title for outcome in facts.card.outcomes}
    words = {
        titles[name]: f"{update.kind}, shift {rounded(update.shift, FIGURE_DIGITS)}, "
        f"slope {rounded(update.slope, FIGURE_DIGITS)}"
        for name, update in facts.updates.items()
    }
    return Answer(by_outcome(words), see="performance")


def _limitations(facts: Facts) -> Answer:
    reasons = {o.title: ", ".join(o.status_reasons) for o in facts.card.outcomes if o.status_reasons}
    words = " ".join(facts.card.limitations) + (f" {by_outcome(reasons)}" if reasons else "")
    return Answer(words, "limitations of design and data", "limitations")


RESULTS: Mapping[str, Writer] = {
    "17": lambda _: Answer(author="ethics committee, consent or its waiver"),
    "18a": lambda _: Answer(author="funding, role of the funders"),
    "18b": lambda _: Answer(author="conflicts of interest"),
    "18c": lambda _: Answer(author="where the protocol is, or statement that there was none"),
    "18d": lambda _: Answer(author="register and number, or statement that there was none"),
    "18e": lambda _: Answer(
        "Bundle and report hold no patient-level data: only aggregates, coefficients and synthetic examples.",
        "availability of the data",
    ),
    "18f": _code,
    "19": lambda _: Answer(author="involvement of patients and public, or statement that there was none"),
    "20a": _flow,
    "20b": lambda facts: Answer(
        "Range or options of each predictor, and its share of missing values." if facts.trained else "",
        "treatments given, follow-up time, differences between groups",
        "predictors",
    ),
    "20c": lambda facts: Answer(
        "Not compared here." if facts.updates else "No other cohort.",
        "comparison with the development cohort" if facts.updates else "",
        applies=bool(facts.updates),
    ),
    "21": _analyses,
    "22": lambda _: Answer(
        "Every coefficient, intercept and tree, with a worked example; the JSON twin has full precision. "
        "The bundle gives predictions over HTTP, from the command line and in Python. License of the code: "
        "Apache-2.0.",
        see="model",
    ),
    "23a": _performance,
    "23b": _across,
    "24": _updated,
    "25": lambda _: Answer(author="interpretation, fairness, previous studies"),
    "26": _limitations,
    "27a": lambda _: Answer(
        "A value outside its limits is refused with the rule. A value outside the cohort's range, or a "
        "patient outside the intended use, gets a prediction with a warning. Missing inputs are named and "
        "widen the interval; the answer says by how much knowing each would narrow it.",
        see="use",
    ),
    "27b": lambda _: Answer(
        "Values are entered by hand or by a program over HTTP; unknown values are left blank. Users are "
        "specialists who know the definitions of predictors and outcomes.",
        "training of users",
        "use",
    ),
    "27c": lambda _: Answer(author="next steps, evaluation in other centers"),
}
"""By number of the item."""
