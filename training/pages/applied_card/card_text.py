"""The texts of an Applied Model Card, by element: facts of a bundle, and what has no fact is not stated."""

from __future__ import annotations

from collections.abc import Mapping

from features.outcome import ESTIMANDS
from serving.answers.intended_use import INTENDED_USE
from training.pages.applied_card.key_metrics import NOT_STATED
from training.pages.report.facts import Facts
from training.pages.report.methods import methods_words
from training.pages.report.tripod_methods import SCOPE

Texts = Mapping[str, "str | Texts"]
"""Text, or texts of the elements within, in the order of the schema."""

HOW_TO_USE = (
    "Values known before the infusion are entered by hand or by a program over HTTP; unknown values are left "
    "blank. Each risk comes with its 90 % interval and the contribution of every value."
)
INPUTS = "Structured values of one patient, checked against the units and limits of a schema."
OUTPUTS = "Probabilities with 90 % intervals, contributions in log-odds, and warnings."
BIASES = (
    "Sex is a candidate predictor like any other. Ethnicity and socioeconomic status are not in the schema, "
    "so performance by them is not known."
)


def card_texts(facts: Facts) -> Texts:
    """Write every text of the card but those of the key metrics and resources.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    texts : Texts
        By element of the schema, in its order.
    """
    card = facts.card
    return {
        "BasicInfo": {
            "ModelName": card.title,
            "ModelDeveloper": NOT_STATED,
            "DeveloperContact": NOT_STATED,
        },
        "ReleaseInfo": {
            "ReleaseStage": "Research software, not a medical device",
            "ReleaseDate": NOT_STATED,
            "ReleaseVersion": f"{card.bundle.version}, {card.bundle.digest}",
            "GlobalAvailability": NOT_STATED,
            "RegulatoryApproval": "None",
        },
        "ModelSummary": {"Summary": _summary(facts)},
        "UsesAndDirections": {
            "IntendedUseAndWorkflow": INTENDED_USE,
            "PrimaryIntendedUsers": "Specialists in CAR T-cell therapy, and researchers",
            "HowToUse": HOW_TO_USE,
            "TargetedPatientPopulation": f"Adults before {SCOPE}",
            "CautionedOutOfScopeSettings": "Patients outside the intended use get an answer with a warning. "
            "Values known only after the infusion are refused.",
        },
        "Warnings": {
            "KnownRisksAndLimitations": _bullets(card.notice, *card.limitations),
            "KnownBiasesOrEthicalConsiderations": BIASES,
            "ClinicalRiskLevel": NOT_STATED,
        },
        "TrustIngredients": {"AISystemFacts": _system(facts), "TransparencyInformation": _transparency()},
    }


def keywords(facts: Facts) -> tuple[str, ...]:
    """List the keywords: disease, therapy, and the outcomes of the bundle."""
    titles = [outcome.title for outcome in facts.card.outcomes]
    return ("B-cell acute lymphoblastic leukemia", "CAR T-cell therapy", *titles)


def resources() -> Texts:
    """State what is known of publications and consent."""
    return {"PeerReviewedPublications": NOT_STATED, "PatientConsentOrDisclosure": NOT_STATED}


def bibliography(facts: Facts) -> str:
    """List the sources of the priors as BibTeX.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    text : str
        An entry for each source; empty where no source is behind the models.
    """
    entries = [_entry(number, each.source) for number, each in enumerate(facts.card.sources, start=1)]
    return "\n".join(entries)


def _entry(number: int, source: str) -> str:
    kept = "".join(letter for letter in source if letter not in "{}\\")
    field = "doi" if source.startswith("10.") else "note"
    return f"@misc{{source{number}, {field} = {{{kept}}}}}"


def _summary(facts: Facts) -> str:
    titles = ", ".join(outcome.title for outcome in facts.card.outcomes)
    size = f" Cohort: {facts.size}." if facts.trained else ""
    return f"{facts.kind}. Risks of {titles} after {SCOPE}.{size}"


def _system(facts: Facts) -> Texts:
    card = facts.card
    outcomes = [
        f"{each.title}: {each.definition}; by day {', '.join(map(str, each.horizons_days))}"
        for each in card.outcomes
    ]
    return {
        "OutcomesAndOutputs": _bullets(*outcomes),
        "ModelType": " ".join(methods_words(facts)),
        "FoundationModels": "None",
        "InputDataSource": "Health record of the patient, entered by the user",
        "OutputAndInputDataTypes": f"Input: {INPUTS} Output: {OUTPUTS}",
        "DevelopmentDataCharacterization": _development(facts),
        "BiasMitigationApproaches": NOT_STATED,
        "OngoingMaintenance": NOT_STATED,
        "Security": "The bundle has no row of a patient: aggregates, coefficients, synthetic examples.",
        "Transparency": "A report by TRIPOD+AI lists every coefficient and metric.",
    }


def _transparency() -> Texts:
    return {"FundingSource": NOT_STATED, "StakeholdersConsulted": NOT_STATED}


def _development(facts: Facts) -> str:
    card = facts.card
    if not facts.trained:
        return "No cohort. The models are derived from published effects and base rates."
    kind = "A synthetic cohort" if card.cohort.synthetic else "One cohort"
    named = f" Centers named: {card.cohort.n_centers}." if card.cohort.n_centers else ""
    return f"{kind}: {facts.size}.{named} Estimand: {ESTIMANDS[facts.bundle.estimand]}."


def _bullets(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines if line)
