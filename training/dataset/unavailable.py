"""Why something could not be computed: a value of its own, so that no text is taken for a result."""

from __future__ import annotations

from dataclasses import dataclass

from features.problems import Problem


@dataclass(frozen=True)
class Unavailable:
    """In place of a result that could not be computed.

    Attributes
    ----------
    reason : str
        For people; it follows a colon, or "because".
    """

    reason: str


@dataclass(frozen=True)
class NoData:
    """Why a cohort has no data on an outcome.

    Attributes
    ----------
    reason : str
    recorded : bool
        Whether the outcome was recorded at all: then published evidence may replace the cohort.
    problem : Problem, optional
        The rows of the file that are the reason.
    """

    reason: str
    recorded: bool
    problem: Problem | None = None
