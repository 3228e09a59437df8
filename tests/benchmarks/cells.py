"""What the cohorts of a cell come to: means, the best peer, the ratio to it and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from features.columns import Values

NO_PEERS = ("anchored", "published")
"""Learners that know the literature; everything else is a peer."""
N_DRAWS = 2000
MOST_OF_THEM = 0.6
"""Share of the cohorts on which a peer must have been fitted to count."""
BOOTSTRAP_SEED = 20260101
RIDGES = ("ridge", "ridge_logistic")


@dataclass(frozen=True)
class CellSummary:
    """One world, outcome and size.

    Attributes
    ----------
    world, outcome : str
    n, n_cohorts : int
        Patients; cohorts that the subject and all peers were fitted on.
    excess : float
        Mean excess log loss of the subject.
    peer : str
        The peer with the lowest mean on the same cohorts.
    peer_excess, prevalence, ridge : float
        Mean excess log loss of the best peer, of the prevalence, of the better ridge.
    ratio, low, high : float
        Of the subject's mean to the best peer's, with a 90 % bootstrap interval over cohorts in which the
        best peer is found anew.
    coverage, width, slope : float
        Means of the 90 % interval, median slope; NaN where not measured.
    """

    world: str
    outcome: str
    n: int
    n_cohorts: int
    excess: float
    peer: str
    peer_excess: float
    prevalence: float
    ridge: float
    ratio: float
    low: float
    high: float
    coverage: float
    width: float
    slope: float


def read_results(file: Path) -> pd.DataFrame:
    """Read the table of results; rows that a killed run cut off are left out."""
    results = pd.read_csv(file)
    return results[results["excess"].notna()].assign(
        variant=results["learner"] + np.where(results["inputs"] == "raw", " (raw)", "")
    )


def summarize(results: pd.DataFrame, subject: str) -> list[CellSummary]:
    """Summarize every cell in which the subject and at least one peer were measured.

    Parameters
    ----------
    results : DataFrame
        From `read_results`.
    subject : str
        Learner that is compared with the others.

    Returns
    -------
    cells : list of CellSummary
        In the order of world, outcome and size.
    """
    return [
        _summary(world, outcome, n, table, rows[rows["learner"] == subject], subject)
        for (world, outcome, n), rows in results.groupby(["world", "outcome", "n"])
        for table in _complete(rows, subject)
    ]


def _complete(rows: pd.DataFrame, subject: str) -> Iterator[pd.DataFrame]:
    """Give the table of cohorts by variants, without cohorts that lack one; nothing where none is left.

    A peer that was left behind after some cohorts (see `tests.benchmarks.contenders`) counts no more.
    """
    kept = rows[~rows["learner"].isin([name for name in NO_PEERS if name != subject])]
    table = kept.pivot_table(index="cohort", columns="variant", values="excess")
    table = table.loc[:, table.notna().sum() >= MOST_OF_THEM * table.notna().sum().max()].dropna()
    if subject in table and table.shape[1] > 1 and len(table):
        yield table


def _summary(
    world: str, outcome: str, n: int, table: pd.DataFrame, own: pd.DataFrame, subject: str
) -> CellSummary:
    peers, subject_excess = table.drop(columns=subject), table[subject].to_numpy()
    best = str(peers.mean().idxmin())
    own = own[own["cohort"].isin(table.index)]
    low, high = np.quantile(_drawn_ratios(subject_excess, peers.to_numpy()), [0.05, 0.95])
    return CellSummary(
        *(world, outcome, n, len(table)),
        excess=float(subject_excess.mean()),
        peer=best,
        peer_excess=float(peers[best].mean()),
        prevalence=_mean_of(peers, ("prevalence",)),
        ridge=_mean_of(peers, RIDGES),
        ratio=float(subject_excess.mean() / peers[best].mean()),
        low=float(low),
        high=float(high),
        coverage=float(own["coverage"].mean()),
        width=float(own["width"].mean()),
        slope=float(own["slope"].median()),
    )


def _drawn_ratios(subject: Values, peers: Values) -> Values:
    """Ratios of means over cohorts drawn with replacement: shape (n_draws,)."""
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    counts = rng.multinomial(len(subject), np.full(len(subject), 1 / len(subject)), size=N_DRAWS)
    return (counts @ subject) / (counts @ peers).min(axis=1)


def _mean_of(peers: pd.DataFrame, names: tuple[str, ...]) -> float:
    """Lowest mean of the named; NaN where none was fitted."""
    means = peers.mean()[[name for name in names if name in peers]]
    return float(means.min()) if len(means) else float("nan")
