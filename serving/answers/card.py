"""The model card: the released model, its training data, its validation and its intended use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from pydantic import BaseModel

from features.outcome import ESTIMANDS, Given
from features.outcomes import OUTCOMES
from serving.answers.assessment import Assessment, assessment
from serving.answers.intended_use import INTENDED_USE
from serving.answers.schema import BundleName
from serving.model.bundle import Bundle
from serving.model.cohort_summary import CohortSummary
from serving.model.field_use import FieldUse, field_use
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import OutcomeSummary

TITLE = "cart-outcomes: outcomes after CAR T-cell therapy in B-ALL"

SYNTHETIC = (
    "SYNTHETIC MODEL: trained on a generated cohort. Its risks demonstrate the software and do not apply to "
    "any patient."
)

NO_COHORT_NOTICE = (
    "PUBLISHED EVIDENCE ONLY: there is no training cohort. The risks follow from published studies and have "
    "not been confirmed in local patients."
)

LIMITATIONS = (
    "A risk describes similar patients, not the individual patient.",
    "Contributions show what changes the risk in the model, not what another treatment would change.",
    "Intervals cover the uncertainty of the model. If the cohort names three or more centers, they also "
    "cover how the level of a new center differs, but not how its effects differ.",
    "Published effects come from other centers and products; most are unadjusted.",
    "A missing input is taken at its expected value given disease burden; the interval widens accordingly.",
)
"""Limitations of every model of this software."""


class CohortCard(BaseModel):
    """The training cohort in aggregates; sizes are 0 for a model of published evidence only.

    ``home_center`` is the number of the center whose patients the models answer for, 0 for a new center.
    """

    trained: bool
    name: str
    sha256: str
    synthetic: bool
    n_infusions: int
    n_patients: int
    n_centers: int
    home_center: int
    missing: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    options: dict[str, dict[str, int]]


@dataclass(frozen=True, kw_only=True)
class OutcomeCard(OutcomeSummary):
    """The model of one outcome and the summary of its validation.

    ``field_use`` states whether and how the model uses each field; ``given`` in whom the outcome can come,
    null where everybody can have it; ``main`` whether it is one of the main outcomes; ``assessment`` the
    verdict on the model.
    """

    name: str
    title: str
    definition: str
    competing: str
    given: Given | None
    method: str
    evidence_weight: float
    headline_days: int
    horizons_days: tuple[int, ...]
    field_use: Mapping[str, FieldUse]
    main: bool
    assessment: Assessment


class SourceCard(BaseModel):
    """A publication, and by outcome the terms and fields whose prior effect it supports."""

    source: str
    terms: dict[str, list[str]]
    fields: dict[str, list[str]]


class ModelCard(BaseModel):
    """Card of the released model; ``field_use`` combines that of all outcomes."""

    title: str
    synthetic: bool
    notice: str
    intended_use: str
    bundle: BundleName
    estimand: str
    estimand_means: str
    cohort: CohortCard
    outcomes: list[OutcomeCard]
    field_use: dict[str, FieldUse]
    left_out: dict[str, str]
    sources: list[SourceCard]
    limitations: list[str]
    provenance: dict[str, str]


def model_card(bundle: Bundle) -> ModelCard:
    """Write the card of a bundle.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.

    Returns
    -------
    card : ModelCard
        ``notice`` begins in capitals when the model is synthetic or has no training cohort; it is empty
        otherwise.
    """
    cohort = bundle.cohort
    return ModelCard(
        title=TITLE,
        synthetic=cohort.synthetic,
        notice=_notice(cohort),
        intended_use=INTENDED_USE,
        bundle=BundleName(version=bundle.version_name, digest=bundle.digest),
        estimand=bundle.estimand,
        estimand_means=ESTIMANDS[bundle.estimand],
        cohort=CohortCard(
            trained=cohort.trained,
            name=cohort.name,
            sha256=cohort.sha256,
            synthetic=cohort.synthetic,
            n_infusions=cohort.n_infusions,
            n_patients=cohort.n_patients,
            n_centers=cohort.n_centers,
            home_center=cohort.home_center,
            missing=dict(cohort.missing),
            ranges=dict(cohort.ranges),
            options={name: dict(counts) for name, counts in cohort.options.items()},
        ),
        outcomes=[_outcome(model, bundle.summaries[name]) for name, model in bundle.models.items()],
        field_use=field_use(reading for model in bundle.models.values() for reading in model.readings),
        left_out=dict(bundle.left_out),
        sources=_sources(bundle.models),
        limitations=list(LIMITATIONS),
        provenance=dict(bundle.provenance),
    )


def _notice(cohort: CohortSummary) -> str:
    if not cohort.trained:
        return NO_COHORT_NOTICE
    return SYNTHETIC if cohort.synthetic else ""


def _outcome(model: RiskModel, summary: OutcomeSummary) -> OutcomeCard:
    outcome = OUTCOMES[model.outcome]
    return OutcomeCard(
        **{each.name: getattr(summary, each.name) for each in fields(summary)},
        name=outcome.name,
        title=outcome.title,
        definition=outcome.definition,
        competing=outcome.competing,
        given=outcome.given,
        method=model.method,
        evidence_weight=model.evidence_weight,
        headline_days=model.horizons_days[0],
        horizons_days=tuple(sorted(model.horizons_days)),
        field_use=field_use(model.readings),
        main=outcome.main,
        assessment=assessment(summary, model.horizons_days),
    )


def _sources(models: Mapping[str, RiskModel]) -> list[SourceCard]:
    """List the publications behind the priors, each with the effects that it supports."""
    cards: dict[str, SourceCard] = {}
    for outcome, model in models.items():
        linear = model.linear
        if linear is None:
            continue
        for term, field, sources in zip(linear.terms, linear.parents, linear.sources, strict=True):
            for source in sources:
                cited = cards.setdefault(source, SourceCard(source=source, terms={}, fields={}))
                cited.terms.setdefault(outcome, []).append(term)
                if field not in cited.fields.setdefault(outcome, []):
                    cited.fields[outcome].append(field)
    return [cards[source] for source in sorted(cards)]
