"""The answer for one patient: risks, intervals, reasons and warnings, as the HTTP contract states them."""

from __future__ import annotations

from typing import Literal

from serving.answers.among import Among
from serving.answers.close_to_cut import CloseToCut
from serving.answers.comparators import EasixComparator, ScoreComparator
from serving.answers.contribution import Contribution, Value
from serving.answers.described import Described
from serving.answers.facts import Fact
from serving.answers.states import States
from serving.answers.without_source import RiskWithoutSource
from serving.model.field_use import Use


class Interval(Described):
    """A 90 % interval of a risk."""

    level: float
    """Nominal coverage of the interval."""
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
    """The reference patient to whom contributions are added."""

    risk: float
    """Risk of a patient whose every field contributes nothing."""
    log_odds: float
    """The same in log-odds; contributions are added to it."""


class PredictedRange(Described):
    """Central 95 % of the out-of-fold risks of the training cohort."""

    low: float
    high: float


class MissingCost(Described):
    """How much a missing input widens the interval."""

    field: str
    """A column of the request, or a composite of several."""
    title: str
    inputs: list[str]
    """Columns that are missing; the others of a composite are known."""
    width: float
    """Expected narrowing of the 90 % interval of the headline risk if the value were known, 0 or more; the
    risk itself would change too."""


class OutcomeAnswer(Described):
    """Risk of one outcome with its reasons."""

    name: str
    title: str
    definition: str
    main: bool
    """Whether it is one of the outcomes that an answer is read for first; the others follow them."""
    horizon_days: int
    """Headline horizon of risk, interval, reference and average, in days from infusion."""
    risk: float
    """Cumulative incidence by the headline horizon, 0 to 1; death competes where it can come first."""
    among: Among | None
    """Risk of those who can have the outcome, of which the risk of all is composed; null where all can."""
    interval: Interval
    """Uncertainty of the risk itself, not a range of outcomes of the patient."""
    curve: list[CurvePoint]
    """The risk at every horizon of the outcome."""
    reference: Reference
    cohort_average: float | None
    """Cumulative incidence by the headline horizon: observed in the training cohort, or published where the
    status is "published evidence only"."""
    predicted_range: PredictedRange | None
    """Within it are the risks of nearly all of the training cohort by the headline horizon; null without
    validation."""
    contributions: list[Contribution]
    """Strongest first; reference and contributions add up to the log-odds of the risk, or of that in
    ``among``."""
    evidence_weight: float
    """Evidence weight: share of published effects in the model, 0 to 1."""
    method: str
    """Kind of model."""
    status: str
    """Validation status: "internally validated" (by cross-validation on the training cohort), "not validated
    locally", or "published evidence only" without a cohort."""
    status_reasons: list[str]
    """Criteria of validation that are not met, or a sample size below the recommended one."""
    status_facts: list[Fact]
    """The same as data; empty for a model of an earlier version of the software."""
    easix: EasixComparator | None
    """null where the training cohort is too small for it."""
    scores: list[ScoreComparator]
    """Other published scores made for the outcome; empty where there is none, or where the training cohort is
    too small for it."""
    missing_costs: list[MissingCost]
    """Used inputs of the linear part that are missing, the largest width first; empty for a model without a
    linear part."""
    without_source: list[RiskWithoutSource]
    """Published sources without which the risk would differ by at least 0.005, the largest difference first;
    empty for an updated model and for a model of an earlier version of the software."""
    field_use: dict[str, Use]
    """Use of each request field by the model of this outcome: "value", "groups" (the risk depends only on the
    group of the value; GET /form lists the groups), "interval" (only the interval depends on the field) or
    "unused"."""
    n_infusions: int
    """Training infusions with known follow-up of the outcome; 0 without a cohort."""
    n_events: int | None
    """Distinct events among them by the last horizon (two infusions of a patient can share one); null where a
    count of fewer than five is masked."""
    n_headline_events: int | None
    """Infusions with the event by the headline horizon; null where a count of fewer than five is masked, and
    for a model of an earlier version of the software."""
    competing: str
    """Competing event in words; empty where there is none."""
    interval_note: str
    """Known limitation of the interval; empty where there is none."""
    evidence_note: str
    """Conflict of local data with published effects, or missing published evidence; empty otherwise."""


class ProductRate(Described):
    """A published rate of an outcome after one product; never a risk of this patient."""

    id: str
    """Row of data/evidence/base_rates.csv."""
    outcome: str
    rate: float
    """Share of the patients, 0 to 1; 0 where no patient had the event."""
    upper_bound: bool
    """Whether the published event is broader than the outcome, so that the rate is an upper bound."""
    events: int | None
    """Patients with the event; null where only the rate is published, as for the numbers below."""
    n: int | None
    """Patients."""
    low: float | None
    """Lower end of the published 95 % interval."""
    high: float | None
    horizon_days: int | None
    """Days from infusion."""
    definition: str
    """Event definition of that study."""
    among: str
    """Denominator: "all infused" or "complete responders"."""
    population: str
    cohort: str
    """Name of the study or registry."""
    source: str
    """DOI, PMID, NCT or citation; a bar separates several."""
    sources: list[str]
    """The same, one by one."""


Detail = str | float | list[str] | list[ProductRate] | list[Fact]


class Caution(Described):
    """A warning of the answer."""

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
        "event_free_day_not_covered",
        "not_recorded",
    ]
    field: str
    """A column of the request or an outcome; empty where it concerns the whole answer."""
    message: str
    details: dict[str, Detail]
    """Numbers and names of the message, by which it can be stated in another language; of the model, its
    cohort and publications. Of the patient's values only the product, where rates of it are published."""


class ProfileGroup(Described):
    """A group to which the patient belongs."""

    field: str
    """A column of the request."""
    title: str
    group: str
    """The group in English, such as "40 or older"."""
    code: str
    """Code of the group."""


class Alike(Described):
    """Similar patients: training infusions of patients in the same groups."""

    n: int
    """Infusions, rounded down to a multiple of ``rounded_to``; 0 below ``fewer_than``."""
    fewer_than: int | None
    """Set where there were fewer, perhaps none; the exact number is withheld. null otherwise."""
    rounded_to: int
    of: int
    """Infusions of the training cohort."""
    by: list[ProfileGroup]
    """Groups that similar patients share."""


class AnswerCohort(Described):
    """The training cohort in aggregates."""

    trained: bool
    """Whether there is one; without a cohort the models are published evidence and the sizes are 0."""
    synthetic: bool
    n_infusions: int
    n_patients: int
    age_low: float | None
    age_high: float | None
    """2.5th and 97.5th percentile, years; null where fewer than ten patients have an age."""
    options: dict[str, dict[str, int]]
    """Infusions by option of the construct columns, rounded down to a multiple of 10."""


class BundleName(Described):
    """The model of the answer."""

    version: str
    """Version in the registry."""
    digest: str
    """Digest of the bundle; equal digests mean the same model."""


class Answer(Described):
    """Risks, reasons and warnings for one patient."""

    prediction_id: str
    """Identifier of this answer; the same patient sent again gets another."""
    bundle: BundleName
    intended_use: str
    estimand: str
    estimand_means: str
    """Estimand in words."""
    cohort: AnswerCohort
    trained_at: str
    """Date of the training, as 2025-01-31; empty where not known."""
    alike: Alike | None
    """null without a training cohort, or where one of the columns of the profile is missing."""
    outcomes: list[OutcomeAnswer]
    states: list[States]
    """Outcomes that exclude one another, with what is left; they add up to 1 at every horizon."""
    event_free: list[States]
    """The same for a patient who is alive without any of them on ``event_free_on_day`` of the request;
    empty where it is not asked, or where no model can tell."""
    product_name: str | None
    """Name of a product that is not listed, as in the request; it changes no risk."""
    missing: list[str]
    """Missing fields, used or not."""
    label_values: dict[str, Value]
    """Values that the label of the listed product states for missing fields, such as ``split_dose``; every
    model takes them as known."""
    unused: list[str]
    """Fields that change no risk and no interval, given or not."""
    close_to_cut: list[CloseToCut]
    """Small changes of one value that move a main risk by more than 0.1, the largest move first."""
    warnings: list[Caution]


class BatchAnswer(Described):
    """Answers in the order of the patients."""

    answers: list[Answer]
