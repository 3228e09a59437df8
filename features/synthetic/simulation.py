"""Synthetic cohorts with known truth: for demonstrations and tests, never for medicine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.cohort import SYNTHETIC_PREFIX, Cohort, cohort_from_rows
from features.columns import Columns, Values
from features.field import specs
from features.product_names import PRODUCT_NAME
from features.schema import all_fields
from features.short_repr import ShortRepr
from features.synthetic.follow_up import NEVER, Course, draw_course, seen
from features.synthetic.gaps import follow_up_with_gaps, patients_with_gaps
from features.synthetic.patients import CENTERS, Drawn, first_infusions, later_infusions
from features.synthetic.truth import true_risks

SIMULATED_COLUMNS = tuple(name for name in all_fields() if name != PRODUCT_NAME)
"""Columns of a synthetic cohort, in schema order: generated products have no names of their own."""

MOST_INFUSIONS = 3


@dataclass(frozen=True, repr=False)
class Simulation(ShortRepr):
    """A synthetic cohort and what is true of it.

    Attributes
    ----------
    rows : list of dict
        One infusion each, typed values by column in schema order, None where missing.
    risks : mapping of (outcome, horizon_days) to ndarray of shape (n_infusions,)
        True risks given the complete predictors, estimand ``treatment_policy``.
    patients : Columns of `Patient`
        The complete predictors, before anything went missing.
    event, event_day : ndarray of shape (n_infusions,)
        What would be seen without censoring: 1 no response, relapse or progression, 2 death without it, 0
        neither; infinite where neither.
    """

    rows: list[dict[str, Any]]
    risks: Mapping[tuple[str, int], Values]
    patients: Columns
    event: NDArray[np.int64]
    event_day: Values

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, repr=False)
class _Round(ShortRepr):
    """The first, second or third infusions."""

    number: int
    person: NDArray[np.int64]
    drawn: Drawn
    course: Course


def simulate(n_patients: int, *, rng: np.random.Generator) -> Simulation:
    """Draw a synthetic cohort.

    About 1.2 infusions a patient: some of those seen to fail get cells again. Values go missing, and
    follow-up ends, without regard to any value; a site has no effect of its own.

    Parameters
    ----------
    n_patients : int
        At least 1.
    rng : numpy.random.Generator
        Source of every draw.

    Returns
    -------
    simulation : Simulation
        Patients are ``synthetic-0001``, ``synthetic-0002``, ...; rows by patient and infusion.

    Raises
    ------
    ValueError
        If there are no patients.

    Examples
    --------
    >>> simulation = simulate(50, rng=np.random.default_rng(1))
    >>> simulation.rows[0]["patient_id"], simulation.rows[0]["infusion_number"]
    ('synthetic-0001', 1)
    >>> simulation.risks["relapse", 365].shape == (len(simulation),)
    True
    >>> simulate(0, rng=np.random.default_rng(1))
    Traceback (most recent call last):
        ...
    ValueError: n_patients must be at least 1, got 0.
    """
    _refuse_none(n_patients)
    rounds = _rounds(n_patients, rng)
    person = np.concatenate([each.person for each in rounds])
    number = np.concatenate([np.full(len(each.person), each.number) for each in rounds])
    order = np.lexsort((number, person))
    person, number = person[order], number[order]
    center = np.concatenate([each.drawn.center for each in rounds])[order]
    patients = _joined([each.drawn.patients for each in rounds]).take(order)
    follow_up = _joined([seen(each.course) for each in rounds]).take(order)
    event = np.concatenate([each.course.event for each in rounds])[order]
    event_day = np.concatenate([each.course.event_day for each in rounds])[order]
    no_response = np.concatenate([each.course.no_response for each in rounds])[order]

    known = patients_with_gaps(patients, person, infusion_number=number, rng=rng)
    seen_later = follow_up_with_gaps(follow_up, np.where(no_response, event_day, np.nan), rng=rng)
    return Simulation(
        rows=_rows(person, number, center, known, seen_later),
        risks=true_risks(patients),
        patients=patients,
        event=event,
        event_day=event_day,
    )


def simulated_cohort(n_patients: int, *, rng: np.random.Generator) -> Cohort:
    """Draw a synthetic cohort as the rest of the program takes it.

    Parameters
    ----------
    n_patients : int
        At least 1.
    rng : numpy.random.Generator
        Source of every draw.

    Returns
    -------
    cohort : Cohort
        With every column present, and the digest of its rows.

    Examples
    --------
    >>> cohort = simulated_cohort(20, rng=np.random.default_rng(1))
    >>> cohort.n_patients, cohort.synthetic
    (20, True)
    """
    rows = simulate(n_patients, rng=rng).rows
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
    return cohort_from_rows(rows, name="synthetic.csv", sha256=digest, present=frozenset(SIMULATED_COLUMNS))


def synthetic_patients(n_patients: int, *, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Draw patients before their first infusion, as bodies of requests.

    Parameters
    ----------
    n_patients : int
        At least 1.
    rng : numpy.random.Generator
        Source of every draw.

    Returns
    -------
    bodies : list of dict
        Values of `Patient` by field; missing ones are left out.

    Examples
    --------
    >>> from features.schema import Patient
    >>> body = synthetic_patients(1, rng=np.random.default_rng(1))[0]
    >>> Patient(**body).age_years == body["age_years"]
    True
    """
    _refuse_none(n_patients)
    complete = first_infusions(n_patients, rng=rng).patients
    first = np.ones(n_patients, dtype=np.int64)
    known = patients_with_gaps(complete, np.arange(n_patients), infusion_number=first, rng=rng)
    rows = (known.row(position) for position in range(n_patients))
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _refuse_none(n_patients: int) -> None:
    if n_patients < 1:
        msg = f"n_patients must be at least 1, got {n_patients}."
        raise ValueError(msg)


def _rounds(n_patients: int, rng: np.random.Generator) -> list[_Round]:
    """Draw first infusions, then the next ones of those who get them, and carry back what became of them."""
    drawn = first_infusions(n_patients, rng=rng)
    rounds = [_Round(1, np.arange(n_patients), drawn, draw_course(drawn.patients, rng=rng))]
    while len(rounds) < MOST_INFUSIONS:
        before = rounds[-1]
        again = np.flatnonzero(before.course.next_infusion_day < NEVER)
        transplanted = before.course.allo_hsct_day[again] < NEVER
        days_since = before.course.next_infusion_day[again]
        drawn = later_infusions(before.drawn.take(again), days_since, transplanted, rng=rng)
        course = draw_course(drawn.patients, rng=rng)
        rounds.append(_Round(before.number + 1, before.person[again], drawn, course))
    return _carried_back(rounds)


def _carried_back(rounds: list[_Round]) -> list[_Round]:
    """Give each infusion the death and the end of follow-up of the one after it, last first."""
    last = rounds[-1]
    result = [_Round(last.number, last.person, last.drawn, last.course.without_next())]
    for each in reversed(rounds[:-1]):
        again = np.flatnonzero(each.course.next_infusion_day < NEVER)
        course = each.course.continued(again, result[0].course)
        result.insert(0, _Round(each.number, each.person, each.drawn, course))
    return result


def _joined(parts: list[Columns]) -> Columns:
    model = parts[0].model
    return Columns(model, {name: np.concatenate([part[name] for part in parts]) for name in specs(model)})


def _rows(
    person: NDArray[np.int64],
    number: NDArray[np.int64],
    center: NDArray[np.int64],
    patients: Columns,
    follow_up: Columns,
) -> list[dict[str, Any]]:
    return [
        {
            "patient_id": f"{SYNTHETIC_PREFIX}{person[position] + 1:04d}",
            "infusion_number": int(number[position]),
            "center": CENTERS[center[position]],
            **patients.row(position),
            **follow_up.row(position),
        }
        for position in range(len(person))
    ]
