"""Risks of patients as a table of numbers: a line for each outcome and horizon, a column for each number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.field import specs
from features.schema import Patient
from serving.model.explanation import Explanation
from serving.model.outcome_risks import OutcomeRisks
from serving.model.risk_model import RiskModel

PREDICTED = 256
"""Patients that are predicted at a time: more take more memory, and no less time for each."""

RISK, LOW, HIGH = "risk", "low", "high"
RISK_AMONG, REFERENCE = "risk_among", "reference_log_odds"
CONTRIBUTION = "contribution_"
"""Begins the name of a field's contribution."""


@dataclass(frozen=True)
class Line:
    """What is the same in every patient: an outcome at a horizon.

    Attributes
    ----------
    outcome : str
    horizon : int
        Place of the horizon in the outcome's model.
    days : int
    """

    outcome: str
    horizon: int
    days: int


def risk_lines(models: Mapping[str, RiskModel]) -> tuple[Line, ...]:
    """List the lines of every patient.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome.

    Returns
    -------
    lines : tuple of Line
        Outcomes in the order of the models, horizons in the order of time.
    """
    return tuple(
        Line(name, horizon, days)
        for name, model in models.items()
        for horizon, days in sorted(enumerate(model.horizons_days), key=lambda item: item[1])
    )


def number_names(
    models: Mapping[str, RiskModel], *, interval: bool = True, contributions: bool = False
) -> tuple[str, ...]:
    """Name the numbers of a line.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome.
    interval : bool
        Whether to state the 90 % interval.
    contributions : bool
        Whether to state the contribution of each field, in log-odds, with what they are added to, and the
        risk that they give: that among those who can have the outcome.

    Returns
    -------
    names : tuple of str
        ``risk``, ``low`` and ``high``; ``risk_among``, ``reference_log_odds`` and ``contribution_<field>``.
    """
    names = (RISK, LOW, HIGH) if interval else (RISK,)
    if not contributions:
        return names
    fields = dict.fromkeys(field for model in models.values() for field in explained_fields(model))
    return (*names, RISK_AMONG, REFERENCE, *(f"{CONTRIBUTION}{field}" for field in fields))


def explained_fields(model: RiskModel) -> tuple[str, ...]:
    """Name the fields, or composites of fields, whose contributions a model states."""
    unknown = Columns(Patient, {name: np.full(1, np.nan) for name in specs(Patient)})
    return model.explain(unknown).fields


def line_numbers(
    models: Mapping[str, RiskModel],
    patients: Columns,
    lines: Collection[Line],
    names: Collection[str],
    *,
    evaluate: Callable[[Columns], Mapping[str, OutcomeRisks]],
) -> Values:
    """Compute the numbers of patients.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome; those that a model is composed of are among them.
    patients : Columns of `Patient`
    lines : collection of Line
        Some or all of `risk_lines`.
    names : collection of str
        As `number_names` gives them.
    evaluate : callable
        Computes risks, intervals and contributions; not called where the risk alone is wanted.

    Returns
    -------
    numbers : ndarray of shape (n_patients, n_lines, n_names)
        NaN where an outcome's model does not use a field.
    """
    if set(names) == {RISK}:
        alone = risks_alone(models, patients)
        return np.stack([alone[line.outcome][:, line.horizon, None] for line in lines], axis=1)
    risks = evaluate(patients)
    numbers = np.full((len(patients), len(lines), len(names)), np.nan)
    at = {name: index for index, name in enumerate(names)}
    for index, line in enumerate(lines):
        of_outcome = risks[line.outcome]
        stated = {RISK: of_outcome.risk, LOW: of_outcome.low, HIGH: of_outcome.high}
        for name in stated.keys() & at.keys():
            numbers[:, index, at[name]] = stated[name][:, line.horizon]
        if REFERENCE in at:
            _explain(numbers[:, index], at, of_outcome.explanation, line.horizon)
    return numbers


def risks_alone(models: Mapping[str, RiskModel], patients: Columns) -> dict[str, Values]:
    """Compute risks without intervals.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome; those that a model is composed of are among them.
    patients : Columns of `Patient`

    Returns
    -------
    risks : dict of str to ndarray of shape (n_patients, n_horizons)
        By outcome, as `serving.model.outcome_risks.all_outcome_risks` computes them.
    """
    done: dict[str, Values] = {}

    def of(name: str) -> Values:
        if name not in done:
            model = models[name]
            done[name] = model.composed(model.explain(patients).risk, lambda part: of(part.outcome))
        return done[name]

    return {name: of(name) for name in models}


def _explain(numbers: Values, at: Mapping[str, int], explanation: Explanation, horizon: int) -> None:
    numbers[:, at[RISK_AMONG]] = explanation.risk[:, horizon]
    numbers[:, at[REFERENCE]] = explanation.reference[horizon]
    for position, field in enumerate(explanation.fields):
        numbers[:, at[f"{CONTRIBUTION}{field}"]] = explanation.contributions[:, position]
