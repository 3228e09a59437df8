"""No logic reads a sentence: facts that a program needs are fields, codes and types."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.decisions import DECISIONS
from features.problem_codes import Code
from features.problems import Problem

PROJECT = Path(__file__).parents[2]
LAYERS = ("features", "serving", "training")

SENTENCES = {
    *("advice", "as_option", "definition", "evidence_note", "general", "interval_note", "message"),
    *("note", "reason", "reasons", "sentence", "status_reasons", "verdict", "why", "words"),
}
"""Names of what holds words for people, as attribute or variable."""

TAKES_APART = {
    "endswith",
    "find",
    "index",
    "partition",
    "removeprefix",
    "removesuffix",
    "rpartition",
    "split",
    "startswith",
}
"""Methods of a text that ask what it says."""


def name_of(node: ast.expr) -> str:
    """Name a variable or attribute, also where ``str`` is called on it; empty for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and node.args:
        return name_of(node.args[0])
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def reads_a_sentence(node: ast.AST) -> bool:
    """Whether an expression asks what a sentence says."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        of_text = node.func.attr in TAKES_APART and name_of(node.func.value) in SENTENCES
        by_pattern = name_of(node.func.value) == "re" and any(
            name_of(each) in SENTENCES for each in node.args
        )
        return of_text or by_pattern
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        texts = (ast.In, ast.NotIn, ast.Eq, ast.NotEq)
        named = any(name_of(each) in SENTENCES for each in operands)
        return named and all(isinstance(operator, texts) for operator in node.ops)
    return False


def readers(source: str) -> Iterator[str]:
    """List the expressions of a module that read a sentence."""
    for node in ast.walk(ast.parse(source)):
        if reads_a_sentence(node):
            yield ast.unparse(node)


@pytest.mark.parametrize("layer", LAYERS)
def test_no_logic_reads_a_sentence(layer: str) -> None:
    """Neither by a pattern, nor by how it begins, nor by comparing it."""
    found = {
        file.relative_to(PROJECT).as_posix(): set(readers(file.read_text(encoding="utf-8")))
        for file in (PROJECT / layer).rglob("*.py")
    }
    assert {name: sorted(each) for name, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "source",
    [
        "problem.message.startswith('the body')",
        "re.search('too few', str(problem.reason))",
        "verdict not in summary.status_reasons",
        "'too few' in why",
        "error.advice == BLANK",
    ],
)
def test_what_reads_a_sentence_is_found(source: str) -> None:
    """So that the test above can fail."""
    assert list(readers(source))


@pytest.mark.parametrize(
    "source", ["error.advice is BLANK", "if reason: pass", "kind == 'late'", "f'{why}.'"]
)
def test_what_only_passes_a_sentence_on_is_not(source: str) -> None:
    """Nor what asks whether there is one."""
    assert not list(readers(source))


def test_the_page_has_the_words_of_every_decision() -> None:
    """The card counts by code."""
    english, russian = (
        json.loads((PROJECT / "serving/pages/texts" / f"{language}.json").read_text(encoding="utf-8"))
        for language in ("en", "ru")
    )
    assert english["model"]["decisions"] == DECISIONS
    assert russian["model"]["decisions"].keys() == DECISIONS.keys()


def test_every_code_of_a_problem_is_given_somewhere() -> None:
    """A kind of problem that no code path reports is removed."""
    given = {
        node.attr
        for layer in LAYERS
        for file in (PROJECT / layer).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }
    assert set(Code.__members__) == given


def test_no_problem_is_without_a_code() -> None:
    """Code, rule and the rest; a code is never made of a text on the spot."""
    with pytest.raises(TypeError, match="rule"):
        Problem("the file is empty")  # type: ignore[call-arg, arg-type]
    assert all(code.value == name.lower() for name, code in Code.__members__.items())
