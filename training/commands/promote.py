"""Promote a registered version: make it the champion, and release it for serving."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from features.problems import Refused


def command(
    version: Annotated[str, typer.Argument(help="Registered version or alias (default: newest)")] = "",
    force: Annotated[
        str, typer.Option(metavar="WHY", help="Promote despite failed checks; the reason is recorded")
    ] = "",
    previous: Annotated[bool, typer.Option("--previous", help="Promote the previous champion again")] = False,
) -> None:
    """Check a version, make it the champion and release it for serving."""
    promote(version or None, force or None, previous=previous)


def promote(
    version: str | None, force: str | None, *, previous: bool = False, console: Console | None = None
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
        If both a version and ``previous`` are named.

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
    from training.tracking.model_registry import PREVIOUS

    with releasing():
        take_steps(PREVIOUS if previous else version, force, console or Console())
