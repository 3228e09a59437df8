"""The answer for one patient: risks, intervals, reasons and warnings, as the HTTP contract states them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

Value = bool | int | float | str | None


class Interval(BaseModel):
    """A 90 % interval of a risk."""

    level: float
    low: float
    high: float


class CurvePoint(BaseModel):
    """Risk by one horizon."""

    horizon_days: int
    risk: float
    low: float
    high: float


class Reference(BaseModel):
    """The reference patient that contributions are stated against."""

    risk: float
    log_odds: float


class Contribution(BaseModel):
    """What one field adds to the log-odds at every horizon."""

    field: str
    title: str
    value: Value
    unit: str
    log_odds: float
    published: float
    local: float
    sources: list[str]
    inputs: list[str]


class OutcomeAnswer(BaseModel):
    """Risk of one outcome with its reasons."""

    name: str
    title: str
    definition: str
    horizon_days: int
    risk: float
    interval: Interval
    curve: list[CurvePoint]
    reference: Reference
    cohort_average: float
    contributions: list[Contribution]
    evidence_weight: float
    method: str
    status: str


class Caution(BaseModel):
    """Something the reader of the answer must know."""

    code: Literal[
        "synthetic_training_cohort",
        "outside_training_range",
        "rare_option",
        "required_input_missing",
        "interval_too_narrow",
        "outcome_left_out",
    ]
    field: str
    message: str


class BundleName(BaseModel):
    """Which model answered."""

    version: str
    digest: str


class Answer(BaseModel):
    """Everything said about one patient."""

    prediction_id: str
    bundle: BundleName
    intended_use: str
    estimand: str
    outcomes: list[OutcomeAnswer]
    missing: list[str]
    warnings: list[Caution]


class BatchAnswer(BaseModel):
    """Answers in the order of the patients."""

    answers: list[Answer]
