"""Every problem of a request body, in words that never repeat a value."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from features.checking.identifiers import personal_column
from features.field import specs
from features.problem_codes import Code
from features.product_names import PRODUCT_NAME
from features.rules import patient_contradictions
from features.schema import FollowUp, Patient, RowId
from serving.answers.question import DETAIL, EVENT_FREE_ON_DAY, RECORD_KEY, Detail, event_free_days
from serving.answers.value_problems import UnitHint, value_problem
from serving.http.strict_json import NAME
from serving.record.answer_row import RECORD_KEY as KEY_FORM

MOST_FIELDS = 200
"""Fields of one patient; more are refused unread."""

MOST_PATIENTS = 100
"""Patients of one batch: half the time for an answer suffices on a slow machine (see docs/container.md)."""

MOST_PROBLEMS = 100
"""Problems of a batch after which the rest of it is not looked at."""

BESIDE_PATIENT = (EVENT_FREE_ON_DAY, RECORD_KEY)
"""What may be stated beside the fields of each patient,"""

BESIDE = (*BESIDE_PATIENT, DETAIL)
"""and beside those of a single one."""

DETAILS: tuple[str, ...] = get_args(Detail)

_FIELDS = {**specs(Patient), PRODUCT_NAME: specs(RowId)[PRODUCT_NAME]}
"""Fields of the patient, and the name of the product."""

_IDENTIFIER = "patient_id"
"""The column of a cohort that identifies the patient; the others of `RowId` describe the row."""

_REQUIRED = [name for name, spec in _FIELDS.items() if spec.required == "yes"]


@dataclass(frozen=True)
class RequestProblem:
    """One thing that is wrong with a body.

    Attributes
    ----------
    code : Code
        Kind of problem, for programs.
    field : str
        Column, ``patients[3].column`` in a batch; empty where none can be named.
    message : str
        What must hold, in words.
    hint : UnitHint or None
        The unit in which a number outside its limits was probably written.
    columns : tuple of str or None
        Columns that contradict each other, ``field`` first and without its place in a batch; None where one
        column alone is wrong.
    """

    code: Code
    field: str
    message: str
    hint: UnitHint | None = dataclasses.field(default=None, repr=False)
    columns: tuple[str, ...] | None = dataclasses.field(default=None, repr=False)


def request_problems(
    body: object, *, subject: str = "the body", beside: Sequence[str] = BESIDE
) -> list[RequestProblem]:
    """Find every problem of one patient.

    Parameters
    ----------
    body : object
        As `serving.http.strict_json.read_json` returns it.
    subject : str
        What a message calls it.
    beside : sequence of str
        What may be asked beside the patient's fields.

    Returns
    -------
    problems : list of RequestProblem
        Empty when the body is a `Patient`: unknown fields first, then the schema's fields in its order.

    Examples
    --------
    >>> for problem in request_problems({"age_year": 30, "ferritin_ug_l": 0, "relapse_day": 90})[:4]:
    ...     print(problem.message)
    age_year is not a field; did you mean age_years?
    relapse_day is known only after the infusion and is never a predictor
    age_years is required
    prior_lines is required
    """
    if not isinstance(body, Mapping):
        return [
            RequestProblem(Code.WRONG_TYPE, "", f"{subject} must be one JSON object: the fields of a patient")
        ]
    if len(body) > MOST_FIELDS:
        return [RequestProblem(Code.TOO_MANY_FIELDS, "", f"a patient has at most {MOST_FIELDS} fields")]
    wrong = _field_problems(body)
    contradictions = _contradictions(body, {problem.field for problem in wrong})
    asks = [*_day_problems(body), *(detail_problems(body) if DETAIL in beside else []), *_key_problems(body)]
    return [*_unknown_fields(body, beside), *wrong, *contradictions, *asks]


def batch_problems(body: object) -> list[RequestProblem]:
    """Find the problems of a batch.

    Parameters
    ----------
    body : object
        As `serving.http.strict_json.read_json` returns it.

    Returns
    -------
    problems : list of RequestProblem
        Fields are written ``patients[3].age_years``, counted from 0. After `MOST_PROBLEMS` problems
        the rest is not looked at, and the last problem says so.

    Examples
    --------
    >>> [(str(problem.code), problem.message) for problem in batch_problems({"patients": []})]
    [('number_of_patients', 'patients must hold 1 to 100 patients')]
    """
    if not isinstance(body, Mapping) or set(body) - {DETAIL} != {"patients"}:
        message = 'the body must be {"patients": [...]}, and nothing else but "detail"'
        return [RequestProblem(Code.WRONG_TYPE, "", message)]
    if wrong := detail_problems(body):
        return wrong
    patients = body["patients"]
    if not isinstance(patients, list) or not 1 <= len(patients) <= MOST_PATIENTS:
        return [
            RequestProblem(
                Code.NUMBER_OF_PATIENTS, "patients", f"patients must hold 1 to {MOST_PATIENTS} patients"
            )
        ]
    problems: list[RequestProblem] = []
    for index, patient in enumerate(patients):
        where = f"patients[{index}]"
        wrong_values = request_problems(patient, subject=where, beside=BESIDE_PATIENT)
        problems += [placed(problem, where) for problem in [*wrong_values, *_without_numbers(patient, body)]]
        if len(problems) > MOST_PROBLEMS:
            message = f"{where} and later patients may have more problems"
            return [*problems[:MOST_PROBLEMS], RequestProblem(Code.MORE_PROBLEMS, "", message)]
    return problems


def placed(problem: RequestProblem, where: str) -> RequestProblem:
    """Name the part of the body that a problem is in.

    Examples
    --------
    >>> placed(RequestProblem(Code.REQUIRED, "age_years", "age_years is required"), "patient").field
    'patient.age_years'
    """
    return replace(problem, field=f"{where}.{problem.field}".rstrip("."))


def named_problems(names: Sequence[str], problem: Callable[[str], RequestProblem]) -> list[RequestProblem]:
    """State a problem for each name of a field, and one for all names that may be data.

    Parameters
    ----------
    names : sequence of str
        As the sender wrote them.
    problem : callable
        Makes the problem of a name; gets only names that may be repeated.

    Returns
    -------
    problems : list of RequestProblem
    """
    nameable = [name for name in names if NAME.fullmatch(name)]
    problems = [problem(name) for name in nameable]
    if len(nameable) < len(names):
        words = "a field name has characters that are not allowed; use a to z, 0 to 9 and _"
        problems.append(RequestProblem(Code.FIELD_NAME_CHARACTERS, "", words))
    return problems


def refused_field(name: str) -> RequestProblem:
    """Say why a name that is no field of a request is refused, and which field is probably meant.

    Examples
    --------
    >>> refused_field("age_year").message
    'age_year is not a field; did you mean age_years?'
    """
    if name in specs(FollowUp):
        message = f"{name} is known only after the infusion and is never a predictor"
        return RequestProblem(Code.KNOWN_AFTER_INFUSION, name, message)
    if name == _IDENTIFIER or (personal_column(name) and name not in specs(RowId)):
        message = f"{name} identifies a patient and must not be sent"
        return RequestProblem(Code.IDENTIFIES_PATIENT, name, message)
    if name in specs(RowId):
        message = f"{name} belongs to the rows of a cohort and is never a predictor; leave it out"
        return RequestProblem(Code.NOT_A_PREDICTOR, name, message)
    meant = difflib.get_close_matches(name, specs(Patient), n=1, cutoff=0.7)
    hint = f"; did you mean {meant[0]}?" if meant else ""
    return RequestProblem(Code.UNKNOWN_FIELD, name, f"{name} is not a field{hint}")


def value_problems(body: Mapping[str, Any]) -> list[RequestProblem]:
    """Find what is wrong with each value by itself, in schema order; null is not wrong.

    Parameters
    ----------
    body : mapping
        Values by field of a request; other names are not looked at.

    Returns
    -------
    problems : list of RequestProblem
    """
    return [
        RequestProblem(wrong.code, name, f"{name} {wrong.words}", wrong.hint)
        for name, spec in _FIELDS.items()
        if (value := body.get(name)) is not None and (wrong := value_problem(spec, value)) is not None
    ]


def detail_problems(body: Mapping[str, Any]) -> list[RequestProblem]:
    """Find what is wrong with how much an answer is to state.

    Examples
    --------
    >>> [problem.message for problem in detail_problems({"detail": "most"})]
    ['detail must be one of: all, risk']
    >>> detail_problems({"detail": "risk"}), detail_problems({})
    ([], [])
    """
    detail = body.get(DETAIL, DETAILS[0])
    # Lists and objects cannot be looked up.
    if not isinstance(detail, str) or detail not in DETAILS:
        words = f"{DETAIL} must be one of: {', '.join(DETAILS)}"
        return [RequestProblem(Code.NOT_AN_OPTION, DETAIL, words)]
    return _without_numbers(body, body)


def _without_numbers(patient: object, body: Mapping[str, Any]) -> list[RequestProblem]:
    """Refuse a day for an answer that does not state the risks after it."""
    if not isinstance(patient, Mapping) or patient.get(EVENT_FREE_ON_DAY) is None:
        return []
    if body.get(DETAIL, DETAILS[0]) == DETAILS[0]:
        return []
    words = f'{EVENT_FREE_ON_DAY} needs "{DETAIL}": "{DETAILS[0]}"; leave one of them out'
    return [RequestProblem(Code.MUST_BE_BLANK, EVENT_FREE_ON_DAY, words)]


def _unknown_fields(body: Mapping[str, Any], beside: Sequence[str]) -> list[RequestProblem]:
    unknown = [name for name in body if name not in _FIELDS and name not in beside]
    return named_problems(unknown, refused_field)


def _field_problems(body: Mapping[str, Any]) -> list[RequestProblem]:
    """Find required fields that are missing and values that are wrong, in schema order."""
    missing = [
        RequestProblem(Code.REQUIRED, name, f"{name} is required")
        for name in _REQUIRED
        if body.get(name) is None
    ]
    order = list(_FIELDS)
    return sorted([*missing, *value_problems(body)], key=lambda problem: order.index(problem.field))


def _day_problems(body: Mapping[str, Any]) -> list[RequestProblem]:
    """Find what is wrong with the day on which a patient is known to be event-free."""
    day = body.get(EVENT_FREE_ON_DAY)
    if day is None:
        return []
    first, last = event_free_days()
    words = f"{EVENT_FREE_ON_DAY} must be a whole number of days, {first} to {last}"
    # A number too large for a float is read as infinite, which no whole number is.
    if isinstance(day, bool) or not isinstance(day, int | float) or not float(day).is_integer():
        return [RequestProblem(Code.WRONG_TYPE, EVENT_FREE_ON_DAY, words)]
    return [] if first <= day <= last else [RequestProblem(Code.OUTSIDE_LIMITS, EVENT_FREE_ON_DAY, words)]


def _key_problems(body: Mapping[str, Any]) -> list[RequestProblem]:
    """Find what is wrong with the text under which an answer is recorded."""
    key = body.get(RECORD_KEY)
    if key is None or (isinstance(key, str) and KEY_FORM.fullmatch(key)):
        return []
    words = f"{RECORD_KEY} must be 1 to 64 letters (a to z), digits or . _ : ~ -"
    return [RequestProblem(Code.RECORD_KEY_CHARACTERS, RECORD_KEY, words)]


def _contradictions(body: Mapping[str, Any], refused: set[str]) -> list[RequestProblem]:
    """Find contradictions between fields that are themselves right."""
    right = {name: value for name, value in body.items() if name in _FIELDS and name not in refused}
    dose = specs(Patient)["dose_1e6_per_kg"]
    return [
        RequestProblem(
            each.code,
            each.column,
            f"{each.column} {each.text}",
            columns=each.columns if len(each.columns) > 1 else None,
        )
        for each in patient_contradictions(right, dose=dose, dose_needed=True)
        if refused.isdisjoint(each.columns)
    ]
