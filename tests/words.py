"""Words that are not used in texts for people, by language, and how each kind of text is read for them.

A text is finished when a hematologist and a native engineer read it aloud without slowing down.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

DIALECT = (
    *("told", "tells of", "stands", "stood", "anew", "so many", "whoever", "nobody", "nought", "parted"),
    *("but for", "as it was", "as it is given", "of which", "called for", "calls for", "call for"),
    *("is asked", "are asked", "asks for", "is said", "was said", "said so"),
    *("not knowing", "patients alike", "to take away", "the wrong way round", "lie too far apart"),
)
"""Phrases that slow a reader down; a plain verb and the field's term take their place."""

BRITISH = (
    *(
        "centre*",
        "leukaemia*",
        "tumour*",
        "haemato*",
        "haemo*",
        "anaemi*",
        "oedema*",
        "diarrhoea",
        "paediatric*",
    ),
    *("colour*", "behaviour*", "favour*", "honour*", "neighbour*", "labour*", "grey", "licence*", "defence"),
    *("modelling", "modelled", "labelling", "labelled", "cancelled", "cancelling", "travelling", "fulfil"),
    *(
        "analyse",
        "analysed",
        "analysing",
        "enrolment",
        "ageing",
        "judgement",
        "artefact*",
        "whilst",
        "amongst",
    ),
    *("learnt", "litre*", "metre*", "fibre*", "practise*"),
    *(
        f"{verb}{ending}"
        for verb in ("recogn", "organ", "summar", "optim", "minim", "maxim", "standard", "random", "normal")
        for ending in ("ise", "ised", "ises", "ising", "isation*")
    ),
)
"""British spellings; `*` is any ending."""

RUSSIAN = (
    *("с собой", "таблицей", "чтобы попробовать программу", "никто не проверял", "ни о чём не говорит"),
    *("подгоняется заново", "известно, что без события", "что считается"),
)
"""Phrases of the page that were replaced by the field's own."""

UNWANTED: Mapping[str, tuple[str, ...]] = {"en": (*DIALECT, *BRITISH), "ru": RUSSIAN}

CODE = re.compile(
    r"^```.*?^```|<!--.*?-->|`(?:[^`\n]|\n(?!\n))*`|\]\([^)]*\)|<?https?://\S+|(?<=\n\n)(?: {4}[^\n]*\n)+",
    re.MULTILINE | re.DOTALL,
)
"""What is no prose in Markdown: blocks and spans of code, comments, targets of links."""

EXAMPLES_AND_NAMES = re.compile(r"^ *>>> .*$|``[^`]*``|`[^`\n]*`|^ *\w+(?:, \w+)* : .*$", re.MULTILINE)
"""What is no prose in a docstring: examples, code, and names with their types."""

OTHER_PEOPLES_WORDS = {
    *(f"synthetic centre {letter}" for letter in "ABC"),
    "center centre site hospital institution clinic zentrum klinik центр клиника",
    "hemoglobin haemoglobin hgb hb hämoglobin hémoglobine hemoglobina emoglobina гемоглобин",
}
"""Values of the synthetic cohort, and headings that are recognized in tables of other people."""

MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<[^>]*>", re.DOTALL)
"""What is no prose in a template."""


@dataclass(frozen=True)
class Text:
    """One text and where it was read.

    Attributes
    ----------
    where : str
        File or command, for the message of a failed check.
    words : str
    language : str
        A key of `UNWANTED`.
    """

    where: str
    words: str
    language: str = "en"


def unwanted_in(text: Text) -> list[str]:
    r"""List every unwanted phrase of a text with its line.

    Parameters
    ----------
    text : Text

    Returns
    -------
    problems : list of str
        Empty for a text in plain words.

    Examples
    --------
    >>> unwanted_in(Text("page.md", "Each centre is\ntold."))
    ['page.md, line 1: centre', 'page.md, line 2: told']
    >>> unwanted_in(Text("page.md", "Each center is informed."))
    []
    """
    return [
        f"{text.where}, line {text.words.count(chr(10), 0, found.start()) + 1}: {' '.join(found[0].split())}"
        for found in _pattern(text.language).finditer(text.words)
    ]


def markdown(file: Path) -> Iterator[Text]:
    """Read the prose of a document; code keeps its lines, so that numbers of lines hold."""
    words = CODE.sub(lambda code: "\n" * code[0].count("\n"), file.read_text(encoding="utf-8"))
    yield Text(file.name, words)


def template(file: Path) -> Iterator[Text]:
    """Read what a page of HTML shows: without tags, and without comments and expressions of Jinja2."""
    words = MARKUP.sub(lambda tag: "\n" * tag[0].count("\n"), file.read_text(encoding="utf-8"))
    yield Text(file.name, words)


def json_texts(file: Path, language: str) -> Iterator[Text]:
    """Read every text of a file of texts, however deep it lies."""
    yield from _leaves(file.name, json.loads(file.read_text(encoding="utf-8")), language)


def help_texts(app: typer.Typer) -> Iterator[Text]:
    """Read what ``--help`` shows: of every command, of each of its arguments and options."""
    for name, command in _commands(typer.main.get_command(app), ""):
        yield Text(f"{name} --help", command.help or "")
        for parameter in command.params:
            yield Text(f"{name} --help, {parameter.name}", getattr(parameter, "help", None) or "")


def module_texts(file: Path) -> Iterator[Text]:
    """Read the texts of a module that have more than one word: docstrings, messages, advice, notes.

    Values of the synthetic cohort and words that are searched for in other people's tables are none: those
    are single words, or are named in `OTHER_PEOPLES_WORDS`.
    """
    source = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            words = EXAMPLES_AND_NAMES.sub("", node.value)
            if node.value not in OTHER_PEOPLES_WORDS:
                yield Text(f"{file.name}:{node.lineno}", words)


def _pattern(language: str) -> re.Pattern[str]:
    phrases = (
        re.escape(phrase).replace(r"\ ", r"\s+").replace(r"\*", r"\w*") for phrase in UNWANTED[language]
    )
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


def _leaves(where: str, value: object, language: str) -> Iterator[Text]:
    if isinstance(value, str):
        yield Text(where, value, language)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{where}: {key}", inner, language)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(where, inner, language)


def _commands(command: typer.main.click.Command, name: str) -> Iterator[tuple[str, typer.main.click.Command]]:
    yield name or "cart-outcomes", command
    for inner_name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{name} {inner_name}".strip())
