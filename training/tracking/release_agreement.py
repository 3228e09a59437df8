"""Whether MLflow's champion is the release of this machine, by digest, and how to resolve a difference."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from features.problems import Refused
from serving.model.bundle_error import BundleError
from serving.model.released_bundle import Stored, released_bundle, stored
from training.release.journal import read_journal
from training.tracking.model_registry import BUNDLE_DIGEST, PREVIOUS, Champion, champion, versions
from training.tracking.runs import MODEL_NAME, answering, connected
from training.tracking.store import (
    DEFAULT_DATABASE,
    SQLITE,
    TRACKING_VARIABLE,
    database_file,
    impatient,
)


def release() -> Stored | None:
    """Read what BentoML's store records of the release; None where nothing was released.

    Raises
    ------
    BundleError
        If the record is damaged.
    """
    try:
        folder = released_bundle()
    except BundleError:
        return None
    return stored(folder)


def differs(current: Champion | None, released: Stored | None) -> bool:
    """Whether champion and release are two bundles.

    Parameters
    ----------
    current : Champion or None
        None where MLflow has no champion.
    released : Stored or None
        None where nothing was released on this machine: then nothing is served that could differ.

    Returns
    -------
    differs : bool
        By number and digest; by the digest of all files where both record it.

    Examples
    --------
    >>> released = Stored("cart_outcomes:v1", "1", "sha256:ab", "", ())
    >>> differs(Champion("1", "sha256:ab", "sha256:cd", ()), released)
    False
    >>> differs(Champion("1", "sha256:ef", "", ()), released), differs(None, released), differs(None, None)
    (True, True, False)
    """
    if released is None:
        return False
    if current is None or (current.version, current.digest) != (released.version, released.digest):
        return True
    both = current.release_digest and released.release_digest
    return bool(both) and current.release_digest != released.release_digest


def disagreement() -> str:
    """Compare MLflow's champion with the release of this machine.

    Returns
    -------
    words : str
        What differs and how to resolve it; empty where nothing does.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    BundleError
        If the record of the release is damaged.
    """
    journal, current, released = read_journal(), champion(), release()
    if journal is not None:
        return (
            f"the promotion of version {journal.version} was interrupted. "
            f"Finish it: cart-outcomes promote {journal.version}"
        )
    if released is None or not differs(current, released):
        return ""
    if current is None:
        return (
            f"version {released.name} is released on this machine, and MLflow has no champion. "
            f"{_keep(released) or 'Promote a version: cart-outcomes promote'}"
        )
    return (
        f"MLflow's champion is version {current.name}, and version {released.name} is released on this "
        "machine: `report` and `compare` use the former, `serve` and `score` the latter. "
        f"Release the champion: cart-outcomes promote {current.version}. {_keep(released)}"
    ).rstrip()


def warn_of_disagreement() -> None:
    """Print a disagreement on standard error, at the end of a command that has reached MLflow."""
    try:
        words = disagreement()
    except Refused as error:
        words = f"the release was not compared with MLflow's champion: {error}"
    _warn(words)


def warn_before_serving() -> None:
    """Print on standard error why the release may differ from the champion.

    MLflow need not be there: then the last release is used, verified by its digests.
    """
    if _no_database():
        why = "no runs are recorded in this folder"
        _warn(f"the release was not compared with MLflow's champion: {why}. The last release is used")
        return
    try:
        with impatient():
            words = disagreement()
    except Refused as error:
        words = f"the release was not compared with MLflow's champion: {error}. The last release is used"
    _warn(words)


def former(version: str, before: str) -> str:
    """Name the version that the alias `previous` is to name once a version is promoted.

    Parameters
    ----------
    version : str
        To be promoted.
    before : str
        Champion now; empty where there is none.

    Returns
    -------
    former : str
        The champion now. Where that is the version itself, made champion by hand while the alias `previous`
        named it, the last release of this machine. Empty where the alias stays as it is.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    """
    if before != version:
        return before
    with answering(), connected() as client:
        named = client.get_registered_model(MODEL_NAME).aliases.get(PREVIOUS)
    released = release()
    own = str(named or "") == version
    known = own and released is not None and released.version != version and _registered(released)
    return released.version if released is not None and known else ""


def _keep(released: Stored) -> str:
    """Say how to keep the release, where its version is still registered."""
    return f"Keep the release: cart-outcomes promote {released.version}" if _registered(released) else ""


def _registered(released: Stored) -> bool:
    with answering(), connected() as client:
        registered = {str(each.version): each.tags.get(BUNDLE_DIGEST) for each in versions(client)}
    return registered.get(released.version) == released.digest


def _no_database() -> bool:
    """Whether there is no SQLite database yet: opening it would make one."""
    named = os.environ.get(TRACKING_VARIABLE) or f"{SQLITE}{Path(DEFAULT_DATABASE).absolute()}"
    database = database_file(named)
    return database is not None and not (database.is_file() and database.stat().st_size)


def _warn(words: str) -> None:
    if words:
        sys.stderr.write(f"warning: {words}\n")
