"""`check --html` writes a page that stands alone, tells everything and names nobody."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.outcomes import OUTCOMES
from features.schema import FollowUp, Patient
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from tests.command_line import ran

VOID = ("meta", "rect")


class Reader(HTMLParser):
    """Follows the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Simulate a cohort whose patients have telling identifiers."""
    made = simulation_table(simulate(90, rng=np.random.default_rng(4)))
    made["patient_id"] = made["patient_id"].str.replace("synthetic-", "secret-")
    return made


def written(table: pd.DataFrame, folder: Path) -> Path:
    table.to_csv(folder / "cohort.csv", index=False)
    return folder / "cohort.csv"


@pytest.fixture
def page(table, tmp_path, monkeypatch, capsys) -> Path:
    """Write the page of a cohort without problems."""
    out = tmp_path / "page.html"
    status, said, _ = ran(monkeypatch, capsys, "check", written(table, tmp_path), "--html", out)
    assert status == 0
    assert "page.html: data-quality page of cohort.csv; do not share it outside the center" in said
    return out


def test_page_loads_nothing_and_runs_nothing(page):
    """No script, no picture, no font, no form; links lead to publications alone."""
    seen = read(page).seen
    assert not {tag for tag, _ in seen} & {"script", "img", "link", "iframe", "form", "object", "base"}
    asked = {name for _, attributes in seen for name in attributes if name in ("src", "srcset", "onclick")}
    assert asked == set()
    links = {str(attributes.get("href")) for tag, attributes in seen if tag == "a"}
    assert links
    assert all(link.startswith("https://doi.org/10.") for link in links)
    assert not re.search(r"url\(|@import", page.read_text(encoding="utf-8"))
    policy = next(attributes for tag, attributes in seen if attributes.get("http-equiv"))
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_page_says_that_it_stays_in_the_center(page):
    """Before anything else."""
    text = " ".join(read(page).text)
    assert text.index("Do not publish.") < text.index("Problems")


def test_page_tells_every_field_and_every_outcome(page):
    """By column and by name."""
    text = page.read_text(encoding="utf-8")
    for name in (*Patient.model_fields, *FollowUp.model_fields, *OUTCOMES):
        assert f">{name}</code>" in text or f"<td>{name}</td>" in text


def test_every_chart_has_words_and_a_table(page):
    """For those who do not see it."""
    reader = read(page)
    drawn = [attributes for tag, attributes in reader.seen if tag == "svg" and "role" in attributes]
    assert len(drawn) > 40
    assert all(attributes["aria-label"] for attributes in drawn)
    figures = page.read_text(encoding="utf-8").split("<figure>")[1:]
    assert all("<table>" in figure.partition("</figure>")[0] for figure in figures)
    assert len(figures) == len(drawn)


def test_page_names_nobody(page, table):
    """Neither an identifier nor a center."""
    text = page.read_text(encoding="utf-8")
    assert not [name for name in table["patient_id"] if name in text]
    assert not [name for name in table["center"].unique() if name and name in text]


def test_page_of_a_file_with_problems(table, tmp_path, monkeypatch, capsys):
    """It is written with them, the same are told, and the status is that of a refusal."""
    bad = table.astype({"ldh_u_l": object, "sex": object})
    bad.loc[3, "ldh_u_l"] = "123456789"
    bad.loc[4, "sex"] = bad.loc[4, "patient_id"]
    bad.loc[5, ["death_day", "last_contact_day"]] = [400, 300]
    file = written(bad, tmp_path)
    plain = ran(monkeypatch, capsys, "check", file)
    status, _, told = ran(monkeypatch, capsys, "check", file, "--html", tmp_path / "page.html")
    assert (status, told) == (plain[0], plain[2]) == (1, plain[2])
    text = " ".join(read(tmp_path / "page.html").text)
    assert f"{told.splitlines()[0].partition(': ')[2]}." in text
    assert "ldh_u_l must be 10 to 30000 U/L (row 5): correct the cell" in text
    assert "death_day must not be after last_contact_day (row 7)" in text
    assert "123456789" not in text
    assert "secret" not in text
    assert "Outcomes of this cohort are shown once the problems are fixed." in text
    assert "Lactate dehydrogenase" in text


@pytest.mark.parametrize("content", ["", "no table at all", "patient_id\n"])
def test_page_of_a_file_that_is_no_cohort(tmp_path, monkeypatch, capsys, content):
    """The reason is on it, and the published rates."""
    (tmp_path / "c.csv").write_text(content)
    status, _, told = ran(monkeypatch, capsys, "check", tmp_path / "c.csv", "--html", tmp_path / "p.html")
    assert status == 1
    text = " ".join(read(tmp_path / "p.html").text)
    assert "1 problem." in text
    assert told.splitlines()[1].strip().partition(",")[0].partition(":")[0] in text
    assert "Published cohort" in text


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("page.txt", "the file to write must be .html, got .txt"),
        ("absent/page.html", "the folder of the file to write does not exist: make it, or name another"),
        ("folder.html", "the file to write is a folder: name a file in it"),
    ],
)
def test_places_that_are_refused(table, tmp_path, monkeypatch, capsys, name, rule):
    """Before the cohort is read."""
    (tmp_path / "folder.html").mkdir()
    file = written(table, tmp_path)
    status, printed, told = ran(monkeypatch, capsys, "check", file, "--html", tmp_path / name)
    assert (status, printed) == (1, "")
    assert told == f"{tmp_path / name}: 1 problem\n  {rule}\n"


def test_page_says_the_same_twice(page, table, tmp_path, monkeypatch, capsys):
    """No time, no order of a set: two pages of one file are the same bytes."""
    again = tmp_path / "again.html"
    ran(monkeypatch, capsys, "check", written(table, tmp_path), "--html", again)
    assert again.read_bytes() == page.read_bytes()


def test_page_of_a_mapped_table_holds_no_value(tmp_path, monkeypatch, capsys):
    """Nor in the advice, which quotes the cell on the command line."""
    (tmp_path / "site.toml").write_text(
        '[fields]\npatient_id = "id"\ncrp_mg_l = "CRP"\nweight_kg = "kg"\nsex = "sex"\n'
    )
    (tmp_path / "t.csv").write_text('id,CRP,kg,sex\na1,"7391,5",73.91 kg,Zaphod\na2,>7391,7 391,femal\n')
    words = ("check", tmp_path / "t.csv", "--mapping", tmp_path / "site.toml", "--html", tmp_path / "p.html")
    status, _, told = ran(monkeypatch, capsys, *words)
    assert status == 1
    assert all(value in told for value in ("7391,5", "reads 73.91 from it", "Zaphod", "femal"))
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert not [value for value in ("7391", "73.91", "7 391", "Zaphod", "femal<") if value in page]
    assert "weight_kg (from kg) must be 2 to 300 kg (row 2): a unit or a word beside the number?" in page
