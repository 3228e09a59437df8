"""A center whose values are a known factor away from those of the others, or spread far wider.

`unit_remarks` compares a center with published series. This asks the same of the file itself: the median of a
center beside that of the other centers, and how widely the values spread. Two units in one column make the
spread wide although the median may be usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.checking.exact_tests import holm, trend_by_chance
from features.checking.remark import Remark, row_numbers
from features.checking.unit_remarks import readings
from features.cohort import Cohort
from features.columns import Values
from features.field import FieldSpec, specs
from features.problems import counted
from features.schema import FollowUp, Patient
from features.short_repr import ShortRepr
from features.usual_values import USUAL

FEWEST_VALUES = 10
"""Of a center, and of the others together."""

BY_CHANCE = 0.001
"""Corrected p value below which a difference is a question."""

NEAR_FACTOR = 0.25
"""How far the ratio of two medians may be from the factor of a unit, as a natural logarithm, at most."""

LEAST_FACTOR = 1.6
"""Smaller factors are differences that centers have."""

WIDER = 1.8
"""Ratio of the spreads that is worth a question."""


@dataclass(frozen=True, repr=False)
class _Compared(ShortRepr):
    """The logarithms of a center's values, and of all others."""

    spec: FieldSpec
    center: str
    own: Values
    others: Values
    rows: NDArray[np.int64]

    @property
    def factor(self) -> float:
        """Median of the others over that of the center."""
        return float(np.exp(np.median(self.others) - np.median(self.own)))

    @property
    def wider(self) -> float:
        """Median distance from the median, of the center over the others."""
        own, others = (float(_distances(each).mean()) for each in (self.own, self.others))
        return own / others if others > 0 else 1.0


def spread_remarks(cohort: Cohort) -> list[Remark]:
    """Ask about centers whose values differ from the others as another unit would make them.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of Remark
        None for a file of one center, and where a center has fewer than `FEWEST_VALUES`.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": f"p{n}", "center": "AB"[n % 2], "creatinine_mg_dl": 0.6 + n / 100}
    ...         for n in range(40)]
    >>> for row in rows[1::4]:
    ...     row["creatinine_mg_dl"] *= 10
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> [(remark.code, remark.fields) for remark in spread_remarks(cohort)]
    [('mixed_units', ('creatinine_mg_dl',))]
    """
    compared = list(_comparisons(cohort))
    shifted = holm([_shift_by_chance(each) for each in compared])
    spread = holm([_spread_by_chance(each) for each in compared])
    remarks = []
    for each, by_shift, by_spread in zip(compared, shifted, spread, strict=True):
        units = _explaining(each) if by_shift < BY_CHANCE else ()
        if units:
            remarks.append(_shift_remark(each, units))
        elif by_spread < BY_CHANCE and each.wider >= WIDER:
            remarks.append(_spread_remark(each))
    return remarks


def _comparisons(cohort: Cohort) -> Iterator[_Compared]:
    for columns, model in ((cohort.patients, Patient), (cohort.follow_up, FollowUp)):
        for spec in specs(model).values():
            values = columns[spec.name]
            if spec.name not in USUAL or spec.known_when == "follow_up":
                continue
            known = ~np.isnan(values) & (values > 0)
            for center in np.unique(cohort.center):
                own = known & (cohort.center == center)
                others = known & (cohort.center != center)
                if min(own.sum(), others.sum()) >= FEWEST_VALUES:
                    logs = np.log(values[own]), np.log(values[others])
                    yield _Compared(spec, str(center), *logs, cohort.rows[own])


def _shift_by_chance(each: _Compared) -> float:
    return _groups_by_chance(each.own, each.others)


def _spread_by_chance(each: _Compared) -> float:
    """Compare the distances from the medians (Brown and Forsythe 1974), by their ranks."""
    return _groups_by_chance(_distances(each.own), _distances(each.others))


def _groups_by_chance(own: Values, others: Values) -> float:
    group = np.repeat([1.0, 0.0], [len(own), len(others)])
    return trend_by_chance(group, np.concatenate([own, others]))


def _distances(logs: Values) -> Values:
    distances: Values = np.abs(logs - np.median(logs))
    return distances


def _explaining(each: _Compared) -> tuple[str, ...]:
    """Name the units whose factor the ratio of the medians is near to."""
    candidates = readings(each.spec, USUAL[each.spec.name])
    return tuple(
        name
        for name, factor in candidates.items()
        if max(factor, 1 / factor) >= LEAST_FACTOR and abs(np.log(each.factor / factor)) <= NEAR_FACTOR
    )


def _shift_remark(each: _Compared, units: tuple[str, ...]) -> Remark:
    question = f"in {' or '.join(units)} there?"
    times = each.factor if each.factor >= 1 else 1 / each.factor
    words = f"a median {times:.3g} times {'below' if each.factor >= 1 else 'above'} that of the other centers"
    return _remark("other_unit", each, f"has {words}", question)


def _spread_remark(each: _Compared) -> Remark:
    words = f"spreads {each.wider:.2g} times as widely as elsewhere, on a logarithmic scale"
    return _remark("mixed_units", each, words, "two units in one column?")


def _remark(code: str, each: _Compared, words: str, question: str) -> Remark:
    hidden = f"{counted(len(each.rows), 'row')} of one center, the first in row {each.rows.min()}"
    named = f"{counted(len(each.rows), 'row')} of {each.center or 'no center'}"
    return Remark(
        code,
        f"{each.spec.name} {words} in {named}: {question}",
        general=f"{each.spec.name} {words} in {hidden}: {question}",
        fields=(each.spec.name,),
        rows=row_numbers(each.rows),
    )
