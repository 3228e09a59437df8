"""Values in another unit, by center and column or by row: a likelihood ratio decides what is reported.

A center's values lie around a median that differs a little from center to center. If they were written in
another unit, all of them would be off by its factor. Both are normal on the scale of logarithms, so how much
better the other unit explains the center's mean is one number. One value is a center of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.checking.remark import Remark, row_numbers
from features.cohort import Cohort
from features.columns import Values
from features.field import FieldSpec, specs
from features.known_units import units_of
from features.problems import counted, listed, row_ranges
from features.schema import FollowUp, Patient
from features.short_repr import ShortRepr
from features.usual_values import USUAL, Usual

CONVINCING = 100.0
"""How many times better another unit must explain a center's values. Of some 40 questions to a file of three
centers in the right unit, one is wrong in one file of 20, if centers differ as `Usual` says."""

ALSO = 10.0
"""The same in a center that already has one column in another unit: slips come together."""

AS_GOOD = 10.0
"""Other units that explain the values nearly as well as the best are named beside it."""

ONE_SLIP_IN = 20
"""One in this number of values may be mistyped without evidence about the others."""

FEWEST_VALUES = 2
"""Values of a center that are reported together; single ones are reported by row."""

FEWEST_PERCENTAGES = 3
"""Percentages of 1 or less that are odd enough where none is above: an eighth of them are, by chance."""


FRACTIONS = "fractions"


@dataclass(frozen=True, repr=False)
class Finding(ShortRepr):
    """A column of a center in which another unit explains the values better.

    Parameters
    ----------
    column : str
    center : str or None
        Empty for infusions that name none; None for the whole file.
    of_rows : ndarray of int
        Rows of the file with a value.
    units : tuple of str
        What the values may be, best first.
    ratio : float
        How many times better the first explains them.
    shown : str
        What the values are like.
    """

    column: str
    center: str | None
    of_rows: NDArray[np.int64]
    units: tuple[str, ...]
    ratio: float
    shown: str

    @property
    def n_rows(self) -> int:
        """How many rows have a value."""
        return len(self.of_rows)

    @property
    def first_row(self) -> int:
        """The first of them."""
        return int(self.of_rows.min())


def unit_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about columns of a center, and about single values, that another unit explains.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of Remark
        By column, centers before rows.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": str(n), "hemoglobin_g_dl": 5.0 + n / 10} for n in range(12)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*unit_remarks(cohort))
    hemoglobin_g_dl has a median of 5.55 in all 12 rows that have it: in mmol/L instead of g/dL?
    """
    findings = list(_findings(cohort))
    return [*_of_centers(findings, cohort), *_of_rows(cohort, findings)]


def _findings(cohort: Cohort) -> Iterator[Finding]:
    """Go through the centers, infusions that name none among them."""
    for center in np.unique(cohort.center):
        findings = [one for one in _of_center(cohort, str(center)) if one.ratio >= ALSO]
        if any(one.ratio >= CONVINCING for one in findings):
            yield from findings


def _of_center(cohort: Cohort, center: str) -> Iterator[Finding]:
    whole = len(np.unique(cohort.center)) == 1
    for spec, column in _numbers(cohort):
        known = (cohort.center == center) & ~np.isnan(column)
        if not known.any():
            continue
        rows, values = cohort.rows[known], column[known]
        if spec.unit == "%":
            likely_units = _fractions(values)
        elif spec.name in USUAL:
            likely_units = _other_unit(spec, USUAL[spec.name], values, fewest=FEWEST_VALUES)
        else:
            likely_units = None
        if likely_units is not None:
            units, ratio = likely_units
            yield Finding(spec.name, None if whole else center, rows, units, ratio, _shown(spec, values))


def _numbers(cohort: Cohort) -> Iterator[tuple[FieldSpec, Values]]:
    for columns, model in ((cohort.patients, Patient), (cohort.follow_up, FollowUp)):
        for spec in specs(model).values():
            if spec.kind in ("number", "integer"):
                yield spec, columns[spec.name]


def _fractions(values: Values) -> tuple[tuple[str, ...], float] | None:
    """Percentages that are all 1 or less, with at most one slip in many."""
    low = int(np.sum(values <= 1))
    slips = len(values) - low
    if low < FEWEST_PERCENTAGES or not values.any() or slips > len(values) // ONE_SLIP_IN:
        return None
    return (FRACTIONS,), float(8.0**low)


def _other_unit(
    spec: FieldSpec, usual: Usual, values: Values, *, fewest: int = 1
) -> tuple[tuple[str, ...], float] | None:
    positive = values[values > 0]
    if len(positive) < fewest:
        return None
    mean = float(np.mean(np.log(positive / usual.median)))
    variance = usual.between**2 + usual.spread**2 / len(positive)
    ratios = {
        name: float(np.exp((mean**2 - (mean + np.log(factor)) ** 2) / (2 * variance)))
        for name, factor in readings(spec, usual).items()
        if np.mean([spec.allows(value * factor) for value in positive]) > 1 - 1 / ONE_SLIP_IN
    }
    best = max(ratios.values(), default=0.0)
    if best < ALSO:
        return None
    near = sorted((name for name in ratios if ratios[name] >= best / AS_GOOD), key=lambda name: -ratios[name])
    return tuple(near), best


def readings(spec: FieldSpec, usual: Usual) -> dict[str, float]:
    """List what a value may be by mistake, with the factor to the schema's unit."""
    units = {name: factor for name, factor in units_of(spec).items() if factor != 1}
    return {**units, **{other.name: other.factor for other in usual.readings}}


def _shown(spec: FieldSpec, values: Values) -> str:
    if spec.unit == "%":
        low = int(np.sum(values <= 1))
        return f"is 1 or less in {f'{low} of {len(values)}' if low < len(values) else f'all {low}'} rows"
    return f"has a median of {np.median(values):.3g} in all {len(values)} rows"


def _of_centers(findings: list[Finding], cohort: Cohort) -> list[Remark]:
    """Say it once for the file where every center that has values has them so."""
    by_column: dict[str, list[Finding]] = {}
    for one in findings:
        by_column.setdefault(one.column, []).append(one)
    remarks = []
    for spec, column in _numbers(cohort):
        of_column = by_column.get(spec.name, [])
        known = ~np.isnan(column)
        everywhere = len(of_column) == len(set(cohort.center[known].tolist()))
        if everywhere and len(of_column) > 1:
            shown, rows = _shown(spec, column[known]), cohort.rows[known]
            of_column = [replace(of_column[0], center=None, shown=shown, of_rows=rows)]
        remarks += [_center_remark(one, spec) for one in of_column]
    return remarks


def _center_remark(one: Finding, spec: FieldSpec) -> Remark:
    question = _question(one.units, spec, instead=f" instead of {spec.unit}")
    if one.center is None:
        named, hidden = "", f"in {one.n_rows} rows"
    else:
        named = f"of {one.center} " if one.center else "without a center "
        hidden = f"in {one.n_rows} rows of one center, the first in row {one.first_row}"
    text = f"{spec.name} {one.shown} {named}that have it: {question}"
    return Remark(
        "other_unit",
        text,
        general=f"{spec.name} {hidden}: {question}",
        fields=(spec.name,),
        rows=row_numbers(one.of_rows),
    )


def _question(readings: tuple[str, ...], spec: FieldSpec, *, instead: str = "") -> str:
    """Ask whether the values are in another unit, or mean something else."""
    units = units_of(spec)
    words = " or ".join(f"in {name}" if name in units else name for name in readings)
    only_units = all(name in units or name == FRACTIONS for name in readings)
    return f"{words}{instead if only_units else ''}?"


def _of_rows(cohort: Cohort, findings: list[Finding]) -> list[Remark]:
    """Ask about single values beyond what is usual; 0 may mean none and is not reported."""
    remarks = []
    for spec, column in _numbers(cohort):
        usual = USUAL.get(spec.name)
        if usual is None:
            continue
        reported_rows = [row for one in findings if one.column == spec.name for row in one.of_rows]
        known = ~np.isnan(column) & (column > 0) & ~np.isin(cohort.rows, reported_rows)
        odd = known & ((column < usual.low) | (column > usual.high))
        if odd.any():
            remarks.append(_row_remark(spec, usual, cohort.rows[odd], column[odd]))
    return remarks


def _row_remark(spec: FieldSpec, usual: Usual, rows: NDArray[np.int64], values: Values) -> Remark:
    low, high = bool((values < usual.low).any()), bool((values > usual.high).any())
    limit = f"below {usual.low:g}" if not high else f"above {usual.high:g}"
    if low and high:
        limit = f"outside {usual.low:g} to {usual.high:g}"
    explained = _other_unit(spec, usual, values)
    question = _question(explained[0], spec) if explained else "is it right?"
    where = f"({counted(len(rows), 'row')}: {row_ranges(int(row) for row in rows)})"
    unit = f" {spec.unit}" if spec.unit else ""
    shown = listed(f"{value:g}" for value in values[:3])
    others = f" and {len(values) - 3} more" if len(values) > 3 else ""
    text = f"{spec.name} is {limit}{unit}"
    return Remark(
        "unusual_value",
        f"{text}, got {shown}{others} {where}: {question}",
        general=f"{text} {where}: {question}",
        fields=(spec.name,),
        rows=row_numbers(rows),
        by_row=True,
    )
