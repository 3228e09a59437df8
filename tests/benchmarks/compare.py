"""Own learners against one of them, cohort by cohort: ``python -m tests.benchmarks.compare FILE``.

The ratio of mean excess log losses, with its standard error paired by cohort, tells which of two learners is
better where the ratio to a peer, with the noise of the peer, cannot.
"""

from __future__ import annotations

import argparse
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.cells import CELL, PEERS_OF_OUR_OWN, read_results
from tests.benchmarks.measures import ratio_of_means


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row a cell."""
    options = _parser().parse_args(arguments)
    results = read_results(options.results)
    own = results.loc[results["inputs"] == "own", "learner"]
    against = options.against or str(next(iter(own), "anchored"))
    for line in compared(results, against, options.learners):
        print(line)  # noqa: T201


def compared(results: pd.DataFrame, against: str, names: Sequence[str] = ()) -> Iterator[str]:
    """Write a Markdown table of learners against one of them.

    Parameters
    ----------
    results : DataFrame
        From `tests.benchmarks.cells.read_results`.
    against : str
        Learner that the others are compared with.
    names : sequence of str
        Learners, peers too; by default all own ones but the plain ridge.

    Yields
    ------
    line : str
        Cohorts that all of them were fitted on; excess of the one; of each other the ratio, its standard
        error and the coverage of its interval. A last row has the geometric mean of the ratios.
    """
    own = results.loc[results["inputs"] == "own", "learner"].unique()
    others = [name for name in names or own if name != against and (names or name not in PEERS_OF_OUR_OWN)]
    columns = [*CELL, "cohorts", f"{against} x 1000", *others]
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    ratios: list[list[float]] = []
    for cell, rows in results[results["learner"].isin([against, *others])].groupby(list(CELL)):
        table = rows.pivot_table(index="cohort", columns="learner", values="excess", aggfunc="min")
        table = table.reindex(columns=[against, *others]).dropna()
        if len(table):
            pairs = [ratio_of_means(table[name].to_numpy(), table[against].to_numpy()) for name in others]
            ratios.append([ratio for ratio, _ in pairs])
            yield _row(cell, table, pairs, rows.groupby("learner")["coverage"].mean())
    if ratios:
        means = [f"{mean:.3f}" for mean in np.exp(np.log(ratios).mean(axis=0))]
        yield f"| {' | '.join(['all', *[''] * (len(CELL) + 1), *means])} |"


def _row(
    cell: tuple[Hashable, ...], table: pd.DataFrame, pairs: list[tuple[float, float]], coverage: pd.Series
) -> str:
    """Write one cell: the first column of the table by itself, the others against it."""
    first, *others = table.columns
    shown = [f"{1000 * table[first].mean():.1f}{_covered(coverage[first])}"]
    shown += [
        f"{ratio:.2f} +- {error:.2f}{_covered(coverage[name])}"
        for name, (ratio, error) in zip(others, pairs, strict=True)
    ]
    return f"| {' | '.join([*map(str, cell), str(len(table)), *shown])} |"


def _covered(coverage: float) -> str:
    return "" if np.isnan(coverage) else f" ({coverage:.2f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--against", default="", help="the first own learner of the file by default")
    parser.add_argument("--learners", nargs="+", default=[], help="all own learners by default")
    return parser


if __name__ == "__main__":
    main()
