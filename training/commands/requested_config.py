"""Options that several commands fit or validate by, checked against the names that exist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from features.field import specs
from features.outcomes import OUTCOMES
from features.problems import Refused
from features.schema import FollowUp
from training.dataset.fit_config import FitConfig


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


def _scale(name: str) -> str:
    field = specs(FollowUp)["crs_grading_system"]
    if name and name not in field.options:
        message = f"--allow-grading {name}: {field.name} {field.rule}"
        raise UnknownName(message)
    return name
