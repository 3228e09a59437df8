"""The help of the command line: imperatives, phrases that stand alone, plain American English."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer

from tests.command_line import commands
from training.commands.app import app, imported

PHRASES = (
    *("told", "tells of", "stands", "anew", "so many", "whoever", "but for", "as it was", "calls for"),
    *("called for", "is asked", "parted", "nought", "nobody", "said", "all the same", "at all"),
)
"""Words that no help uses."""

BRITISH = re.compile(
    r"\b(centre|tumour|colour|behaviour|favour|grey|analyse|catalogue|programme|licence|modell|labell|haem"
    r"|anaem|oedema|paediatric)|leukaem|\b(summar|optim|minim|random|normal|initial|recogn|organ|standard)is",
    re.IGNORECASE,
)

VERBS = {
    *("Add", "Check", "Compare", "Convert", "Create", "Draft", "Erase", "Export", "List", "Predict", "Print"),
    *("Read", "Release", "Remove", "Report", "Retry", "Revoke", "Verify"),
    *("Run", "Serve", "Set", "Show", "Simulate", "Start", "Train", "Tune", "Update", "Validate", "Write"),
}
"""Imperatives that a command may start with."""

OPENS_A_FRAGMENT = ("Also ", "By ", "For ", "In ", "Of ", "That ", "The ", "Where ", "With ")
"""Starts of a help that needs another text before it."""


COMMANDS = {
    "cart-outcomes": typer.main.get_command(app),
    "omop": imported("omop"),
    "redcap": imported("redcap"),
    **dict(commands()),
}
PARAMETERS: dict[str, Any] = {
    f"{name} {parameter.opts[0]}": parameter for name, each in COMMANDS.items() for parameter in each.params
}


def word_faults(text: str) -> list[str]:
    """List the unwanted words and spellings of a text."""
    phrases = [phrase for phrase in PHRASES if re.search(rf"\b{phrase}\b", text, re.IGNORECASE)]
    return phrases + [found.group() for found in BRITISH.finditer(text)]


def command_faults(text: str) -> list[str]:
    """List what is wrong with the help of a command."""
    faults = word_faults(text)
    faults += [] if re.split(r"\W", text)[0] in VERBS else ["starts with no imperative"]
    return faults + ([] if text.endswith(".") else ["ends without a period"])


def option_faults(text: str) -> list[str]:
    """List what is wrong with the help of an option or argument."""
    faults = word_faults(text)
    faults += [] if text[:1].isupper() else ["starts with no capital"]
    faults += ["is a fragment"] if text.startswith(OPENS_A_FRAGMENT) else []
    return faults + (["ends with a period"] if text.endswith(".") else [])


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_is_an_imperative_sentence(name: str) -> None:
    """The program's own help says what it is."""
    text = COMMANDS[name].help or ""
    assert (word_faults(text) if name == "cart-outcomes" else command_faults(text)) == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_help_of_an_option_is_a_phrase_that_stands_alone(name: str) -> None:
    """Every option and argument has one."""
    assert option_faults(PARAMETERS[name].help or "") == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Answer for patients over HTTP.", "starts with no imperative"),
        ("Write the schema", "ends without a period"),
        ("Validate a version and ask which update it calls for.", "calls for"),
        ("Train at a centre.", "centre"),
        ("Summarise a cohort.", "Summaris"),
    ],
)
def test_a_wrong_help_of_a_command_is_found(text: str, fault: str) -> None:
    """So that the tests above can fail."""
    assert fault in command_faults(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "starts with no capital"),
        ("Cohort file to write.", "ends with a period"),
        ("Of the outer cross-validation", "is a fragment"),
        ("Use the published rows at all", "at all"),
        ("Modelling of leukaemia", "leukaem"),
    ],
)
def test_a_wrong_help_of_an_option_is_found(text: str, fault: str) -> None:
    """So that the tests above can fail."""
    assert fault in option_faults(text)
