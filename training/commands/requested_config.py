"""Options that several commands fit or validate by, checked against the names that exist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from features.field import specs
from features.outcomes import OUTCOMES
from features.problems import Refused
from features.schema import FollowUp
from training.dataset.centers import FEWEST_CENTERS, centers_by_size
from training.dataset.fit_config import FitConfig

if TYPE_CHECKING:
    from features.cohort import Cohort


class UnknownName(Refused):
    """An option names something that does not exist."""


def requested_config(*, outcomes: tuple[str, ...], allow_grading: str, seed: int) -> FitConfig:
    """Check the names that several commands ask for.

    Raises
    ------
    UnknownName
        If there is no such outcome or scale.
    """
    config = FitConfig(allow_grading=_scale(allow_grading), seed=seed)
    return replace(config, outcomes=known("--outcome", outcomes or config.outcomes, OUTCOMES))


def known(option: str, names: tuple[str, ...], existing: Collection[str]) -> tuple[str, ...]:
    """Refuse names that do not exist; list each of the others once.

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
    training.commands.requested_config.UnknownName: --model forest is not one of anchored, ridge
    """
    for name in names:
        if name not in existing:
            message = f"{option} {name} is not one of {', '.join(existing)}"
            raise UnknownName(message)
    return tuple(dict.fromkeys(names))


def home_center_number(cohort: Cohort, name: str) -> int:
    """Find the center that a model is to predict for.

    Parameters
    ----------
    cohort : Cohort
    name : str
        As in the column ``center``; empty for a new center.

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
            f"--home-center needs a cohort of at least {FEWEST_CENTERS} centers; the column center of "
            f"{cohort.name} names {len(centers)}: omit --home-center"
        )
        raise UnknownName(message)
    if name not in centers:
        message = (
            f"--home-center {name} is not in the column center of {cohort.name}; "
            f"use one of {', '.join(sorted(centers))}"
        )
        raise UnknownName(message)
    return centers.index(name) + 1


def _scale(name: str) -> str:
    field = specs(FollowUp)["crs_grading_system"]
    if name and name not in field.options:
        message = f"--allow-grading {name}: {field.name} {field.rule}"
        raise UnknownName(message)
    return name
