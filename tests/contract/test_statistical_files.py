"""Files of SPSS, Stata and SAS are read as tables: codes, blanks and dates as in a CSV export."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from features.files.read_table import read_table
from features.problems import DataError
from features.read_cohort import read_cohort

TABLE = pd.DataFrame(
    {
        "patient_id": ["P-1", "P-2"],
        "sex": [1.0, 2.0],
        "ldh_u_l": [200.5, None],
        "infused": [datetime.date(2021, 3, 5), None],
        "crs_grade": [1.0, 9.0],
    }
)
LABELS = {"sex": {1: "female", 2: "male"}}
ROWS = (("P-1", "1", "200.5", "2021-03-05", "1"), ("P-2", "2", "", "", "9"))
CODES = "value labels are not used: codes were read, as in a REDCap raw export"


def written(folder: Path, kind: str) -> Path:
    """Write the table as a program does."""
    file = folder / f"cohort{kind}"
    write = {
        ".sav": lambda: pyreadstat.write_sav(TABLE, file, variable_value_labels=LABELS),
        ".zsav": lambda: pyreadstat.write_sav(TABLE, file, compress=True, variable_value_labels=LABELS),
        ".dta": lambda: pyreadstat.write_dta(TABLE, file, variable_value_labels=LABELS),
        ".xpt": lambda: pyreadstat.write_xport(TABLE, file),
    }
    write[kind]()
    return file


@pytest.mark.parametrize("kind", [".sav", ".zsav", ".dta", ".xpt"])
def test_codes_blanks_and_dates(kind: str, tmp_path: Path) -> None:
    """The note says that labels are left out, where there are any."""
    table = read_table(written(tmp_path, kind))
    assert table.columns == tuple(TABLE.columns)
    assert table.rows == ROWS
    assert table.notes == (() if kind == ".xpt" else (CODES,))


def test_declared_missing_values_are_blank_and_named(tmp_path: Path) -> None:
    """SPSS lets a site declare that 9 means unknown."""
    pyreadstat.write_sav(TABLE, tmp_path / "c.sav", missing_ranges={"crs_grade": [9]})
    table = read_table(tmp_path / "c.sav")
    assert table.column("crs_grade") == ["1", ""]
    assert table.notes == ("values that the file declares as missing were read as blank",)


def test_a_site_table_of_spss_is_mapped(tmp_path: Path) -> None:
    """As any other: codes to options."""
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'table.ignore = ["infused"]\n[fields]\npatient_id = "patient_id"\nldh_u_l = "ldh_u_l"\n'
        'crs_grade = { column = "crs_grade", missing = ["9"] }\n'
        'crs_grading_system = { value = "astct_2019" }\n'
        'sex = { column = "sex", codes = { 1 = "female", 2 = "male" } }\n'
    )
    cohort = read_cohort(written(tmp_path, ".sav"), mapping=mapping)
    assert list(cohort.patients["sex"]) == [0, 1]


@pytest.mark.parametrize("kind", [".sav", ".zsav", ".dta", ".sas7bdat", ".xpt"])
def test_damaged_and_misnamed_files_are_refused(kind: str, tmp_path: Path) -> None:
    """In our own words, whatever the library says."""
    starts = {
        ".sav": b"$FL2@(#) SPSS",
        ".zsav": b"$FL3@(#) SPSS",
        ".dta": b"<stata_dta><header>",
        ".sas7bdat": bytes(12) + b"\xc2\xea\x81\x60",
        ".xpt": b"HEADER RECORD*******LIBRARY",
    }
    file = tmp_path / f"c{kind}"
    file.write_bytes(starts[kind] + b"x" * 500)
    with pytest.raises(DataError, match="is damaged and cannot be read: open it in its own program"):
        read_table(file)
    file.write_bytes(b"%PDF-1.7")
    with pytest.raises(DataError, match=f"the file is called {kind}, but its content is a PDF document"):
        read_table(file)


def test_what_expands_is_refused_before(tmp_path: Path) -> None:
    """A compressed file of a few kilobytes, by what it states."""
    wide = pd.DataFrame({"patient_id": ["P-1"] * 9_000, "note": ["x" * 12_000] + [""] * 8_999})
    pyreadstat.write_sav(wide, tmp_path / "c.zsav", compress=True)
    assert (tmp_path / "c.zsav").stat().st_size < 1_000_000
    with pytest.raises(DataError, match="the file must unpack to at most 100 MB"):
        read_table(tmp_path / "c.zsav")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("c.rds", 'in R: write.csv(readRDS("FILE"), "cohort.csv", row.names = FALSE, na = "")'),
        ("c.RData", 'in R: load("FILE"), then write.csv(TABLE, "cohort.csv", row.names = FALSE, na = "")'),
        ("c.por", "export the table as CSV UTF-8"),
        ("c.csv.gz", "unpack it, and name the file in it"),
    ],
)
def test_other_programs_are_advised_how_to_export(name: str, advice: str, tmp_path: Path) -> None:
    """With the command that does it."""
    (tmp_path / name).write_bytes(b"X\n\x00\x00")
    with pytest.raises(DataError) as refused:
        read_table(tmp_path / name)
    assert str(refused.value.problems[0].advice) == advice
