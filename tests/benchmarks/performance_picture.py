"""A picture of the serving benchmark.

``python -m tests.benchmarks.performance_picture RESULT --out docs/performance.png`` draws the file that
``tests.benchmarks.serving --out RESULT`` wrote.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from tests.benchmarks.served import MLFLOW, OURS
from tests.benchmarks.services import median_ratio
from tests.benchmarks.serving_result import ServingResult, read_result

STRONG, OTHERS = "#b3261e", ("#1b6ca8", "#9a9a9a", "#e9a23b", "#2a9d8f", "#8e6bbf", "#444444")
DASHES = ("-", "--", ":")
"""Of bundles: the first, the second, and so on."""
PANELS = {"p50": "p50 of an answer", "per_second": "answers a second", "cpu": "CPU an answer"}


def draw(result: ServingResult, file: Path) -> None:
    """Draw each measure as a ratio to the empty endpoint, by the number of clients.

    Parameters
    ----------
    result : ServingResult
    file : Path
        PNG to write.
    """
    figure = Figure(figsize=(3.6 * len(PANELS), 3.9), layout="constrained")
    for axes, (measure, title) in zip(figure.subplots(1, len(PANELS)), PANELS.items(), strict=True):
        _panel(axes, result, measure)
        axes.set_title(title, fontsize=11, fontweight="bold", loc="left")
    figure.axes[0].set_ylabel("times the empty endpoint", fontsize=10)
    figure.supxlabel("clients that ask at the same time", fontsize=10)
    lines, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    figure.savefig(file, dpi=170)


def styles(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Choose color and dashes of everything that was asked: one color a service, dashes by its bundle.

    Examples
    --------
    >>> list(styles(["empty", "cart-outcomes, a", "cart-outcomes, b"]).values())
    [('#1b6ca8', '-'), ('#b3261e', '-'), ('#b3261e', '--')]
    """
    kinds: dict[str, list[str]] = {}
    for name in names:
        kind = next((each for each in (OURS, MLFLOW) if name.startswith(each)), name)
        kinds.setdefault(kind, []).append(name)
    colors = dict(zip((kind for kind in kinds if kind != OURS), OTHERS, strict=False))
    return {
        name: (colors.get(kind, STRONG), DASHES[place % len(DASHES)])
        for kind, each in kinds.items()
        for place, name in enumerate(each)
    }


def _panel(axes: Axes, result: ServingResult, measure: str) -> None:
    looks = styles(list(result.service_of))
    for name in result.service_of:
        ratios = [
            median_ratio(
                result.figures(name, clients, measure), result.figures(result.reference, clients, measure)
            )
            for clients in result.clients
        ]
        color, dashes = looks[name]
        strong = name.startswith(OURS)
        axes.plot(
            result.clients,
            ratios,
            color=color,
            linestyle=dashes,
            linewidth=2.6 if strong else 1.3,
            marker="o",
            markersize=4,
            zorder=3 if strong else 2,
            label=name,
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(result.clients, [str(clients) for clients in result.clients])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(FixedLocator([0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
    axes.tick_params(labelsize=9)
    axes.grid(which="major", color="#e4e4e4", linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path, help="JSON file of tests.benchmarks.serving --out")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    given = parser.parse_args(arguments)
    draw(read_result(given.result), given.out)


if __name__ == "__main__":
    main()
