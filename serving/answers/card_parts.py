"""Parts of the model card: figures, sizes, centres, groups and curves."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class MetricCard(BaseModel):
    """A measured figure with its 90 % interval; null where it could not be computed."""

    model_config = ConfigDict(from_attributes=True)

    value: float | None
    low: float | None
    high: float | None


class SampleSizeCard(BaseModel):
    """How many infusions and events the model would need, how many there are, and the verdict."""

    model_config = ConfigDict(from_attributes=True)

    n_needed: int
    events_needed: float
    n: int
    events: int
    parameters: int
    verdict: str


class CenterCard(BaseModel):
    """How a model of the other centres did in one."""

    model_config = ConfigDict(from_attributes=True)

    n_infusions: int
    n_events: int
    metrics: dict[str, MetricCard]


class SubgroupCard(CenterCard):
    """How the model did in one group of patients, out of fold; counts are rounded down to fives."""


class HorizonCard(BaseModel):
    """What became of the infusions by a horizon."""

    model_config = ConfigDict(from_attributes=True)

    events: int
    competing: int
    free: int
    censored: int


class UpdateCard(BaseModel):
    """How a released model was changed for other patients; all figures are then of these."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    shift: float
    slope: float
    more: dict[str, float]
    tests: list[str]
    cohort: str


class SourceCard(BaseModel):
    """A publication, and by outcome the terms whose prior effect rests on it, with what they are made of."""

    source: str
    terms: dict[str, list[str]]
    fields: dict[str, list[str]]


class CalibrationCard(BaseModel):
    """Observed against predicted headline risk, out of fold; null where one could not be computed."""

    model_config = ConfigDict(from_attributes=True)

    risk: list[float]
    observed: list[float | None]
    low: list[float | None]
    high: list[float | None]
    group_risk: list[float]
    group_observed: list[float]
    group_n: list[int]
    histogram: list[int]


class DecisionCurveCard(BaseModel):
    """Net benefit of acting on the headline risk from each threshold on, out of fold."""

    model_config = ConfigDict(from_attributes=True)

    threshold: list[float]
    model: list[float | None]
    treat_all: list[float | None]
    treat_none: float = 0.0
