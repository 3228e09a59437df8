"""A risk computed step by step for one synthetic patient, from the numbers of the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.predictors import predictors
from features.terms import TERMS, term_matrix
from serving.model.bundle import Bundle
from serving.model.risk_model import RiskModel

SAME_LOG_ODDS = 1e-6
"""A step-by-step sum that is farther from the model's own would be a mistake in the report."""


@dataclass(frozen=True)
class TermStep:
    """One term of the sum.

    Attributes
    ----------
    name : str
    value : float or None
        None where an input is missing.
    used : float
        The value, or what it is expected to be.
    centre, coefficient, product : float
        ``product`` is coefficient * (used - centre).
    """

    name: str
    value: float | None
    used: float
    centre: float
    coefficient: float
    product: float


@dataclass(frozen=True)
class RiskStep:
    """The end of the sum at one horizon: log-odds and risk, with the 90 % interval where there is one."""

    horizon_days: int
    intercept: float
    log_odds: float
    risk: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class WorkedExample:
    """One outcome's risks of the example patient.

    Attributes
    ----------
    terms : tuple of TermStep
    linear, trees : float
        Both parts, log-odds.
    risks : tuple of RiskStep
        Earliest horizon first.
    """

    terms: tuple[TermStep, ...]
    linear: float
    trees: float
    risks: tuple[RiskStep, ...]


def example_patient(bundle: Bundle) -> Mapping[str, Any]:
    """Choose the golden patient with the fewest terms missing, but one where there is such a patient.

    Parameters
    ----------
    bundle : Bundle
        Its golden patients are synthetic.

    Returns
    -------
    patient : mapping of str to object
        Missing fields are absent.
    """
    matrix = term_matrix(predictors(bundle.golden), tuple(TERMS))
    missing = np.isnan(matrix).sum(axis=1)
    at = int(np.argmin(np.where(missing > 0, missing, len(TERMS) + 1)))
    return {name: value for name, value in bundle.golden[at].items() if value is not None}


def worked_example(model: RiskModel, patient: Mapping[str, Any]) -> WorkedExample:
    """Compute a patient's risks step by step.

    Parameters
    ----------
    model : RiskModel
    patient : mapping of str to object
        Fields of `Patient`.

    Returns
    -------
    example : WorkedExample

    Raises
    ------
    ArithmeticError
        If the steps do not lead to the risk of the model.
    """
    columns = predictors([patient])
    steps = _term_steps(model, patient)
    linear = math.fsum(step.product for step in steps)
    trees = float(model.trees.contributions(columns).sum()) if model.trees is not None else 0.0
    risk = model.risk(columns)[0]
    low, high = model.interval(columns) if model.replicates is not None else (None, None)
    risks = [
        RiskStep(
            horizon_days=days,
            intercept=float(model.reference[at]),
            log_odds=float(model.reference[at]) + linear + trees,
            risk=float(risk[at]),
            low=None if low is None else float(low[0, at]),
            high=None if high is None else float(high[0, at]),
        )
        for at, days in enumerate(model.horizons_days)
    ]
    _refuse_other(risks)
    return WorkedExample(steps, linear, trees, tuple(sorted(risks, key=lambda step: step.horizon_days)))


def _term_steps(model: RiskModel, patient: Mapping[str, Any]) -> tuple[TermStep, ...]:
    if model.linear is None:
        return ()
    linear, columns = model.linear, predictors([patient])
    values, used = linear.matrix(columns)[0], linear.centered(columns)[0] + linear.centre
    return tuple(
        TermStep(
            name=name,
            value=None if np.isnan(values[at]) else float(values[at]),
            used=float(used[at]),
            centre=float(linear.centre[at]),
            coefficient=float(linear.coefficients[at]),
            product=float(linear.coefficients[at] * (used[at] - linear.centre[at])),
        )
        for at, name in enumerate(linear.terms)
    )


def _refuse_other(risks: list[RiskStep]) -> None:
    for step in risks:
        stated = math.log(step.risk / (1 - step.risk))
        if abs(stated - step.log_odds) > SAME_LOG_ODDS:
            message = f"by day {step.horizon_days} the steps give {step.log_odds}, the model {stated}"
            raise ArithmeticError(message)
