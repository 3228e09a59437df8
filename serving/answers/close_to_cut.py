"""Values close to a cut: a small change of one of them moves a main risk far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from serving.answers.described import Described
from serving.model.risk_model import RiskModel

STEP_SHARE = 0.05
"""A small change, as a share of the value: a repeated laboratory test or blast count differs by as much."""

WHOLE_STEP = 1.0
"""The smallest change of a whole number."""

LARGEST_MOVE = 0.1
"""A larger move of the risk by a small change is stated: 10 of 100 patients."""

NUMBERS = {
    name: spec
    for name, spec in specs(Patient).items()
    if spec.kind in ("number", "integer") and name not in DOSE_INPUTS
}
"""Numbers of a patient that models read."""


class CloseToCut(Described):
    """A small change of one value that moves a main risk by more than 0.1."""

    field: str
    """A column of the request."""
    value: float
    """The changed value, 5 % or one whole number from the patient's."""
    outcome: str
    risk: float
    """Cumulative incidence by the headline horizon with the changed value."""


def close_to_cut(
    models: Mapping[str, RiskModel], patients: Columns, risk: Mapping[str, Values], fields: Sequence[str]
) -> list[list[CloseToCut]]:
    """List the values of patients that are close to a cut.

    Every known number is changed by a small step in both directions, one at a time. All changed patients are
    evaluated together, without replicates.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome.
    patients : Columns of `Patient`
        As `features.predictors.predictors` makes them.
    risk : mapping of str to ndarray of shape (n_patients,)
        Their headline risk by outcome.
    fields : sequence of str
        Fields that move a risk; the others are not changed.

    Returns
    -------
    listed : list of list of CloseToCut
        One list a patient, the largest move first; empty where every risk changes gradually.
    """
    changed, patient, field = _neighbors(patients, [name for name in NUMBERS if name in fields])
    listed: list[list[tuple[float, CloseToCut]]] = [[] for _ in range(len(patients))]
    for outcome, model in models.items() if len(patient) else ():
        there = model.risk(changed)[:, 0]
        move = np.abs(there - risk[outcome][patient])
        for at in np.flatnonzero(move > LARGEST_MOVE).tolist():
            name = field[at]
            close = CloseToCut(
                field=name, value=float(changed[name][at]), outcome=outcome, risk=float(there[at])
            )
            listed[patient[at]].append((float(move[at]), close))
    return [[close for _, close in sorted(each, key=lambda pair: -pair[0])] for each in listed]


def neighbors(names: Sequence[str], values: Values) -> tuple[Values, Values]:
    """Change numbers by a small step; the changed values stay within the limits of the schema.

    Parameters
    ----------
    names : sequence of str
        Entries of `NUMBERS`.
    values : ndarray of shape (n_patients, n_names)
        NaN where not known.

    Returns
    -------
    lower, upper : ndarray of shape (n_patients, n_names)

    Examples
    --------
    >>> values = np.array([[4.0, 3.0], [100.0, 0.0]])
    >>> lower, upper = neighbors(["marrow_blasts_pct", "prior_lines"], values)
    >>> lower.tolist(), upper.tolist()
    ([[3.8, 2.0], [95.0, 0.0]], [[4.2, 4.0], [100.0, 1.0]])
    """
    whole = np.array([NUMBERS[name].kind == "integer" for name in names], dtype=bool)
    low, high = (
        np.array([getattr(NUMBERS[name], end) for name in names], dtype=float) for end in ("low", "high")
    )
    share = STEP_SHARE * values
    step = np.where(whole, np.maximum(np.rint(share), WHOLE_STEP), share)
    return np.maximum(values - step, low), np.minimum(values + step, high)


def _neighbors(patients: Columns, names: Sequence[str]) -> tuple[Columns, NDArray[np.int64], list[str]]:
    """Change one number of a patient at a time: changed patients, whose they are, and which number it is."""
    values = np.column_stack([np.zeros((len(patients), 0)), *(patients[name] for name in names)])
    near = np.concatenate(neighbors(names, values))
    row, column = np.nonzero(~np.isnan(near) & (near != np.concatenate([values, values])))
    changed = patients.take(row % len(patients))
    for position, name in enumerate(names):
        changed.values[name][column == position] = near[row[column == position], position]
    return changed, row % len(patients), [names[position] for position in column.tolist()]
