"""A risk computed step by step for one synthetic patient, from the numbers of the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.columns import Columns
from features.log_odds import expit, logit
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
class ComposedStep:
    """How the risk among all follows from the risk among those who can have the outcome.

    Attributes
    ----------
    among : float
        Risk among those who can have it.
    can_have : float
        Probability of being one of them.
    added : float
        Risk of the outcome that always is this one too; 0 where there is none.
    product : float
        ``added + can_have * among``: the risk, unless a risk by an earlier or later horizon bounds it.
    """

    among: float
    can_have: float
    added: float
    product: float


@dataclass(frozen=True)
class RiskStep:
    """The end of the sum at one horizon: log-odds and risk, with the 90 % interval where there is one.

    Attributes
    ----------
    horizon_days : int
    intercept, log_odds : float
    risk : float
        Of the log-odds; where only some can have the outcome, composed as ``composed`` states.
    low, high : float or None
    composed : ComposedStep or None
        None where everybody can have the outcome.
    """

    horizon_days: int
    intercept: float
    log_odds: float
    risk: float
    low: float | None
    high: float | None
    composed: ComposedStep | None = None


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
    composed = _composed_steps(model, columns, [linear + trees + each for each in model.reference.tolist()])
    risks = [
        RiskStep(
            horizon_days=days,
            intercept=float(model.reference[at]),
            log_odds=float(model.reference[at]) + linear + trees,
            risk=float(risk[at]),
            low=None if low is None else float(low[0, at]),
            high=None if high is None else float(high[0, at]),
            composed=composed[at],
        )
        for at, days in enumerate(model.horizons_days)
    ]
    _refuse_other(risks, model, columns)
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
            # Plus 0.0, because -0.0 is written as such.
            product=float(linear.coefficients[at] * (used[at] - linear.centre[at])) + 0.0,
        )
        for at, name in enumerate(linear.terms)
    )


def _composed_steps(model: RiskModel, columns: Columns, log_odds: list[float]) -> list[ComposedStep | None]:
    """State what the risk is composed of, horizon by horizon."""
    parts = model.composition
    if parts is None:
        return [None] * len(log_odds)
    given = parts.given.risk_by(columns, model.horizons_days)[0]
    can_have = given if parts.happened else 1 - given
    added = (
        np.zeros_like(given) if parts.plus is None else parts.plus.risk_by(columns, model.horizons_days)[0]
    )
    among = expit(np.array(log_odds))
    return [
        ComposedStep(*map(float, step))
        for step in zip(among, can_have, added, added + can_have * among, strict=True)
    ]


def _refuse_other(risks: list[RiskStep], model: RiskModel, columns: Columns) -> None:
    """Refuse steps that do not lead to the risk of the model, composed where it is."""
    summed = expit(np.array([[step.log_odds for step in risks]]))
    reached = logit(model.composed(summed, lambda part: part.risk(columns)))[0]
    for step, log_odds in zip(risks, reached.tolist(), strict=True):
        stated = math.log(step.risk / (1 - step.risk))
        if abs(stated - log_odds) > SAME_LOG_ODDS:
            message = f"by day {step.horizon_days} the steps give {log_odds}, the model {stated}"
            raise ArithmeticError(message)
