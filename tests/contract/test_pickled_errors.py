"""Errors come whole out of another process: what a worker raises is what the command reports."""

from __future__ import annotations

import ast
import copy
import pickle
from pathlib import Path

import pytest

from features.advice import plain
from features.checking.parse_cell import CellError
from features.problem_codes import Code
from features.problems import DataError, Problem
from serving.http.body_problems import RequestProblem
from serving.http.error_response import Refusal
from serving.identity.denied import Denied, Reason
from serving.record.record_error import ContradictoryReportError

PACKAGES = ("features", "serving", "training")
EXCEPTIONS = ("Error", "Exception", "Refused")

WRONG_CELL = Problem(Code.OUTSIDE_LIMITS, "must be 0 to 700 mg/L", "crp_mg_l", row=17, value_text="-3")
ERRORS: list[Exception] = [
    DataError([WRONG_CELL, Problem(Code.EMPTY_FILE, "the file is empty")], source="cohort.csv"),
    DataError([WRONG_CELL]),
    CellError(Code.DECIMAL_COMMA, "must be a number", plain("write 3.5"), value_text="3,5", column="CRP"),
    CellError(Code.REQUIRED, "is required"),
    Denied(Reason.TOO_MANY_REQUESTS, retry_after=7),
    Refusal(422, "refused", [RequestProblem(Code.REQUIRED, "sex", "sex is required")], {"allow": "GET"}),
    Refusal(404, "this path does not exist"),
    ContradictoryReportError(["relapse", "death"], "day"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling(error: Exception, protocol: int) -> None:
    """Its type, its message, all that it holds, and notes that were added to it."""
    noted = copy.copy(error)
    noted.add_note("in worker 3")
    loaded = pickle.loads(pickle.dumps(noted, protocol=protocol))
    assert (type(loaded), str(loaded), loaded.args) == (type(error), str(error), error.args)
    assert vars(loaded) == {**vars(error), "__notes__": ["in worker 3"]}


def test_every_error_with_a_constructor_of_its_own_is_pickled_here() -> None:
    """All others have the message as their only argument, as Python expects."""
    root = Path(__file__).parents[2]
    files = [file for package in PACKAGES for file in (root / package).rglob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    own = {
        node.name for node in nodes if isinstance(node, ast.ClassDef) and _is_error(node) and _is_made(node)
    }
    assert own == {type(error).__name__ for error in ERRORS}


def _is_error(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).endswith(EXCEPTIONS) for base in node.bases)


def _is_made(node: ast.ClassDef) -> bool:
    return any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body)
