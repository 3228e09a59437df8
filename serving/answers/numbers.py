"""The risks of a patient as numbers alone, for programs that ask for many patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serving.answers.described import Described
from serving.answers.schema import BundleName, CurvePoint
from serving.model.outcome_risks import OutcomeRisks


class OutcomeNumbers(Described):
    """Risk of one outcome."""

    name: str
    horizon_days: int
    """Headline horizon, in days from infusion."""
    risk: float
    """Cumulative incidence by the headline horizon."""
    low: float
    """Lower end of the 90 % interval."""
    high: float
    curve: list[CurvePoint]
    """The risk at every horizon of the outcome."""


class WarningCode(Described):
    """A warning without its message."""

    code: str
    field: str
    """A column of the request or an outcome; empty where it concerns the whole answer."""


class NumbersAnswer(Described):
    """Risks of one patient with `"detail": "risk"`."""

    prediction_id: str
    bundle: BundleName
    outcomes: list[OutcomeNumbers]
    warnings: list[WarningCode]


class NumbersBatch(Described):
    """Risks of many patients with `"detail": "risk"`, in their order."""

    answers: list[NumbersAnswer]


def outcome_numbers(risks: Mapping[str, OutcomeRisks]) -> list[list[dict[str, Any]]]:
    """State the risks of patients as numbers.

    Parameters
    ----------
    risks : mapping of str to OutcomeRisks
        By outcome.

    Returns
    -------
    numbers : list of list of dict
        By patient, one entry an outcome, as `OutcomeNumbers` describes it.
    """
    return [
        list(of_patient)
        for of_patient in zip(*(_numbers(name, each) for name, each in risks.items()), strict=True)
    ]


def _numbers(name: str, risks: OutcomeRisks) -> list[dict[str, Any]]:
    by_time = sorted(enumerate(risks.horizons_days), key=lambda each: each[1])
    values = zip(risks.risk.tolist(), risks.low.tolist(), risks.high.tolist(), strict=True)
    return [
        {
            "name": name,
            "horizon_days": risks.horizons_days[0],
            "risk": risk[0],
            "low": low[0],
            "high": high[0],
            "curve": [
                {"horizon_days": days, "risk": risk[at], "low": low[at], "high": high[at]}
                for at, days in by_time
            ],
        }
        for risk, low, high in values
    ]
