"""The file of a league table: each model's measures, written by a training and read by `compare`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.measures import IN_LEAGUE, IN_TERMINAL
from serving.model.measured import Measured

LEAGUE_FILE = "league.json"
"""A league table as an artifact of a parent run, which MLflow shows and compares."""
IN_FILE = tuple(dict.fromkeys((*IN_LEAGUE, *IN_TERMINAL)))
"""Measures in the artifact: all that `compare` prints, so that it reads one file and not a run a model."""
YES, NO = "yes", "no"


@dataclass(frozen=True)
class LeagueEntry:
    """One model or baseline in the table.

    Attributes
    ----------
    outcome : str
    horizon_days : int
    rank : int
        Within its outcome, 1 for the lowest log loss.
    model : str
    chosen : bool
        Whether it is in the bundle.
    measures : mapping of str to Measured
        Each of `IN_FILE`, with its 90 % interval.
    """

    outcome: str
    horizon_days: int
    rank: int
    model: str
    chosen: bool
    measures: Mapping[str, Measured]


def league_grid(entries: Sequence[LeagueEntry]) -> dict[str, dict[str, list[object]]]:
    """Give the table its file, column by column; no file where nothing was validated."""
    if not entries:
        return {}
    read: dict[str, Callable[[LeagueEntry], object]] = {
        "outcome": lambda entry: entry.outcome,
        "horizon_days": lambda entry: entry.horizon_days,
        "rank": lambda entry: entry.rank,
        "model": lambda entry: entry.model,
        "in_bundle": lambda entry: YES if entry.chosen else NO,
    }
    columns = {name: [get(entry) for entry in entries] for name, get in read.items()}
    for name in IN_FILE:
        figures = [entry.measures[name] for entry in entries]
        for end, column in zip(("value", "low", "high"), _columns(name), strict=True):
            columns[column] = [getattr(figure, end) for figure in figures]
    return {LEAGUE_FILE: columns}


def read_league(table: Mapping[str, Sequence[Any]]) -> list[LeagueEntry]:
    """Read back what `league_grid` wrote.

    Parameters
    ----------
    table : mapping of str to sequence
        ``columns`` and ``data``, as MLflow keeps a table.

    Returns
    -------
    entries : list of LeagueEntry
        Empty where the file has not all columns, as those of earlier releases.

    Examples
    --------
    >>> read_league({"columns": ["outcome", "model", "log_loss"], "data": [["relapse", "ridge", 0.5]]})
    []
    """
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    if any(column not in row for row in rows for name in IN_FILE for column in _columns(name)):
        return []
    return [
        LeagueEntry(
            outcome=str(row["outcome"]),
            horizon_days=int(row["horizon_days"]),
            rank=int(row["rank"]),
            model=str(row["model"]),
            chosen=row["in_bundle"] == YES,
            measures={name: Measured(*(row[column] for column in _columns(name))) for name in IN_FILE},
        )
        for row in rows
    ]


def _columns(name: str) -> tuple[str, str, str]:
    """Name the columns of a measure and of the ends of its interval."""
    return name, f"{name}_low", f"{name}_high"
