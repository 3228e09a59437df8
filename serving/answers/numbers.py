"""The risks of a patient as numbers alone, for programs that ask for many patients."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from features.columns import Columns
from features.predictors import predictors
from features.product_names import PRODUCT_NAME
from serving.answers.answered import Answered
from serving.answers.described import Described
from serving.answers.schema import BundleName, Caution, CurvePoint
from serving.answers.warnings import ModelCautions, cautions
from serving.model.bundle import Bundle
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


def numbers_answered(
    bundle: Bundle,
    risks_of: Callable[[Columns], Mapping[str, OutcomeRisks]],
    of_model: ModelCautions,
    rows: Sequence[Mapping[str, Any]],
) -> list[Answered]:
    """Answer for patients with numbers.

    Parameters
    ----------
    bundle : Bundle
        The model that answers.
    risks_of : callable
        Gives the risks of patients by outcome.
    of_model : ModelCautions
        Of the bundle.
    rows : sequence of mapping
        As `serving.answers.scorer.Scorer.answered` takes them.

    Returns
    -------
    answered : list of Answered
        In the order of the rows; their texts are as `NumbersAnswer` describes them.
    """
    patients = predictors(rows)
    risks = risks_of(patients)
    return [
        _answered(bundle, of_model, question, patients.row(position), risks, position)
        for position, question in enumerate(rows)
    ]


def outcome_numbers(risks: Mapping[str, OutcomeRisks], position: int) -> list[dict[str, Any]]:
    """State the risks of a patient as numbers.

    Parameters
    ----------
    risks : mapping of str to OutcomeRisks
        By outcome.
    position : int
        Of the patient.

    Returns
    -------
    numbers : list of dict
        One entry an outcome, as `OutcomeNumbers` describes it.
    """
    return [_numbers(name, each, position) for name, each in risks.items()]


def _answered(
    bundle: Bundle,
    of_model: ModelCautions,
    question: Mapping[str, Any],
    values: Mapping[str, Any],
    risks: Mapping[str, OutcomeRisks],
    position: int,
) -> Answered:
    prediction_id = str(uuid.uuid4())

    def text(warnings: Sequence[Caution]) -> bytes:
        return to_json(
            {
                "prediction_id": prediction_id,
                "bundle": {"version": bundle.version_name, "digest": bundle.digest},
                "outcomes": outcome_numbers(risks, position),
                "warnings": [{"code": each.code, "field": each.field} for each in warnings],
            }
        )

    listed = cautions(bundle, {**values, PRODUCT_NAME: question.get(PRODUCT_NAME)}, of_model=of_model)
    return Answered(prediction_id, question, values, risks, position, tuple(listed), text)


def _numbers(name: str, risks: OutcomeRisks, position: int) -> dict[str, Any]:
    by_time = sorted(enumerate(risks.horizons_days), key=lambda each: each[1])
    risk, low, high = (each[position].tolist() for each in (risks.risk, risks.low, risks.high))
    return {
        "name": name,
        "horizon_days": risks.horizons_days[0],
        "risk": risk[0],
        "low": low[0],
        "high": high[0],
        "curve": [
            {"horizon_days": days, "risk": risk[at], "low": low[at], "high": high[at]} for at, days in by_time
        ],
    }
