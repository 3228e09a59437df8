"""MLproject: entry points over the same command line."""

from __future__ import annotations

import shlex
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

from training.commands.app import imported

PROJECT = Path(__file__).parents[2]
STATED = yaml.safe_load((PROJECT / "MLproject").read_text(encoding="utf-8"))
ENTRIES = STATED["entry_points"]
EXAMPLES = {"cohort": "c.csv", "out": "o.csv", "patients": "30"}
"""Values of parameters without a default."""

GIVEN = "7"
"""A value that any parameter takes, as text, path or number."""

NOT_IN_ENTRIES = {
    ("compare", "limit"): "the table of all trainings is for a terminal",
    ("promote", "previous"): "the version named previous is the same",
    ("validate", "allow_training_cohort"): "a check that is passed over is passed over by hand",
}
"""Options that a command has and its entry does not, and why."""

EARLIER_NAME = ("report", "force")
"""A switch that is another option's, whose second word it shares."""

PARAMETERS = [(entry, name) for entry, stated in ENTRIES.items() for name in stated["parameters"]]


def words(entry: str, **given: str) -> tuple[str, list[str]]:
    """Fill in an entry's command: the command's name, and its arguments."""
    stated = ENTRIES[entry]
    defaults = {name: each.get("default") for name, each in stated["parameters"].items()}
    values = {name: EXAMPLES.get(name) if value is None else value for name, value in defaults.items()}
    quoted = {name: shlex.quote(str(value)) for name, value in {**values, **given}.items()}
    python, dash, module, name, *arguments = shlex.split(stated["command"].format(**quoted))
    assert (python, dash, module) == ("python", "-m", "training")
    return name, arguments


def parsed(entry: str, **given: str) -> tuple[str, dict[str, Any]]:
    """Parse an entry's command as the command line would, without running it; empty is as not given."""
    name, arguments = words(entry, **given)
    return name, stated_by(name, arguments)


def stated_by(name: str, arguments: list[str]) -> dict[str, Any]:
    """Parse arguments of a command."""
    params = imported(name).make_context(name, arguments).params
    return {each: None if value in ("", [""], ()) else value for each, value in params.items()}


def is_switch(entry: str, parameter: str) -> bool:
    """Whether a parameter is a word that becomes an option, since MLproject has no flags."""
    return f"--{{{parameter}}}" in ENTRIES[entry]["command"]


def switch_of(entry: str, parameter: str) -> Any:
    """Find the option that a word switches: the one that has the default word."""
    word = f"--{ENTRIES[entry]['parameters'][parameter]['default']}"
    (option,) = (each for each in imported(words(entry)[0]).params if word in each.opts + each.secondary_opts)
    return option


def test_entries_are_those_of_the_workflow() -> None:
    """Train by default, tune, check, simulate, score, validate, compare, promote, and the evidence."""
    assert set(ENTRIES) == {
        "main",
        "check",
        "simulate",
        "score",
        "report",
        "publication",
        "tune",
        "validate",
        "compare",
        "promote",
        "evidence",
    }


@pytest.mark.parametrize("entry", ENTRIES)
def test_command_line_understands_each_entry_with_its_defaults(entry: str) -> None:
    """Also where a parameter stays empty."""
    name, _ = parsed(entry)
    assert name == {"main": "train"}.get(entry, entry)


@pytest.mark.parametrize("entry", ENTRIES)
def test_parameters_are_strings(entry: str) -> None:
    """MLflow would copy or refuse a path; commands run in the project folder and read it themselves."""
    assert {stated["type"] for stated in ENTRIES[entry]["parameters"].values()} == {"string"}


@pytest.mark.parametrize("entry", ENTRIES)
def test_defaults_are_those_of_the_command_line(entry: str) -> None:
    """An entry of which nothing is changed does what the command does with the same files."""
    name, arguments = words(entry)
    least = list(takewhile(lambda word: not word.startswith("--"), arguments))
    for each in imported(name).params:
        stated = ENTRIES[entry]["parameters"].get(each.name, {"default": ""})
        if each.param_type_name == "option" and "default" not in stated:
            least += [each.opts[0], EXAMPLES[each.name]]
    assert parsed(entry)[1] == stated_by(name, least)


@pytest.mark.parametrize(("entry", "parameter"), [each for each in PARAMETERS if not is_switch(*each)])
def test_every_parameter_reaches_one_option(entry: str, parameter: str) -> None:
    """As it was given, and no other option changes."""
    before, after = parsed(entry)[1], parsed(entry, **{parameter: GIVEN})[1]
    changed = [value for name, value in after.items() if value != before[name]]
    assert changed in ([GIVEN], [[GIVEN]], [Path(GIVEN)], [int(GIVEN)])


@pytest.mark.parametrize(
    ("entry", "parameter"), [each for each in PARAMETERS if is_switch(*each) and each != EARLIER_NAME]
)
def test_every_switch_has_two_words(entry: str, parameter: str) -> None:
    """Each is understood, and sets the option to yes or no."""
    option = switch_of(entry, parameter)
    for side, words_of_side in ((True, option.opts), (False, option.secondary_opts)):
        (word,) = words_of_side
        found = parsed(entry, **{parameter: word.removeprefix("--")})[1]
        assert found == {**parsed(entry)[1], option.name: side}


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_option_of_a_command_is_in_its_entry(entry: str) -> None:
    """Or is listed with a reason."""
    name, _ = words(entry)
    switched = {
        switch_of(entry, each).name for each in ENTRIES[entry]["parameters"] if is_switch(entry, each)
    }
    stated = switched | set(ENTRIES[entry]["parameters"])
    missing = {(entry, each.name) for each in imported(name).params if each.name not in stated}
    assert missing == {each for each in NOT_IN_ENTRIES if each[0] == entry}


def test_words_of_an_unknown_switch_are_refused() -> None:
    """With the exit status of a usage error."""
    with pytest.raises(Exception, match="No such option: --perhaps") as refused:
        parsed("check", overwrite="perhaps")
    assert refused.value.exit_code == 2  # type: ignore[attr-defined]


def test_earlier_name_of_overwrite_is_understood() -> None:
    """Earlier scripts go on working."""
    entry, parameter = EARLIER_NAME
    assert parsed(entry, **{parameter: "force"})[1] == {**parsed(entry)[1], "force": True}
    assert parsed(entry, **{parameter: "keep"})[1] == parsed(entry)[1]


def test_validation_can_be_switched_off() -> None:
    """The switch is a word, since MLproject has no flags."""
    assert parsed("main", validation="no-validation")[1]["validation"] is False


def test_sources_are_parted_by_bars_since_citations_have_commas() -> None:
    """One parameter of MLproject names several."""
    from training.commands.options import listed_sources

    given = parsed("evidence", exclude_source="PMID:30728140|Hay 2017, Blood 130(21):2295")[1]
    assert listed_sources(given["exclude_source"]) == ("PMID:30728140", "Hay 2017, Blood 130(21):2295")


def test_file_name_with_blanks_stays_one_argument() -> None:
    """Values are quoted for the shell."""
    assert str(parsed("check", cohort="our cohort; 2026.csv")[1]["cohort"]) == "our cohort; 2026.csv"


def test_environment_is_the_lock_file() -> None:
    """The environment that uv builds has the versions that the tests ran with."""
    environment = yaml.safe_load((PROJECT / STATED["python_env"]).read_text(encoding="utf-8"))
    assert environment == {"python": "3.11", "dependencies": ["-r requirements.lock"]}
    assert (PROJECT / "requirements.lock").is_file()
