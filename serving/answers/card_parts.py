"""Parts of the model card: metrics, sizes, centers, subgroups and curves."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class MetricCard(BaseModel):
    """A metric with its 90 % interval; null where it could not be computed."""

    model_config = ConfigDict(from_attributes=True)

    value: float | None
    low: float | None
    high: float | None


class SampleSizeCard(BaseModel):
    """Sample size: infusions and events needed, those available, and the verdict."""

    model_config = ConfigDict(from_attributes=True)

    n_needed: int
    events_needed: float
    n: int
    events: int
    parameters: int
    verdict: str


class CenterCard(BaseModel):
    """Performance in one center of a model trained on the others."""

    model_config = ConfigDict(from_attributes=True)

    n_infusions: int
    n_events: int
    metrics: dict[str, MetricCard]


class SubgroupCard(CenterCard):
    """Out-of-fold performance in one subgroup; counts are rounded down to a multiple of 5."""


class HorizonCard(BaseModel):
    """Status of the infusions at one horizon."""

    model_config = ConfigDict(from_attributes=True)

    events: int
    competing: int
    free: int
    censored: int


class UpdateCard(BaseModel):
    """Update of a released model on another cohort; all metrics then come from that cohort."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    shift: float
    slope: float
    more: dict[str, float]
    tests: list[str]
    cohort: str


class SourceCard(BaseModel):
    """A publication, and by outcome the terms and fields whose prior effect it supports."""

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
    """Out-of-fold net benefit of treating patients above each threshold of the headline risk."""

    model_config = ConfigDict(from_attributes=True)

    threshold: list[float]
    model: list[float | None]
    treat_all: list[float | None]
    treat_none: float = 0.0
