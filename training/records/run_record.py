"""One run as plain data, before MLflow has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from training.console.stopwatch import Period

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRIAL = "trial"
"""Tag ``kind`` of a run of hyperparameters that were tried."""


@dataclass(frozen=True)
class RunRecord:
    """One run.

    Attributes
    ----------
    name, description : str
        For people; the description is Markdown.
    parameters, tags : mapping of str to str
    metrics : mapping of str to float
        Measures that exist, by the names of `training.records.metric_names`.
    series : mapping of str to sequence of float
        Values step by step.
    figures : mapping of str to callable
        By file name; each draws when it is called, and may find nothing to draw.
    tables : mapping of str to str
        Text files by path.
    grids : mapping of str to mapping of str to list
        Tables that MLflow shows and compares, column by column, by file name.
    local : bool
        Whether patients of the cohort were used.
    period : Period or None
        When it was fitted; None for the moment of recording.
    note : str
        Follows the description in the run alone, not in a version.
    below : str
        Name of another child run of the same training, whose child this one is; empty for the parent itself.
    measured : str
        Version of the registered model that the run measures, by its name in answers; empty where it measures
        the model of its own training.
    """

    name: str
    description: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, list[float]] = field(default_factory=dict)
    figures: Mapping[str, Callable[[], Figure | None]] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    grids: Mapping[str, Mapping[str, list[object]]] = field(default_factory=dict)
    local: bool = True
    period: Period | None = None
    note: str = ""
    below: str = ""
    measured: str = ""
