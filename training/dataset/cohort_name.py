"""The name under which a cohort is recorded: its file's name may say more than should leave the center."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from features.problems import Refused

if TYPE_CHECKING:
    from features.cohort import Cohort

MOST_CHARACTERS = 100


def refuse_name(name: str, *, option: str = "--name") -> None:
    """Refuse a name for a cohort before any work is done.

    Raises
    ------
    Refused
        If it is blank, too long, or has line breaks or other control characters.

    Examples
    --------
    >>> refuse_name("")
    >>> refuse_name("   ")
    Traceback (most recent call last):
        ...
    features.problems.Refused: --name must be 1 to 100 printable characters
    """
    if name and (not name.strip() or len(name) > MOST_CHARACTERS or not name.isprintable()):
        message = f"{option} must be 1 to {MOST_CHARACTERS} printable characters"
        raise Refused(message)


def renamed(cohort: Cohort, name: str) -> Cohort:
    """Give a cohort the name under which bundle and MLflow know it.

    Parameters
    ----------
    cohort : Cohort
        Named after its file.
    name : str
        The other name; empty to keep the file's.

    Returns
    -------
    cohort : Cohort
        Everything else unchanged, its digest included.
    """
    return replace(cohort, name=name.strip()) if name else cohort
