"""What a table of results says, as Markdown and a picture: ``python -m tests.benchmarks.summary FILE``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from tests.benchmarks.cells import CellSummary, read_results, summarize
from tests.benchmarks.goals import Goal, goals
from tests.benchmarks.picture import draw

INTRODUCTION = """\
Synthetic cohorts with a known true risk (see `tests/benchmarks/worlds.py`). The excess is the log loss
above that of the true risk, averaged over cohorts. The ratio compares it with the best peer of the same
cell; its 90 % interval is from a bootstrap over cohorts. Every peer is tuned on the model's terms and on
the raw columns, and the better of the two counts. A peer that cannot be fitted counts as the prevalence.
With `--contenders`, peers far behind after four cohorts of a cell are not fitted further."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the summary and the picture; say how many goals are met."""
    asked = _parser().parse_args(arguments)
    results = read_results(asked.results)
    cells = summarize(results, asked.subject)
    if not cells:
        message = (
            f"{asked.results} has no cohort with {asked.subject} and a peer; run it with --resume --learners"
        )
        raise SystemExit(message)
    asked_for = goals(results, cells, asked.subject)
    if asked.markdown:
        asked.markdown.write_text(markdown(results, cells, asked_for, asked.subject), encoding="utf-8")
    if asked.picture:
        draw(results, asked.picture, subject=asked.subject)
    Console().print(_verdict(asked_for))


def markdown(results: pd.DataFrame, cells: list[CellSummary], asked: list[Goal], subject: str) -> str:
    """Write the summary as Markdown.

    Parameters
    ----------
    results : DataFrame
    cells : list of CellSummary
    asked : list of Goal
    subject : str

    Returns
    -------
    text : str
        Cells, goals, mean excess and seconds of every learner, and how often each could not be fitted.
    """
    return "\n\n".join(
        [
            f"# Recovery of a known risk: {subject}",
            INTRODUCTION,
            f"## Goals\n\n{_verdict(asked)}",
            _missed(asked),
            "## Results",
            _cell_table(cells),
            "## All goals",
            _goal_table(asked),
            "## Mean excess log loss",
            _wide(results, "excess", ["world", "outcome", "n"], ".4f"),
            "## Mean CPU time, seconds",
            _wide(results, "seconds", ["n"], ".2f"),
            "## Share of cohorts that fell back to the prevalence",
            _wide(results, "fell_back", ["n"], ".0%"),
            "",
        ]
    )


def _verdict(asked: list[Goal]) -> str:
    met, missed = (sum(goal.met is answer for goal in asked) for answer in (True, False))
    return f"{met} met, {missed} missed, {len(asked) - met - missed} not measured."


def _missed(asked: list[Goal]) -> str:
    """List where it falls short, before anything else is shown."""
    short = [goal for goal in asked if goal.met is False]
    lines = [f"* {goal.title}: {_number(goal.measured, '.3g')}, goal {_asked(goal)}" for goal in short]
    return "\n".join(["Missed goals:", "", *lines]) if lines else "No goal is missed."


def _cell_table(cells: list[CellSummary]) -> str:
    heading = (
        "world|outcome|n|cohorts|excess|best peer|its excess|ratio|90 % interval|coverage|width|median slope"
    )
    return _table(
        heading.split("|"),
        [
            [
                *(cell.world, cell.outcome, str(cell.n), str(cell.n_cohorts)),
                *(f"{cell.excess:.4f}", cell.peer, f"{cell.peer_excess:.4f}"),
                *(f"**{cell.ratio:.2f}**", f"{cell.low:.2f} to {cell.high:.2f}"),
                *(_number(value) for value in (cell.coverage, cell.width, cell.slope)),
            ]
            for cell in cells
        ],
    )


def _goal_table(asked: list[Goal]) -> str:
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [[goal.title, _asked(goal), _number(goal.measured, ".3g"), words[goal.met]] for goal in asked]
    return _table(["measure", "goal", "measured", "result"], rows)


def _asked(goal: Goal) -> str:
    if goal.lowest <= 0:
        return f"at most {goal.highest:.3g}"
    return f"at least {goal.lowest:g}" + (f", at most {goal.highest:g}" if np.isfinite(goal.highest) else "")


def _wide(results: pd.DataFrame, value: str, places: list[str], style: str) -> str:
    wide = results.pivot_table(index=places, columns="variant", values=value)
    rows = [
        [
            *(str(part) for part in (place if isinstance(place, tuple) else (place,))),
            *(_number(x, style) for x in row),
        ]
        for place, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return _table([*places, *wide.columns], rows)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float, style: str = ".2f") -> str:
    return "" if np.isnan(value) else format(value, style)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--subject", default="anchored", help="learner that is compared with the peers")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--picture", type=Path)
    return parser


if __name__ == "__main__":
    main()
