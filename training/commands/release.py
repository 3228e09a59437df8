"""Signed releases: make the site's keys, list the log, verify everything that is kept of releases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from features.problems import Refused
from training.commands.options import given_path
from training.commands.release_trust import ReleaseKeys
from training.console.screen import print_line

if TYPE_CHECKING:
    from serving.release.public_keys import PublicKeys
    from serving.release.release_log import Line

command = typer.Typer(
    name="release",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Make signing keys, list releases and verify them.",
)


@command.command("keygen")
def _keygen(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File of the new private key")],
) -> None:
    """Create a key pair for signing releases."""
    keygen(out)


@command.command("list")
def _list() -> None:
    """List all releases of this machine, and the head of their log."""
    list_releases()


@command.command("verify")
def _verify(
    release_keys: ReleaseKeys = "",
    head: Annotated[
        str, typer.Option(metavar="DIGEST", help="Head of the log that was noted earlier (release list)")
    ] = "",
) -> None:
    """Check the log, and manifest, signature and files of every stored release."""
    verify(given_path(release_keys), head=head)


def keygen(out: Path, *, console: Console | None = None) -> None:
    """Make a key pair: the private key in a file, the public key in the same name with ``.pub``.

    Parameters
    ----------
    out : Path
        New file of the private key, readable by its owner only.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If a file exists, or the passphrase of the environment cannot be read.
    """
    from training.release.signing_key import PASSPHRASE_VARIABLE, has_passphrase, make_key

    key, public = make_key(out)
    screen = console or Console()
    print_line(screen, f"key {key.id}: private key {out}, public key {public}")
    if not has_passphrase():
        print_line(screen, f"the private key is not encrypted; {PASSPHRASE_VARIABLE} would encrypt it")
    print_line(screen, f"sign with: cart-outcomes promote --signing-key {out}")
    print_line(screen, f"serve with: cart-outcomes serve --release-keys {public}")


def list_releases(*, console: Console | None = None) -> None:
    """Print the log of releases, one a line, the newest last.

    Parameters
    ----------
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If the log is broken.
    """
    from serving.release.release_log import log_file, read_log
    from training.release.release_review import current_line

    screen, log = console or Console(), read_log()
    if not log:
        print_line(screen, f"{log_file()} has no releases; release a model with cart-outcomes promote")
        return
    served = current_line(log)
    for line in log:
        print_line(screen, listed_release(line, served=line == served))
    print_line(screen, f"head of the log: {log[-1].digest}")


def verify(keys: Path | None = None, *, head: str = "", console: Console | None = None) -> None:
    """Verify the log and every stored release, and print what is wrong.

    Parameters
    ----------
    keys : Path, optional
        File of the accepted public keys; that of the environment by default.
    head : str
        Hash of a line that must still be in the log; empty for none.
    console : Console, optional
        Standard output by default.

    Raises
    ------
    Refused
        If anything is wrong, with all of it.
    """
    from training.release.release_review import review_releases

    review = review_releases(_public_keys(keys), head=head)
    screen = console or Console()
    for note in review.notes:
        print_line(screen, f"note: {note}")
    if review.problems:
        raise Refused("\n".join(review.problems))
    counts = f"lines of the log: {len(review.log)}, stored releases: {review.verified}"
    print_line(screen, f"verified; {counts}")


def listed_release(line: Line, *, served: bool) -> str:
    """State a line of the log as text on one line."""
    entry = line.entry
    facts = [
        f"{entry.number}",
        entry.promoted_at,
        f"version {entry.version}",
        entry.stored,
        f"by {entry.promoted_by or 'unknown'}",
        entry.gate,
        f"key {line.signature.key}" if line.is_signed else "unsigned",
        *(["SERVED"] if served else []),
    ]
    return "  ".join([*facts, *([entry.why] if entry.why else [])])


def _public_keys(keys: Path | None) -> PublicKeys | None:
    from serving.release.public_keys import accepted_release_keys, read_public_keys

    return read_public_keys(keys) if keys is not None else accepted_release_keys(os.environ)
