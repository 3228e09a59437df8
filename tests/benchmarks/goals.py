"""What is asked of the model that knows the literature, and whether the results answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.benchmarks.cells import CellSummary

OUTCOMES = ("relapse", "severe_crs")
SMALL = (8, 30, 60, 120, 250)
EXCEPT_NO_EFFECTS = ("right", "scattered", "half_wrong", "all_wrong", "interactions")

RATIOS: tuple[tuple[str, tuple[str, ...], Mapping[int, float]], ...] = (
    ("right", ("relapse",), {30: 0.7, 60: 0.6, 120: 0.6, 250: 0.6}),
    ("right", ("severe_crs",), {30: 0.5, 60: 0.5, 120: 0.55, 250: 0.55}),
    ("right", OUTCOMES, {1000: 0.75}),
    ("scattered", OUTCOMES, dict.fromkeys(SMALL, 0.7)),
    ("interactions", OUTCOMES, {**dict.fromkeys(SMALL, 0.6), 1000: 1.0}),
    ("half_wrong", OUTCOMES, {30: 1.2, 60: 1.0, 120: 0.9, 250: 0.9}),
    ("all_wrong", OUTCOMES, {30: 1.4, 60: 1.2, 120: 1.0, 250: 1.0, 500: 1.0, 1000: 1.0}),
    *((world, OUTCOMES, {4000: 1.0}) for world in EXCEPT_NO_EFFECTS),
)
"""World, outcomes, and by size the highest ratio of the mean excess log loss to the best peer's."""
ABOVE_PREVALENCE: Mapping[int, float] = {120: 0.02, 250: 0.01, 4000: 0.001}
"""By size the highest excess log loss beyond the prevalence's where nothing has an effect."""
COVERAGE: Mapping[str, tuple[float, float]] = {"scattered": (0.85, 0.95), "right": (0.85, np.inf)}
SLOPES, SLOPES_FROM = (0.8, 1.25), 120
SLOPE_WORLDS = ("right", "scattered")
HARM, HARM_SHARE, HARM_FROM = 0.03, 0.02, 30
HARM_WORLDS = ("right", "scattered", "no_effects", "interactions")
ADDITIVITY = 1e-6


@dataclass(frozen=True)
class Goal:
    """One goal, asked of one cell or of all.

    Attributes
    ----------
    title : str
    lowest, highest : float
        Within which the measured value must be.
    measured : float
        NaN where the cell was not run, or the value not measured.
    """

    title: str
    lowest: float
    highest: float
    measured: float

    @property
    def met(self) -> bool | None:
        """Whether it is met; None where it was not measured."""
        return None if np.isnan(self.measured) else bool(self.lowest <= self.measured <= self.highest)


def goals(results: pd.DataFrame, cells: list[CellSummary], subject: str) -> list[Goal]:
    """Hold the results against every goal.

    Parameters
    ----------
    results : DataFrame
        From `tests.benchmarks.cells.read_results`.
    cells : list of CellSummary
        Of the same results.
    subject : str
        Learner of whom the goals are asked.

    Returns
    -------
    goals : list of Goal
    """
    by_place = {(cell.world, cell.outcome, cell.n): cell for cell in cells}
    return [
        *_ratios(by_place),
        *_no_effects(by_place),
        Goal(
            f"share of single cohorts (n >= {HARM_FROM}) above prevalence + {HARM}",
            0.0,
            HARM_SHARE,
            harmed_share(results, subject),
        ),
        *_intervals(cells),
        *_slopes(cells),
        Goal(
            "reference and contributions against logit(risk)",
            0.0,
            ADDITIVITY,
            float(results.loc[results["learner"] == subject, "additivity"].max()),
        ),
    ]


def harmed_share(results: pd.DataFrame, subject: str) -> float:
    """Share of single cohorts in which the subject is worse than the prevalence by more than `HARM`."""
    counted = results[results["world"].isin(HARM_WORLDS) & (results["n"] >= HARM_FROM)]
    table = counted.pivot_table(
        index=["world", "outcome", "n", "cohort"], columns="learner", values="excess", aggfunc="min"
    )
    if not {subject, "prevalence"} <= set(table):
        return float("nan")
    both = table[[subject, "prevalence"]].dropna()
    return float((both[subject] > both["prevalence"] + HARM).mean())


Place = tuple[str, str, int]


def _ratios(cells: Mapping[Place, CellSummary]) -> Iterator[Goal]:
    for world, outcomes, by_size in RATIOS:
        for outcome in outcomes:
            for n, highest in by_size.items():
                measured = _of(cells, (world, outcome, n), lambda cell: cell.ratio)
                yield Goal(f"{world}, {outcome}, n = {n}: ratio to the best peer", 0.0, highest, measured)


def _no_effects(cells: Mapping[Place, CellSummary]) -> Iterator[Goal]:
    for (world, outcome, n), cell in cells.items():
        if world == "no_effects":
            title = f"{world}, {outcome}, n = {n}: excess, at most that of ridge"
            yield Goal(title, 0.0, cell.ridge, cell.excess if np.isfinite(cell.ridge) else float("nan"))
    for outcome in OUTCOMES:
        for n, highest in ABOVE_PREVALENCE.items():
            measured = _of(cells, ("no_effects", outcome, n), lambda cell: cell.excess - cell.prevalence)
            yield Goal(
                f"no_effects, {outcome}, n = {n}: excess beyond prevalence", -np.inf, highest, measured
            )


def _intervals(cells: list[CellSummary]) -> Iterator[Goal]:
    for cell in cells:
        if cell.world in COVERAGE:
            title = f"{cell.world}, {cell.outcome}, n = {cell.n}: coverage of the 90 % interval"
            yield Goal(title, *COVERAGE[cell.world], cell.coverage)


def _slopes(cells: list[CellSummary]) -> Iterator[Goal]:
    for cell in cells:
        if cell.world in SLOPE_WORLDS and cell.n >= SLOPES_FROM:
            yield Goal(f"{cell.world}, {cell.outcome}, n = {cell.n}: median slope", *SLOPES, cell.slope)


def _of(cells: Mapping[Place, CellSummary], place: Place, value: Callable[[CellSummary], float]) -> float:
    return value(cells[place]) if place in cells else float("nan")
