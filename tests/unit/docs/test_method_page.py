"""What the method's page says was measured is what the benchmark's page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[3] / "docs"
CELL = re.compile(
    r"\| (?P<world>\w+) \| (?P<outcome>\w+) \| (?P<n>\d+) \| \d+ \| (?P<excess>[\d.]+) \| .*? \| [\d.]+ "
    r"\| \*\*(?P<ratio>[\d.]+)\*\* \| .*? \| (?P<coverage>[\d.]+) \| [\d.]+ \|"
)


@pytest.fixture
def cells() -> dict[tuple[str, str, str], dict[str, str]]:
    """Rows of the benchmark by world, outcome and size."""
    text = (DOCUMENTS / "benchmark.md").read_text(encoding="utf-8")
    found = [match.groupdict() for match in CELL.finditer(text)]
    return {(cell["world"], cell["outcome"], cell["n"]): cell for cell in found}


@pytest.fixture
def page() -> str:
    return (DOCUMENTS / "model.md").read_text(encoding="utf-8")


def test_table_repeats_the_benchmark(page: str, cells: dict[tuple[str, str, str], dict[str, str]]) -> None:
    """Ratio and coverage, cell by cell."""
    (head, body) = re.search(r"\| outcome \| n \| (right .*?) \|\n\|[ -|]+\n((?:\|.*\n)+)", page).groups()  # type: ignore[union-attr]
    worlds = head.split(" | ")
    rows = [line.strip("| ").split(" | ") for line in body.splitlines()]
    assert len(rows) == 10
    for outcome, n, *shown in rows:
        measured = [cells[world, outcome, n] for world in worlds]
        assert shown == [f"{cell['ratio']} ({cell['coverage']})" for cell in measured]


def test_limits_repeat_the_benchmark(page: str, cells: dict[tuple[str, str, str], dict[str, str]]) -> None:
    """Each figure in the list of limits."""
    said = " ".join(page.split("### Limits")[1].split("To repeat the benchmark")[0].split())
    nothing = [cells["no_effects", "severe_crs", n] for n in ("120", "250", "500")]
    ratios = "{}, {} and {}".format(*(f"{float(cell['ratio']):.1f}" for cell in nothing))
    excess = "({}, {} and {})".format(*(cell["excess"].removeprefix("0") for cell in nothing))
    assert f"excess of severe CRS is {ratios} times" in said
    assert excess in said
    for n, words in (("30", "{} (relapse) and {} (severe CRS) times"), ("250", "{} and {} times at 250")):
        worse = [
            float(cells["all_wrong", outcome, n]["excess"]) / float(cells["right", outcome, n]["excess"])
            for outcome in ("relapse", "severe_crs")
        ]
        assert words.format(*(f"{times:.1f}" for times in worse)) in said
    late = [
        float(cells["interactions", outcome, "4000"]["coverage"]) for outcome in ("relapse", "severe_crs")
    ]
    assert f"{min(late):.2f} to {max(late):.2f}".replace("0.", ".") in said
    assert (
        f"risks {float(cells['interactions', 'severe_crs', '250']['coverage']):.2f}".replace("0.", ".")
        in said
    )
