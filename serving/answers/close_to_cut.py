"""Values close to a cut: a small change of one of them moves a main risk far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from features.short_repr import ShortRepr
from serving.answers.described import Described

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

NOBODY = np.zeros(0, dtype=np.int64)
"""Positions of no patient."""


class CloseToCut(Described):
    """A small change of one value that moves a main risk by more than 0.1."""

    field: str
    """A column of the request."""
    value: float
    """The changed value, 5 % or one whole number from the patient's."""
    outcome: str
    risk: float
    """Cumulative incidence by the headline horizon with the changed value."""


@dataclass(frozen=True, repr=False)
class Nearby(ShortRepr):
    """Patients, and after them the same with one number changed by a small step.

    Attributes
    ----------
    patients : Columns of `Patient`
        The patients themselves first.
    whose : ndarray of int, shape (n_near,)
        Position of the patient whom each changed one is near.
    fields : list of str
        The number that is changed.
    """

    patients: Columns
    whose: NDArray[np.int64]
    fields: list[str]


def nearby(patients: Columns, fields: Collection[str]) -> Nearby:
    """Change every known number by a small step in both directions, one at a time.

    Parameters
    ----------
    patients : Columns of `Patient`
        As `features.predictors.predictors` makes them.
    fields : collection of str
        Fields that may move a risk far; the others are not changed.

    Returns
    -------
    nearby : Nearby
    """
    if not fields:
        return Nearby(patients, NOBODY, [])
    names = tuple(name for name in NUMBERS if name in fields)
    n = len(patients)
    values = patients.stacked(names).T
    near = np.array(neighbors(names, values))
    changed = (near != values) & ~np.isnan(near)
    _, whose, column = changed.nonzero()
    everybody = patients.take(np.concatenate([np.arange(n), whose]))
    of_each = [names[position] for position in column.tolist()]
    for at, (name, value) in enumerate(zip(of_each, near[changed].tolist(), strict=True), start=n):
        everybody.values[name][at] = value
    return Nearby(everybody, whose, of_each)


def close_to_cut(
    near: Nearby, risk: Mapping[str, Values], near_risk: Mapping[str, Values]
) -> list[list[CloseToCut]]:
    """List the values of patients that are close to a cut.

    Parameters
    ----------
    near : Nearby
    risk : mapping of str to ndarray of shape (n_patients,)
        Headline risk of the patients by outcome.
    near_risk : mapping of str to ndarray of shape (n_near,)
        The same of those nearby.

    Returns
    -------
    listed : list of list of CloseToCut
        One list a patient, the largest move first; empty where every risk changes gradually.
    """
    n = len(near.patients) - len(near.whose)
    if not near.fields:
        return [[] for _ in range(n)]
    listed: list[list[tuple[float, CloseToCut]]] = [[] for _ in range(n)]
    for outcome, there in near_risk.items():
        move = np.abs(there - risk[outcome].take(near.whose))
        for at in (move > LARGEST_MOVE).nonzero()[0].tolist():
            name = near.fields[at]
            value = float(near.patients[name][n + at])
            close = CloseToCut(field=name, value=value, outcome=outcome, risk=float(there[at]))
            listed[near.whose[at]].append((float(move[at]), close))
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
    whole, low, high = _limits(tuple(names))
    share = STEP_SHARE * values
    step = np.where(whole, np.maximum(np.rint(share), WHOLE_STEP), share)
    return np.maximum(values - step, low), np.minimum(values + step, high)


@cache
def _limits(names: tuple[str, ...]) -> tuple[NDArray[np.bool_], Values, Values]:
    """Which numbers are whole, and the limits of each."""
    fields = [NUMBERS[name] for name in names]
    low, high = (np.array([getattr(field, end) for field in fields], dtype=float) for end in ("low", "high"))
    return np.array([field.kind == "integer" for field in fields], dtype=bool), low, high
