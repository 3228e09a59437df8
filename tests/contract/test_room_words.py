"""Texts in the rooms of training are plain American English; identifiers are named after what they hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TRAINING = PROJECT / "training"
ROOMS = ("api", "dataset", "evidence", "fitting", "learners", "validation", "pages/quality", "pages/report")
UNWANTED = re.compile(
    r"\b(told|tells of|stands|stood|anew|so many|whoever|but for|as it was|calls? for|is asked|asks for"
    r"|parted|nought|nobody|said|of which|not knowing|had? a part in it|centre\w*|learnt|modelled|labelled"
    r"|licence|colour\w*|behaviour|judgement|leukaemia|tumour)\b",
    re.IGNORECASE,
)

PLAINLY_NAMED = ("features", "serving", "training")
"""Packages whose identifiers say what they hold."""

WRITTEN_KEYS = frozenset(
    [
        ("serving/model/validation_summary.py", "more"),
        ("training/external/update_version.py", "more"),
        ("training/pages/report/abstract.py", "said"),
        ("training/pages/report/tripod.py", "said"),
    ]
)
"""Attributes whose names are keys of a written format, by file: ``more`` of an update in a bundle and in the
model card, which bundles of earlier versions have too; ``said`` of the abstract and of the checklist in the
report's JSON, which readers of the report take by this key."""

UNWANTED_NAMES = frozenset(
    [
        "anew",
        "around",
        "asked",
        "found",
        "more",
        "place",
        "places",
        "said",
        "so_many",
        "stands",
        "told",
        "who",
    ]
)
"""Names that do not say what they hold."""


def texts(source: str) -> Iterator[tuple[int, str]]:
    """List the texts of a module that have more than one word, docstrings aside."""
    tree = ast.parse(source)
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documented and " " in node.value.strip():
            yield node.lineno, node.value


@pytest.mark.parametrize("room", ROOMS)
def test_texts_are_in_plain_words(room: str) -> None:
    """Reasons, notes, doubts and messages: no private dialect, no British spelling."""
    read = [
        (file.name, line, text)
        for file in sorted((TRAINING / room).glob("*.py"))
        for line, text in texts(file.read_text(encoding="utf-8"))
    ]
    assert read
    assert [(name, line, text) for name, line, text in read if UNWANTED.search(text)] == []


@pytest.mark.parametrize("text", ["is not told of", "Each centre is predicted", "scores anew"])
def test_an_unwanted_phrase_is_found(text: str) -> None:
    """So that the test above can fail; a docstring is not searched."""
    assert [UNWANTED.search(words) is not None for _, words in texts(f'"""Doc {text}."""\nX = "{text}"')] == [
        True
    ]


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """List the names that a module gives or uses: variables, parameters, attributes, functions, classes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.alias):
            yield node.lineno, node.asname or node.name


def unwanted_names(source: str) -> list[tuple[int, str]]:
    """List the identifiers of a module that do not say what they hold."""
    return [(line, name) for line, name in identifiers(source) if name.strip("_").lower() in UNWANTED_NAMES]


def names_by_file(package: str) -> dict[str, list[tuple[int, str]]]:
    """List the identifiers of each module of a package that do not say what they hold."""
    return {
        file.relative_to(PROJECT).as_posix(): unwanted_names(file.read_text(encoding="utf-8"))
        for file in sorted((PROJECT / package).rglob("*.py"))
    }


@pytest.mark.parametrize("package", PLAINLY_NAMED)
def test_identifiers_are_named_after_what_they_hold(package: str) -> None:
    """A weight is called `weights`, a row `row`: nothing is called `found` or `place`."""
    read = names_by_file(package)
    unwanted = {
        file: [(line, name) for line, name in names if (file, name) not in WRITTEN_KEYS]
        for file, names in read.items()
    }
    assert read
    assert {file: names for file, names in unwanted.items() if names} == {}


def test_every_exception_is_needed() -> None:
    """A key that is no longer written is taken off the list."""
    used = {
        (file, name)
        for package in PLAINLY_NAMED
        for file, names in names_by_file(package).items()
        for _, name in names
    }
    assert used >= WRITTEN_KEYS


@pytest.mark.parametrize(
    "source",
    [
        "found = 1",
        "def place(): ...",
        "def f(who): ...",
        "f(more=1)",
        "x.told",
        "class Place: ...",
        "_asked = 1",
        "import a as said",
    ],
)
def test_an_unwanted_name_is_found(source: str) -> None:
    """Wherever a name is given, so that the test above can fail; `placed` and `not_found` are let through."""
    assert len(unwanted_names(source)) == 1
    assert unwanted_names("placed = not_found + replace") == []
