"""What a table of results says, as Markdown and a picture: ``python -m tests.benchmarks.summary FILE``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from tests.benchmarks.cells import CELL, CellSummary, read_results, summarize
from tests.benchmarks.goals import Goal, goals
from tests.benchmarks.picture import draw

INTRODUCTION = """\
Synthetic cohorts with a known true risk (see `tests/benchmarks/worlds.py` and `settings.py`). The excess is
the log loss above that of the true risk, averaged over cohorts. The ratio compares it with the best peer of
the same cell, the published evidence without any patient included; its standard error is by the delta method,
paired by cohort. Every learner that is tuned is tuned on the model's terms and on the raw columns, and the
better of the two counts. A peer that cannot be fitted counts as the prevalence. With `--contenders`, peers
far behind after four cohorts of a cell are not fitted further."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the summary and the picture; say how many goals are met."""
    options = _parser().parse_args(arguments)
    results = read_results(options.results)
    cells = summarize(results, options.subject)
    if not cells:
        message = (
            f"{options.results} has no cohort with {options.subject} and a peer; "
            "run it with --resume --learners"
        )
        raise SystemExit(message)
    checked = goals(results, cells, options.subject)
    if options.markdown:
        options.markdown.write_text(markdown(results, cells, checked, options.subject), encoding="utf-8")
    if options.picture:
        draw(results, options.picture, subject=options.subject)
    Console().print(_verdict(checked))


def markdown(results: pd.DataFrame, cells: list[CellSummary], checked: list[Goal], subject: str) -> str:
    """Write the summary as Markdown.

    Parameters
    ----------
    results : DataFrame
    cells : list of CellSummary
    checked : list of Goal
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
            f"## Goals\n\n{_verdict(checked)}",
            _missed(checked),
            "## Results",
            _cell_table(cells),
            "## Coverage by decile of predicted risk",
            _decile_table(cells),
            "## All goals",
            _goal_table(checked),
            "## Mean excess log loss",
            _wide(results, "excess", list(CELL), ".4f"),
            "## Mean CPU time, seconds",
            _wide(results, "seconds", ["n"], ".2f"),
            "## Share of cohorts that fell back to the prevalence",
            _wide(results, "fell_back", ["n"], ".0%"),
            "",
        ]
    )


def _verdict(checked: list[Goal]) -> str:
    met, missed = (sum(goal.met is answer for goal in checked) for answer in (True, False))
    return f"{met} met, {missed} missed, {len(checked) - met - missed} not measured."


def _missed(checked: list[Goal]) -> str:
    """List where it falls short, before anything else is shown."""
    short = [goal for goal in checked if goal.met is False]
    lines = [f"* {goal.title}: {_number(goal.measured, '.3g')}, goal {_range(goal)}" for goal in short]
    return "\n".join(["Missed goals:", "", *lines]) if lines else "No goal is missed."


def _cell_table(cells: list[CellSummary]) -> str:
    heading = (
        "world|setting|outcome|n|cohorts|excess|best peer|its excess|ratio|standard error|90 % interval|"
        "harmed|coverage|width|median slope|effective n"
    )
    return _table(
        heading.split("|"),
        [
            [
                *(*_of(cell), str(cell.n_cohorts)),
                *(f"{cell.excess:.4f}", cell.peer, f"{cell.peer_excess:.4f}"),
                *(f"**{cell.ratio:.2f}**", _number(cell.error), f"{cell.low:.2f} to {cell.high:.2f}"),
                *(_number(cell.harmed, ".0%"), _number(cell.coverage), _number(cell.width)),
                *(_number(cell.slope), _number(cell.effective_n, ".0f")),
            ]
            for cell in cells
        ],
    )


def _decile_table(cells: list[CellSummary]) -> str:
    """Show coverage of the true risk from the lowest tenth of predicted risks to the highest."""
    rows = [[*_of(cell), *(_number(share) for share in cell.deciles)] for cell in cells if cell.deciles]
    return _table([*CELL, *(str(tenth) for tenth in range(1, 11))], rows)


def _of(cell: CellSummary) -> list[str]:
    return [cell.world, cell.setting, cell.outcome, str(cell.n)]


def _goal_table(checked: list[Goal]) -> str:
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = [
        [goal.title, _range(goal), _number(goal.measured, ".3g"), _number(goal.error, ".2g"), words[goal.met]]
        for goal in checked
    ]
    return _table(["measure", "goal", "measured", "standard error", "result"], rows)


def _range(goal: Goal) -> str:
    if goal.lowest <= 0:
        return f"at most {goal.highest:.3g}"
    return f"at least {goal.lowest:g}" + (f", at most {goal.highest:g}" if np.isfinite(goal.highest) else "")


def _wide(results: pd.DataFrame, value: str, columns: list[str], style: str) -> str:
    wide = results.pivot_table(index=columns, columns="variant", values=value)
    rows = [
        [
            *(str(part) for part in (at if isinstance(at, tuple) else (at,))),
            *(_number(x, style) for x in row),
        ]
        for at, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return _table([*columns, *wide.columns], rows)


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
