"""Names that a user gives of outcomes, models, centers and scales, checked against those that exist."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from features.field import specs
from features.problems import Refused
from features.schema import FollowUp
from training.dataset.centers import FEWEST_CENTERS, centers_by_size

if TYPE_CHECKING:
    from features.cohort import Cohort


class UnknownName(Refused):
    """An option or argument names something that does not exist."""


def known(option: str, names: tuple[str, ...], existing: Collection[str]) -> tuple[str, ...]:
    """Refuse names that do not exist; list each of the others once.

    Parameters
    ----------
    option : str
        As the user writes it: ``--model`` on the command line, ``models`` in Python.
    names : tuple of str
    existing : collection of str

    Returns
    -------
    names : tuple of str
        Each once.

    Raises
    ------
    UnknownName
        If there is no such name.

    Examples
    --------
    >>> known("--model", ("ridge", "ridge"), ("anchored", "ridge"))
    ('ridge',)
    >>> known("--model", ("forest",), ("anchored", "ridge"))
    Traceback (most recent call last):
        ...
    training.dataset.known_names.UnknownName: --model forest is not one of anchored, ridge
    """
    for name in names:
        if name not in existing:
            message = f"{option} {name} is not one of {', '.join(existing)}"
            raise UnknownName(message)
    return tuple(dict.fromkeys(names))


def listed(names: str | Sequence[str]) -> tuple[str, ...]:
    """Give names as a tuple; one name need not be in a list.

    Examples
    --------
    >>> listed("relapse"), listed(["relapse", "death"]), listed([])
    (('relapse',), ('relapse', 'death'), ())
    """
    return (names,) if isinstance(names, str) else tuple(names)


def known_scale(name: str, *, option: str = "--allow-grading") -> str:
    """Refuse a grading scale that does not exist; empty for none.

    Raises
    ------
    UnknownName
        If there is no such scale.

    Examples
    --------
    >>> known_scale("lee_2014"), known_scale("")
    ('lee_2014', '')
    """
    field = specs(FollowUp)["crs_grading_system"]
    if name and name not in field.options:
        message = f"{option} {name}: {field.name} {field.rule}"
        raise UnknownName(message)
    return name


def home_center_number(cohort: Cohort, name: str, *, option: str = "--home-center") -> int:
    """Find the center that a model is to predict for.

    Parameters
    ----------
    cohort : Cohort
    name : str
        As in the column ``center``; empty for a new center.
    option : str
        As the user writes it.

    Returns
    -------
    number : int
        1 for the center with most infusions; 0 for a new center.

    Raises
    ------
    UnknownName
        If the cohort names fewer than three centers, or not this one.
    """
    if not name:
        return 0
    centers = centers_by_size(cohort.center)
    if len(centers) < FEWEST_CENTERS:
        message = (
            f"{option} needs a cohort of at least {FEWEST_CENTERS} centers; the column center of "
            f"{cohort.name} names {len(centers)}: omit {option}"
        )
        raise UnknownName(message)
    if name not in centers:
        message = (
            f"{option} {name} is not in the column center of {cohort.name}; "
            f"use one of {', '.join(sorted(centers))}"
        )
        raise UnknownName(message)
    return centers.index(name) + 1
