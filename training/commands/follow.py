"""Release on this machine what another one promotes."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.problems import Refused
from training.commands.options import given_path
from training.console.screen import announce

if TYPE_CHECKING:
    from training.release.signing_key import SigningKey

EVERY_SECONDS = 60
WHY = "champion in MLflow"
"""Reason of the release in its manifest."""


def command(
    every: Annotated[
        int, typer.Option(min=1, metavar="SECONDS", help="Time between two looks at the alias")
    ] = EVERY_SECONDS,
    once: Annotated[bool, typer.Option("--once", help="Look once, then end")] = False,
    signing_key: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Private key of this machine that signs the release (default: CART_OUTCOMES_SIGNING_KEY)",
        ),
    ] = "",
) -> None:
    """Release MLflow's champion on this machine whenever it changes."""
    follow(every=every, once=once, signing_key=given_path(signing_key))


def follow(*, every: int = EVERY_SECONDS, once: bool = False, signing_key: Path | None = None) -> None:
    """Release the champion now, and again whenever the alias `champion` names another version.

    A running service takes the release by itself. What cannot be released is reported once, and tried again
    at each look. Runs until it is stopped.

    Parameters
    ----------
    every : int
        Seconds between two looks.
    once : bool
        Whether to look once only.
    signing_key : Path, optional
        Private key that signs the release on this machine; that of the environment by default. Without one,
        the release is not signed.

    Raises
    ------
    Refused
        If the key cannot be used; with ``once``, if the champion cannot be released or MLflow cannot be
        reached.
    """
    from training.release.signing_key import signing_key as read_key

    key, problem = read_key(signing_key), ""
    while True:
        try:
            _look(key)
            problem = ""
        except (Refused, OSError) as error:
            if once:
                raise
            if str(error) != problem:
                sys.stderr.write(f"warning: {error}\n")
            problem = str(error)
        if once:
            return
        time.sleep(every)


def _look(key: SigningKey | None) -> None:
    # MLflow and BentoML take seconds to import.
    from training.release.sealing import Statement
    from training.tracking.followed_champion import release_champion
    from training.tracking.store import impatient

    with impatient():
        released = release_champion(Statement(by="cart-outcomes follow", why=WHY, key=key))
    if released:
        announce(f"version {released} is released on this machine")
