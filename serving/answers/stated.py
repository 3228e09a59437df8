"""What an answer states, as numbers and codes: what a record of answers keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from features.predictors import DOSE_INPUTS
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class StatedRisk(ShortRepr):
    """One risk of an answer.

    Attributes
    ----------
    outcome : str
    horizon_days : int
        Days from infusion.
    risk, low, high : float
        Cumulative incidence by then, and its 90 % interval.
    """

    outcome: str
    horizon_days: int
    risk: float
    low: float
    high: float


@dataclass(frozen=True, repr=False)
class Stated(ShortRepr):
    """An answer for one patient without its text.

    Attributes
    ----------
    prediction_id : str
    inputs : mapping
        What the answer depends on, as `serving.answers.question.inputs_of` returns it.
    missing : tuple of str
        Fields that are missing, used or not.
    risks : tuple of StatedRisk
        By outcome and horizon, the headline horizon first.
    warnings : tuple of str
        Codes, without repetition.
    """

    prediction_id: str
    inputs: Mapping[str, Any]
    missing: tuple[str, ...]
    risks: tuple[StatedRisk, ...]
    warnings: tuple[str, ...]


class AnswerKind(NamedTuple):
    """What is counted of an answer for one patient: names and codes; equal answers count together.

    Parameters
    ----------
    outcomes : tuple of str
    missing : tuple of str
        Fields that are missing, used or not.
    warnings : tuple of str
        Codes, without repetition.
    """

    outcomes: tuple[str, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]


def missing_fields(values: Mapping[str, Any]) -> list[str]:
    """List the fields without a value; the parts of a dose are no fields of their own.

    Parameters
    ----------
    values : mapping
        By column of `Patient`, None where not known.

    Examples
    --------
    >>> missing_fields({"age_years": 31.0, "ldh_u_l": None, "weight_kg": None})
    ['ldh_u_l']
    """
    return [name for name, value in values.items() if value is None and name not in DOSE_INPUTS]
