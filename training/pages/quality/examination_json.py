"""Problems and remarks of a cohort as data, with what each remark would change."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from features.checking.remark import Remark
from features.checking.remark_effects import effects
from features.cohort import Cohort
from features.problems import Problem
from training.pages.quality.page import Examination

FORMAT = 1


def examination_json(examined: Examination) -> str:
    """Write problems and remarks as JSON.

    Parameters
    ----------
    examined : Examination
        Of a cohort.

    Returns
    -------
    json : str
        Neither a value of a patient, nor an identifier, nor the name of a center is in it. Rows and counts
        are: keep it in the center.

    Examples
    --------
    >>> from features.problem_codes import Code
    >>> one = Problem(Code.OUTSIDE_LIMITS, "must be 0 to 4", "ecog", row=7, value_text="9")
    >>> json.loads(examination_json(Examination("c.csv", problems=(one,))))["problems"]
    [{'code': 'outside_limits', 'column': 'ecog', 'rows': [7], 'text': 'ecog must be 0 to 4 (row 7)'}]
    """
    cohort = examined.cohort
    content = {
        "format": FORMAT,
        "file": {"name": examined.name, "sha256": examined.sha256},
        "infusions": len(cohort) if cohort is not None else None,
        "problems": [_problem(each) for each in examined.problems],
        "remarks": [_remark(each, cohort) for each in examined.remarks],
        "notes": list(examined.notes),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _problem(problem: Problem) -> dict[str, Any]:
    rows = problem.rows or ((problem.row,) if problem.row is not None else ())
    shown = problem.without_values()
    return {"code": str(problem.code), "column": problem.column, "rows": list(rows), "text": str(shown)}


def _remark(remark: Remark, cohort: Cohort | None) -> dict[str, Any]:
    return {
        "code": remark.code,
        "text": remark.without_values(),
        "fields": list(remark.fields),
        "count": len(remark.rows),
        "rows": list(remark.rows),
        "would_change": [asdict(each) for each in effects(remark, cohort)] if cohort is not None else [],
    }
