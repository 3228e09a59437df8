"""Workbooks and Parquet files of a site: what would be read wrongly without a word is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from rich.console import Console

from features.problems import DataError
from features.read_cohort import read_cohort
from training.commands.check import check

COMMA = 'table.decimal = ","\ntable.thousands = "."\n'


def saved(path: Path, *rows: list[Any], percent: str = "", merged: str = "") -> Path:
    """Write a workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if percent:
        book.active[percent].number_format = "0%"
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return path


def mapped(path: Path, text: str) -> Path:
    """Write a mapping beside a table."""
    mapping = path.parent / "m.toml"
    mapping.write_text(f'{text}\n[fields]\npatient_id = "id"\nldh_u_l = "ldh"\n')
    return mapping


def told(path: Path, mapping: Path | None = None) -> list[str]:
    """Say why a file is refused; no patient is named."""
    with pytest.raises(DataError) as refused:
        read_cohort(path, mapping=mapping)
    assert "P-1" not in str(refused.value)
    return [str(problem) for problem in refused.value.problems]


def test_stored_numbers_are_read_as_stored(tmp_path):
    """Separators of thousands are for texts: 112.125 is no 112125."""
    path = saved(tmp_path / "t.xlsx", ["id", "ldh"], ["P-1", 112.125], ["P-2", "1.200,5"])
    cohort = read_cohort(path, mapping=mapped(path, COMMA))
    assert list(cohort.patients["ldh_u_l"]) == [112.125, 1200.5]
    parquet = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pa.table({"id": ["P-1"], "ldh": [112.125]}), parquet)
    assert list(read_cohort(parquet, mapping=mapped(path, COMMA)).patients["ldh_u_l"]) == [112.125]


def test_texts_of_a_workbook_are_read_as_the_site_writes(tmp_path):
    """The same text is refused in a CSV."""
    path = saved(tmp_path / "t.xlsx", ["id", "ldh"], ["P-1", "12.345"])
    assert told(path, mapped(path, 'table.decimal = ","')) == [
        "ldh_u_l (from ldh) must be 10 to 30000 U/L, got 12.345 (row 2): "
        'a thousands separator? set thousands = "." under [table]'
    ]


def test_percentages_are_refused_without_a_unit(tmp_path):
    """The cell holds a hundredth of what is seen."""
    path = saved(tmp_path / "t.xlsx", ["id", "blasts"], ["P-1", 0.62], percent="B2")
    mapping = tmp_path / "m.toml"
    field = 'fields.marrow_blasts_pct = {{ column = "blasts"{} }}\nfields.patient_id = "id"\n'
    mapping.write_text(field.format(""))
    assert told(path, mapping) == [
        "marrow_blasts_pct (from blasts) is formatted as a percentage, got 0.62, shown as 62 % (row 2): "
        'set unit = "fraction"'
    ]
    mapping.write_text(field.format(', unit = "fraction"'))
    assert list(read_cohort(path, mapping=mapping).patients["marrow_blasts_pct"]) == [62.0]


def test_percentages_are_refused_without_a_mapping(tmp_path):
    """Two cells that look alike are not alike."""
    path = saved(
        tmp_path / "t.xlsx", ["patient_id", "marrow_blasts_pct"], ["P-1", 0.62], ["P-2", 0.62], percent="B2"
    )
    assert told(path) == [
        "marrow_blasts_pct is formatted as a percentage, got 0.62, shown as 62 % (row 2): "
        "write 62, formatted as a number"
    ]


def test_merged_cells_are_refused(tmp_path):
    """Only the first of them holds the value."""
    rows = (["patient_id", "ldh_u_l"], ["P-1", 200], ["P-2", 200])
    assert told(saved(tmp_path / "t.xlsx", *rows, merged="B2:B3")) == [
        "rows 2-3 of ldh_u_l are merged: unmerge and fill every row, or name the column under fill_down"
    ]


def test_merged_cells_are_filled_down_where_the_mapping_says_so(tmp_path):
    """Then nothing is lost."""
    path = saved(tmp_path / "t.xlsx", ["id", "ldh"], ["P-1", 200], ["P-2", None], merged="B2:B3")
    cohort = read_cohort(path, mapping=mapped(path, 'table.fill_down = ["ldh"]'))
    assert list(cohort.patients["ldh_u_l"]) == [200, 200]
    assert told(path, mapped(path, "")) == [
        "rows 2-3 of ldh are merged: unmerge and fill every row, or name the column under fill_down"
    ]


@pytest.mark.parametrize("debris", ["#N/A", "NA", "null", "?", True, "#REF!"])
def test_debris_is_no_patient(tmp_path, debris):
    """Errors, words for unknown and booleans."""
    path = saved(tmp_path / "t.xlsx", ["patient_id", "ldh_u_l"], [debris, 200])
    [problem] = told(path)
    assert problem.startswith("patient_id must ")


def test_a_footer_is_no_patient(tmp_path):
    """A total below the table would be an infusion of which nothing is known."""
    heading = ["patient_id", "infusion_number", "ldh_u_l", "ecog"]
    path = saved(tmp_path / "t.xlsx", heading, ["P-1", 1, 200, 1], ["T-9", None, None, None])
    assert told(path) == [
        "the row has an identifier and no values (row 3): "
        "is it a total or footer? Delete it, or drop it in the mapping file"
    ]


def test_a_narrow_table_may_know_nothing_of_a_patient(tmp_path):
    """Where there are few columns, blank ones are no footer."""
    path = saved(tmp_path / "t.xlsx", ["patient_id", "ldh_u_l"], ["P-1", 200], ["P-2", None])
    assert len(read_cohort(path)) == 2


def test_check_says_what_was_hidden(tmp_path):
    """With and without a mapping."""
    path = saved(tmp_path / "t.xlsx", ["patient_id", "ldh_u_l"], ["P-1", 200], ["P-2", 300])
    book = openpyxl.load_workbook(path)
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    screen = Console(record=True, width=100, file=io.StringIO())
    check(path, console=screen)
    assert screen.export_text().endswith("1 hidden row was read as well\n")
