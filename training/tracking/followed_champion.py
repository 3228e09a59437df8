"""A machine that releases what another one has promoted: its pointer follows MLflow's alias `champion`."""

from __future__ import annotations

from features.problems import Refused
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import Stored, stored
from training.release.bento_store import clear_prepared, discard, prepare, prepared, releasing
from training.release.journal import Journal, write_journal
from training.release.sealing import Statement, log_to_continue, seal
from training.tracking.interrupted_promotion import finish, settle
from training.tracking.model_registry import Champion, champion, registered_bundle
from training.tracking.release_agreement import differs, release


def release_champion(statement: Statement) -> str:
    """Release MLflow's champion on this machine, unless it is the release already.

    The bundle is fetched, compared with the digests that its promotion recorded, sealed for this machine and
    stored; the pointer is moved last, as `promote` does it. What was interrupted before is finished or
    undone first.

    Parameters
    ----------
    statement : Statement
        What the manifest states: who releases it here, why, and the key that signs.

    Returns
    -------
    name : str
        Version that is released now, as answers name it; empty where nothing had to be done.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached.
    BundleError
        If the bundle is refused.
    Refused
        If the champion was never promoted or is altered, the release cannot be signed, or there is no
        champion any more: the release then stays.
    """
    with releasing():
        settle()
        current = champion()
        if current is None:
            _refuse_withdrawn()
            return ""
        if _is_released(current):
            return ""
        _refuse_unpromoted(current)
        log_to_continue(statement.key)
        _release(current, statement)
        return current.name


def _release(current: Champion, statement: Statement) -> None:
    clear_prepared()
    number, folder = registered_bundle(current.version)
    name = prepare(folder, number)
    if differs(current, stored(prepared(name))):
        discard(name)
        message = (
            f"version {current.name} in MLflow is not the bundle that was promoted: the digests differ. "
            f"Promote it again: cart-outcomes promote {current.version}"
        )
        raise Refused(message)
    line = seal(name, number, read_bundle(folder), statement)
    journal = Journal(number, current.digest, current.release_digest, name, previous="", line=line)
    write_journal(journal)
    finish(journal)


def _is_released(current: Champion) -> bool:
    released = _release_record()
    return released is not None and not differs(current, released)


def _release_record() -> Stored | None:
    """Read the record of the release; one that is damaged is replaced by the next release."""
    try:
        return release()
    except BundleError:
        return None


def _refuse_withdrawn() -> None:
    """Report a release whose version is champion no more, and no other one is."""
    released = _release_record()
    if released is not None:
        message = (
            f"version {released.name} is released on this machine, and MLflow has no champion any more. "
            "It is served until another version is promoted: cart-outcomes promote VERSION"
        )
        raise Refused(message)


def _refuse_unpromoted(current: Champion) -> None:
    """Refuse a version whose alias was set by hand: no check has looked at it."""
    if not current.release_digest:
        message = (
            f"version {current.name} was made champion without a promotion, so it was not checked. "
            f"Promote it: cart-outcomes promote {current.version}"
        )
        raise Refused(message)
