"""Which fields a fitted model uses, and how: computed from its terms, coefficients and trees."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from features.disease_burden import BURDEN_FIELD, HIGH_BURDEN_PCT
from features.field import FieldSpec, specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from features.term_conditions import Cut, Reading, term_readings
from features.term_formulas import DERIVED_FORMULAS
from features.terms import KNOWN_TERMS
from serving.model.linear_part import LinearPart
from serving.model.replicates import Replicates
from serving.model.trees import TreeColumn, TreePart

Use = Literal["value", "groups", "interval", "unused"]
"""``value``: every value has its own effect on the risk. ``groups``: only the group in which a value
lies counts for the risk. ``interval``: the interval alone depends on the field. ``unused``: neither does."""

MOVING: tuple[Use, ...] = ("value", "groups")
"""Uses of a field that moves a risk."""

GRADUAL = Reading(by_value=True)
STEP = Reading(cuts=frozenset({Cut(HIGH_BURDEN_PCT, included=True)}))
"""How what a missing term is expected to be depends on marrow blasts."""

DERIVED_FIELD = next(iter(DERIVED_FORMULAS))
"""The dose per kg, which `DOSE_INPUTS` may stand for."""


class FieldGroup(BaseModel):
    """Values of a field that a model does not tell apart."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    options: tuple[str, ...] = ()
    """Of a choice; empty for a number."""
    low: float | None = None
    """Of a number, in the schema's unit; null for a choice."""
    high: float | None = None
    low_included: bool = True
    high_included: bool = True
    value: float | str
    """One of the values, to ask with."""


class FieldUse(BaseModel):
    """How a field is used."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    use: Use
    """``value``, ``groups`` (only the group in which a value lies counts for the risk), ``interval`` (the
    interval alone depends on the field) or ``unused``."""
    groups: tuple[FieldGroup, ...] = ()
    """Where only the group counts; empty otherwise."""


@dataclass(frozen=True)
class FieldReading:
    """One place of a model that reads a field.

    Attributes
    ----------
    field : str
        Column of `Patient`.
    reading : Reading
        By value, or by cuts or options.
    moves_risk : bool
        False where replicates alone read it, so that the interval alone depends on it.
    """

    field: str
    reading: Reading
    moves_risk: bool


def model_readings(
    linear: LinearPart | None, trees: TreePart | None, replicates: Replicates | None
) -> tuple[FieldReading, ...]:
    """List every place of a model that reads a field.

    Parameters
    ----------
    linear, trees, replicates : parts of a `RiskModel`

    Returns
    -------
    readings : tuple of FieldReading
        Of terms whose coefficient is not 0, of columns that trees split on; for the model itself, then for
        its replicates.
    """
    readings: list[FieldReading] = []
    if linear is not None:
        readings += _of_terms(linear, [bool(value) for value in linear.coefficients], moves_risk=True)
        if replicates is not None:
            active = [count > 0 for count in np.count_nonzero(replicates.coefficients, axis=0)]
            readings += _of_terms(linear, active, moves_risk=False)
    if trees is not None:
        readings += _of_columns(trees.split_columns, moves_risk=True)
    if replicates is not None and replicates.forest is not None:
        readings += _of_columns(replicates.forest.split_columns, moves_risk=False)
    return tuple(dict.fromkeys(readings))


def field_use(readings: Iterable[FieldReading]) -> dict[str, FieldUse]:
    """Say of every field whether it is used.

    Parameters
    ----------
    readings : iterable of FieldReading
        Of one model, or of several together.

    Returns
    -------
    use : dict of str to FieldUse
        By column of `Patient`, in schema order.

    Examples
    --------
    >>> given = FieldReading("fludarabine_mg_m2", term_readings("fludarabine")["fludarabine_mg_m2"], True)
    >>> used = field_use([given])
    >>> used["fludarabine_mg_m2"].use, used["mrd_pct"].use
    ('groups', 'unused')
    >>> [(group.low, group.high) for group in used["fludarabine_mg_m2"].groups]
    [(0.0, 0.0), (0.0, 250.0)]
    """
    listed = list(readings)
    return {
        name: _use(spec, [reading for reading in listed if reading.field == name])
        for name, spec in specs(Patient).items()
    }


def used_fields(use: Mapping[str, FieldUse]) -> list[str]:
    """Name the fields on which a risk or an interval depends."""
    return [name for name, usage in use.items() if usage.use != "unused"]


def _of_terms(linear: LinearPart, active: Sequence[bool], *, moves_risk: bool) -> Iterator[FieldReading]:
    for position, name in enumerate(linear.terms):
        if not active[position]:
            continue
        for field, reading in term_readings(name).items():
            yield from _with_inputs(FieldReading(field, reading, moves_risk))
        # Where the term is missing, what is expected of it depends on disease burden.
        inputs = KNOWN_TERMS[name].inputs
        if linear.low_burden[position] != linear.high_burden[position] and inputs not in (
            (),
            (BURDEN_FIELD,),
        ):
            yield FieldReading(BURDEN_FIELD, GRADUAL if linear.gradual else STEP, moves_risk)


def _of_columns(columns: Iterable[TreeColumn], *, moves_risk: bool) -> Iterator[FieldReading]:
    for column in columns:
        for field, reading in _column_readings(column).items():
            yield from _with_inputs(FieldReading(field, reading, moves_risk))


def _column_readings(column: TreeColumn) -> Mapping[str, Reading]:
    if column.term:
        return term_readings(column.term)
    if column.code is None:
        return {column.field: Reading(by_value=True)}
    return {column.field: Reading(options=frozenset({specs(Patient)[column.field].options[column.code]}))}


def _with_inputs(reading: FieldReading) -> Iterator[FieldReading]:
    """Whoever reads the dose per kg reads what it may be derived from."""
    yield reading
    if reading.field == DERIVED_FIELD:
        for name in DOSE_INPUTS:
            yield FieldReading(name, Reading(by_value=True), reading.moves_risk)


def _use(spec: FieldSpec, readings: Sequence[FieldReading]) -> FieldUse:
    if not readings:
        return FieldUse(use="unused")
    moving = [each.reading for each in readings if each.moves_risk]
    if not moving:
        return FieldUse(use="interval")
    joined = functools.reduce(operator.or_, moving)
    if joined.by_value:
        return FieldUse(use="value")
    groups = _option_groups(spec, joined) if spec.options else _number_groups(spec, sorted(joined.cuts))
    if len(groups) == len(spec.options):
        return FieldUse(use="value")
    return FieldUse(use="groups", groups=groups)


def _option_groups(spec: FieldSpec, reading: Reading) -> tuple[FieldGroup, ...]:
    """Options told from all others, each alone; the rest together; in schema order."""
    rest = tuple(option for option in spec.options if option not in reading.options)
    groups = [rest if option in rest else (option,) for option in spec.options]
    return tuple(FieldGroup(options=options, value=options[0]) for options in dict.fromkeys(groups))


def _number_groups(spec: FieldSpec, cuts: Sequence[Cut]) -> tuple[FieldGroup, ...]:
    """Cut the limits of a number into groups."""
    assert spec.low is not None
    assert spec.high is not None
    starts = [Cut(float(spec.low), included=True), *cuts]
    ends = [*cuts, Cut(float(spec.high), included=False)]
    return tuple(
        FieldGroup(
            low=start.at,
            high=end.at,
            low_included=start.included,
            high_included=not end.included,
            value=(start.at + end.at) / 2,
        )
        for start, end in zip(starts, ends, strict=True)
    )
