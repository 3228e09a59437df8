"""The command line in this process: running it, listing its commands, and reading what is printed."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from rich.console import Console

from training.commands import app as cli


def commands(command: Any = None, name: str = "") -> Iterator[tuple[str, Any]]:
    """List every command by its name, those of groups too; the program and groups are none."""
    group = command or typer.main.get_command(cli.app)
    for each in group.commands:
        below, full = group.get_command(typer.Context(group), each), f"{name} {each}".strip()
        if hasattr(below, "commands"):
            yield from commands(below, full)
        else:
            yield full, below


def ran(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object
) -> tuple[object, str, str]:
    """Run a command: exit status, what it printed, and what it wrote on standard error."""
    monkeypatch.setattr(sys, "argv", ["cart-outcomes", *map(str, words)])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    printed = capsys.readouterr()
    return exit_.value.code, printed.out, printed.err


def paper() -> Console:
    """Make a console that keeps what a person would read."""
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    """Give what was printed on `paper`."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
