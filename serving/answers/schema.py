"""The answer for one patient: risks, intervals, reasons and warnings, as the HTTP contract states them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from serving.model.field_use import Use

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


class EasixComparator(Described):
    """What the bedside index EASIX alone would say of the outcome, for comparison."""

    index: float | None
    """LDH (U/L) x creatinine (mg/dL) / platelets (10^9/L); null where one of them is missing."""
    risk: float | None
    """Cumulative incidence by the headline horizon, by logistic regression on log2 EASIX fitted on the
    training cohort; null where the index is."""


class MissingCost(Described):
    """What not knowing an input costs."""

    field: str
    """A column of the request, or a composite of several."""
    title: str
    inputs: list[str]
    """Columns that are missing; the others of a composite are known."""
    width: float
    """How much narrower the 90 % interval of the headline risk would be expected to be were it known,
    0 or more; the risk itself would change too."""


class Fact(Described):
    """A remark as data, by which it can be stated in another language."""

    code: str
    text: str
    """In English."""
    figures: dict[str, float | str]
    """Numbers and names of the text."""


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
    status_reasons: list[str]
    """What is missing for validation, or too little."""
    status_facts: list[Fact]
    """The same as data; empty for a model of an earlier version of the software."""
    easix: EasixComparator | None
    """null where the training cohort cannot tell what EASIX says of the headline horizon."""
    missing_costs: list[MissingCost]
    """Every row of the linear part that is used and missing of the patient, the costliest first; empty for a
    model without a linear part."""
    field_use: dict[str, Use]
    """How the model of this outcome uses each field of a request: "value", "groups" (only the group in which
    a value lies counts for the risk; GET /form lists the groups), "interval" (the interval alone depends on
    the field) or "unused"."""
    n_infusions: int
    """Infusions of the training cohort with anything known of the outcome; 0 without a cohort."""
    n_events: int
    """Events among them by the last horizon."""
    competing: str
    """The event that can come first instead, in words; empty where there is none."""
    interval_note: str
    """What is known to be wrong with the interval; empty where nothing is."""
    evidence_note: str
    """Where local data and published effects disagree, or no effect is published; empty otherwise."""


class ProductRate(Described):
    """A published rate of an outcome after one product; never a risk of this patient."""

    id: str
    """Row of data/evidence/base_rates.csv."""
    outcome: str
    rate: float
    """Share of the patients, 0 to 1."""
    upper_bound: bool
    """Whether the rate counts more than the outcome, so that the outcome's own rate is at most this."""
    events: int | None
    """null where only the rate is published; likewise the numbers below."""
    n: int | None
    """Patients."""
    low: float | None
    """Lower end of the published 95 % interval."""
    high: float | None
    horizon_days: int | None
    """Days from infusion."""
    definition: str
    """What counted as the event in that study."""
    among: str
    """Whose rate it is: "all infused" or "complete responders"."""
    population: str
    cohort: str
    """Name of the study or registry."""
    source: str
    """DOI, PMID, NCT or citation."""


Detail = str | float | list[str] | list[ProductRate] | list[Fact]


class Caution(Described):
    """Something the reader of the answer must know."""

    code: Literal[
        "synthetic_training_cohort",
        "outside_intended_use",
        "product_not_in_model",
        "published_evidence_only",
        "not_validated",
        "below_recommended_size",
        "no_individual_signal",
        "perhaps_another_unit",
        "outside_training_range",
        "rare_option",
        "required_input_missing",
        "interval_too_narrow",
        "against_published_evidence",
        "no_published_effect",
        "no_published_rate",
        "no_published_evidence",
        "horizon_from_published_evidence",
        "outcome_left_out",
    ]
    field: str
    """A column of the request or an outcome; empty where it concerns the whole answer."""
    message: str
    details: dict[str, Detail]
    """The numbers and names that the message states, by which to say it in another language; of the model,
    its cohort and publications. Of the patient's values only the product, where rates of it are published."""


class ProfileGroup(Described):
    """One of the groups that the patient is in."""

    field: str
    """A column of the request."""
    title: str
    group: str
    """The group in English, such as "40 or older"."""
    code: str
    """The same for a program."""


class Alike(Described):
    """How many infusions of the training cohort were of patients in the same groups."""

    n: int
    """Rounded down to a multiple of ``rounded_to``; 0 where there were fewer than ``fewer_than``."""
    fewer_than: int | None
    """Set where there were fewer, perhaps none: how few is not told. null otherwise."""
    rounded_to: int
    of: int
    """Infusions of the training cohort."""
    by: list[ProfileGroup]
    """What makes a patient alike: all of it."""


class AnswerCohort(Described):
    """The training cohort in aggregates."""

    trained: bool
    """Whether there was one; otherwise the models are the published evidence and the sizes are 0."""
    synthetic: bool
    n_infusions: int
    n_patients: int
    age_low: float | None
    age_high: float | None
    """2.5th and 97.5th percentile, years; null where fewer than ten patients have an age."""
    options: dict[str, dict[str, int]]
    """Infusions by option of the columns that tell the product, rounded down to tens."""


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
    cohort: AnswerCohort
    trained_at: str
    """Date of the training, as 2025-01-31; empty where not known."""
    alike: Alike | None
    """null without a training cohort, or where one of the columns of the profile is missing."""
    outcomes: list[OutcomeAnswer]
    missing: list[str]
    """Fields that were not given, used or not."""
    unused: list[str]
    """Fields on which no risk and no interval depends, given or not: knowing them changes neither."""
    warnings: list[Caution]


class BatchAnswer(Described):
    """Answers in the order of the patients."""

    answers: list[Answer]
