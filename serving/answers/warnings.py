"""The warnings of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_args

from features.field import FieldSpec, specs
from features.outcomes import OUTCOMES
from features.product_names import PRODUCT_NAME
from features.schema import Patient, RowId
from serving.answers.facts import facts
from serving.answers.intended_use import outside_intended_use
from serving.answers.product_warning import product_caution
from serving.answers.schema import Caution
from serving.answers.unit_questions import unit_questions
from serving.model.bundle import Bundle
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import OutcomeSummary, Status

FEWEST_LIKE = 10
"""An option is rare if fewer training infusions had it."""

StatusCode = Literal["published_evidence_only", "not_validated", "below_recommended_size"]
STATUS_CODES: Mapping[str, StatusCode] = {
    Status.PUBLISHED_EVIDENCE_ONLY: "published_evidence_only",
    Status.NOT_VALIDATED: "not_validated",
    Status.VALIDATED: "below_recommended_size",
}
"""Code of the warning for a status with reasons."""

EvidenceCode = Literal[
    "against_published_evidence", "no_published_effect", "no_published_rate", "no_published_evidence"
]
EVIDENCE_CODES: Mapping[str, EvidenceCode] = {code: code for code in get_args(EvidenceCode)}
"""Code of the warning by that of the note about evidence."""


class ModelCautions:
    """The warnings that are the same for every patient, prepared once for a bundle.

    Parameters
    ----------
    bundle : Bundle
        The model that answers.

    Attributes
    ----------
    of_cohort, of_status, of_evidence : list of Caution
        In this order, with those about the patient between them.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.of_cohort = _synthetic(bundle)
        self.of_status = [*_status(bundle), *_no_signal(bundle)]
        self.of_evidence = [
            *_narrow(bundle),
            *_evidence(bundle),
            *_unchecked_horizons(bundle),
            *_left_out(bundle),
        ]

    @property
    def every(self) -> list[Caution]:
        """All of them."""
        return [*self.of_cohort, *self.of_status, *self.of_evidence]


def cautions(
    bundle: Bundle,
    values: Mapping[str, Any],
    *,
    of_model: ModelCautions | None = None,
    event_free_unanswered: bool = False,
) -> list[Caution]:
    """List the warnings for one patient.

    Parameters
    ----------
    bundle : Bundle
        The model that answers.
    values : mapping
        Values by column of `Patient`, None where not known; ``product_name`` beside them.
    of_model : ModelCautions, optional
        Of the bundle, where they are prepared already.
    event_free_unanswered : bool
        Whether the risks after a day were asked for, and no model can tell.

    Returns
    -------
    warnings : list of Caution
        Messages name columns and the cohort's aggregates; of the patient's values only a listed product.
    """
    same = ModelCautions(bundle) if of_model is None else of_model
    return [
        *same.of_cohort,
        *outside_intended_use(values),
        *product_caution(bundle, values),
        *same.of_status,
        *unit_questions(values),
        *_outside(bundle, values),
        *_rare(bundle, values),
        *_new_name(bundle, values),
        *_required(values),
        *same.of_evidence,
        *([_not_covered()] if event_free_unanswered else []),
    ]


def _synthetic(bundle: Bundle) -> list[Caution]:
    if not bundle.cohort.synthetic:
        return []
    message = "The model was trained on a synthetic cohort; its risks do not apply to any patient."
    return [Caution(code="synthetic_training_cohort", field="", message=message, details={})]


def _status(bundle: Bundle) -> list[Caution]:
    """Name outcomes without a local cohort or without validation, with the reasons."""
    outcome_cautions = []
    for name, summary in bundle.summaries.items():
        if summary.status_reasons:
            reasons = "; ".join(summary.status_reasons)
            message = f"{_title(name)}: {summary.status}. {_capitalized(reasons)}."
            outcome_cautions.append(
                Caution(
                    code=STATUS_CODES[summary.status],
                    field=name,
                    message=message,
                    details={
                        "status": summary.status,
                        "reasons": reasons,
                        "facts": facts(summary.status_facts),
                    },
                )
            )
    return outcome_cautions


def _no_signal(bundle: Bundle) -> list[Caution]:
    """Name outcomes whose risk is the same for every patient."""
    return [
        Caution(
            code="no_individual_signal",
            field=name,
            message=f"{_title(name)}: no field changes this risk; it is the same for every patient.",
            details={},
        )
        for name, model in bundle.models.items()
        if model.same_for_all
    ]


def _outside(bundle: Bundle, values: Mapping[str, Any]) -> list[Caution]:
    range_cautions = []
    for name, (low, high) in bundle.cohort.ranges.items():
        value = values.get(name)
        if value is not None and not low <= value <= high:
            field = specs(Patient)[name]
            limits = f"{low:g} to {high:g} {field.unit}".rstrip()
            message = f"{field.title}: outside {limits}, the central 95 % of the training cohort."
            range_cautions.append(
                Caution(
                    code="outside_training_range",
                    field=name,
                    message=message,
                    details={"low": low, "high": high, "unit": field.unit},
                )
            )
    return range_cautions


def _rare(bundle: Bundle, values: Mapping[str, Any]) -> list[Caution]:
    option_cautions, fields = [], specs(Patient)
    for name, counts in bundle.cohort.options.items():
        value = values.get(name) if name in fields else None
        option = str(value).lower() if isinstance(value, bool) else value
        if option is not None and counts.get(option, 0) < FEWEST_LIKE:
            title = fields[name].title
            message = f"{title}: fewer than {FEWEST_LIKE} infusions of the training cohort had this option."
            details: dict[str, str | float] = {"fewest": FEWEST_LIKE}
            option_cautions.append(Caution(code="rare_option", field=name, message=message, details=details))
    return option_cautions


def _new_name(bundle: Bundle, values: Mapping[str, Any]) -> list[Caution]:
    """Warn where a product has a name that few infusions of the training cohort had; it repeats no name."""
    name = values.get(PRODUCT_NAME)
    counts = bundle.cohort.options.get(PRODUCT_NAME, {})
    if name is None or not bundle.cohort.trained or counts.get(name, 0) >= FEWEST_LIKE:
        return []
    title = specs(RowId)[PRODUCT_NAME].title
    message = f"{title}: fewer than {FEWEST_LIKE} infusions of the training cohort had this name."
    return [Caution(code="rare_option", field=PRODUCT_NAME, message=message, details={"fewest": FEWEST_LIKE})]


def _required(values: Mapping[str, Any]) -> list[Caution]:
    """Name required inputs that a cohort's row lacks; a request must bring them."""
    return [
        Caution(
            code="required_input_missing",
            field=name,
            message=f"{field.title}: required, but not given.",
            details={},
        )
        for name, field in _in_every_request().items()
        if values.get(name) is None
    ]


@cache
def _in_every_request() -> dict[str, FieldSpec]:
    return {name: field for name, field in specs(Patient).items() if field.in_every_request}


def _narrow(bundle: Bundle) -> list[Caution]:
    """Name outcomes whose intervals are known to be too narrow."""
    return [
        Caution(
            code="interval_too_narrow",
            field=name,
            message=f"{_title(name)}: {summary.interval_note}.",
            details={"note": summary.interval_note, "facts": facts([summary.interval_fact])},
        )
        for name, summary in bundle.summaries.items()
        if summary.interval_note
    ]


def _evidence(bundle: Bundle) -> list[Caution]:
    """Name outcomes whose local data contradict the published effects, and those without any."""
    return [
        Caution(
            code=_evidence_code(summary, bundle.models[name]),
            field=name,
            message=f"{_title(name)}: {summary.evidence_note}.",
            details={"note": summary.evidence_note, "facts": facts([summary.evidence_fact])},
        )
        for name, summary in bundle.summaries.items()
        if summary.evidence_note
    ]


def _evidence_code(summary: OutcomeSummary, model: RiskModel) -> EvidenceCode:
    """Code of a note about evidence; a summary of an earlier version has the note without its code."""
    if summary.evidence_fact is not None and summary.evidence_fact.code in EVIDENCE_CODES:
        return EVIDENCE_CODES[summary.evidence_fact.code]
    return "against_published_evidence" if has_effects(model) else "no_published_effect"


def has_effects(model: RiskModel) -> bool:
    """Whether any published effect is behind a model."""
    return model.linear is not None and bool(model.linear.prior_mean.any())


def _unchecked_horizons(bundle: Bundle) -> list[Caution]:
    """Name horizons that are answered although the training cohort has too little follow-up."""
    return [
        Caution(
            code="horizon_from_published_evidence",
            field=name,
            message=f"{_title(name)} by day {days}: follows the published time course, because {reason}.",
            details={"days": days, "reason": reason},
        )
        for name, summary in bundle.summaries.items()
        for days, reason in summary.dropped_horizons.items()
        if days in bundle.models[name].horizons_days
    ]


def _left_out(bundle: Bundle) -> list[Caution]:
    return [
        Caution(
            code="outcome_left_out",
            field=name,
            message=f"{_title(name)}: no model, because {reason}.",
            details={"reason": reason},
        )
        for name, reason in bundle.left_out.items()
    ]


def _not_covered() -> Caution:
    message = (
        "The risk after a day without relapse is not answered: the model has no horizon after it, "
        "or does not predict death without relapse."
    )
    return Caution(code="event_free_day_not_covered", field="event_free_on_day", message=message, details={})


def _title(outcome: str) -> str:
    """Title of an outcome, to begin a sentence with."""
    return _capitalized(OUTCOMES[outcome].title)


def _capitalized(words: str) -> str:
    return words[:1].upper() + words[1:]
