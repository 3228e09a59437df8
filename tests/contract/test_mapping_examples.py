"""The worked examples of docs/mapping.md do what the page says."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from rich.console import Console

from features.field import FieldSpec
from features.known_units import units_of
from features.mapping.file import read_mapping
from features.schema import all_fields
from training.commands.import_table import import_table

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Blocks of the page in one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("example", [0, 1, 2, 3], ids=["spreadsheet", "redcap", "shared", "dates"])
def test_worked_example_gives_the_table_that_the_page_shows(tmp_path, example):
    """The mapping of the page turns its site table into its cohort, to the letter."""
    raw, mapping, out = tmp_path / "raw.csv", tmp_path / "site.toml", tmp_path / "cohort.csv"
    raw.write_text(blocks("csv")[2 * example], encoding="utf-8")
    mapping.write_text(blocks("toml")[example], encoding="utf-8")
    import_table(raw, mapping, out, console=Console(quiet=True))
    assert out.read_text(encoding="utf-8") == blocks("csv")[2 * example + 1]


def test_the_example_of_values_over_time(tmp_path):
    """Two tables, the mapping, the cohort, and the counts that are printed."""
    table, labs, cohort = blocks("csv")[12:15]
    (tmp_path / "patients.csv").write_text(table, encoding="utf-8")
    (tmp_path / "labs.csv").write_text(labs, encoding="utf-8")
    (tmp_path / "labs.toml").write_text(blocks("toml")[5], encoding="utf-8")
    out, screen = tmp_path / "cohort.csv", io.StringIO()
    import_table(tmp_path / "patients.csv", tmp_path / "labs.toml", out, console=Console(file=screen))
    assert out.read_text(encoding="utf-8") == cohort
    assert screen.getvalue() == blocks("text")[1]


def fields_with_units() -> list[FieldSpec]:
    """Fields whose unit has equivalents."""
    return [spec for spec in all_fields().values() if len(units_of(spec)) > 1]


@pytest.mark.parametrize("spec", fields_with_units(), ids=lambda spec: spec.name)
def test_every_unit_is_documented(spec):
    """Each unit that a mapping may name stands in the table of units."""
    section = PAGE[PAGE.index("**Units**") : PAGE.index("## `[redcap]`")]
    named = re.findall(r"`([^`]+)`", section)
    assert [unit for unit in units_of(spec) if unit != spec.unit and unit not in named] == []


def test_the_larger_mapping_beside_the_page_has_no_mistake():
    """It names fields, options and units of the schema only, and nearly all of the fields."""
    mapping = read_mapping(Path(__file__).parents[2] / "docs" / "redcap_export.toml")
    assert len(mapping.fields) >= 40


def sheet_of(book: Workbook, name: str, text: str, merged: Sequence[str]) -> None:
    """Write a sheet as the page shows it: in some columns, blank cells are merged with the value above."""
    sheet = book.create_sheet(name)
    rows = [line.split(";") for line in text.splitlines()]
    for row in rows:
        sheet.append([cell or None for cell in row])
    for column, heading in enumerate(rows[0], start=1):
        known = (
            [number for number, row in enumerate(rows, start=1) if row[column - 1]]
            if heading in merged
            else []
        )
        for first, after in itertools.pairwise([*known, len(rows) + 1]):
            if after > first + 1:
                sheet.merge_cells(start_row=first, end_row=after - 1, start_column=column, end_column=column)


def test_the_example_of_a_workbook_with_three_sheets(tmp_path):
    """Joined sheets, a sheet that is joined and read over time, and the counts that are printed."""
    patients, infusions, outcomes, cohort = blocks("csv")[8:12]
    mapping = blocks("toml")[4]
    book = Workbook()
    book.remove(book.active)
    sheet_of(book, "patients", patients, [])
    sheet_of(book, "infusions", infusions, ["code", "no", "day 0", "LD from", "flu a day", "flu days"])
    sheet_of(book, "outcomes", outcomes, ["code"])
    book.save(tmp_path / "registry.xlsx")
    (tmp_path / "sheets.toml").write_text(mapping, encoding="utf-8")
    out, screen = tmp_path / "cohort.csv", io.StringIO()
    import_table(tmp_path / "registry.xlsx", tmp_path / "sheets.toml", out, console=Console(file=screen))
    assert out.read_text(encoding="utf-8") == cohort
    assert screen.getvalue() == blocks("text")[0]
