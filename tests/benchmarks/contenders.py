"""Which peers are so far behind in a cell that fitting them on more cohorts would change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

FEWEST_TO_JUDGE = 4
"""Cohorts of a cell on which a peer must have been fitted before it is judged."""
ALWAYS = ("prevalence", "ridge", "evidence_only")
"""Peers that goals are stated against, and ridge as the plainest learner."""
SUBJECTS = ("own",)
"""Inputs of the learners that are compared with the peers."""


def behind(file: Path, *, factor: float) -> dict[tuple[str, str, str, int], frozenset[tuple[str, str]]]:
    """Name the peers that are behind in each cell.

    Parameters
    ----------
    file : Path
        Results so far; may not exist yet.
    factor : float
        A peer is behind with more than so many times the mean excess of the best; 0 for never.

    Returns
    -------
    behind : dict of (world, setting, outcome, n) to frozenset of (learner, inputs)
        Cells in which no peer is behind are left out.

    Examples
    --------
    >>> behind(Path("no-such-file.csv"), factor=1.5)
    {}
    """
    if factor <= 0 or not file.exists():
        return {}
    results = pd.read_csv(file)
    results = results[results["excess"].notna() & ~results["inputs"].isin(SUBJECTS)]
    left_behind: dict[Any, frozenset[Any]] = {}
    for cell, rows in results.groupby(["world", "setting", "outcome", "n"]):
        table = rows.pivot_table(index="cohort", columns=["learner", "inputs"], values="excess")
        judged = table.dropna()
        if len(judged) < FEWEST_TO_JUDGE:
            continue
        mean = judged.mean()
        far = [fit for fit in mean.index[mean > factor * mean.min()] if fit[0] not in ALWAYS]
        if far:
            left_behind[cell] = frozenset(far)
    return left_behind
