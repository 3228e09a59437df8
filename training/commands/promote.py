"""Promote a registered version: make it the champion, and release it for serving."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.problems import Refused
from training.commands.options import given_path


def command(
    version: Annotated[str, typer.Argument(help="Registered version or alias (default: newest)")] = "",
    force: Annotated[
        str, typer.Option(metavar="WHY", help="Promote despite failed checks; the reason is recorded")
    ] = "",
    previous: Annotated[bool, typer.Option("--previous", help="Promote the previous champion again")] = False,
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="Reason of the release, for its manifest; no patient data")
    ] = "",
    by: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the person who releases (default: the account)")
    ] = "",
    signing_key: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Private key that signs the release (cart-outcomes release keygen; "
            "default: CART_OUTCOMES_SIGNING_KEY)",
        ),
    ] = "",
) -> None:
    """Check a version, make it the champion and release it for serving."""
    promote(
        version or None,
        force or None,
        previous=previous,
        why=why,
        by=by,
        signing_key=given_path(signing_key),
    )


def promote(
    version: str | None,
    force: str | None,
    *,
    previous: bool = False,
    why: str = "",
    by: str = "",
    signing_key: Path | None = None,
    console: Console | None = None,
) -> None:
    """Release a version.

    Parameters
    ----------
    version : str or None
        The newest by default.
    force : str or None
        Why it is promoted despite failed checks; recorded with the version and every reason against it.
    previous : bool
        Whether to promote the previous champion again.
    why : str
        Reason of the release, for its manifest; may be empty.
    by : str
        Who releases it; the account by default.
    signing_key : Path, optional
        Private key that signs the release; that of the environment by default. Without one, the release is
        not signed.
    console : Console, optional
        Where the tag is printed; standard output by default.

    Raises
    ------
    GateError
        If a check failed and the promotion is not forced.
    TrackingError
        If there is no such version, or MLflow cannot be reached or refuses. What was released stays released.
    BundleError
        If the bundle is damaged or of another schema: that cannot be forced, since it could not be served.
    Refused
        If both a version and ``previous`` are named, the key cannot be used, or the release before is signed
        and no key is named.

    Examples
    --------
    >>> promote("2", None, previous=True)
    Traceback (most recent call last):
        ...
    features.problems.Refused: name a version or --previous, not both: version 2
    """
    if version and previous:
        message = f"name a version or --previous, not both: version {version}"
        raise Refused(message)
    # MLflow and BentoML take seconds to import.
    from training.commands.promotion_steps import take_steps
    from training.release.bento_store import releasing
    from training.release.sealing import Statement
    from training.release.signing_key import signing_key as read_key
    from training.tracking.model_registry import PREVIOUS

    statement = Statement(by=by, why=why, key=read_key(signing_key))
    with releasing():
        take_steps(PREVIOUS if previous else version, force, statement, console or Console())
