"""Rules that join several columns of one infusion: what contradicts what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.field import FieldSpec

Contradiction = tuple[str, str]

DOSE_TOLERANCE = 0.1
"""Largest relative difference between a stated dose per kg and total dose / weight."""

DEFAULT_RESPONSE_DAY = 28
"""Day of the response assessment when ``response_day`` is blank."""

ASSESSED_RESPONSES = ("cr", "cri", "no_response")
FOLLOW_UP_DAYS = ("relapse_day", "death_day", "allo_hsct_day", "next_infusion_day", "crs_onset_day")


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
    contradictions : list of (column, words)
        Words name columns and rules, never values.

    Examples
    --------
    >>> dose = FieldSpec("dose_1e6_per_kg", "number", "Dose", "10^6/kg", 0.001, 50)
    >>> patient_contradictions({"dose_total_1e6": 70.0}, dose=dose, dose_needed=True)
    [('dose_1e6_per_kg', 'is required, or both dose_total_1e6 and weight_kg')]
    >>> row = {"dose_1e6_per_kg": 1.0, "dose_total_1e6": 70.0, "weight_kg": 35.0}
    >>> patient_contradictions(row, dose=dose, dose_needed=True)
    [('dose_1e6_per_kg', 'and dose_total_1e6 / weight_kg differ by more than 10 %')]
    """
    found = [*_dose_contradictions(row, dose, needed=dose_needed)]
    if (row.get("infusion_number") or 1) > 1 and row.get("prior_car_t") is False:
        found.append(("prior_car_t", "must be true when infusion_number is above 1"))
    return found


def _dose_contradictions(row: Mapping[str, Any], dose: FieldSpec, *, needed: bool) -> list[Contradiction]:
    stated = row.get("dose_1e6_per_kg")
    total, weight = row.get("dose_total_1e6"), row.get("weight_kg")
    if total is None or weight is None:
        if stated is None and needed:
            return [("dose_1e6_per_kg", "is required, or both dose_total_1e6 and weight_kg")]
        return []
    derived = total / weight
    if stated is None:
        if not dose.allows(derived):
            return [("dose_total_1e6", f"divided by weight_kg {dose.rule}")]
        return []
    if abs(derived - stated) > DOSE_TOLERANCE * stated:
        return [("dose_1e6_per_kg", "and dose_total_1e6 / weight_kg differ by more than 10 %")]
    return []


def follow_up_contradictions(row: Mapping[str, Any]) -> list[Contradiction]:
    """Find what contradicts itself in the follow-up of one infusion.

    Parameters
    ----------
    row : mapping
        Values by column of `FollowUp`, None where missing; days from infusion.

    Returns
    -------
    contradictions : list of (column, words)

    Examples
    --------
    >>> follow_up_contradictions({"relapse_day": 400, "last_contact_day": 365})
    [('relapse_day', 'lies after last_contact_day')]
    >>> follow_up_contradictions({"crs_grade": 2})
    [('crs_grading_system', 'is required with crs_grade')]
    """
    return [*_grading(row), *_last_contact(row), *_response(row)]


def _grading(row: Mapping[str, Any]) -> list[Contradiction]:
    found = []
    if row.get("crs_grade") is not None and row.get("crs_grading_system") is None:
        found.append(("crs_grading_system", "is required with crs_grade"))
    if row.get("crs_grade") == 0 and row.get("crs_onset_day") is not None:
        found.append(("crs_onset_day", "must be blank when crs_grade is 0"))
    for grade in ("crs_grade", "icans_grade"):
        if row.get(grade) == 5 and row.get("last_contact_day") is not None and row.get("death_day") is None:
            found.append((grade, "5 means death, but death_day is blank"))
    return found


def _last_contact(row: Mapping[str, Any]) -> list[Contradiction]:
    last = row.get("last_contact_day")
    days = [name for name in FOLLOW_UP_DAYS if row.get(name) is not None]
    if last is None:
        dated = [name for name in days if name != "crs_onset_day"]
        return [("last_contact_day", f"is required with {', '.join(dated)}")] if dated else []
    found = [(name, "lies after last_contact_day") for name in days if row[name] > last]
    if row.get("death_day") is not None and row["death_day"] < last:
        found.append(("death_day", "must equal last_contact_day: nothing is known after death"))
    return found


def _response(row: Mapping[str, Any]) -> list[Contradiction]:
    response, stated_day = row.get("response_day28"), row.get("response_day")
    if response not in ASSESSED_RESPONSES:
        if response is None and stated_day is not None:
            return [("response_day28", "is required with response_day")]
        return []
    day = DEFAULT_RESPONSE_DAY if stated_day is None else stated_day
    last, relapse = row.get("last_contact_day"), row.get("relapse_day")
    if last is not None and day > last:
        column = "response_day28" if stated_day is None else "response_day"
        return [
            (column, f"was assessed on day {DEFAULT_RESPONSE_DAY} (or response_day), after last_contact_day")
        ]
    if response in ("cr", "cri") and relapse is not None and relapse < day:
        return [("relapse_day", "lies before the remission that response_day28 records")]
    return []
