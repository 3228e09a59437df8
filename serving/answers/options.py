"""Options side by side, as the HTTP contract states them: the patient as entered, and with each choice."""

from __future__ import annotations

from typing import Literal

from serving.answers.contribution import Value
from serving.answers.described import Described
from serving.answers.schema import BundleName, Caution, Interval
from serving.answers.states import States

Basis = Literal["as published", "association"]


class RiskDifference(Described):
    """Risk with an option minus the risk as entered; describes the model, never the effect of a treatment."""

    risk: float
    """-1 to 1; negative where the risk is lower with the option."""
    low: float
    """Lower end of the 90 % interval, from the same replicates for both."""
    high: float
    basis: Basis | None
    """"as published" where at least 0.9 of what moves the risk comes from published effects, "association"
    otherwise; null where nothing moves it."""
    published_share: float | None
    """This share, 0 to 1: of the differences between the contributions, in log-odds."""


class ComparedOutcome(Described):
    """Risk of one outcome by its headline horizon."""

    name: str
    title: str
    main: bool
    """Whether it is one of the outcomes that an answer is read for first."""
    horizon_days: int
    """Days from infusion."""
    risk: float
    """Cumulative incidence by then, as POST /risk states it."""
    interval: Interval


class OptionOutcome(ComparedOutcome):
    """Risk of one outcome with an option."""

    difference: RiskDifference


class StateDifferences(Described):
    """Differences between the states of an option and those as entered; they add up to 0."""

    horizon_days: int
    """Days from infusion."""
    outcomes: dict[str, RiskDifference]
    """By outcome."""
    neither: RiskDifference
    """None of the outcomes until then."""


class Change(Described):
    """One field that an option changes."""

    field: str
    """A column of the request."""
    title: str
    unit: str
    entered: Value
    """Value as entered, or derived from what was entered; null where unknown."""
    value: Value
    """Value with the option; null where unknown."""
    followed: bool
    """Whether it follows from another choice, such as the construct from the product; false where the option
    states it."""
    moves: list[str]
    """Outcomes whose models use the field for the risk; empty where the field cannot be compared."""


class AsEntered(Described):
    """The patient without any option."""

    outcomes: list[ComparedOutcome]
    states: list[States]
    """By the headline horizon alone."""
    warnings: list[Caution]


class OptionRisks(Described):
    """The patient with one option."""

    changed: list[Change]
    """Fields whose value differs from the one entered, in schema order; what followed is among them. Last the
    name of a product that is not listed, which goes with the product."""
    without_effect: list[str]
    """Changed fields that no model uses for a risk: this model cannot compare them. The name of a product is
    not among them."""
    label_values: dict[str, Value]
    """As in an answer: values that the label of the option's product states for blank fields."""
    outcomes: list[OptionOutcome]
    states: list[States]
    """By the headline horizon alone."""
    state_differences: list[StateDifferences]
    """One entry for each of ``states``."""
    warnings: list[Caution]
    """Those that the patient as entered does not have."""


class OptionsAnswer(Described):
    """Risks of one patient as entered and with each option, with paired differences."""

    prediction_id: str
    """Identifier of this answer."""
    bundle: BundleName
    intended_use: str
    base: AsEntered
    options: list[OptionRisks]
    """In the order of the request."""
