"""The table of commands: complete, as the commands say of themselves, and enough for `--help`."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module, metadata
from pkgutil import iter_modules

import pytest

from training import commands
from training.commands.app import COMMANDS, imported

SLOW = {"bentoml", "lifelines", "matplotlib", "mlflow", "optuna", "shap", "sklearn", "statsmodels", "xgboost"}
"""Libraries that take seconds to import, which no help text waits for."""

NEEDLESS = SLOW | {"jinja2", "numpy", "pandas", "pydantic", "rich", "scipy"}
"""Libraries that the list of commands does without."""

PROGRAM = """
import json, sys
from training.commands import app
sys.argv[0] = "cart-outcomes"
try:
    app.main()
except SystemExit as stop:
    print(json.dumps([stop.code, sorted(sys.modules)]), file=sys.stderr)
"""

EVERY_COMMAND = """
import json, sys
from training.commands.app import COMMANDS, imported
for name in COMMANDS:
    imported(name)
print(json.dumps(sorted(sys.modules)))
"""


def ran(program: str, *words: str) -> tuple[str, str]:
    """Run a program in a fresh Python: what it printed, and on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout, done.stderr


def answered(*words: str) -> tuple[int, str, set[str]]:
    """Run the command line in a fresh Python: exit status, everything printed, and the modules imported."""
    printed, errors = ran(PROGRAM, *words)
    errors, _, last = errors.rstrip().rpartition("\n")
    status, modules = json.loads(last)
    return status, printed + errors, set(modules)


def imported_commands(modules: set[str]) -> set[str]:
    """Give the modules of the room of commands."""
    room = f"{commands.__name__}."
    return {name.removeprefix(room) for name in modules if name.startswith(room)}


@pytest.mark.parametrize("name", COMMANDS)
def test_line_of_the_table_is_what_the_command_says_of_itself(name: str) -> None:
    """The name, and the first line of its help."""
    command = imported(name)
    assert (command.name, command.help.splitlines()[0]) == (name, COMMANDS[name][1])


def test_every_command_is_in_the_table() -> None:
    """Once, by its module; other modules of the room have no command."""
    modules = {
        each.name: import_module(f"{commands.__name__}.{each.name}")
        for each in iter_modules(commands.__path__)
    }
    with_command = [name for name, module in modules.items() if hasattr(module, "command")]
    assert sorted(module for module, _ in COMMANDS.values()) == sorted(with_command)


@pytest.mark.parametrize("words", [("--help",), ()], ids=["help", "nothing"])
def test_list_of_commands_imports_no_command(words: tuple[str, ...]) -> None:
    """Nor any library but Typer, so it is there at once; every command is listed."""
    status, printed, modules = answered(*words)
    assert status == (0 if words else 2)
    assert all(f"\n  {name} " in printed for name in COMMANDS)
    assert imported_commands(modules) == {"app"}
    assert not NEEDLESS & modules


def test_the_version_is_printed_without_a_command() -> None:
    """It is that of the installed package."""
    status, printed, modules = answered("--version")
    assert (status, printed.rstrip()) == (0, f"cart-outcomes {metadata.version('cart-outcomes')}")
    assert imported_commands(modules) == {"app"}
    assert not NEEDLESS & modules


def test_unknown_command_is_refused_with_those_like_it() -> None:
    """Exit status 2, and no command is imported to be suggested."""
    status, printed, modules = answered("promot")
    assert status == 2
    assert "No such command 'promot'. Did you mean 'promote', 'omop'?" in printed
    assert imported_commands(modules) == {"app"}
    assert not SLOW & modules


def test_no_help_waits_for_slow_libraries() -> None:
    """They are imported by the work, not with the options."""
    printed, _ = ran(EVERY_COMMAND)
    assert set(json.loads(printed)) & SLOW == set()
