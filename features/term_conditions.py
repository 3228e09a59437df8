"""How a term reads each of its fields: by value, or only by which condition holds; from its formula."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from features.field import specs
from features.schema import Patient
from features.term_formulas import TERM_FORMULAS

ABOVE_FROM_HERE: Mapping[type[ast.cmpop], bool] = {ast.GtE: True, ast.Lt: True, ast.Gt: False, ast.LtE: False}
"""Comparison with a number: whether the number itself is above the cut."""


@dataclass(frozen=True, order=True)
class Cut:
    """A number at which the answer changes.

    Attributes
    ----------
    at : float
        In the schema's unit.
    included : bool
        Whether ``at`` itself is above the cut.
    """

    at: float
    included: bool


@dataclass(frozen=True)
class Reading:
    """How one field is read.

    Attributes
    ----------
    by_value : bool
        Every different value can change the answer; otherwise cuts and options alone do.
    cuts : frozenset of Cut
        Of a number.
    options : frozenset of str
        Options of a choice that are compared with all others.
    """

    by_value: bool = False
    cuts: frozenset[Cut] = frozenset()
    options: frozenset[str] = frozenset()

    def __or__(self, other: Reading) -> Reading:
        """Join two readings of one field: whatever changes either changes both."""
        return Reading(self.by_value or other.by_value, self.cuts | other.cuts, self.options | other.options)


@cache
def term_readings(term: str) -> Mapping[str, Reading]:
    """Say how a term reads its fields.

    Parameters
    ----------
    term : str
        Name in `TERM_FORMULAS`.

    Returns
    -------
    readings : mapping of str to Reading
        By column of `Patient`.

    Examples
    --------
    >>> term_readings("fludarabine")["fludarabine_mg_m2"].cuts
    frozenset({Cut(at=0.0, included=False)})
    >>> term_readings("cns3")["cns_status"].options
    frozenset({'cns3'})
    >>> sorted(name for name, reading in term_readings("log2_easix").items() if reading.by_value)
    ['creatinine_mg_dl', 'ldh_u_l', 'platelets_1e9_l']
    """
    formula = ast.parse(TERM_FORMULAS[term], mode="eval")
    compared = {id(node.left): node for node in ast.walk(formula) if isinstance(node, ast.Compare)}
    # Whether a field is known is no reading of its value.
    only_known = {
        id(node.args[0]) for node in ast.walk(formula) if isinstance(node, ast.Call) and _asks(node)
    }
    readings: dict[str, Reading] = {}
    for node in ast.walk(formula):
        if isinstance(node, ast.Name) and node.id in specs(Patient) and id(node) not in only_known:
            reading = _reading(compared.get(id(node)))
            readings[node.id] = readings.get(node.id, Reading()) | reading
    return readings


def _asks(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "known"


def _reading(comparison: ast.Compare | None) -> Reading:
    """Read one comparison of a field with a constant; a field that is not compared is read by value."""
    if comparison is None or len(comparison.ops) != 1:
        return Reading(by_value=True)
    operator, constant = comparison.ops[0], comparison.comparators[0]
    if not isinstance(constant, ast.Constant):
        return Reading(by_value=True)
    if isinstance(constant.value, str):
        return Reading(options=frozenset({constant.value}))
    if isinstance(constant.value, int | float) and type(operator) in ABOVE_FROM_HERE:
        return Reading(cuts=frozenset({Cut(float(constant.value), ABOVE_FROM_HERE[type(operator)])}))
    return Reading(by_value=True)
