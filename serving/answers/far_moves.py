"""Which numbers may be close to a cut: a small step of the others cannot move any risk far.

Most terms change gradually, so that trying small steps for every patient would find nothing. By how much a
step moves a term at most is known before there is a patient.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from features.columns import Columns, Values
from features.disease_burden import BURDEN_FIELD, high_burden_probability
from features.field import FieldSpec, specs
from features.schema import Patient
from features.terms import KNOWN_TERMS
from serving.answers.close_to_cut import LARGEST_MOVE, NUMBERS, neighbors
from serving.model.risk_model import RiskModel

STEEPEST = 0.25
"""Change of a risk by its log-odds, at most: where the risk is one half."""

MARGIN = 2.0
"""A step moves a term at most this many times as far as any of those that are tried."""

TRIED = 400
"""Values of a number that are tried, evenly spaced, and as many evenly spaced in their logarithm: closer than
a small step, so that no cut is missed."""

TRIED_BESIDE = 6
"""The same of every other number that a term reads."""

LEAST_SHARE = 1e-6
"""Of the largest value of a number: the least one tried beside its lower limit."""


def may_move_far(model: RiskModel, field: str) -> bool:
    """Say whether a small step of a number may move a risk of any patient by more than `LARGEST_MOVE`.

    Parameters
    ----------
    model : RiskModel
    field : str
        Entry of `serving.answers.close_to_cut.NUMBERS`.

    Returns
    -------
    may : bool
        True for models with trees, whose cuts are not looked at here. A composed risk moves no farther than
        those that it is composed of together.
    """
    return MARGIN * STEEPEST * _farthest(model, field) > LARGEST_MOVE


def _farthest(model: RiskModel, field: str) -> float:
    """Add up how far a step moves the log-odds of a model and of all that it is composed of."""
    if model.trees is not None:
        return np.inf
    farthest = sum(_farthest(part, field) for part in model.parts)
    linear = model.linear
    if linear is None:
        return farthest
    for name, coefficient in zip(linear.terms, linear.coefficients.tolist(), strict=True):
        if field in KNOWN_TERMS[name].reads:
            farthest += abs(coefficient) * largest_change(name, field)
    if field == BURDEN_FIELD:
        # What is expected of missing terms.
        expected = linear.coefficients * (linear.high_burden - linear.low_burden)
        farthest += float(np.abs(expected).sum()) * _largest_change_of_share(gradual=linear.gradual)
    return farthest


@cache
def largest_change(term: str, field: str) -> float:
    """Find how far a small step of a number moves a term.

    Parameters
    ----------
    term : str
        Name in `features.terms.KNOWN_TERMS`.
    field : str
        Entry of `serving.answers.close_to_cut.NUMBERS` that the term reads.

    Returns
    -------
    change : float
        The largest change, in units of the term, among all combinations of the values that are tried.

    Examples
    --------
    >>> round(largest_change("log2_easix", "ldh_u_l"), 3)
    0.074
    >>> largest_change("cns3", "ldh_u_l")
    0.0
    """
    known = KNOWN_TERMS[term]
    beside = [name for name in known.reads if name != field]
    if len(beside) == len(known.reads):
        return 0.0
    values = _values(NUMBERS[field], TRIED)
    others = [_values(specs(Patient)[name], TRIED_BESIDE) for name in beside]
    unknown = [[np.nan] if name in known.optional else [] for name in beside]
    combined = list(
        product(*(np.append(each, nan).tolist() for each, nan in zip(others, unknown, strict=True)))
    )
    columns = dict(zip(beside, np.array(combined).reshape(len(combined), -1).T, strict=True))

    def term_at(numbers: Values) -> Values:
        """Compute the term with all combinations of the other values: shape (n_combinations, n_values)."""
        shape = len(combined), len(numbers)
        repeated = {name: np.repeat(column, len(numbers)) for name, column in columns.items()}
        rows = {**_nothing(shape[0] * shape[1]), **repeated, field: np.tile(numbers, len(combined))}
        return known.compute(Columns(Patient, rows)).reshape(shape)

    before = term_at(values)
    changes = [np.abs(term_at(after[:, 0]) - before) for after in neighbors([field], values[:, None])]
    return float(np.nanmax(changes, initial=0.0))


@cache
def _largest_change_of_share(*, gradual: bool) -> float:
    """Find how far a small step of blasts moves the share of high burden."""

    def share(blasts: Values) -> Values:
        rows = {**_nothing(len(blasts)), BURDEN_FIELD: blasts}
        return high_burden_probability(Columns(Patient, rows), gradual=gradual)

    values = _values(NUMBERS[BURDEN_FIELD], TRIED)
    steps = neighbors([BURDEN_FIELD], values[:, None])
    return max(float(np.abs(share(after[:, 0]) - share(values)).max()) for after in steps)


def _values(field: FieldSpec, count: int) -> Values:
    """List the codes of a choice or a yes-or-no field, or values of a number within its limits."""
    if field.kind == "choice":
        return np.arange(len(field.options), dtype=float)
    if field.kind == "boolean":
        return np.array([0.0, 1.0])
    assert field.low is not None
    assert field.high is not None
    low, high = float(field.low), float(field.high)
    by_share = np.geomspace(max(low, LEAST_SHARE * high), high, count)
    values = np.concatenate([np.linspace(low, high, count), by_share])
    return np.unique(np.rint(values) if field.kind == "integer" else values)


def _nothing(n: int) -> dict[str, Values]:
    """Make columns of patients of whom nothing is known."""
    return dict.fromkeys(specs(Patient), np.full(n, np.nan))
