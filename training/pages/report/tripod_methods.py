"""Answers to the items of TRIPOD+AI up to the results: title, data, outcomes, predictors, analysis."""

from __future__ import annotations

from collections.abc import Mapping

from features.field import specs
from features.outcome import ESTIMANDS
from features.predictors import DOSE_INPUTS
from features.problems import counted
from features.schema import Patient
from training.pages.report.answers import Answer, Writer
from training.pages.report.facts import Facts, by_outcome
from training.pages.report.imputation_words import all_sensitivities
from training.pages.report.methods import methods_words
from training.validation.center_label import center_title

SCOPE = "CAR T-cell therapy of relapsed or refractory B-cell acute lymphoblastic leukemia"
NOT_MEASURED = "No out-of-fold performance was measured."


def title(facts: Facts) -> str:
    """Suggest a title.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    title : str
    """
    titles = [outcome.title.partition(" (")[0] for outcome in facts.card.outcomes]
    listed = " and of ".join([", of ".join(titles[:-1]), titles[-1]] if titles[1:] else titles)
    return f"Risk of {listed} after {SCOPE}: {facts.kind[:1].lower()}{facts.kind[1:]}"


def _centers(facts: Facts) -> str:
    cohort = facts.card.cohort
    if not cohort.trained:
        return ""
    named = f"{counted(cohort.n_centers, 'center')} named in the cohort."
    home = center_title(cohort.home_center)
    return f"{named} The models predict for {home}." if cohort.home_center else named


def _data(facts: Facts) -> Answer:
    if not facts.trained:
        return Answer(
            "No cohort. The models are derived from published effects and base rates.", see="sources"
        )
    cohort = facts.card.cohort
    words = f"{'A synthetic cohort' if cohort.synthetic else 'One cohort'}, {cohort.name}: {facts.size}."
    updated = {update.cohort: update.cohort_sha256 for update in facts.updates.values()}
    words += "".join(
        f" Updated on another cohort, {name} (SHA-256 {digest})." for name, digest in updated.items()
    )
    words += f" SHA-256 of the file: {cohort.sha256}."
    words += " Published effects enter as a prior." if "anchored" in facts.methods else ""
    return Answer(
        words, "source of the data (registry, trial, routine care), rationale, representativeness", "data"
    )


def _eligibility(facts: Facts) -> Answer:
    words = (
        "The software applies no selection: every infusion in the file with a known outcome is included. "
        "Values outside the limits of a predictor are refused, not truncated. The intended use is adults "
        "with B-ALL; other patients in the file are included, and predictions for such patients carry a "
        "warning."
    )
    return Answer(
        words if facts.trained else "",
        "eligibility criteria, and how the infusions in the file were selected",
        "data",
    )


def _treatments(facts: Facts) -> Answer:
    words = (
        "Treatments before the infusion (prior lines, bridging, lymphodepletion, prophylactic tocilizumab, "
        "product and dose) are candidate predictors. After the infusion: "
        f"{ESTIMANDS[facts.bundle.estimand]} (estimand {facts.bundle.estimand})."
    )
    return Answer(words, "treatments actually given, salvage and supportive care", "outcomes")


def _preparation(facts: Facts) -> Answer:
    if not facts.trained:
        return Answer("No data to prepare.", applies=False)
    words = (
        "Every value was checked against the limits and options of the schema, and every row for "
        "contradictions; a file with any problem is refused. No value was truncated or imputed before "
        "fitting. Decisions about infusions are counted with the participant flow."
    )
    return Answer(words, "whether preparation was the same across groups", "data")


def _outcome(facts: Facts) -> Answer:
    words = {
        outcome.title: f"{outcome.definition}; by day {', '.join(map(str, outcome.horizons_days))}"
        for outcome in facts.card.outcomes
    }
    return Answer(by_outcome(words), "whether assessment was the same in all groups", "outcomes")


def _candidates(_: Facts) -> Answer:
    fields = counted(len(specs(Patient)) - len(DOSE_INPUTS), "field")
    words = (
        f"All {fields} of the schema are candidates: the linear part has terms for some, and trees can split "
        "on any. They are the fields with a published association and those of the routine workup. No field "
        "was selected or dropped by its association with the outcome in the cohort."
    )
    return Answer(words, see="predictors")


def _size(facts: Facts) -> Answer:
    verdicts = {o.title: o.sample_size.verdict for o in facts.card.outcomes if o.sample_size is not None}
    if not verdicts:
        return Answer(
            "No sample size was computed, because performance was not measured.",
            "how the size was determined",
        )
    words = f"Riley's criteria (doi:10.1002/sim.7992). {by_outcome(verdicts)}"
    return Answer(words, "how the size of the cohort was determined", "performance")


def _missing(facts: Facts) -> Answer:
    words = (
        "Infusions with missing predictors are included. In the linear part, a missing term takes its "
        "expected value given disease burden, by the same rule in fitting, validation and use; trees send "
        "missing values in a learned direction. For intervals, missing inputs are drawn, which widens them. "
        "Infusions with an unknown outcome are excluded and counted. Infusions censored before a horizon get "
        "weight 0; the others are weighted by the inverse probability of remaining uncensored."
    )
    sensitivity = all_sensitivities(facts)
    return Answer(f"{words} {sensitivity}".rstrip(), see="predictors")


def _use_of_data(facts: Facts) -> Answer:
    if not facts.trained:
        return Answer("No cohort was used.", applies=False)
    if not facts.measured:
        return Answer(f"All infusions were used for fitting. {NOT_MEASURED}")
    words = (
        "No test set was held out. All infusions were used for fitting. Performance was measured by repeated "
        "cross-validation, with all infusions of a patient in one fold and folds stratified by the event."
    )
    return Answer(words, see="performance")


def _forms(facts: Facts) -> Answer:
    terms = (
        "Terms with explicit formulas, each centered at a fixed reference patient: logarithms to base 2 of "
        "laboratory values and dose, 0 or 1 for no or yes."
    )
    parts = ([terms] if facts.has_terms else []) + (["Trees use the fields untransformed."] * facts.has_trees)
    return Answer(" ".join(parts), see="model")


def _clusters(facts: Facts) -> Answer:
    if any(outcome.by_center for outcome in facts.card.outcomes):
        words = (
            "Internal-external validation (doi:10.1016/j.jclinepi.2015.04.005): each center predicted by a "
            "model of the others. The prior is for a new center: its spread includes the variance between "
            "centers."
        )
        return Answer(words, see="performance")
    return Answer(
        "No internal-external validation: it needs three centers that are large enough. The prior of the "
        "effects includes the variance between published centers.",
        "heterogeneity between centers, if any",
    )


def _measures(facts: Facts) -> Answer:
    if not facts.measured:
        return Answer(NOT_MEASURED, applies=False)
    words = (
        "At every horizon: log loss, Brier and scaled Brier score (overall performance), AUROC within folds "
        "(discrimination), O:E, calibration in the large, calibration slope and integrated calibration index "
        "(calibration), net benefit (clinical utility). Plots: calibration curve, decision curve. Baselines "
        "in the same folds, with paired differences. Intervals: 90 %, bootstrap of patients. All are "
        "weighted for censoring."
    )
    return Answer(words, see="performance")


def _updating(facts: Facts) -> Answer:
    if not facts.updates:
        return Answer("The models were not updated.", applies=False)
    words = "The smallest update that a closed test (doi:10.1002/sim.7179) does not reject."
    return Answer(words, see="performance")


def _computed(facts: Facts) -> Answer:
    words = (
        "Out-of-fold risks are computed by the code that serves predictions. This report has the formula, "
        "every coefficient and a worked example; its JSON twin has full precision."
    )
    return Answer(words, see="model", applies=bool(facts.measured))


def _differences(facts: Facts) -> Answer:
    if facts.updates:
        return Answer(
            "Updated and evaluated on another cohort.", "differences between the two cohorts", "data"
        )
    if not facts.measured:
        return Answer(NOT_MEASURED, applies=False)
    return Answer("None: performance was measured on held-out parts of the same cohort.")


METHODS: Mapping[str, Writer] = {
    "1": lambda facts: Answer(f"Suggested: {title(facts)}.", "the title"),
    "2": lambda _: Answer("Drafted from the bundle.", "background, interpretation, registration", "summary"),
    "3a": lambda _: Answer(
        f"Prognostic, before the infusion: {SCOPE}. Comparators: the bedside indices EASIX and, for early "
        "ICAHT, CAR-HEMATOTOX.",
        "rationale, other models",
    ),
    "3b": lambda facts: Answer(facts.card.intended_use, "place in the care pathway"),
    "3c": lambda _: Answer(author="known inequalities in access, treatment and outcome"),
    "4": lambda facts: Answer(f"{facts.kind}.", "objectives in full"),
    "5a": _data,
    "5b": lambda _: Answer(
        "A cohort file has days from infusion, no dates.",
        "dates of first and last infusion, end of follow-up",
    ),
    "6a": lambda facts: Answer(
        _centers(facts),
        "setting, names of centers",
        "data",
    ),
    "6b": _eligibility,
    "6c": _treatments,
    "7": _preparation,
    "8a": _outcome,
    "8b": lambda _: Answer(author="who graded toxicity and assessed response and relapse"),
    "8c": lambda _: Answer(author="whether assessors knew predictors or predicted risks"),
    "9a": _candidates,
    "9b": lambda _: Answer(
        "Title, unit, limits and time of each predictor are listed.", "assays, blinding", "predictors"
    ),
    "9c": lambda _: Answer(author="who assessed marrow, performance status and CNS"),
    "10": _size,
    "11": _missing,
    "12a": _use_of_data,
    "12b": _forms,
    "12c": lambda facts: Answer(" ".join(methods_words(facts)), see="model"),
    "12d": _clusters,
    "12e": _measures,
    "12f": _updating,
    "12g": _computed,
    "13": lambda _: Answer("None: no resampling and no class weights, so no recalibration for them."),
    "14": lambda facts: Answer(
        "Sex is a candidate predictor like any other; no predictor was left out for fairness. Performance is "
        "reported by age, sex, construct and center where subgroups are large enough."
        if facts.measured
        else "Sex is a candidate predictor like any other; no predictor was left out for fairness.",
        "approach to fairness, groups that are not in the schema (ethnicity, socioeconomic status)",
        "performance",
    ),
    "15": lambda _: Answer(
        "A risk with its 90 % interval at each horizon. No classes and no threshold.", see="model"
    ),
    "16": _differences,
}
"""By number of the item."""
