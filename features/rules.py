"""Rules that join several columns of one infusion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.advice import Advice, plain
from features.field import FieldSpec
from features.problem_codes import Code
from features.product_names import NAME_PATTERN, NAME_RULE, NAMED_OPTIONS, PRODUCT_NAME, listed_product
from features.products import CONSTRUCT, PRODUCTS

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

NEED_LAST_CONTACT = tuple(name for name in FOLLOW_UP_DAYS if name != "crs_onset_day")
"""Days that require ``last_contact_day``."""

FACTS_OF_A_TREATMENT = (
    ("inotuzumab_response", "prior_inotuzumab", Code.RESPONSE_WITHOUT_TREATMENT),
    ("months_from_hsct_to_relapse", "prior_allo_hsct", Code.MONTHS_WITHOUT_HSCT),
)
"""Columns that say more of an earlier treatment, the column that says it was given, and the problem."""

FATAL_GRADE = 5
"""Grade of CRS and ICANS that means death."""

CORRECT_ONE = plain("correct the one that is wrong")
FILL_IN_OR_BLANK = plain("fill it in, or blank the others")


@dataclass(frozen=True)
class Contradiction:
    """Columns that contradict each other within one infusion.

    Attributes
    ----------
    code : Code
        Kind of contradiction.
    columns : tuple of str
        The refused column first, then those that it contradicts.
    text : str
        What must hold of the refused column, without values.
    advice : Advice
        How to fix it.
    """

    code: Code
    columns: tuple[str, ...]
    text: str
    advice: Advice = CORRECT_ONE

    @property
    def column(self) -> str:
        """The refused column."""
        return self.columns[0]


RESPONSE_REQUIRED = Contradiction(
    Code.RESPONSE_REQUIRED,
    ("response_day28", "response_day"),
    "is required with response_day",
    FILL_IN_OR_BLANK,
)
RELAPSE_BEFORE_REMISSION = Contradiction(
    Code.RELAPSE_BEFORE_REMISSION,
    ("relapse_day", "response_day28"),
    "is before the remission that response_day28 records",
    plain("correct relapse_day, response_day or the response"),
)


def patient_contradictions(
    row: Mapping[str, Any], *, dose: FieldSpec, dose_needed: bool
) -> list[Contradiction]:
    """Find contradictions among a patient's predictors.

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
    >>> patient_contradictions({"dose_total_1e6": 70.0}, dose=dose, dose_needed=True)[0].text
    'is required, or both dose_total_1e6 and weight_kg'
    >>> row = {"dose_1e6_per_kg": 1.0, "dose_total_1e6": 70.0, "weight_kg": 35.0}
    >>> patient_contradictions(row, dose=dose, dose_needed=True)[0].columns
    ('dose_1e6_per_kg', 'dose_total_1e6', 'weight_kg')
    """
    contradictions = [*_dose_contradictions(row, dose, needed=dose_needed)]
    if (row.get("infusion_number") or 1) > 1 and row.get("prior_car_t") is False:
        text = "must be true when infusion_number is above 1"
        columns = ("prior_car_t", "infusion_number")
        contradictions.append(Contradiction(Code.PRIOR_CAR_T_REQUIRED, columns, text))
    of_product = [*_product_contradictions(row), *_name_contradictions(row)]
    return [*contradictions, *_treatment_contradictions(row), *of_product]


def _treatment_contradictions(row: Mapping[str, Any]) -> list[Contradiction]:
    """Find facts about a treatment that was not given, and a split dose whose total is not known."""
    contradictions = [
        Contradiction(code, (fact, given), f"must be blank unless {given} is true", advice)
        for fact, given, code in FACTS_OF_A_TREATMENT
        for advice in (plain(f"blank it, or correct {given}"),)
        if row.get(fact) is not None and row.get(given) is not True
    ]
    if row.get("split_dose") is True and row.get("dose_total_1e6") is None:
        columns = ("dose_total_1e6", "split_dose")
        text = "is required with split_dose: the sum of all parts"
        advice = plain("fill it in, or blank split_dose")
        contradictions.append(Contradiction(Code.TOTAL_DOSE_REQUIRED, columns, text, advice))
    return contradictions


def _product_contradictions(row: Mapping[str, Any]) -> list[Contradiction]:
    """Compare the construct of a known product with what is stated."""
    product = PRODUCTS.get(row.get("product") or "")
    if product is None:
        return []
    return [
        Contradiction(
            Code.NOT_OF_THE_PRODUCT,
            (column, "product"),
            f"must be {getattr(product, column)} for {product.name}",
            plain("correct it, or the product"),
        )
        for column in CONSTRUCT
        if row.get(column) not in (None, getattr(product, column))
    ]


def _name_contradictions(row: Mapping[str, Any]) -> list[Contradiction]:
    """Refuse the name of a product that is listed, or of none."""
    name = row.get(PRODUCT_NAME)
    if name is None:
        return []
    columns = (PRODUCT_NAME, "product")
    if not re.fullmatch(NAME_PATTERN, name):
        advice = plain("write the product's name alone")
        return [Contradiction(Code.NAME_CHARACTERS, columns[:1], NAME_RULE, advice)]
    if listed := listed_product(name):
        text = f"must not name a listed product; the product is {listed}"
        advice = plain(f"write {listed} as product, and blank {PRODUCT_NAME}")
        return [Contradiction(Code.NAME_OF_LISTED_PRODUCT, columns, text, advice)]
    if row.get("product") not in NAMED_OPTIONS:
        text = f"must be blank unless product is {' or '.join(NAMED_OPTIONS)}"
        advice = plain("blank it, or correct the product")
        return [Contradiction(Code.NAME_WITHOUT_OTHER_PRODUCT, columns, text, advice)]
    return []


def _dose_contradictions(row: Mapping[str, Any], dose: FieldSpec, *, needed: bool) -> list[Contradiction]:
    stated = row.get("dose_1e6_per_kg")
    total, weight = row.get("dose_total_1e6"), row.get("weight_kg")
    columns = ("dose_1e6_per_kg", "dose_total_1e6", "weight_kg")
    if total is None or weight is None:
        if stated is None and needed:
            text = "is required, or both dose_total_1e6 and weight_kg"
            return [Contradiction(Code.DOSE_REQUIRED, columns, text, plain("fill it in"))]
        return []
    derived = total / weight
    if stated is None:
        if not dose.allows(derived):
            text = f"divided by weight_kg {dose.rule}"
            advice = plain("correct the total or the weight")
            return [Contradiction(Code.DERIVED_DOSE_OUTSIDE_LIMITS, columns[1:], text, advice)]
        return []
    if abs(derived - stated) > DOSE_TOLERANCE * stated:
        text = "and dose_total_1e6 / weight_kg differ by more than 10 %"
        advice = plain("correct the dose, the total or the weight")
        return [Contradiction(Code.DOSES_DIFFER, columns, text, advice)]
    return []


def follow_up_contradictions(row: Mapping[str, Any]) -> list[Contradiction]:
    """Find contradictions in the follow-up of one infusion.

    Parameters
    ----------
    row : mapping
        Values by column of `FollowUp`, None where missing; days from infusion.

    Returns
    -------
    contradictions : list of Contradiction

    Examples
    --------
    >>> follow_up_contradictions({"relapse_day": 400, "last_contact_day": 365})[0].text
    'must not be after last_contact_day'
    >>> follow_up_contradictions({"crs_grade": 2})[0].columns
    ('crs_grading_system', 'crs_grade')
    """
    return [*_grading(row), *_last_contact(row), *_response(row)]


def _grading(row: Mapping[str, Any]) -> list[Contradiction]:
    contradictions = []
    if row.get("crs_grade") is not None and row.get("crs_grading_system") is None:
        columns = ("crs_grading_system", "crs_grade")
        text = "is required with crs_grade"
        contradictions.append(Contradiction(Code.GRADING_SYSTEM_REQUIRED, columns, text, FILL_IN_OR_BLANK))
    if row.get("crs_grade") == 0 and row.get("crs_onset_day") is not None:
        columns = ("crs_onset_day", "crs_grade")
        text = "must be blank when crs_grade is 0"
        advice = plain("blank it, or correct the grade")
        contradictions.append(Contradiction(Code.ONSET_WITHOUT_CRS, columns, text, advice))
    for grade in ("crs_grade", "icans_grade"):
        if (
            row.get(grade) == FATAL_GRADE
            and row.get("last_contact_day") is not None
            and row.get("death_day") is None
        ):
            text = "5 means death, but death_day is blank"
            advice = plain("fill in death_day, or correct the grade")
            columns = (grade, "death_day")
            contradictions.append(Contradiction(Code.FATAL_GRADE_WITHOUT_DEATH, columns, text, advice))
    return contradictions


def _last_contact(row: Mapping[str, Any]) -> list[Contradiction]:
    last = row.get(LAST_CONTACT)
    days = [name for name in FOLLOW_UP_DAYS if row.get(name) is not None]
    if last is None:
        dated = [name for name in days if name in NEED_LAST_CONTACT]
        columns = (LAST_CONTACT, *dated)
        text = f"is required with any of {', '.join(NEED_LAST_CONTACT)}"
        required = Contradiction(Code.LAST_CONTACT_REQUIRED, columns, text, FILL_IN_OR_BLANK)
        return [required] if dated else []
    contradictions = [
        Contradiction(Code.AFTER_LAST_CONTACT, (name, LAST_CONTACT), "must not be after last_contact_day")
        for name in days
        if row[name] > last
    ]
    if row.get("death_day") is not None and row["death_day"] < last:
        text = "must equal last_contact_day: nothing is known after death"
        contradictions.append(Contradiction(Code.CONTACT_AFTER_DEATH, ("death_day", LAST_CONTACT), text))
    return contradictions


def _response(row: Mapping[str, Any]) -> list[Contradiction]:
    response, stated_day = row.get("response_day28"), row.get("response_day")
    if response not in ASSESSED_RESPONSES:
        if response is None and stated_day is not None:
            return [RESPONSE_REQUIRED]
        return []
    day = DEFAULT_RESPONSE_DAY if stated_day is None else stated_day
    last, relapse = row.get(LAST_CONTACT), row.get("relapse_day")
    if last is not None and day > last:
        dated = ("response_day", LAST_CONTACT)
        columns = dated if stated_day is not None else ("response_day28", *dated)
        text = f"must be assessed by last_contact_day; a blank response_day means day {DEFAULT_RESPONSE_DAY}"
        advice = plain("correct the response or its day, or last_contact_day")
        return [Contradiction(Code.RESPONSE_AFTER_LAST_CONTACT, columns, text, advice)]
    if response in ("cr", "cri") and relapse is not None and relapse < day:
        return [RELAPSE_BEFORE_REMISSION]
    return []
