"""Every table that may leave the center: no count of 1 to 4, unless it is requested."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.cohort import Cohort
from features.read_cohort import read_cohort
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from tests.command_line import commands, ran
from training.dataset.cohort_summary import cohort_summary

COUNTED = {
    *("Known", "Missing", "Infusions", "event", "competing event", "event-free", "censored"),
    *("outcome unknown", "Same", "Changed", "Higher", "Lower", "Became blank", "Became known"),
    *("Blank in both", "Earlier", "Later", "Gained", "Lost", "Of added infusions", "Of removed infusions"),
    "Count",
}
"""Headings of columns that count infusions."""

WITH_SWITCH = {"check", "publication", "report", "compare", "train", "tune", "validate"}
"""Commands that write a page, a table or a bundle for others."""

Tables = list[list[list[str]]]


class Reader(HTMLParser):
    """Collects the tables of a page, and the notes of its charts."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: Tables = []
        self.drawn: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables:
            self.tables[-1][-1].append("")
        elif tag == "text":
            self.drawn.append("")

    def handle_data(self, data: str) -> None:
        if self._in == "text":
            self.drawn[-1] += data
        elif self._in in ("td", "th", "code") and self.tables and self.tables[-1]:
            self.tables[-1][-1][-1] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        self._in = "" if tag in ("td", "th", "text") else self._in


def small_counts(page: Path) -> list[str]:
    """List the small counts of a page: in columns of counts, and at the end of a bar."""
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    cells = [
        f"{heading}: {cell}"
        for heading_row, *rows in reader.tables
        for row in rows
        for heading, cell in zip(heading_row, row, strict=True)
        if heading in COUNTED and re.fullmatch("[1-4]", cell)
    ]
    return [*cells, *(note for note in reader.drawn if re.fullmatch(r"[1-4] \(\d+ %?%?\)", note))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write two deliveries in which every number of infusions from 1 to 4 occurs."""
    where = tmp_path_factory.mktemp("deliveries")
    table = simulation_table(simulate(60, rng=np.random.default_rng(5)))
    for number, column in enumerate(("ecog", "ldh_u_l", "platelets_1e9_l", "sex"), start=1):
        table[column] = table[column].replace("", np.nan).ffill().bfill()
        table.loc[10 : 9 + number, column] = np.nan
    table.to_csv(where / "earlier.csv", index=False)
    later = table.drop(index=table.index[-2:]).copy()
    later.loc[20:22, "sex"] = np.nan
    known = later.index[later["icans_grade"].astype(str).isin(["0", "0.0"])][:4]
    later.loc[known, "icans_grade"] = 3
    later.to_csv(where / "later.csv", index=False)
    return where


@pytest.fixture
def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run a command in that folder."""

    def run_line(line: str) -> str:
        monkeypatch.chdir(folder)
        status, printed, told = ran(monkeypatch, capsys, *line.split())
        assert status == 0, told
        return printed

    return run_line


def test_every_command_with_a_page_for_others_has_the_switch() -> None:
    """By one name, hidden by default."""
    switches = {
        name: parameter
        for name, command in commands()
        for parameter in command.params
        if "--show-small-counts" in parameter.opts
    }
    assert set(switches) == WITH_SWITCH
    assert not any(parameter.default for parameter in switches.values())


@pytest.mark.parametrize("page", ["quality", "deliveries"])
def test_pages_show_no_small_count_unless_it_is_requested(page: str, folder: Path, run) -> None:
    """The same cohort has them."""
    written = folder / f"{page}.html"
    line = (
        "check later.csv --overwrite --html quality.html --compare-with earlier.csv "
        "--deliveries deliveries.html --deliveries-json deliveries.json"
    )
    run(line)
    assert small_counts(written) == []
    assert "masked" in written.read_text(encoding="utf-8")
    run(f"{line} --show-small-counts")
    assert len(small_counts(written)) > 4


def test_data_of_deliveries_have_no_small_count(folder: Path, run) -> None:
    """A masked count is null."""
    run("check later.csv --overwrite --compare-with earlier.csv --deliveries-json d.json --deliveries d.html")
    content = json.loads((folder / "d.json").read_text(encoding="utf-8"))
    assert content["small_counts_masked"] is True
    counts = [value for row in [*content["fields"], *content["events"]] for value in row.values()]
    assert {value for value in counts if isinstance(value, int) and 0 < value < 5} == set()
    assert None in counts
    assert content["removed"] is None


def test_quality_page_counts_remarks_about_few_rows(folder: Path, run) -> None:
    """Their rows are for the terminal."""
    table = pd.read_csv(folder / "earlier.csv", dtype=str, keep_default_na=False)
    table.loc[3, "anc_1e9_l"] = "77"
    table.to_csv(folder / "odd.csv", index=False)
    printed = run("check odd.csv --html odd.html --overwrite")
    assert "anc_1e9_l is above 25 10^9/L, got 77 (1 row: 5)" in printed
    page = (folder / "odd.html").read_text(encoding="utf-8")
    assert "anc_1e9_l is above" not in page
    assert "about fewer than 5 rows" in page


def test_the_summary_in_a_bundle_has_no_small_count(folder: Path) -> None:
    """Counts are rounded down to tens, and groups of similar patients to fives."""
    cohort: Cohort = read_cohort(folder / "earlier.csv")
    summary = cohort_summary(cohort)
    counts = [count for options in summary.options.values() for count in options.values()]
    assert all(count % 10 == 0 for count in counts)
    assert all(count % 5 == 0 and count > 0 for count in summary.alike.values())
