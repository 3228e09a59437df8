"""Questions of registries: notes on each field, with their source, in the draft of a mapping file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

from features.drafting.draft import Draft
from features.drafting.toml_text import quoted
from features.files.raw_table import RawTable
from features.mapping.file import mapping_of
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.project_files import DATA

PRESETS = DATA / "presets"
NAMES = tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))
"""Of the presets."""

WIDTH = 120
"""Characters of a line of notes."""

UNDRAFTED = '[table]\n\n[fields]\npatient_id = "?"  # check: name the column of pseudonyms\n'
"""A draft of a table whose headings are like no field."""


@dataclass(frozen=True)
class Question:
    """Which question of a registry gives a field.

    Parameters
    ----------
    field : str
        Of the schema.
    question, source : str
        What the form asks, and where that was read.
    entry : str
        Entry of a mapping file, as TOML; ``?`` for what the center has to say.
    columns : tuple of str
        Columns that a table must have for the entry to be used as it is; none if it never is.
    decide : bool
        Whether the center must decide before a guess is used: until then it is a comment.
    """

    field: str
    question: str
    source: str
    entry: str
    columns: tuple[str, ...] = ()
    decide: bool = False


@dataclass(frozen=True)
class Preset:
    """Questions of a registry, and what a center has to decide before.

    Parameters
    ----------
    registry : str
        Name and forms.
    decisions : tuple of str
        In words.
    questions : tuple of Question
        By field.
    """

    registry: str
    decisions: tuple[str, ...]
    questions: tuple[Question, ...]


def read_preset(name: str) -> Preset:
    """Read a preset.

    Parameters
    ----------
    name : str
        In `NAMES`.

    Returns
    -------
    preset : Preset

    Examples
    --------
    >>> NAMES
    ('cibmtr', 'ebmt')
    >>> read_preset("cibmtr").questions[0].columns
    ('crid',)
    """
    content = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
    fields: Mapping[str, Any] = {key: value for key, value in content.items() if isinstance(value, dict)}
    return Preset(
        registry=content["registry"],
        decisions=tuple(content["decisions"]),
        questions=tuple(_question(field, facts) for field, facts in fields.items()),
    )


def with_questions(drafted: Callable[[], Draft], table: RawTable, *, preset: str) -> Draft:
    """Draft a mapping file, and add the questions of a registry.

    Parameters
    ----------
    drafted : callable
        Drafts the mapping of the table.
    table : RawTable
        Of the site.
    preset : str
        In `NAMES`; blank adds nothing.

    Returns
    -------
    draft : Draft
        With a preset also of a table whose headings are like no field.

    Raises
    ------
    DataError
        If there is no such preset, or no draft can be made.
    """
    if not preset:
        return drafted()
    if preset not in NAMES:
        rule = f"the preset must be one of {', '.join(NAMES)}"
        raise DataError([Problem(Code.NOT_AN_OPTION, rule, value_text=preset)])
    try:
        draft = drafted()
    except DataError as error:
        if any(problem.code is not Code.NO_KNOWN_COLUMN for problem in error.problems):
            raise
        draft = Draft(UNDRAFTED, guessed=0, uncertain=0, unused=len(table.columns), not_found=0)
    text = with_preset(draft.text, read_preset(preset), table.columns, name=table.name)
    return replace(draft, text=text)


def with_preset(draft: str, known: Preset, columns: Collection[str], *, name: str) -> str:
    r"""Add the questions of a registry to a draft.

    Parameters
    ----------
    draft : str
        TOML of a mapping file.
    known : Preset
        Of the registry.
    columns : collection of str
        Headings of the table.
    name : str
        Of the draft, for messages.

    Returns
    -------
    text : str
        The draft, with a note before the field of each question. An entry of the registry takes the place
        of a guess if the table has its columns; the guess stays as a comment. Questions without a guess come
        at the beginning of the fields, as comments for the center to complete.

    Examples
    --------
    >>> draft = '[fields]\npatient_id = "id"\n'
    >>> asked = Question("patient_id", "CRID", "the manual", '"crid"', ("crid",))
    >>> print(with_preset(draft, Preset("X", (), (asked,)), ["id", "crid"], name="t.toml"))
    # X
    [fields]
    # patient_id: CRID [the manual]
    patient_id = "crid"
    # guessed: patient_id = "id"
    <BLANKLINE>
    """
    own_questions = [_as_in_table(question, columns) for question in known.questions]
    questions = {question.field: question for question in own_questions}
    lines = draft.splitlines()
    drafted = {field for line in lines if (field := _field_of(line)) in questions}
    lines = [each for line in lines for each in _noted(line, questions.get(_field_of(line)), columns)]
    open_questions = [
        line
        for question in own_questions
        if question.field not in drafted
        for line in (*_note(question), _entry(question, columns))
    ]
    start = lines.index("[fields]") + 1
    text = "\n".join([*_preamble(known), *lines[:start], *open_questions, *lines[start:]]) + "\n"
    # A draft that the reader refused would be of no use to anybody.
    mapping_of(tomllib.loads(text), name=name)
    return text


def _question(field: str, facts: Mapping[str, Any]) -> Question:
    return Question(
        field=field,
        question=facts["question"],
        source=facts["source"],
        entry=facts["entry"],
        columns=tuple(facts.get("columns", ())),
        decide=facts.get("decide", False),
    )


def _preamble(known: Preset) -> list[str]:
    return [
        f"# {known.registry}",
        *(line for each in known.decisions for line in _comment(f"Decide: {each}")),
    ]


def _comment(words: str) -> list[str]:
    """Write words as lines of comments, indented after the first."""
    return wrap(words, WIDTH, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False)


def _field_of(line: str) -> str:
    """Name the field whose entry a line of the draft is, also as a comment; blank if it is none."""
    entry = re.match(r"(?:# )?([a-z0-9_]+) = ", line)
    return entry[1] if entry else ""


def _noted(line: str, question: Question | None, columns: Collection[str]) -> list[str]:
    if question is None:
        return [line]
    if _applies(question, columns):
        return [*_note(question), _entry(question, columns), f"# guessed: {line.removeprefix('# ')}"]
    return [*_note(question), f"# {line}" if question.decide and not line.startswith("# ") else line]


def _note(question: Question) -> list[str]:
    decide = "; decide, then remove the #" if question.decide else ""
    return _comment(f"{question.field}: {question.question}{decide} [{question.source}]")


def _entry(question: Question, columns: Collection[str]) -> str:
    return f"{'' if _applies(question, columns) else '# '}{question.field} = {question.entry}"


def _applies(question: Question, columns: Collection[str]) -> bool:
    return bool(question.columns) and all(column in columns for column in question.columns)


def _as_in_table(question: Question, columns: Collection[str]) -> Question:
    """Write the columns of a question as the table does: a program may have written them in capitals."""
    written = {column.casefold(): column for column in columns}
    entry, named = question.entry, []
    for column in question.columns:
        own = column if column in columns else written.get(column.casefold(), column)
        entry = entry.replace(quoted(column), quoted(own))
        named.append(own)
    return replace(question, entry=entry, columns=tuple(named))
