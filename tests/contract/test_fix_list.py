"""The way of a list: `check --fix-list`, a data manager, `import --corrections`."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from features.corrections.decisions import Choice, Heading
from tests.command_line import ran

SITE = (
    "Code;Infused;Born;Lines;Blasts %;Hb;Sex;Seen\n"
    "S-01;03.11.2021;17.05.1990;3;62;9,1;F;04.11.2022\n"
    "S-02;14.02.2022;02.01.2001;5;930;8,4;M;20.09.2022\n"
    "S-03;01.04.2022;02.01.2084;2;4;8,8;?;20.05.2023\n"
)
MAPPING = """
[table]
decimal = ","
dates = "DD.MM.YYYY"

[fields]
patient_id = "Code"
age_years = { column = "Infused", years_since = "Born" }
prior_lines = "Lines"
marrow_blasts_pct = "Blasts %"
hemoglobin_g_dl = "Hb"
sex = { column = "Sex", codes = { F = "female", M = "male" } }
last_contact_day = { column = "Seen", days_since = "Infused" }
"""
DECISIONS = {"Blasts %": "93", "Born": "02.01.1984", "Sex": ""}
"""Corrected values by column; the sex is not known."""

Run = Callable[..., tuple[object, str, str]]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where a site's table and its mapping are."""
    (tmp_path / "site.csv").write_text(SITE, encoding="utf-8")
    (tmp_path / "site.toml").write_text(MAPPING, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line that is one text."""
    return lambda line: ran(monkeypatch, capsys, *line.split())


def lines_of(sheet: Any) -> list[dict[str, Any]]:
    """Read the cells of a list by heading."""
    headings, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    return [dict(zip(headings, row, strict=True)) for row in rows]


def fill_in(file: Path, decide: Callable[[dict[str, Any]], tuple[str, str, str]]) -> None:
    """Decide about every line as a data manager would in Excel."""
    book = openpyxl.load_workbook(file)
    sheet = book.active
    at = {cell.value: cell.column for cell in sheet[1]}
    for number, line in enumerate(lines_of(sheet), start=2):
        for heading, value in zip(
            (Heading.DECISION, Heading.CORRECTED, Heading.COMMENT), decide(line), strict=True
        ):
            sheet.cell(number, at[heading]).value = value or None
    book.save(file)


def decided(line: dict[str, Any]) -> tuple[str, str, str]:
    value = DECISIONS.get(line[Heading.COLUMN])
    if value is None:
        return "", "", ""
    return (Choice.CORRECT, value, "chart") if value else (Choice.BLANK, "", "not in the chart")


def test_list_has_a_line_for_each_cell_with_a_problem(site: Path, run: Run) -> None:
    """In the site's own rows, columns, values and writing; a date is made of two cells."""
    assert run("check site.csv --mapping site.toml --fix-list fixes.xlsx")[0] == 1
    lines = lines_of(openpyxl.load_workbook(site / "fixes.xlsx").active)
    assert [(line["Row"], line["Column"], line["Value in the file"]) for line in lines] == [
        ("3", "Blasts %", "930"),
        ("4", "Infused", "01.04.2022"),
        ("4", "Born", "02.01.2084"),
        ("4", "Sex", "?"),
    ]
    assert lines[0]["Expected"] == "0 to 100 %"
    assert lines[1]["Expected"] == "a date written DD.MM.YYYY; Age at infusion: 0 to 100 years"
    assert lines[3]["Expected"] == "one of F, M"
    assert stat.S_IMODE((site / "fixes.xlsx").stat().st_mode) == 0o600
    assert not any(f"S-0{n}" in str(line) for line in lines for n in (1, 2, 3))


def test_workbook_can_be_filled_in_and_nothing_else(site: Path, run: Run) -> None:
    """Three columns are open, the keys are hidden, decisions are a choice, no cell is a formula."""
    run("check site.csv --mapping site.toml --fix-list fixes.xlsx")
    sheet = openpyxl.load_workbook(site / "fixes.xlsx").active
    headings = [cell.value for cell in sheet[1]]
    opened = [name for name, cell in zip(headings, sheet[2], strict=True) if not cell.protection.locked]
    assert sheet.protection.sheet
    assert opened == ["Decision", "Corrected value", "Comment"]
    hidden = [
        name
        for name, cell in zip(headings, sheet[1], strict=True)
        if sheet.column_dimensions[cell.column_letter].hidden
    ]
    assert hidden == ["Kind", "File key", "Row key", "Cell key"]
    (choices,) = sheet.data_validations.dataValidation
    assert all(choice in choices.formula1 for choice in Choice)
    assert all(cell.data_type != "f" and cell.number_format == "@" for cell in sheet[2])


def test_list_that_came_back_is_applied_with_an_audit_trail(site: Path, run: Run) -> None:
    """Corrections are read in the site's own writing; neither old nor new values are in the trail."""
    run("check site.csv --mapping site.toml --fix-list fixes.xlsx")
    fill_in(site / "fixes.xlsx", decided)
    status, printed, _ = run("import site.csv --mapping site.toml --corrections fixes.xlsx --out o.csv")
    assert status == 0
    assert "o.corrections.json: audit trail; 3 cells changed, 0 confirmed, 1 line without" in printed
    with (site / "o.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["marrow_blasts_pct"] for row in rows] == ["62", "93", "4"]
    assert (rows[2]["age_years"], rows[2]["sex"]) == ("38.2", "")
    trail = json.loads((site / "o.corrections.json").read_text(encoding="utf-8"))
    assert trail["counts"] == {"correct": 2, "blank": 1, "leave": 0, "open": 1}
    assert trail["changed_cells_by_column"] == {"Blasts %": 1, "Born": 1, "Sex": 1}
    assert trail["inputs"][0]["sha256"] == hashlib.sha256(SITE.encode()).hexdigest()
    assert trail["output"]["sha256"] == hashlib.sha256((site / "o.csv").read_bytes()).hexdigest()
    assert {each["comment"] for each in trail["decisions"]} == {"chart", "not in the chart"}
    shown = json.dumps(trail["decisions"])
    assert all(value not in shown for value in ("93", "1984", "2084", "S-0"))
    assert stat.S_IMODE((site / "o.corrections.json").stat().st_mode) == 0o600
    assert (site / "site.csv").read_text(encoding="utf-8") == SITE


def test_a_list_as_csv_is_applied_too(site: Path, run: Run) -> None:
    """As a spreadsheet saves it."""
    run("check site.csv --mapping site.toml --fix-list fixes.csv")
    with (site / "fixes.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        line["Decision"], line["Corrected value"], line["Comment"] = decided(line)
    with (site / "fixes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0], delimiter=";")
        writer.writeheader()
        writer.writerows(lines)
    assert run("import site.csv --mapping site.toml --corrections fixes.csv --out o.csv")[0] == 0


def test_a_corrected_value_that_is_wrong_again_is_named(site: Path, run: Run) -> None:
    """By row and column; nothing is written."""
    run("check site.csv --mapping site.toml --fix-list fixes.xlsx")
    fill_in(site / "fixes.xlsx", lambda line: ("", "130" if line["Column"] == "Blasts %" else "", ""))
    status, _, told = run("import site.csv --mapping site.toml --corrections fixes.xlsx --out o.csv")
    assert status == 1
    assert "Blasts % was corrected in line 2 of the list, and is still a problem (row 3)" in told
    assert sorted(file.name for file in site.iterdir()) == ["fixes.xlsx", "site.csv", "site.toml"]


def test_a_problem_cannot_be_confirmed(site: Path, run: Run) -> None:
    """An impossible value stays refused."""
    run("check site.csv --mapping site.toml --fix-list fixes.xlsx")
    fill_in(site / "fixes.xlsx", lambda line: (Choice.LEAVE if line["Column"] == "Sex" else "", "", ""))
    _, _, told = run("import site.csv --mapping site.toml --corrections fixes.xlsx --out o.csv")
    assert "Sex is left as it is in line 5 of the list, and is still a problem (row 4)" in told


@pytest.mark.parametrize(
    ("decision", "value"), [(Choice.LEAVE, "1"), (Choice.CORRECT, ""), ("perhaps", ""), ("perhaps", "1")]
)
def test_a_decision_that_is_not_clear_is_refused(site: Path, run: Run, decision: str, value: str) -> None:
    """With the line of the list."""
    run("check site.csv --mapping site.toml --fix-list fixes.xlsx")
    given = decision, value, ""
    fill_in(site / "fixes.xlsx", lambda line: given if line["Column"] == "Sex" else ("", "", ""))
    status, _, told = run("import site.csv --mapping site.toml --corrections fixes.xlsx --out o.csv")
    assert status == 1
    assert "decision and corrected value must fit together (row 5)" in told


def test_a_file_that_is_no_list_is_refused(site: Path, run: Run) -> None:
    """As is an import without anything to go by."""
    status, _, told = run("import site.csv --mapping site.toml --corrections site.csv --out o.csv")
    assert (status, "is no list of fixes" in told) == (1, True)
    status, _, told = run("import site.csv --out o.csv")
    assert (status, "name the mapping file (--mapping)" in told) == (1, True)


def test_a_cohort_needs_no_mapping(site: Path, run: Run) -> None:
    """Questions by row are on the list and can be confirmed."""
    table = "patient_id,age_years,ecog,anc_1e9_l\nP-1,31,1,1.2\nP-2,44,7,77\n"
    (site / "c.csv").write_text(table, encoding="utf-8")
    run("check c.csv --fix-list fixes.xlsx")
    fill_in(site / "fixes.xlsx", lambda line: ("", "2", "typing error"))
    assert run("import c.csv --corrections fixes.xlsx --out o.csv")[0] == 0
    assert run("check o.csv --fix-list questions.xlsx")[0] == 0
    (line,) = lines_of(openpyxl.load_workbook(site / "questions.xlsx").active)
    assert (line["Column"], line["Value in the file"], line["Kind"]) == ("anc_1e9_l", "77", "unusual_value")
    fill_in(site / "questions.xlsx", lambda line: (Choice.LEAVE, "", "seen by two people"))
    status, printed, _ = run("import o.csv --corrections questions.xlsx --out p.csv")
    assert (status, "0 cells changed, 1 confirmed" in printed) == (0, True)
    assert (site / "p.csv").read_bytes() == (site / "o.csv").read_bytes()


def test_control_characters_and_formulas_can_be_corrected(site: Path, run: Run) -> None:
    """A workbook cannot hold the first and must not run the second."""
    (site / "c.csv").write_text("patient_id,ecog,age_years\nP-1,\x071,=1+1\n", encoding="utf-8")
    run("check c.csv --fix-list fixes.xlsx")
    lines = lines_of(openpyxl.load_workbook(site / "fixes.xlsx").active)
    assert [line["Value in the file"] for line in lines] == ["\N{REPLACEMENT CHARACTER}1", "=1+1"]
    fill_in(site / "fixes.xlsx", lambda line: ("", "1" if line["Column"] == "ecog" else "31", ""))
    assert run("import c.csv --corrections fixes.xlsx --out o.csv")[0] == 0
    assert (site / "o.csv").read_text(encoding="utf-8") == "patient_id,age_years,ecog\nP-1,31,1\n"


def test_an_export_of_redcap_is_corrected_in_its_own_rows(site: Path, run: Run) -> None:
    """A cell of the record has the record's row, one of an infusion that of the repeat."""
    export = (
        "record_id,redcap_repeat_instrument,redcap_repeat_instance,sex,age_years,ecog\n"
        "7,,,female,,\n7,infusion,1,,310,1\n"
    )
    (site / "e.csv").write_text(export, encoding="utf-8")
    run("check e.csv --fix-list fixes.xlsx")
    (line,) = lines_of(openpyxl.load_workbook(site / "fixes.xlsx").active)
    assert (line["Row"], line["Column"], line["Value in the file"]) == ("3", "age_years", "310")
    fill_in(site / "fixes.xlsx", lambda line: (Choice.CORRECT, "31", ""))
    assert run("import e.csv --corrections fixes.xlsx --out o.csv")[0] == 0
    with (site / "o.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["age_years"], row["sex"]) == ("31", "female")


def test_a_file_that_cannot_be_read_gives_a_list_of_what_is_wrong(site: Path, run: Run) -> None:
    """Without keys: such problems are not corrected in a cell."""
    (site / "c.csv").write_text("patient_id,ecog,ecog\nP-1,1,2\n", encoding="utf-8")
    assert run("check c.csv --fix-list fixes.csv")[0] == 1
    with (site / "fixes.csv").open(encoding="utf-8") as file:
        (line,) = csv.DictReader(file)
    assert (line["Kind"], line["Cell key"]) == ("heading_repeated", "")


def test_a_list_of_another_encoding_has_advice_that_can_be_followed(site: Path, run: Run) -> None:
    """No mapping file says how a list is written; its text is not guessed."""
    run("check site.csv --mapping site.toml --fix-list fixes.csv")
    text = (site / "fixes.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.reader(text.splitlines()))
    lines[1][lines[0].index(Heading.COMMENT)] = "geprüft"
    with (site / "back.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(lines)
    status, _, told = run("import site.csv --mapping site.toml --corrections back.csv --out o.csv")
    assert status == 1
    assert "back.csv: 1 problem" in told
    assert "[table]" not in told
    advice = 'save the list as an Excel workbook (.xlsx) or as "CSV UTF-8", with one sheet and the headings'
    assert told.strip().endswith(f"{advice} in row 1")
