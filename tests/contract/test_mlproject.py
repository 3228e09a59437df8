"""MLproject: entry points over the same command line."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from training.commands.app import app

PROJECT = Path(__file__).parents[2]
STATED = yaml.safe_load((PROJECT / "MLproject").read_text(encoding="utf-8"))
ENTRIES = STATED["entry_points"]
EXAMPLES = {"cohort": "c.csv", "out": "o.csv", "patients": "30"}
"""Values of parameters without a default."""


LISTS = ("outcome", "model", "exclude_source")
"""Options that may be repeated; an entry gives them as one empty word."""


def parsed(entry: dict[str, Any], **given: str) -> tuple[str, dict[str, Any]]:
    """Parse an entry's command as the command line would, without running it."""
    defaults = {name: stated.get("default") for name, stated in entry["parameters"].items()}
    values = {name: EXAMPLES.get(name) if value is None else value for name, value in defaults.items()}
    quoted = {name: shlex.quote(str(value)) for name, value in {**values, **given}.items()}
    python, dash, module, name, *arguments = shlex.split(entry["command"].format(**quoted))
    assert (python, dash, module) == ("python", "-m", "training")
    command: Any = typer.main.get_command(app)
    return name, command.commands[name].make_context(name, arguments).params


def test_entries_are_those_of_the_workflow() -> None:
    """Train by default, tune, check, simulate, score, validate, compare, promote, and the evidence."""
    assert set(ENTRIES) == {
        "main",
        "check",
        "simulate",
        "score",
        "report",
        "tune",
        "validate",
        "compare",
        "promote",
        "evidence",
    }


@pytest.mark.parametrize("entry", ENTRIES)
def test_command_line_understands_each_entry_with_its_defaults(entry: str) -> None:
    """Also where a parameter stays empty."""
    name, _ = parsed(ENTRIES[entry])
    assert name == {"main": "train"}.get(entry, entry)


@pytest.mark.parametrize("entry", ENTRIES)
def test_parameters_are_strings(entry: str) -> None:
    """MLflow would copy or refuse a path; commands run in the project folder and read it themselves."""
    assert {stated["type"] for stated in ENTRIES[entry]["parameters"].values()} == {"string"}


def test_defaults_are_those_of_the_command_line() -> None:
    """An entry without parameters does what the command does on the bundled cohort."""
    command: Any = typer.main.get_command(app)
    plain = command.commands["train"].make_context("train", ["data/synthetic.csv"]).params
    _, found = parsed(ENTRIES["main"])
    assert {name: value or None for name, value in found.items() if value != [""]} == {
        name: value or None for name, value in plain.items() if name not in LISTS
    }


def test_validation_can_be_switched_off() -> None:
    """The switch is a word, since MLproject has no flags."""
    assert parsed(ENTRIES["main"], validation="no-validation")[1]["validation"] is False


def test_sources_are_parted_by_bars_since_citations_have_commas() -> None:
    """One parameter of MLproject names several."""
    from training.commands.options import listed_sources

    given = parsed(ENTRIES["evidence"], exclude_source="PMID:30728140|Hay 2017, Blood 130(21):2295")[1]
    assert listed_sources(given["exclude_source"]) == ("PMID:30728140", "Hay 2017, Blood 130(21):2295")


def test_file_name_with_blanks_stays_one_argument() -> None:
    """Values are quoted for the shell."""
    assert str(parsed(ENTRIES["check"], cohort="our cohort; 2026.csv")[1]["cohort"]) == "our cohort; 2026.csv"


def test_environment_is_the_lock_file() -> None:
    """The environment that uv builds has the versions that the tests ran with."""
    environment = yaml.safe_load((PROJECT / STATED["python_env"]).read_text(encoding="utf-8"))
    assert environment == {"python": "3.11", "dependencies": ["-r requirements.lock"]}
    assert (PROJECT / "requirements.lock").is_file()
