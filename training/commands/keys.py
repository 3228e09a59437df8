"""API keys of the service: create, list, revoke. A key is shown once, and only its digest is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.problems import Refused
from serving.identity.caller import SCOPES
from training.commands.options import listed
from training.console.screen import print_line

if TYPE_CHECKING:
    from serving.identity.key_file import KeyRecord

DEFAULT_FILE = Path(".cart-outcomes/keys.json")
DEFAULT_SCOPES = ("predict", "read")
DEFAULT_DAYS, DEFAULT_OVERLAP_DAYS = 365, 7
MOST_DAYS = 3650

KeysFile = Annotated[Path, typer.Option("--keys", metavar="FILE", readable=False, help="File of API keys")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="ID of the key, as keys list shows it")]

command = typer.Typer(
    name="keys",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Create, list and revoke API keys of the service.",
)


@command.command("create")
def _create(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="Who or what will use the key")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help=f"What the key allows: {', '.join(SCOPES)}; repeatable (default: predict and read)",
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, max=MOST_DAYS, help="Days until the key expires (0: never)")
    ] = DEFAULT_DAYS,
    replace: Annotated[
        str, typer.Option(metavar="ID", help="ID of the key that this one replaces, with its scopes")
    ] = "",
    overlap_days: Annotated[
        int, typer.Option(min=0, max=MOST_DAYS, help="Days for which the replaced key is still accepted")
    ] = DEFAULT_OVERLAP_DAYS,
    keys: KeysFile = DEFAULT_FILE,
) -> None:
    """Create a key and print it once."""
    create(label, listed(scope), days=days, replace=replace, overlap_days=overlap_days, keys=keys)


@command.command("list")
def _list(keys: KeysFile = DEFAULT_FILE) -> None:
    """List all keys with their scopes, expiry and state."""
    list_keys(keys)


@command.command("revoke")
def _revoke(key_id: KeyId, keys: KeysFile = DEFAULT_FILE) -> None:
    """Revoke a key; a running service refuses it after a second."""
    revoke(key_id, keys=keys)


def create(
    label: str,
    scopes: tuple[str, ...] = (),
    *,
    days: int = DEFAULT_DAYS,
    replace: str = "",
    overlap_days: int = DEFAULT_OVERLAP_DAYS,
    keys: Path = DEFAULT_FILE,
    console: Console | None = None,
) -> None:
    """Create a key, and print it alone on standard output, so that a script can take it.

    Parameters
    ----------
    label : str
        Who or what will use it.
    scopes : tuple of str
        What it allows; by default those of the replaced key, or `DEFAULT_SCOPES`.
    days : int
        Days until it expires; 0 for never.
    replace : str
        Identifier of the key that it replaces; empty for none.
    overlap_days : int
        Days for which that key is still accepted.
    keys : Path
        File of keys; made if it is not there.
    console : Console, optional
        Where notes are printed; standard error by default.

    Raises
    ------
    Refused
        If the label or a scope is invalid, the replaced key is not active, or the file cannot be used.
    """
    from training.release.key_store import KeyStore, Period, checked_scopes

    allowed = checked_scopes(scopes or (() if replace else DEFAULT_SCOPES))
    period = Period(days=days, overlap_days=overlap_days)
    key, record = KeyStore(keys).create(_checked(label), allowed, period, replace=replace)
    typer.echo(key.text)
    screen = console or Console(stderr=True)
    print_line(screen, f"key {record.id} of {record.label}: {_what(record)}; it is not shown again")
    if replace:
        print_line(screen, f"key {replace} is accepted for {overlap_days} more days at most")
    print_line(screen, f"kept in {keys}; use it with: cart-outcomes serve --keys {keys}")


def list_keys(keys: Path = DEFAULT_FILE, *, console: Console | None = None) -> None:
    """Print what is kept of every key, one a line, the newest last.

    Parameters
    ----------
    keys : Path
        File of keys.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If the file cannot be used.
    """
    from training.release.key_store import KeyStore

    screen, now = console or Console(), datetime.now(UTC)
    records = KeyStore(keys).records()
    if not records:
        print_line(screen, f"{keys} has no keys; create one with cart-outcomes keys create LABEL")
    for record in records:
        print_line(screen, f"{record.id}  {record.state(now):<8} {_what(record)}  {record.label}")


def revoke(key_id: str, *, keys: Path = DEFAULT_FILE, console: Console | None = None) -> None:
    """Refuse a key from now on.

    Parameters
    ----------
    key_id : str
    keys : Path
        File of keys.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If there is no such key, it is revoked already, or the file cannot be used.
    """
    from training.release.key_store import KeyStore

    record = KeyStore(keys).revoke(key_id)
    print_line(console or Console(), f"key {record.id} of {record.label} is revoked")


def _checked(label: str) -> str:
    """Refuse a label that cannot be printed on one line."""
    from serving.identity.key_file import LABEL, LONGEST_LABEL

    if not 0 < len(label) <= LONGEST_LABEL or not re.fullmatch(LABEL, label):
        message = f"LABEL must have 1 to {LONGEST_LABEL} characters, on one line"
        raise Refused(message)
    return label


def _what(record: KeyRecord) -> str:
    """State scopes and expiry."""
    until = f"expires {record.expires:%Y-%m-%d}" if record.expires else "does not expire"
    return f"{','.join(record.scopes)}, {until}"
