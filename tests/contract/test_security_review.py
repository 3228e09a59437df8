"""The checklist of the security review: every line names tests, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.http.outer_middleware import PATHS
from tests.bundles import PATIENT

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "security_review.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ")]
LINES = [line for line in ROWS if not line.startswith(("| ---", "| question"))]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
NAMED = sorted(set(TEST.findall(PAGE)))


@cache
def names_in(path: str) -> frozenset[str]:
    """List the tests that a file defines."""
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("line", LINES, ids=[line.split("|")[1].strip() for line in LINES])
def test_a_line_says_how_and_where_and_what_shows_it(line: str) -> None:
    """Four columns; the last has tests and nothing else."""
    question, how, where, shown = (cell.strip() for cell in line.strip("|").split("|"))
    assert question
    assert how
    assert re.search(r"\]\([\w./#-]+\)", where)
    assert shown
    assert TEST.sub("", shown).strip(", ") == ""


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[f"{path}::{name}" for path, name in NAMED])
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    """By its name in its file."""
    assert name in names_in(path)


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_sets_a_cookie(client: TestClient, path: str) -> None:
    """Nor does any ask for one."""
    answers = [client.get(path), client.post(path, json=PATIENT), client.options(path)]
    assert not [name for each in answers for name in each.headers if "cookie" in name]
