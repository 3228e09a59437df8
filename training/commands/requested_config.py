"""Options that several commands fit or validate by, checked against the names that exist."""

from __future__ import annotations

from dataclasses import replace

from features.outcomes import OUTCOMES
from training.dataset.fit_config import FitConfig
from training.dataset.known_names import UnknownName as UnknownName
from training.dataset.known_names import home_center_number as home_center_number
from training.dataset.known_names import known as known
from training.dataset.known_names import known_scale


def requested_config(*, outcomes: tuple[str, ...], allow_grading: str, seed: int) -> FitConfig:
    """Check the names that several commands ask for.

    Raises
    ------
    UnknownName
        If there is no such outcome or scale.
    """
    config = FitConfig(allow_grading=known_scale(allow_grading), seed=seed)
    return replace(config, outcomes=known("--outcome", outcomes or config.outcomes, OUTCOMES))
