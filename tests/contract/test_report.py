"""`report`: risks can be computed from it by hand, its numbers are the card's, no file is half written."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from features.small_counts import count_cell
from serving.answers.card import model_card
from serving.model.write_bundle import write_bundle
from tests.bundles import full_summary, make_bundle, make_published_bundle, patients, with_composed
from tests.command_line import ran
from tests.recorded import Recording
from training.commands.report import NO_CHAMPION
from training.pages.report.words import field_title

BY_HAND = Path(__file__).with_name("hand_computation.py")
VOID = ("meta", "rect", "br", "polyline", "polygon", "circle")


class Page(HTMLParser):
    """The tags of a page, and its tables by caption."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.caption = ""
        self.feed(page.read_text(encoding="utf-8"))
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.rows, self.caption = [], ""
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "table":
            self.tables[self.caption] = self.rows

    def handle_data(self, data: str) -> None:
        if "caption" in self.open:
            self.caption += data
        elif {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture
def full_folder(tmp_path: Path) -> Path:
    """Write a bundle in which all that training may measure is measured of severe CRS."""
    made = make_bundle()
    made = dataclasses.replace(made, summaries={**made.summaries, "severe_crs": full_summary()})
    write_bundle(made, tmp_path / "full")
    return tmp_path / "full"


@pytest.fixture
def written(full_folder, tmp_path, monkeypatch, capsys) -> tuple[Page, dict[str, Any]]:
    """Write page and JSON of that bundle, small counts too."""
    page, twin = tmp_path / "r.html", tmp_path / "r.json"
    files = ("--out", page, "--json", twin)
    status, printed, _ = ran(
        monkeypatch, capsys, "report", "--bundle", full_folder, *files, "--show-small-counts"
    )
    assert status == 0
    assert "r.html: version 7\n" in printed.replace(str(tmp_path) + "/", "")
    return Page(page), json.loads(twin.read_text(encoding="utf-8"))


def by_hand(twin: Path, rows: list[dict[str, Any]]) -> list[dict[str, dict[str, float]]]:
    """Compute risks in a Python that knows nothing of the project."""
    found = subprocess.run(
        [sys.executable, "-I", str(BY_HAND), str(twin)],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=True,
        cwd=twin.parent,
    )
    return json.loads(found.stdout)


def strangers() -> list[dict[str, Any]]:
    """Draw patients whom the service answers, many with inputs missing, some with a dose to be derived."""
    rng = np.random.default_rng(8)
    rows = patients(12, rng, missing=0.5) + patients(3, rng, missing=0.0)
    for row in rows[:3]:
        row.update(dose_total_1e6=row.pop("dose_1e6_per_kg") * 64, weight_kg=64.0)
    rows[4].update(marrow_blasts_pct=5.0, prior_blinatumomab="response_unknown")
    return rows


def test_json_alone_gives_the_risks_of_the_service(
    client: TestClient, bundle_folder, tmp_path, monkeypatch, capsys
) -> None:
    """By hand within 1e-6, linear and with trees, at every horizon."""
    twin = tmp_path / "report.json"
    assert ran(monkeypatch, capsys, "report", "--bundle", bundle_folder, "--json", twin)[0] == 0
    rows = strangers()
    answers = client.post("/risk/batch", json={"patients": rows}).json()["answers"]
    compared = 0
    for answer, found in zip(answers, by_hand(twin, rows), strict=True):
        for outcome in answer["outcomes"]:
            for point in outcome["curve"]:
                risk = found[outcome["name"]][str(point["horizon_days"])]
                assert risk == pytest.approx(point["risk"], abs=1e-6)
                compared += 1
    assert compared == 15 * 5


@pytest.fixture
def composed(tmp_path, monkeypatch, capsys) -> tuple[Page, dict[str, Any], Path]:
    """Write the report of a bundle with outcomes that only some can have."""
    write_bundle(with_composed(make_bundle()), tmp_path / "composed")
    page, twin = tmp_path / "c.html", tmp_path / "c.json"
    words = ("report", "--bundle", tmp_path / "composed", "--out", page, "--json", twin)
    assert ran(monkeypatch, capsys, *words)[0] == 0
    return Page(page), json.loads(twin.read_text(encoding="utf-8")), twin


def test_json_alone_gives_composed_risks(composed, tmp_path) -> None:
    """By hand within 1e-6: the sum to the risk among those who can have the outcome, then the composition."""
    from serving.answers.scorer import Scorer
    from serving.model.read_bundle import read_bundle

    _, twin, file = composed
    rows = strangers()
    answers = Scorer(read_bundle(tmp_path / "composed")).answers(rows)
    compared = 0
    for answer, found in zip(answers, by_hand(file, rows), strict=True):
        for outcome in answer.outcomes:
            for point in outcome.curve:
                assert found[outcome.name][str(point.horizon_days)] == pytest.approx(point.risk, abs=1e-6)
                compared += 1
    assert compared == 15 * (5 + 4 + 4 + 1)
    (example,) = by_hand(file, [twin["example_patient"]])
    for name, worked in twin["examples"].items():
        for step in worked["risks"]:
            assert example[name][str(step["horizon_days"])] == pytest.approx(step["risk"], abs=1e-6)
            assert (step["composed"] is None) == (twin["models"][name]["composed_of"] is None)


def test_page_composes_risks_and_shows_the_three_states(composed) -> None:
    """The formula, the steps of the composition, and shares that add up, as bars and as a table."""
    page, twin, _ = composed
    assert twin["models"]["death"]["composed_of"]["formula"] == (
        "F_death(h) = F_relapse(h) * q(h) + F_death_without_relapse(h)"
    )
    steps = page.tables["death without relapse: composed risks"]
    assert [row[0] for row in steps[1:]] == ["90", "180", "365", "730"]
    titles = "no response, relapse or progression, death without relapse, alive in remission"
    shares = page.tables[f"{titles}: shares of the cohort"]
    assert [row[0] for row in shares[1:3]] == ["by day 90, observed", "by day 90, predicted"]
    assert shares[1][1:] == ["20.0 %", "5.0 %", "75.0 %"]
    assert len(shares) == 1 + 8
    (states,) = twin["states"]
    assert all(sum(each) == pytest.approx(1) for each in states["observed"].values())


def test_json_gives_the_worked_example(written, tmp_path) -> None:
    """What is worked out step by step is what the rules give."""
    _, twin = written
    (found,) = by_hand(tmp_path / "r.json", [twin["example_patient"]])
    for name, example in twin["examples"].items():
        for step in example["risks"]:
            assert found[name][str(step["horizon_days"])] == pytest.approx(step["risk"], abs=1e-6)
        assert sum(step["product"] for step in example["terms"]) == pytest.approx(example["linear"])


def test_json_holds_the_card(written, full_folder) -> None:
    """Every figure of `/model`, to the last digit."""
    from serving.model.read_bundle import read_bundle

    card = model_card(read_bundle(full_folder)).model_dump(mode="json")
    assert written[1]["card"] == json.loads(json.dumps(card))


def test_figures_of_the_page_are_those_of_the_card(written) -> None:
    """Rounded to three decimals, and not one is missing."""
    page, twin = written
    shown = 0
    for outcome in twin["card"]["outcomes"]:
        title, days = outcome["title"], sorted(map(int, outcome["metrics"]))
        tables = {caption: rows for caption, rows in page.tables.items() if caption.startswith(f"{title}: ")}
        performance = tables[f"{title}: performance"]
        assert performance[0][1:] == [f"by day {at}" for at in days]
        figures = [cell for row in performance[1:] for cell in row[1:]]
        stated = [said(metric) for at in days for metric in outcome["metrics"][str(at)].values()]
        assert sorted(figures) == sorted(stated)
        shown += len(figures)
        for caption, parts in (
            ("each center predicted by a model of the others", [outcome["by_center"]]),
            ("subgroups", list(outcome["by_subgroup"].values())),
        ):
            results = [result for groups in parts for result in groups.values()]
            rows = tables.get(f"{title}: {caption}", [[]])[1:]
            assert len(rows) == len(results)
            for row, result in zip(rows, results, strict=True):
                assert row[1:3] == [str(result["n_infusions"]), str(count_cell(result["n_events"]))]
                assert sorted(row[3:]) == sorted(map(said, result["metrics"].values()))
                shown += len(row[3:])
    gains = next(rows for caption, rows in page.tables.items() if "gain in log loss" in caption)
    assert [row[1] for row in gains[1:]] == ["0.031 (0.004 to 0.060)", "–"]
    assert shown == 4 + 1 + 2


def said(metric: dict[str, float | None]) -> str:
    """Write a figure of the card as a reader expects it."""
    if metric["value"] is None:
        return "–"
    words = f"{metric['value']:.3f}"
    if metric["low"] is not None:
        words += f" ({metric['low']:.3f} to {metric['high']:.3f})"
    return words.replace("-", "−")


def test_coefficients_of_the_page_are_those_of_the_model(written) -> None:
    """Every term with its formula; rounded to four decimals."""
    page, twin = written
    for outcome in twin["card"]["outcomes"]:
        model = twin["models"][outcome["name"]]
        rows = page.tables[f"{outcome['title']}: {len(model['terms'])} terms"][1:]
        for row, term in zip(rows, model["terms"], strict=True):
            assert row[0].startswith(term["name"])
            assert row[0].endswith(f"= {term['formula']}")
            assert row[3] == f"{term['coefficient']:.4f}".replace("-", "−")
            assert term["coefficient"] == pytest.approx(term["published"] + term["local"])


def test_every_item_of_the_checklist_is_on_the_page(written) -> None:
    """Each of the 52 once, in order, and what is left to the author is said so."""
    page, twin = written
    rows = [
        row for caption, rows in page.tables.items() if caption.startswith("TRIPOD+AI: ") for row in rows[1:]
    ]
    assert [row[0].split()[0] for row in rows] == [item["number"] for item in twin["checklist"]]
    assert len(rows) == 52
    for row, item in zip(rows, twin["checklist"], strict=True):
        assert item["title"] in row[1]
        assert item["said"] in row[2]
        assert ("Author to complete:" in row[2]) == bool(item["author"])


def test_page_stands_alone(written, tmp_path) -> None:
    """No script, nothing loaded, links to publications or within; it may not even try."""
    page, _ = written
    assert not {tag for tag, _ in page.seen} & {"script", "img", "link", "iframe", "form", "object", "base"}
    links = {str(attributes["href"]) for tag, attributes in page.seen if tag == "a"}
    assert all(link.startswith(("#", "https://doi.org/10.")) for link in links)
    places = {attributes.get("id") for _, attributes in page.seen}
    assert {link[1:] for link in links if link.startswith("#")} <= places
    assert not re.search(r"url\(|@import", (tmp_path / "r.html").read_text(encoding="utf-8"))


def test_page_can_be_read_without_seeing_it(written) -> None:
    """One first heading, none left out below; every picture has words, every table a caption and headings."""
    page, _ = written
    levels = [int(tag[1]) for tag, _ in page.seen if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    drawn = [attributes for tag, attributes in page.seen if tag == "svg"]
    assert len(drawn) >= 3
    assert all(each.get("aria-label") or each.get("aria-hidden") for each in drawn)
    tables = sum(tag == "table" for tag, _ in page.seen)
    assert len(page.tables) == tables
    assert sum(attributes.get("scope") == "row" for _, attributes in page.seen) > tables


def test_report_of_published_evidence(tmp_path, monkeypatch, capsys) -> None:
    """Without a cohort it says so, and the risks can still be computed."""
    write_bundle(make_published_bundle(), tmp_path / "b")
    page, twin = tmp_path / "r.html", tmp_path / "r.json"
    words = ("report", "--bundle", tmp_path / "b", "--out", page, "--json", twin)
    assert ran(monkeypatch, capsys, *words)[0] == 0
    text = page.read_text(encoding="utf-8")
    assert "PUBLISHED EVIDENCE ONLY" in text
    assert "No cohort: these models were derived without patients." in text
    (found,) = by_hand(twin, [{}])
    assert 0 < found["severe_crs"]["30"] < 1


def test_words_of_a_bundle_cannot_become_markup(tmp_path, monkeypatch, capsys) -> None:
    """A file name of a cohort is data."""
    made = make_bundle()
    made = dataclasses.replace(made, cohort=dataclasses.replace(made.cohort, name="<img src=x>.csv"))
    write_bundle(made, tmp_path / "b")
    assert (
        ran(monkeypatch, capsys, "report", "--bundle", tmp_path / "b", "--out", tmp_path / "r.html")[0] == 0
    )
    assert "<img" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_same_bundle_gives_the_same_bytes(written, full_folder, tmp_path, monkeypatch, capsys) -> None:
    """No time of writing, no order of a set."""
    again = tmp_path / "again.html"
    options = ("--out", again, "--show-small-counts")
    ran(monkeypatch, capsys, "report", "--bundle", full_folder, *options)
    assert again.read_bytes() == (tmp_path / "r.html").read_bytes()


def test_earlier_files_stay_unless_overwritten(bundle_folder, tmp_path, monkeypatch, capsys) -> None:
    """With --overwrite they are replaced; a refusal leaves nothing new behind."""
    (tmp_path / "r.html").write_text("mine")
    words = ("report", "--bundle", bundle_folder, "--out", tmp_path / "r.html", "--json", tmp_path / "r.json")
    status, _, told = ran(monkeypatch, capsys, *words)
    assert (status, (tmp_path / "r.html").read_text()) == (1, "mine")
    assert told == (
        f"{tmp_path / 'r.html'}: 1 problem\n"
        "  the file to write exists: name another file, or replace it with --overwrite\n"
    )
    assert not (tmp_path / "r.json").exists()
    assert ran(monkeypatch, capsys, *words, "--overwrite")[0] == 0
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")


def test_a_full_disk_leaves_nothing_half_written(bundle_folder, tmp_path, monkeypatch, capsys) -> None:
    """Neither of the two files, and no remains of them."""
    synced, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        synced(handle)

    monkeypatch.setattr(os, "fsync", full)
    before = sorted(tmp_path.iterdir())
    words = ("report", "--bundle", bundle_folder, "--out", tmp_path / "r.html", "--json", tmp_path / "r.json")
    status, printed, told = ran(monkeypatch, capsys, *words)
    assert (status, printed) == (1, "")
    assert told == (
        f"{tmp_path / 'r.json'}: 1 problem\n  the file cannot be written (No space left on device); "
        "nothing was replaced: free some space, or name a file on another disk\n"
    )
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("r.txt", "the file to write must be .html, got .txt"),
        ("absent/r.html", "the folder of the file to write does not exist: make it, or name another"),
    ],
)
def test_places_that_are_refused(bundle_folder, tmp_path, monkeypatch, capsys, name, rule) -> None:
    """Before anything is read."""
    status, _, told = ran(monkeypatch, capsys, "report", "--bundle", bundle_folder, "--out", tmp_path / name)
    assert (status, told) == (1, f"{tmp_path / name}: 1 problem\n  {rule}\n")


def test_a_damaged_bundle_is_refused(bundle_folder, tmp_path, monkeypatch, capsys) -> None:
    """By what is wrong with it."""
    (bundle_folder / "relapse.trees.ubj").write_bytes(b"damaged")
    words = ("report", "--bundle", bundle_folder, "--out", tmp_path / "r.html")
    status, _, told = ran(monkeypatch, capsys, *words)
    assert status == 1
    assert told == ("relapse.trees.ubj is not the file the bundle was made with; restore it or train again\n")
    assert not (tmp_path / "r.html").exists()


def test_version_and_bundle_exclude_each_other(bundle_folder, monkeypatch, capsys) -> None:
    """Nobody guesses which is meant."""
    status, _, told = ran(monkeypatch, capsys, "report", "1", "--bundle", bundle_folder)
    expected = f"name a version or --bundle, not both: version 1 or the bundle in {bundle_folder}\n"
    assert (status, told) == (1, expected)


def test_registered_versions_are_reported(recorded: Recording, monkeypatch, capsys) -> None:
    """By number, written into this folder; a champion that is not there, or an unknown version, is told."""
    made = Path("report-1.html")
    try:
        assert ran(monkeypatch, capsys, "report", "1")[0] == 0
        assert f"{field_title('center')}: center 1" in made.read_text(encoding="utf-8")
    finally:
        made.unlink(missing_ok=True)
    status, _, told = ran(monkeypatch, capsys, "report", "99", "--out", "r.html")
    assert (status, told.partition(";")[0]) == (1, "version 99 is not registered")


def test_without_a_champion_it_says_how_to_get_one(tmp_path, monkeypatch, capsys) -> None:
    """Not that an alias is unknown."""
    monkeypatch.setattr("training.tracking.model_registry.champion_outcomes", lambda: None)
    status, _, told = ran(monkeypatch, capsys, "report", "--out", tmp_path / "r.html")
    assert (status, told) == (1, f"{NO_CHAMPION}\n")
