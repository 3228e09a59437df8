"""Texts of pages and models in the rooms of training: plain American English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TRAINING = Path(__file__).parents[2] / "training"
ROOMS = ("dataset", "evidence", "fitting", "learners", "validation", "pages/quality", "pages/report")
UNWANTED = re.compile(
    r"\b(told|tells of|stands|stood|anew|so many|whoever|but for|as it was|calls? for|is asked|asks for"
    r"|parted|nought|nobody|said|of which|not knowing|had? a part in it|centre\w*|learnt|modelled|labelled"
    r"|licence|colour\w*|behaviour|judgement|leukaemia|tumour)\b",
    re.IGNORECASE,
)


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
