"""The command line: its commands, each in a module of its own, and the exit status.

A module is imported when its command runs or its own help is printed, so ``--help`` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from features.problems import Refused
from training.console.interruption import unwound
from training.console.screen import any_text_can_be_printed
from training.console.unused_objects import search_seldom

STOPPED = 130
"""Exit status after Ctrl-C."""

PLAIN: Mapping[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}
"""Settings of every command: plain text, and no shell completion."""

COMMANDS: Mapping[str, tuple[str, str]] = {
    "check": ("check", "Check a cohort file: list every problem, or summarize the cohort."),
    "import": ("import_table", "Convert a site's table to a cohort with the schema's columns and units."),
    "map": ("map_table", "Draft a mapping file for a site's table, to be completed by hand."),
    "simulate": ("simulate", "Simulate a cohort of synthetic patients with known true risks."),
    "train": ("train", "Train, validate and register the models of every outcome."),
    "tune": (
        "tune",
        "Tune hyperparameters with nested cross-validation; register the better of tuned and default.",
    ),
    "validate": ("validate", "Validate a version on an external cohort and test whether it needs updating."),
    "record": ("record", "Retry logging a finished run to MLflow."),
    "compare": ("compare", "Compare recorded runs side by side, or two versions on the same patients."),
    "promote": ("promote", "Check a version, make it the champion and release it for serving."),
    "release": ("release", "Make signing keys, list releases and verify them."),
    "score": ("score", "Predict risks for every infusion."),
    "publication": ("publication", "Write tables, figures and a model card for a manuscript."),
    "report": (
        "report",
        "Write a TRIPOD+AI report of a version, with every number a risk is computed from.",
    ),
    "repack": (
        "repack",
        "Add the scoring code to an earlier version, so it loads without this project installed.",
    ),
    "schema": ("schema", "Print the cohort schema as JSON Schema, or write the files generated from it."),
    "evidence": (
        "evidence",
        "Show the published evidence on each outcome, and the prior derived from it.",
    ),
    "serve": ("serve", "Serve predictions over HTTP."),
    "follow": ("follow", "Release MLflow's champion on this machine whenever it changes."),
    "keys": ("keys", "Create, list and revoke API keys of the service."),
    "answers": ("answers", "Set up, verify, erase from and export the record of answers."),
    "ui": ("ui", "Start the MLflow UI for the tracking database."),
    "relocate": ("relocate", "Update the tracking database after the project folder was moved or copied."),
    "demo": ("demo", "Run check, train, promote and serve on the bundled synthetic cohort."),
    "omop": ("omop", "Read a cohort from an OMOP database."),
    "redcap": ("redcap", "Set up a REDCap project whose exports need no mapping."),
}
"""Module of each command in `training.commands`, and the first line of its help."""


class ImportedWhenUsed(TyperGroup):
    """The commands of the table. All are listed without an import; one is imported to be used."""

    def __init__(self, **settings: Any) -> None:
        listed = {name: TyperCommand(name, help=line) for name, (_, line) in COMMANDS.items()}
        super().__init__(**{**settings, "commands": listed})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the module of a command; None if there is no such command."""
        return imported(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands as Typer does."""
        TyperGroup(commands={**self.commands}).format_commands(ctx, formatter)


app = typer.Typer(
    name="cart-outcomes",
    cls=ImportedWhenUsed,
    no_args_is_help=True,
    help="Outcome prediction for CAR T-cell therapy in B-ALL. Research software, not a medical device.",
    **PLAIN,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"cart-outcomes {version('cart-outcomes')}\n")
        raise typer.Exit


@app.callback()
def _cart_outcomes(
    *,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit"),
    ] = False,
) -> None:
    """Make the program a group of commands, although Typer is given none."""


def imported(name: str) -> Any:
    """Import a command: the function, or the group of subcommands, that its module calls ``command``.

    Parameters
    ----------
    name : str
        In `COMMANDS`.

    Returns
    -------
    command : Command of Typer

    Examples
    --------
    >>> imported("redcap").help
    'Set up a REDCap project whose exports need no mapping.'
    """
    command = import_module(f"training.commands.{COMMANDS[name][0]}").command
    if isinstance(command, typer.Typer):
        return typer.main.get_command(command)
    alone = typer.Typer(**PLAIN)
    alone.command(name)(command)
    return typer.main.get_command(alone)


def main() -> None:
    """Run a command; exit 0 done, 1 refused, 2 usage, 130 stopped."""
    # Neither library may call home from a hospital's network.
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    search_seldom()
    any_text_can_be_printed()
    try:
        with unwound([signal.SIGINT]):
            app()
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"{where}{error.strerror or error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        _end_as_stopped()
    except SystemExit as stop:
        if stop.code == STOPPED:
            _end_as_stopped()
        raise


def _end_as_stopped() -> NoReturn:
    sys.stderr.write("stopped\n")
    sys.exit(STOPPED)
