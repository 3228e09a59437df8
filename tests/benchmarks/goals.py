"""The goals of the model that knows the literature, and whether the results meet them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.benchmarks.cells import CELL, HARM, CellSummary

OUTCOMES = ("relapse", "severe_crs")

RATIOS: Mapping[str, Mapping[int, float]] = {
    "drawn": {30: 0.55, 60: 0.5, 120: 0.5, 250: 0.55},
    "random_sizes": {30: 0.65, 60: 0.6, 120: 0.6, 250: 0.65},
    "interactions": {30: 0.65, 60: 0.6, 120: 0.6, 250: 0.6},
    "half_wrong": {30: 0.95, 60: 0.9, 120: 0.85, 250: 0.8},
    "all_wrong": {30: 1.05, 60: 0.8, 120: 0.7, 250: 0.65},
    "wrong_predictors": {30: 1.05, 60: 1.0, 120: 0.95, 250: 0.9},
    "no_effects": {30: 1.3, 60: 1.3, 120: 1.2, 250: 1.2},
}
"""By world and size, the highest ratio of the mean excess log loss to the best peer's, for each outcome."""
RATIO_OF_MANY, MANY = 1.0, 4000
"""The highest ratio with this many patients."""
FEWEST_COHORTS, FEWEST_FOR_HARM = 40, 200
"""Cohorts of each cell of the table, and of each world over which harm is counted."""

COVERAGE = (0.85, 0.95)
DECILE, DECILE_OF_WRONG = 0.84, 0.80
WRONG, WRONG_SIZES = ("all_wrong", "wrong_predictors"), (30, 60)
"""Where the lower goal holds for the least covered tenth of predicted risk."""
INTERVALS_FROM = 30

SLOPES, SLOPES_FROM = (0.85, 1.2), 60
HARM_SHARE, HARM_SHARE_OF_ALL = 0.02, 0.05
SIGNS_WRONG = ("all_wrong", "all_wrong_same_products", "mirrored")
"""Worlds with a systematic error of the signs."""
HARM_FROM = 30
ADDITIVITY = 1e-6
SUMS = "reference and contributions against logit(risk)"


@dataclass(frozen=True)
class Goal:
    """One goal, of one cell or of all.

    Attributes
    ----------
    title : str
    lowest, highest : float
        Within which the measured value must be.
    measured : float
        NaN where the cell was not run, or the value not measured.
    error : float
        Standard error of what was measured; NaN where there is none.
    """

    title: str
    lowest: float
    highest: float
    measured: float
    error: float = float("nan")

    @property
    def met(self) -> bool | None:
        """Whether it is met; None where it was not measured."""
        return None if np.isnan(self.measured) else bool(self.lowest <= self.measured <= self.highest)


def goals(results: pd.DataFrame, cells: list[CellSummary], subject: str) -> list[Goal]:
    """Hold the results of plain cohorts against every goal.

    Parameters
    ----------
    results : DataFrame
        From `tests.benchmarks.cells.read_results`.
    cells : list of CellSummary
        Of the same results.
    subject : str
        Learner that is to meet the goals.

    Returns
    -------
    goals : list of Goal
    """
    plain = [cell for cell in cells if cell.setting == "plain"]
    own = results[results["learner"] == subject]
    return [
        *_ratios(plain),
        *_harm(results[results["setting"] == "plain"], subject),
        *_intervals(plain),
        *_slopes(plain),
        Goal(SUMS, 0.0, ADDITIVITY, float(own["additivity"].max())),
    ]


def harm_by_world(results: pd.DataFrame, subject: str) -> dict[str, tuple[int, float]]:
    """Count cohorts, by world, in which the subject is worse than the prevalence by more than `HARM`.

    Returns
    -------
    harm : dict of str to (int, float)
        Cohorts with at least `HARM_FROM` patients, and the share harmed.
    """
    counted = results[results["n"] >= HARM_FROM]
    table = counted.pivot_table(index=[*CELL, "cohort"], columns="learner", values="excess", aggfunc="min")
    if not {subject, "prevalence"} <= set(table):
        return {}
    both = table[[subject, "prevalence"]].dropna()
    harmed = both[subject] > both["prevalence"] + HARM
    return {str(world): (len(rows), float(rows.mean())) for world, rows in harmed.groupby(level="world")}


def _ratios(cells: list[CellSummary]) -> Iterator[Goal]:
    by_cell = {(cell.world, cell.outcome, cell.n): cell for cell in cells}
    nothing = float("nan")
    table: list[CellSummary] = []
    for world, by_size in RATIOS.items():
        for outcome in OUTCOMES:
            for n, highest in {**by_size, MANY: RATIO_OF_MANY}.items():
                cell = by_cell.get((world, outcome, n))
                title = f"{world}, {outcome}, n = {n}: ratio to the best peer"
                table += [cell] if cell and n != MANY else []
                measured = (cell.ratio, cell.error) if cell else (nothing, nothing)
                yield Goal(title, 0.0, highest, *measured)
    fewest = min((cell.n_cohorts for cell in table), default=nothing)
    yield Goal("cohorts of the cell with the fewest", FEWEST_COHORTS, np.inf, float(fewest))


def _harm(results: pd.DataFrame, subject: str) -> Iterator[Goal]:
    harm = harm_by_world(results, subject)
    for world, (_, measured) in harm.items():
        highest = HARM_SHARE_OF_ALL if world in SIGNS_WRONG else HARM_SHARE
        title = f"{world}: share of cohorts (n >= {HARM_FROM}) above prevalence + {HARM}"
        yield Goal(title, 0.0, highest, measured)
    if harm:
        fewest = min(n_cohorts for n_cohorts, _ in harm.values())
        yield Goal("cohorts over which harm is counted, fewest", FEWEST_FOR_HARM, np.inf, float(fewest))


def _intervals(cells: list[CellSummary]) -> Iterator[Goal]:
    for cell in cells:
        if cell.n < INTERVALS_FROM:
            continue
        title = f"{cell.world}, {cell.outcome}, n = {cell.n}: "
        yield Goal(title + "coverage of the 90 % interval", *COVERAGE, cell.coverage)
        wrong = cell.world in WRONG and cell.n in WRONG_SIZES
        least = min(cell.deciles, default=float("nan"))
        lowest = DECILE_OF_WRONG if wrong else DECILE
        yield Goal(title + "coverage of the least covered decile", lowest, np.inf, least)


def _slopes(cells: list[CellSummary]) -> Iterator[Goal]:
    for cell in cells:
        # Without effects there is no slope.
        if cell.world != "no_effects" and cell.n >= SLOPES_FROM:
            yield Goal(f"{cell.world}, {cell.outcome}, n = {cell.n}: median slope", *SLOPES, cell.slope)
