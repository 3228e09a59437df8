"""HTML is in templates, and what a template is given is escaped."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from training.pages.html import environment

PAGES = Path(__file__).parents[2] / "training" / "pages"
TAG = re.compile(r"</?[a-z][a-z0-9]*[ >/]")
DRAWINGS = {"svg.py", "plots.py"}
CELLS = {"html.py", "tables.py"}
"""Markup of a cell: a link, code, lines."""


def markup(file: Path) -> set[str]:
    """List the texts of a module that hold a tag, docstrings aside."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {str(node.value) for node in texts if id(node) not in documented and TAG.search(f"{node.value}")}


def test_no_module_builds_html() -> None:
    """Drawings and the few marks of a cell are the exceptions."""
    found = {file.name: markup(file) for file in PAGES.rglob("*.py") if file.name not in DRAWINGS | CELLS}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize("name", sorted(CELLS))
def test_marks_of_cells_are_escaped_by_format(name: str) -> None:
    """They are whole marks filled by `Markup.format`, never by an f-string."""
    (file,) = PAGES.rglob(name)
    formatted = (
        node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.JoinedStr)
    )
    assert not [ast.unparse(node) for node in formatted if TAG.search(ast.unparse(node))]
    assert markup(file)


def test_templates_escape_what_they_are_given() -> None:
    """None turns escaping off or marks a value as safe."""
    names = environment().list_templates()
    assert {"page.html", "pieces.html", "quality.html", "report.html", "comparison.html"} <= set(names)
    for name in names:
        source = (PAGES / "templates" / name).read_text(encoding="utf-8")
        assert not re.search(r"autoescape|\|\s*safe\b", source)


def test_a_name_that_is_not_given_is_an_error() -> None:
    """A page never has an empty place for a misspelled name."""
    with pytest.raises(UndefinedError, match="'heading' is undefined"):
        environment().from_string("<h1>{{ heading }}</h1>").render()
