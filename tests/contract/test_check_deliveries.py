"""`check NEW --compare-with OLD`: what is printed, and the files."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest

from tests.command_line import ran

EARLIER = "patient_id,ecog,icans_grade\nP-1,1,0\nP-2,2,0\nP-3,,3\n"
LATER = "patient_id,ecog,icans_grade\nP-1,2,3\nP-2,,0\np3,,3\nP-4,1,0\n"


@pytest.fixture
def deliveries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where two deliveries are."""
    (tmp_path / "old.csv").write_text(EARLIER, encoding="utf-8")
    (tmp_path / "new.csv").write_text(LATER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_differences_are_printed_and_listed(deliveries: Path, monkeypatch, capsys) -> None:
    """The terminal has counts, the list of the center has identifiers and values."""
    line = "check new.csv --compare-with old.csv --changes changes.csv --deliveries d.html"
    status, printed, _ = ran(monkeypatch, capsys, *line.split())
    assert status == 0
    assert "compared with old.csv: 2 infusions added, 1 infusion removed, 2 of 2 in both changed" in printed
    assert "1 removed infusion may be added again under another spelling of patient_id" in printed
    assert "ecog: 1 cell changed (1 higher, 0 lower), 1 became blank, 0 became known" in printed
    assert (
        "severe_icans: 1 to 2 events; in both deliveries 1 gained, 0 lost; 1 of added and 1 of removed"
        in printed
    )
    with (deliveries / "changes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["patient_id"], row["column"], row["earlier"], row["later"]) for row in rows] == [
        ("P-1", "ecog", "1", "2"),
        ("P-2", "ecog", "2", ""),
        ("P-1", "icans_grade", "0", "3"),
    ]
    assert stat.S_IMODE((deliveries / "changes.csv").stat().st_mode) == 0o600
    assert "P-1" not in (deliveries / "d.html").read_text(encoding="utf-8")


def test_files_need_an_earlier_delivery(deliveries: Path, monkeypatch, capsys) -> None:
    """A page of nothing is refused."""
    status, _, told = ran(monkeypatch, capsys, "check", "new.csv", "--deliveries", "d.html")
    assert (status, "need the earlier file: --compare-with EARLIER" in told) == (1, True)


def test_problems_of_the_earlier_delivery_are_its_own(deliveries: Path, monkeypatch, capsys) -> None:
    """Named with its file; no page is written."""
    (deliveries / "old.csv").write_text("patient_id,ecog\nP-1,9\n", encoding="utf-8")
    status, _, told = ran(
        monkeypatch, capsys, *["check", "new.csv", "--compare-with", "old.csv", "--deliveries", "d.html"]
    )
    assert status == 1
    assert told.startswith("old.csv: 1 problem\n")
    assert not (deliveries / "d.html").exists()


def test_no_earlier_delivery_is_replaced(deliveries: Path, monkeypatch, capsys) -> None:
    """It is an input."""
    line = "check new.csv --compare-with old.csv --changes old.csv --overwrite"
    status, _, told = ran(monkeypatch, capsys, *line.split())
    assert (status, "the file to write is the file that is read" in told) == (1, True)
    assert (deliveries / "old.csv").read_text(encoding="utf-8").startswith("patient_id")
