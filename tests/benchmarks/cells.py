"""What the cohorts of a cell come to: means, the best peer, the ratio to it and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.columns import Values
from tests.benchmarks.measures import ratio_of_means

PEERS_OF_OUR_OWN = ("ridge",)
"""Learners of this project that are ordinary ones, and so peers; the others are subjects."""
CELL = ("world", "setting", "outcome", "n")
N_DRAWS = 2000
MOST_OF_THEM = 0.6
"""Share of the cohorts on which a peer must have been fitted to count."""
BOOTSTRAP_SEED = 20260101
RIDGES = ("ridge", "ridge_logistic")
HARM = 0.03
"""Excess log loss beyond the prevalence's from which on a cohort is harmed."""


@dataclass(frozen=True)
class CellSummary:
    """One world, setting, outcome and size.

    Attributes
    ----------
    world, setting, outcome : str
    n, n_cohorts : int
        Patients; cohorts that the subject and all peers were fitted on.
    excess : float
        Mean excess log loss of the subject.
    peer : str
        The peer with the lowest mean on the same cohorts.
    peer_excess, prevalence, ridge : float
        Mean excess log loss of the best peer, of the prevalence, of the better ridge.
    ratio, error : float
        Of the subject's mean to the best peer's; standard error by the delta method, paired by cohort.
    low, high : float
        90 % bootstrap interval of the ratio over cohorts, in each of which the best peer is chosen again.
    coverage, width, slope : float
        Means of the 90 % interval, median slope; NaN where not measured.
    deciles : tuple of float
        Mean coverage by tenths of predicted risk, lowest first; empty where not measured.
    harmed : float
        Share of cohorts in which the subject is worse than the prevalence by more than `HARM`.
    effective_n : float
        Mean effective sample size that the subject states; NaN where it states none.
    """

    world: str
    setting: str
    outcome: str
    n: int
    n_cohorts: int
    excess: float
    peer: str
    peer_excess: float
    prevalence: float
    ridge: float
    ratio: float
    error: float
    low: float
    high: float
    coverage: float
    width: float
    slope: float
    deciles: tuple[float, ...]
    harmed: float
    effective_n: float


def read_results(file: Path) -> pd.DataFrame:
    """Read the table of results; rows that a killed run cut off are left out."""
    results = pd.read_csv(file, dtype={"deciles": str})
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
        _summary(cell, table, rows[rows["learner"] == subject], subject)
        for cell, rows in results.groupby(list(CELL))
        for table in _complete(rows, subject)
    ]


def _complete(rows: pd.DataFrame, subject: str) -> Iterator[pd.DataFrame]:
    """Give the table of cohorts by variants, without cohorts that lack one; nothing where none is left.

    A peer that was left behind after some cohorts (see `tests.benchmarks.contenders`) counts no more.
    """
    peer = (rows["inputs"] != "own") | rows["learner"].isin(PEERS_OF_OUR_OWN)
    kept = rows[peer | (rows["learner"] == subject)]
    table = kept.pivot_table(index="cohort", columns="variant", values="excess")
    table = table.loc[:, table.notna().sum() >= MOST_OF_THEM * table.notna().sum().max()].dropna()
    if subject in table and table.shape[1] > 1 and len(table):
        yield table


def _summary(cell: tuple[Any, ...], table: pd.DataFrame, own: pd.DataFrame, subject: str) -> CellSummary:
    world, setting, outcome, n = cell
    peers, subject_excess = table.drop(columns=subject), table[subject].to_numpy()
    best = str(peers.mean().idxmin())
    own = own[own["cohort"].isin(table.index)]
    ratio, error = ratio_of_means(subject_excess, peers[best].to_numpy())
    low, high = np.quantile(_drawn_ratios(subject_excess, peers.to_numpy()), [0.05, 0.95])
    return CellSummary(
        *(world, setting, outcome, n, len(table)),
        excess=float(subject_excess.mean()),
        peer=best,
        peer_excess=float(peers[best].mean()),
        prevalence=_mean_of(peers, ("prevalence",)),
        ridge=_mean_of(peers, RIDGES),
        ratio=ratio,
        error=error,
        low=float(low),
        high=float(high),
        coverage=float(own["coverage"].mean()),
        width=float(own["width"].mean()),
        slope=float(own["slope"].median()),
        deciles=mean_deciles(own["deciles"]),
        harmed=_harmed(peers, subject_excess),
        effective_n=float(own["effective_n"].mean()),
    )


def mean_deciles(stated: pd.Series) -> tuple[float, ...]:
    """Average coverage by decile over cohorts.

    Examples
    --------
    >>> mean_deciles(pd.Series(["0.8 1.0", "1.0 1.0", None]))
    (0.9, 1.0)
    """
    measured = [[float(share) for share in text.split()] for text in stated.dropna() if text]
    return tuple(np.mean(measured, axis=0).tolist()) if measured else ()


def _harmed(peers: pd.DataFrame, subject: Values) -> float:
    if "prevalence" not in peers:
        return float("nan")
    return float((subject > peers["prevalence"].to_numpy() + HARM).mean())


def _drawn_ratios(subject: Values, peers: Values) -> Values:
    """Ratios of means over cohorts drawn with replacement: shape (n_draws,)."""
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    counts = rng.multinomial(len(subject), np.full(len(subject), 1 / len(subject)), size=N_DRAWS)
    return np.asarray((counts @ subject) / (counts @ peers).min(axis=1))


def _mean_of(peers: pd.DataFrame, names: tuple[str, ...]) -> float:
    """Lowest mean of the named; NaN where none was fitted."""
    means = peers.mean()[[name for name in names if name in peers]]
    return float(means.min()) if len(means) else float("nan")
