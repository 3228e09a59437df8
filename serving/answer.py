"""The answer for one patient: risks, intervals, reasons and warnings, as the HTTP contract states them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Value = bool | int | float | str | None


class Described(BaseModel):
    """Fields are described by the text below them, in the documentation of the service too."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Interval(Described):
    """A 90 % interval of a risk."""

    level: float
    """Share of true risks that such intervals are meant to hold."""
    low: float
    high: float


class CurvePoint(Described):
    """Risk by one horizon."""

    horizon_days: int
    """Days from infusion."""
    risk: float
    """Cumulative incidence by then."""
    low: float
    high: float


class Reference(Described):
    """The reference patient that contributions are stated against."""

    risk: float
    """Risk of a patient whose every field contributes nothing."""
    log_odds: float
    """The same as log-odds: contributions are added to it."""


class Contribution(Described):
    """What one field adds to the log-odds at every horizon."""

    field: str
    """A column of the request, or a composite of several."""
    title: str
    value: Value
    """As it was sent; null where not known, and for composites."""
    unit: str
    log_odds: float
    """What the field adds to the log-odds of the risk, at every horizon; below 0 it lowers it."""
    published: float
    """The part that comes from published effects."""
    local: float
    """The part that comes from the training cohort."""
    sources: list[str]
    """DOI, PMID, NCT or citation of the published part."""
    inputs: list[str]
    """Columns that a composite is made of."""


class OutcomeAnswer(Described):
    """Risk of one outcome with its reasons."""

    name: str
    title: str
    definition: str
    horizon_days: int
    """Days from infusion that the headline risk, interval, reference and average speak of."""
    risk: float
    """Cumulative incidence by the headline horizon, 0 to 1; death competes where it can come first."""
    interval: Interval
    """How sure the model is of the risk; not the range of what can happen to the patient."""
    curve: list[CurvePoint]
    """The risk at every horizon of the outcome."""
    reference: Reference
    cohort_average: float | None
    """Cumulative incidence by the headline horizon: observed in the training cohort, or published where the
    status is "published evidence only"."""
    contributions: list[Contribution]
    """Strongest first; reference and contributions add up to the log-odds of the risk."""
    evidence_weight: float
    """How far the model follows published effects, 0 to 1."""
    method: str
    """Kind of model."""
    status: str
    """Whether cross-validation on the training cohort showed that the model works: "internally validated",
    "not validated locally", or "published evidence only" where there was no cohort."""


class Caution(Described):
    """Something the reader of the answer must know."""

    code: Literal[
        "synthetic_training_cohort",
        "outside_intended_use",
        "published_evidence_only",
        "not_validated",
        "below_recommended_size",
        "no_individual_signal",
        "outside_training_range",
        "rare_option",
        "required_input_missing",
        "interval_too_narrow",
        "against_published_evidence",
        "no_published_effect",
        "horizon_from_published_evidence",
        "outcome_left_out",
    ]
    field: str
    """A column of the request or an outcome; empty where it concerns the whole answer."""
    message: str


class BundleName(Described):
    """Which model answered."""

    version: str
    """In the registry."""
    digest: str
    """Of the bundle; the same digest is the same model."""


class Answer(Described):
    """Everything said about one patient."""

    prediction_id: str
    """Of this answer; the same patient sent again gets another."""
    bundle: BundleName
    intended_use: str
    estimand: str
    estimand_means: str
    """The question that the risks answer, in words."""
    outcomes: list[OutcomeAnswer]
    missing: list[str]
    """Fields that were not given."""
    warnings: list[Caution]


class BatchAnswer(Described):
    """Answers in the order of the patients."""

    answers: list[Answer]
