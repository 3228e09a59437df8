"""Rules that join several columns of one infusion: what contradicts what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.advice import Advice, plain
from features.field import FieldSpec

DOSE_TOLERANCE = 0.1
"""Largest relative difference between a stated dose per kg and total dose / weight."""

DEFAULT_RESPONSE_DAY = 28
"""Day of the response assessment when ``response_day`` is blank."""

ASSESSED_RESPONSES = ("cr", "cri", "no_response")
NEXT_INFUSION, LAST_CONTACT = "next_infusion_day", "last_contact_day"
COUNTED_FROM_EVERY_INFUSION = ("death_day", LAST_CONTACT)
"""Facts of the patient: one date of each counts from all of the patient's infusions. An event between two
infusions, such as a relapse, belongs to one of them."""

DATED_BY = {"crs_grade": "crs_onset_day", "response_day28": "response_day"}
"""Outcomes that are no day, and the day on which each was seen."""

FOLLOW_UP_DAYS = ("relapse_day", "death_day", "allo_hsct_day", "next_infusion_day", "crs_onset_day")

CORRECT_ONE = plain("correct the one that is wrong")


@dataclass(frozen=True)
class Contradiction:
    """What contradicts itself within one infusion.

    Attributes
    ----------
    column : str
        The column that is refused.
    rule : str
        What must hold, in words that name columns and rules, never values.
    others : tuple of str
        The columns that it contradicts.
    fix : Advice
        How to fix it.
    """

    column: str
    rule: str
    others: tuple[str, ...] = ()
    fix: Advice = CORRECT_ONE

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it is about, its own first."""
        return (self.column, *self.others)


def patient_contradictions(
    row: Mapping[str, Any], *, dose: FieldSpec, dose_needed: bool
) -> list[Contradiction]:
    """Find what contradicts itself among a patient's predictors.

    Parameters
    ----------
    row : mapping
        Values by column, None where missing. With ``infusion_number`` where the row is of a cohort.
    dose : FieldSpec
        What the schema says of ``dose_1e6_per_kg``; a derived dose keeps its limits too.
    dose_needed : bool
        Whether a dose must be there (a request), or may be blank (a cohort).

    Returns
    -------
    contradictions : list of Contradiction

    Examples
    --------
    >>> dose = FieldSpec("dose_1e6_per_kg", "number", "Dose", "10^6/kg", 0.001, 50)
    >>> patient_contradictions({"dose_total_1e6": 70.0}, dose=dose, dose_needed=True)[0].rule
    'is required, or both dose_total_1e6 and weight_kg'
    >>> row = {"dose_1e6_per_kg": 1.0, "dose_total_1e6": 70.0, "weight_kg": 35.0}
    >>> patient_contradictions(row, dose=dose, dose_needed=True)[0].columns
    ('dose_1e6_per_kg', 'dose_total_1e6', 'weight_kg')
    """
    found = [*_dose_contradictions(row, dose, needed=dose_needed)]
    if (row.get("infusion_number") or 1) > 1 and row.get("prior_car_t") is False:
        rule = "must be true when infusion_number is above 1"
        found.append(Contradiction("prior_car_t", rule, ("infusion_number",)))
    return found


def _dose_contradictions(row: Mapping[str, Any], dose: FieldSpec, *, needed: bool) -> list[Contradiction]:
    stated = row.get("dose_1e6_per_kg")
    total, weight = row.get("dose_total_1e6"), row.get("weight_kg")
    of_total = ("dose_total_1e6", "weight_kg")
    if total is None or weight is None:
        if stated is None and needed:
            rule = "is required, or both dose_total_1e6 and weight_kg"
            return [Contradiction("dose_1e6_per_kg", rule, of_total, plain("fill it in"))]
        return []
    derived = total / weight
    if stated is None:
        if not dose.allows(derived):
            fix = plain("correct the total or the weight")
            rule = f"divided by weight_kg {dose.rule}"
            return [Contradiction("dose_total_1e6", rule, ("weight_kg",), fix)]
        return []
    if abs(derived - stated) > DOSE_TOLERANCE * stated:
        fix = plain("correct the dose, the total or the weight")
        rule = "and dose_total_1e6 / weight_kg differ by more than 10 %"
        return [Contradiction("dose_1e6_per_kg", rule, of_total, fix)]
    return []


def follow_up_contradictions(row: Mapping[str, Any]) -> list[Contradiction]:
    """Find what contradicts itself in the follow-up of one infusion.

    Parameters
    ----------
    row : mapping
        Values by column of `FollowUp`, None where missing; days from infusion.

    Returns
    -------
    contradictions : list of Contradiction

    Examples
    --------
    >>> follow_up_contradictions({"relapse_day": 400, "last_contact_day": 365})[0].rule
    'lies after last_contact_day'
    >>> follow_up_contradictions({"crs_grade": 2})[0].columns
    ('crs_grading_system', 'crs_grade')
    """
    return [*_grading(row), *_last_contact(row), *_response(row)]


def _grading(row: Mapping[str, Any]) -> list[Contradiction]:
    found = []
    if row.get("crs_grade") is not None and row.get("crs_grading_system") is None:
        found.append(_required_with("crs_grading_system", "crs_grade"))
    if row.get("crs_grade") == 0 and row.get("crs_onset_day") is not None:
        fix = plain("blank it, or correct the grade")
        rule = "must be blank when crs_grade is 0"
        found.append(Contradiction("crs_onset_day", rule, ("crs_grade",), fix))
    for grade in ("crs_grade", "icans_grade"):
        if row.get(grade) == 5 and row.get("last_contact_day") is not None and row.get("death_day") is None:
            fix = plain("fill in death_day, or correct the grade")
            rule = "5 means death, but death_day is blank"
            found.append(Contradiction(grade, rule, ("death_day",), fix))
    return found


def _required_with(column: str, *others: str) -> Contradiction:
    rule = f"is required with {', '.join(others)}"
    return Contradiction(column, rule, others, plain("fill it in, or blank the others"))


def _last_contact(row: Mapping[str, Any]) -> list[Contradiction]:
    last = row.get("last_contact_day")
    days = [name for name in FOLLOW_UP_DAYS if row.get(name) is not None]
    if last is None:
        dated = [name for name in days if name != "crs_onset_day"]
        return [_required_with("last_contact_day", *dated)] if dated else []
    contact = ("last_contact_day",)
    found = [Contradiction(name, "lies after last_contact_day", contact) for name in days if row[name] > last]
    if row.get("death_day") is not None and row["death_day"] < last:
        rule = "must equal last_contact_day: nothing is known after death"
        found.append(Contradiction("death_day", rule, contact))
    return found


def _response(row: Mapping[str, Any]) -> list[Contradiction]:
    response, stated_day = row.get("response_day28"), row.get("response_day")
    if response not in ASSESSED_RESPONSES:
        if response is None and stated_day is not None:
            return [_required_with("response_day28", "response_day")]
        return []
    day = DEFAULT_RESPONSE_DAY if stated_day is None else stated_day
    last, relapse = row.get("last_contact_day"), row.get("relapse_day")
    if last is not None and day > last:
        column = "response_day28" if stated_day is None else "response_day"
        fix = plain("correct the response or its day, or last_contact_day")
        rule = f"was assessed on day {DEFAULT_RESPONSE_DAY} (or response_day), after last_contact_day"
        others = ("last_contact_day",) if stated_day is not None else ("response_day", "last_contact_day")
        return [Contradiction(column, rule, others, fix)]
    if response in ("cr", "cri") and relapse is not None and relapse < day:
        fix = plain("correct relapse_day, response_day or the response")
        rule = "lies before the remission that response_day28 records"
        return [Contradiction("relapse_day", rule, ("response_day28",), fix)]
    return []
