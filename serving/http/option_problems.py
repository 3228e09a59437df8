"""Every problem of a comparison: of the patient, of each option, and of the patient with each option."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.field import specs
from features.problem_codes import Code
from features.schema import Patient
from serving.answers.choices import MOST_OPTIONS, OPTION_FIELDS, changed_patient
from serving.answers.question import EVENT_FREE_ON_DAY, Question
from serving.http.body_problems import (
    BESIDE_PATIENT,
    MOST_FIELDS,
    RequestProblem,
    named_problems,
    placed,
    refused_field,
    request_problems,
    value_problems,
)

PATIENT, OPTIONS = "patient", "options"


def option_problems(body: object) -> list[RequestProblem]:
    """Find the problems of a patient with options.

    Parameters
    ----------
    body : object
        As `serving.http.strict_json.read_json` returns it.

    Returns
    -------
    problems : list of RequestProblem
        Fields are written ``patient.age_years`` and ``options.0.dose_1e6_per_kg``, options counted from 0. An
        option is applied, and the patient with it checked, where both are right by themselves.

    Examples
    --------
    >>> patient = {"age_years": 30, "prior_lines": 2, "prior_blinatumomab": "none", "prior_inotuzumab": False}
    >>> patient |= {"marrow_blasts_pct": 40, "target_antigen": "cd19", "dose_1e6_per_kg": 1.0}
    >>> options = [{"dose_1e6_per_kg": 90}, {"age_years": 40}, {"product": "obecabtagene"}]
    >>> for problem in option_problems({"patient": patient, "options": options}):
    ...     print(problem.field, "|", problem.message)
    options.0.dose_1e6_per_kg | dose_1e6_per_kg must be 0.001 to 50 10^6 CAR+ cells/kg
    options.1.age_years | age_years cannot be chosen before the infusion
    """
    if not isinstance(body, Mapping) or set(body) != {PATIENT, OPTIONS}:
        message = 'the body must be {"patient": {...}, "options": [...]} and nothing else'
        return [RequestProblem(Code.WRONG_TYPE, "", message)]
    patient, options = body[PATIENT], body[OPTIONS]
    problems = [placed(problem, PATIENT) for problem in _patient_problems(patient)]
    if not isinstance(options, list) or not 1 <= len(options) <= MOST_OPTIONS:
        message = f"options must hold 1 to {MOST_OPTIONS} options"
        return [*problems, RequestProblem(Code.NUMBER_OF_OPTIONS, OPTIONS, message)]
    entered = None if problems else patient
    for index, option in enumerate(options):
        where = f"{OPTIONS}.{index}"
        problems += [placed(problem, where) for problem in _of_option(option, entered, subject=where)]
    return problems


def _patient_problems(patient: object) -> list[RequestProblem]:
    problems = request_problems(patient, subject=PATIENT, beside=BESIDE_PATIENT)
    if isinstance(patient, Mapping) and patient.get(EVENT_FREE_ON_DAY) is not None:
        message = f"{EVENT_FREE_ON_DAY} is after the infusion, when nothing can be chosen"
        problems.append(RequestProblem(Code.KNOWN_AFTER_INFUSION, EVENT_FREE_ON_DAY, message))
    return problems


def _of_option(option: object, patient: Mapping[str, Any] | None, *, subject: str) -> list[RequestProblem]:
    """Find the problems of one option, and of the patient with it where the patient is right."""
    if not isinstance(option, Mapping):
        message = f"{subject} must be one JSON object: the fields that are chosen"
        return [RequestProblem(Code.WRONG_TYPE, "", message)]
    if not option:
        return [RequestProblem(Code.EMPTY_OPTION, "", f"{subject} must state at least one field")]
    if len(option) > MOST_FIELDS:
        return [RequestProblem(Code.TOO_MANY_FIELDS, "", f"an option has at most {MOST_FIELDS} fields")]
    problems = [*_not_chosen(option), *value_problems(option)]
    if problems or patient is None:
        return problems
    return request_problems(changed_patient(patient, option), beside=BESIDE_PATIENT)


def _not_chosen(option: Mapping[str, Any]) -> list[RequestProblem]:
    """Refuse the fields that an option cannot state."""
    return named_problems(
        [name for name in option if name not in OPTION_FIELDS],
        _refused,
    )


def _refused(name: str) -> RequestProblem:
    if name in specs(Patient):
        return _cannot_be_chosen(name)
    if name in Question.model_fields:
        message = f"{name} belongs to the patient; an option cannot state another one"
        return RequestProblem(Code.NOT_CHANGEABLE, name, message)
    return refused_field(name)


def _cannot_be_chosen(name: str) -> RequestProblem:
    return RequestProblem(Code.NOT_CHANGEABLE, name, f"{name} cannot be chosen before the infusion")
