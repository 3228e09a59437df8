"""What the method's page says was measured is what the benchmark's page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[3] / "docs"
SIZES = ("30", "60", "120", "250")
COLUMNS = [(outcome, n) for outcome in ("relapse", "severe_crs") for n in SIZES]
Rows = dict[tuple[str, str, str], dict[str, str]]


def rows_of(text: str, heading: str) -> list[dict[str, str]]:
    """Read the table under a heading."""
    lines = text.split(f"## {heading}\n", 1)[1].strip().splitlines()
    names = [name.strip() for name in lines[0].strip("|").split("|")]
    rows = []
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        cells = [cell.strip(" *") for cell in line.removeprefix("|").removesuffix("|").split("|")]
        rows.append(dict(zip(names, cells, strict=True)))
    return rows


def by_cell(rows: list[dict[str, str]]) -> Rows:
    return {(row["world"], row["outcome"], row["n"]): row for row in rows if row["setting"] == "plain"}


@pytest.fixture
def benchmark() -> str:
    return (DOCUMENTS / "benchmark.md").read_text(encoding="utf-8")


@pytest.fixture
def cells(benchmark: str) -> Rows:
    """Rows of the benchmark by world, outcome and size."""
    return by_cell(rows_of(benchmark, "Results"))


@pytest.fixture
def page() -> str:
    return (DOCUMENTS / "model.md").read_text(encoding="utf-8")


def tables(page: str) -> list[dict[str, list[str]]]:
    """Read the tables whose rows are worlds and whose columns are sizes of both outcomes."""
    heads = [match.end() for match in re.finditer(r"\| world \| relapse, n = 30 \|.*\n\|[ -|]+\n", page)]
    found = []
    for start in heads:
        body = page[start:].split("\n\n")[0]
        lines = [line.strip("| ").split(" | ") for line in body.splitlines()]
        found.append({world.strip("`"): shown for world, *shown in lines})
    return found


def short(number: str | float) -> str:
    """Write as the page does."""
    return f"{float(number):.2f}".removeprefix("0")


def test_ratios_repeat_the_benchmark(page: str, cells: Rows) -> None:
    """With their standard errors, cell by cell, of 40 cohorts each."""
    ratios, _ = tables(page)
    assert len(ratios) == 7
    for world, shown in ratios.items():
        measured = [cells[world, outcome, n] for outcome, n in COLUMNS]
        assert shown == [f"{short(cell['ratio'])} +- {short(cell['standard error'])}" for cell in measured]
        assert {cell["cohorts"] for cell in measured} == {"40"}


def test_coverage_repeats_the_benchmark(page: str, benchmark: str, cells: Rows) -> None:
    """Overall and in the least covered tenth, cell by cell."""
    _, coverage = tables(page)
    tenths = by_cell(rows_of(benchmark, "Coverage by decile of predicted risk"))
    assert len(coverage) == 7
    for world, shown in coverage.items():
        expected = []
        for outcome, n in COLUMNS:
            least = min(float(tenths[world, outcome, n][str(tenth)]) for tenth in range(1, 11))
            expected.append(f"{short(cells[world, outcome, n]['coverage'])} ({short(least)})")
        assert shown[: len(COLUMNS)] == expected


def test_limits_repeat_the_benchmark(page: str, cells: Rows) -> None:
    """Figures in the list of limits."""
    said = " ".join(page.split("### Limits")[1].split("To repeat the benchmark")[0].split())
    relapse, crs = (cells["no_effects", outcome, "250"] for outcome in ("relapse", "severe_crs"))
    ratios = [f"{float(cell['ratio']):.1f}".removeprefix("0") for cell in (relapse, crs)]
    assert f"{ratios[0]} (relapse) and {ratios[1]} (severe CRS) times" in said
    assert "({} and {})".format(*(cell["excess"].removeprefix("0") for cell in (relapse, crs))) in said
    covered = [float(cells["wrong_predictors", "relapse", n]["coverage"]) for n in SIZES]
    assert f"{short(min(covered))} to {short(max(covered))} of the risks are inside" in said
    assert f"contain {short(cells['all_wrong', 'severe_crs', '30']['coverage'])} of the risks" in said


def test_the_readme_repeats_the_range_of_ratios(page: str) -> None:
    """Of the worlds whose signs are right, and of each other one."""
    readme = " ".join((DOCUMENTS.parent / "README.md").read_text(encoding="utf-8").split())
    ratios = {
        world: [float(text.split(" +- ")[0]) for text in shown] for world, shown in tables(page)[0].items()
    }
    right = [ratio for world in ("drawn", "random_sizes", "interactions") for ratio in ratios[world]]
    parts = [
        f"is {min(right):.1f} to {max(right):.1f} times",
        *(
            f"{min(ratios[world]):.1f} to {max(ratios[world]):.1f} if {words}"
            for world, words in (
                ("half_wrong", "half of the signs are wrong"),
                ("all_wrong", "all are"),
                ("wrong_predictors", "the literature names the wrong predictors"),
                ("no_effects", "nothing has an effect"),
            )
        ),
    ]
    for part in parts:
        assert f" {part}".replace(" 0.", " .") in readme
