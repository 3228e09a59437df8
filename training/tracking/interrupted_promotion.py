"""An interrupted promotion: what is left to do, and doing or undoing it."""

from __future__ import annotations

from training.release.bento_store import clear_prepared, discard, is_whole, move_into_store, point_at
from training.release.journal import Journal, forget_journal, read_journal
from training.release.log_writing import can_log, is_logged, log_release
from training.tracking.model_registry import champion
from training.tracking.promotion import point_previous


def finish(journal: Journal) -> None:
    """Do what follows once a version is champion: the alias of the one before it, the log, then the release.

    The line in the log decides: from then on the release is finished, whatever happens to the alias.

    Parameters
    ----------
    journal : Journal
        Each step may have been done before.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses; the release has not changed.
    SignatureError
        If the log is broken, or was changed meanwhile; the release has not changed.
    """
    if journal.previous:
        point_previous(journal.previous)
    if journal.line:
        log_release(journal.line)
    move_into_store(journal.stored)
    point_at(journal.stored)
    forget_journal()


def settle() -> tuple[Journal | None, bool]:
    """Finish an interrupted promotion that was logged or whose version became champion, or undo it.

    Returns
    -------
    journal : Journal or None
        Of the interrupted promotion; None where none was interrupted.
    finished : bool
        Whether its version is champion and released now.

    Raises
    ------
    TrackingError
        If MLflow cannot be reached or refuses; nothing has changed.
    Refused
        If the journal is damaged, or the log is broken.
    """
    journal = read_journal()
    if journal is None:
        clear_prepared()
        return None, False
    if _to_finish(journal):
        finish(journal)
        clear_prepared()
        return journal, True
    discard(journal.stored)
    forget_journal()
    clear_prepared()
    return journal, False


def _to_finish(journal: Journal) -> bool:
    """Whether a promotion can only go forward: it is in the log, or its version is champion."""
    if not is_whole(journal.stored) or not (journal.line == "" or can_log(journal.line)):
        return False
    if journal.line and is_logged(journal.line):
        return True
    current = champion()
    return current is not None and (current.version, current.digest) == (journal.version, journal.digest)
