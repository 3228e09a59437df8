"""Every problem of a reported outcome: which answer, which outcome, whether it happened, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from features.field import FieldSpec, specs
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.schema import FollowUp
from serving.answers.choices import MOST_OPTIONS
from serving.answers.value_problems import value_problem
from serving.http.body_problems import RequestProblem, named_problems, refused_field

PREDICTION_ID, OUTCOME, HAPPENED, DAY = "prediction_id", "outcome", "happened", "day"

ID_PATTERN = rf"[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}(\.[1-{MOST_OPTIONS}])?"
"""Of the identifier of an answer; an option of a comparison has its number after it."""

OUTCOME_FIELDS: Mapping[str, FieldSpec] = {
    OUTCOME: FieldSpec(OUTCOME, "choice", "Outcome", options=tuple(OUTCOMES), required="yes"),
    HAPPENED: FieldSpec(HAPPENED, "boolean", "Whether the event occurred", required="yes"),
    DAY: specs(FollowUp)["last_contact_day"],
}
"""How each value is checked: outcomes by their table, days by the limits of the follow-up."""


def outcome_problems(body: object) -> list[RequestProblem]:
    """Find every problem of a reported outcome.

    Parameters
    ----------
    body : object
        As `serving.http.strict_json.read_json` returns it.

    Returns
    -------
    problems : list of RequestProblem
        Empty when it can be recorded: unknown fields first, then its own fields in their order.

    Examples
    --------
    >>> for problem in outcome_problems({"outcome": "relaps", "happend": True, "day": -3}):
    ...     print(problem.message)
    happend is not a field of an outcome; the fields are prediction_id, outcome, happened, day
    prediction_id is required
    outcome must be one of severe_crs, severe_icans, relapse, death_without_relapse, death, \
crs_grade_2_or_higher, severe_icaht, iec_hs
    happened is required
    day must be a whole number, 0 to 20000 days
    """
    if not isinstance(body, Mapping):
        message = "the body must be one JSON object: the fields of an outcome"
        return [RequestProblem(Code.WRONG_TYPE, "", message)]
    unknown = [name for name in body if name not in (PREDICTION_ID, *OUTCOME_FIELDS)]
    return [*named_problems(unknown, _unknown), *_id_problems(body), *_value_problems(body)]


def report_problem(field: str, outcomes: Sequence[str]) -> RequestProblem:
    """Say which reports a report contradicts, and how to correct the wrong one.

    Parameters
    ----------
    field : str
        Of the report, `HAPPENED` or `DAY`.
    outcomes : sequence of str
        Whose last reports it contradicts.

    Returns
    -------
    problem : RequestProblem
        Names outcomes, and never what was reported of them.

    Examples
    --------
    >>> print(report_problem("day", ["death_without_relapse"]).message)
    day contradicts the last report of death_without_relapse; correct this report, or first report \
death_without_relapse again
    """
    reports = f"the last report{'s' if len(outcomes) > 1 else ''} of {' and '.join(outcomes)}"
    again = f"first report {' or '.join(outcomes)} again"
    message = f"{field} contradicts {reports}; correct this report, or {again}"
    return RequestProblem(Code.CONTRADICTS_REPORT, field, message)


def _unknown(name: str) -> RequestProblem:
    """Refuse a field; of one that identifies a patient say that."""
    refused = refused_field(name)
    if refused.code is Code.IDENTIFIES_PATIENT:
        return refused
    fields = ", ".join((PREDICTION_ID, *OUTCOME_FIELDS))
    message = f"{name} is not a field of an outcome; the fields are {fields}"
    return RequestProblem(Code.UNKNOWN_FIELD, name, message)


def _id_problems(body: Mapping[str, Any]) -> list[RequestProblem]:
    stated = body.get(PREDICTION_ID)
    if stated is None:
        return [RequestProblem(Code.REQUIRED, PREDICTION_ID, f"{PREDICTION_ID} is required")]
    if isinstance(stated, str) and re.fullmatch(ID_PATTERN, stated):
        return []
    message = f"{PREDICTION_ID} must be the identifier that an answer states"
    return [RequestProblem(Code.NOT_AN_ANSWER, PREDICTION_ID, message)]


def _value_problems(body: Mapping[str, Any]) -> list[RequestProblem]:
    problems = []
    for name, field in OUTCOME_FIELDS.items():
        value = body.get(name)
        if value is None and name != DAY:
            problems.append(RequestProblem(Code.REQUIRED, name, f"{name} is required"))
        elif value is not None and (wrong := value_problem(field, value)) is not None:
            problems.append(RequestProblem(wrong.code, name, f"{name} {wrong.words}", wrong.hint))
    return problems
