"""Drift over the calendar: values, blanks and early outcomes that change with the date of infusion.

A cohort has no dates. The days come from the column of infusion dates that a mapping file names, or from the
order of the rows where the user states that it is the order of the infusions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.checking.center_remarks import NOT_COMPARED, first_infusions
from features.checking.exact_tests import holm, trend_by_chance
from features.checking.remark import Remark, open_remark
from features.cohort import Cohort
from features.columns import Values
from features.field import specs
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.schema import Patient
from features.short_repr import ShortRepr

BY_CHANCE = 0.002
"""Corrected p value below which a drift is reported."""

FEWEST_VALUES = 15
"""Known values, of patients with a date, below which no drift is looked for."""

LEAST_SHARE, LEAST_SHIFT = 0.4, 1.0
"""Change from the first to the last third that is worth a question: of a share, and of a median in standard
deviations."""

EARLY_DAYS = 60
"""Outcomes up to this horizon do not depend on how long a patient could be followed."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, repr=False)
class _Drift(ShortRepr):
    """A column, or an outcome, over the dates of infusion."""

    code: str
    fields: tuple[str, ...]
    words: str
    question: str
    p_value: float
    rows: NDArray[np.int64]


def calendar_remarks(cohort: Cohort, day: Values, *, source: str) -> list[Remark]:
    """Ask about what changes from the first infusions to the last.

    Parameters
    ----------
    cohort : Cohort
        Checked.
    day : ndarray of shape (n_infusions,)
        When each infusion was given, on any scale; NaN where unknown.
    source : str
        Where the days come from, in words.

    Returns
    -------
    remarks : list of Remark
        Numbers whose median moves, columns that were recorded only later or earlier, and outcomes of the
        first weeks. Choices are not compared: products change over time.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": f"p{n}", "ecog": 1 if n > 20 else None} for n in range(40)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> print(*calendar_remarks(cohort, np.arange(40.0), source="date"))
    ecog is missing in 100 % of the first third and 0 % of the last third, by date: recorded only later?
    """
    among = first_infusions(cohort) & ~np.isnan(day)
    if among.sum() < FEWEST_VALUES:
        return []
    questions = [
        *_numbers(cohort, day, among),
        *_blanks(cohort, day, among),
        *_outcomes(cohort, day, among),
    ]
    corrected = holm([each.p_value for each in questions])
    return [
        open_remark(
            each.code,
            f"{each.words}, by {source}: {each.question}",
            fields=each.fields,
            rows=each.rows,
        )
        for each, p_value in zip(questions, corrected, strict=True)
        if p_value < BY_CHANCE
    ]


def _thirds(day: Values, among: Mask) -> tuple[Mask, Mask]:
    early, late = np.quantile(day[among], [1 / 3, 2 / 3])
    return among & (day <= early), among & (day >= late)


def _numbers(cohort: Cohort, day: Values, among: Mask) -> Iterator[_Drift]:
    for name, spec in specs(Patient).items():
        values = cohort.patients[name]
        known = among & ~np.isnan(values)
        if spec.kind not in ("number", "integer") or known.sum() < FEWEST_VALUES:
            continue
        first, last = (float(np.median(values[third])) for third in _thirds(day, known))
        spread = float(np.subtract(*np.quantile(values[known], [0.75, 0.25]))) / 1.349
        enough = abs(last - first) >= LEAST_SHIFT * spread and last != first
        yield _Drift(
            "calendar_drift",
            (name,),
            f"{name} has a median of {first:.3g} in the first third and {last:.3g} in the last third",
            "another unit or method, or other patients?",
            trend_by_chance(day[known], values[known]) if enough else 1.0,
            cohort.rows[known],
        )


def _blanks(cohort: Cohort, day: Values, among: Mask) -> Iterator[_Drift]:
    first, last = _thirds(day, among)
    for name in specs(Patient):
        missing = np.isnan(cohort.patients[name])
        if name in NOT_COMPARED or not 0 < (missing & among).sum() < among.sum():
            continue
        shares = float(missing[first].mean()), float(missing[last].mean())
        later = shares[0] > shares[1]
        yield _Drift(
            "calendar_missing",
            (name,),
            f"{name} is missing in {_percent(shares[0])} of the first third and {_percent(shares[1])} of the "
            "last third",
            "recorded only later?" if later else "no longer recorded?",
            trend_by_chance(day[among], missing[among]) if abs(shares[0] - shares[1]) >= LEAST_SHARE else 1.0,
            cohort.rows[among & missing],
        )


def _outcomes(cohort: Cohort, day: Values, among: Mask) -> Iterator[_Drift]:
    for name, outcome in OUTCOMES.items():
        seen = observe(outcome, cohort.follow_up)
        known = among & seen.known
        if max(outcome.horizons_days) > EARLY_DAYS or known.sum() < FEWEST_VALUES:
            continue
        event = (seen.event == 1).astype(float)
        first, last = (float(event[third].mean()) for third in _thirds(day, known))
        yield _Drift(
            "calendar_events",
            outcome.needs,
            f"{name} happened in {_percent(first)} of the first third and {_percent(last)} of the last third",
            "observed or graded in another way, or other patients?",
            trend_by_chance(day[known], event[known]) if abs(first - last) >= LEAST_SHARE / 2 else 1.0,
            cohort.rows[known],
        )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
