"""Texts that people read are in plain American English, and in the field's own terms in every language.

The phrases are in `tests/words.py`; every place that holds texts is one line of `PLACES`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import pytest
import typer

from tests.words import (
    UNWANTED,
    Text,
    help_texts,
    json_texts,
    markdown,
    module_texts,
    template,
    unwanted_in,
)
from training.commands.app import app as command_line

PROJECT = Path(__file__).parents[2]
DOCUMENTS = (
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *(f"docs/{page.name}" for page in sorted((PROJECT / "docs").glob("*.md"))),
    *(page.relative_to(PROJECT).as_posix() for page in sorted((PROJECT / ".github").glob("**/*.md"))),
)
TEMPLATES = tuple(
    page.relative_to(PROJECT).as_posix()
    for package in ("serving", "training")
    for page in sorted((PROJECT / package / "pages").rglob("*.html"))
)
MODULES = tuple(
    module.relative_to(PROJECT).as_posix()
    for package in ("features",)
    for module in sorted((PROJECT / package).rglob("*.py"))
)

PLACES: Mapping[str, Callable[[], Iterator[Text]]] = {
    **{name: partial(markdown, PROJECT / name) for name in DOCUMENTS},
    **{name: partial(template, PROJECT / name) for name in TEMPLATES},
    **{name: partial(module_texts, PROJECT / name) for name in MODULES},
    "help of the command line": partial(help_texts, command_line),
    "page in English": partial(json_texts, PROJECT / "serving/pages/texts/en.json", "en"),
    "page in Russian": partial(json_texts, PROJECT / "serving/pages/texts/ru.json", "ru"),
}
"""Where texts are, by the name that a failed check shows."""


@pytest.mark.parametrize("place", PLACES)
def test_texts_are_in_plain_words(place: str) -> None:
    """No unwanted phrase; reword the sentence, do not shorten the list."""
    texts = list(PLACES[place]())
    assert texts
    assert [problem for text in texts for problem in unwanted_in(text)] == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("The reader is told the result.", "told"),
        ("Told at once.", "Told"),
        ("A label stands for\nan outcome, but\n  for a grade.", "stands"),
        ("Open at any time, but\n  for the night.", "but for"),
        ("Twelve centres in colour.", "centres"),
    ],
)
def test_an_unwanted_phrase_is_found(sentence: str, found: str) -> None:
    """Whole words, upper or lower case, also over the end of a line."""
    assert unwanted_in(Text("sample", sentence))[0].endswith(f": {found}")


@pytest.mark.parametrize(
    "sentence", ["A retold story.", "The standstill.", "Center, leukemia, license, modeling.", "Toledo."]
)
def test_parts_of_words_are_let_through(sentence: str) -> None:
    """`told` is no part of `retold`."""
    assert unwanted_in(Text("sample", sentence)) == []


def test_every_language_has_its_own_phrases() -> None:
    """A Russian text is not searched for English ones, nor the other way round."""
    assert unwanted_in(Text("sample", "Таблицей", "ru")) == ["sample, line 1: Таблицей"]
    assert unwanted_in(Text("sample", "Таблицей", "en")) == []
    assert all(phrase == phrase.lower() for phrases in UNWANTED.values() for phrase in phrases)


def test_code_is_no_prose(tmp_path: Path) -> None:
    """Blocks, spans, comments and targets of links are left out; lines keep their number."""
    page = tmp_path / "page.md"
    page.write_text(
        "```bash\ntold\n```\n`told` [page](told.md) <!-- told -->\n\n    told\n\nA table:\n\n| told |\n"
    )
    (text,) = markdown(page)
    assert unwanted_in(text) == ["page.md, line 10: told"]


def test_markup_is_no_prose(tmp_path: Path) -> None:
    """Tags, comments and expressions of a template are left out; what is shown is not."""
    page = tmp_path / "page.html"
    page.write_text('{# told #}\n<p class="told">{{ told }} Each centre</p>\n')
    (text,) = template(page)
    assert unwanted_in(text) == ["page.html, line 2: centre"]


def test_texts_of_a_page_are_found_however_deep(tmp_path: Path) -> None:
    """The keys that lead to a text are in the message."""
    file = tmp_path / "en.json"
    file.write_text(json.dumps({"page": {"lead": ["Plain.", "Nobody knows."]}, "told": "Fine."}))
    problems = [problem for text in json_texts(file, "en") for problem in unwanted_in(text)]
    assert problems == ["en.json: page: lead, line 1: Nobody"]


def test_help_texts_are_read_of_commands_and_options() -> None:
    """As ``--help`` shows them."""
    app = typer.Typer()

    @app.command(help="Make a copy anew.")
    def copy(to: Annotated[str, typer.Option(help="Told by the user.")] = "") -> None:
        typer.echo(to)

    @app.command(help="List copies.")
    def show() -> None:
        typer.echo("")

    problems = [problem for text in help_texts(app) for problem in unwanted_in(text)]
    assert problems == ["copy --help, line 1: anew", "copy --help, to, line 1: Told"]


def test_messages_and_docstrings_of_a_module_are_read(tmp_path: Path) -> None:
    """Also those of an f-string; names, examples and single words are left out."""
    module = tmp_path / "module.py"
    module.write_text(
        '"""The reader is told so."""\n'
        'def refuse(found):\n    """Refuse.\n\n    Parameters\n    ----------\n    centre : str\n    """\n'
        '    raise ValueError(f"{found} stands alone in the file")\n'
        'WORDS = {"centre"}\n'
    )
    found = [problem for text in module_texts(module) for problem in unwanted_in(text)]
    assert [each.rpartition(": ")[2] for each in found] == ["told", "stands"]
