"""Files that are refused: the whole message, nothing written, no patient named."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from rich.console import Console

from features.files.raw_table import UNNAMED
from features.files.read_table import MAX_FILE_BYTES
from features.problems import DataError
from features.read_cohort import read_cohort
from training.commands.check import check
from training.commands.import_table import import_table

HEADING = (
    "patient_id,infusion_number,age_years,sex,crp_mg_l,"
    "crs_grade,crs_grading_system,relapse_day,last_contact_day"
)
ROW = "secret-1,1,31,female,7,1,astct_2019,,400"
GOOD = f"{HEADING}\n{ROW}\n"
MAPPING = "\n".join(f'fields.{name} = "{name}"' for name in HEADING.split(","))


def refusal(path: Path, mapping: Path | None = None) -> str:
    """Message of a refused file; its patients are not in it."""
    with pytest.raises(DataError) as refused:
        read_cohort(path, mapping=mapping)
    assert "secret" not in str(refused.value)
    return str(refused.value)


def one(name: str, problem: str) -> str:
    """Write the message of a file with one problem."""
    return f"{name}: 1 problem\n  {problem}"


def workbook(*rows: list[Any]) -> bytes:
    """Write a workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def archive(name: str = "a.txt") -> bytes:
    """Write a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        content.writestr(name, "hello")
    return file.getvalue()


def parquet() -> bytes:
    """Write a Parquet file of one column."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"patient_id": ["secret"]}), file)
    return file.getvalue()


AGAIN = "save it again as CSV UTF-8, or correct the extension of its name"
KINDS = "the file must be .csv, .tsv, .xlsx, .parquet, .sav, .zsav, .dta, .sas7bdat or .xpt"
UTF8 = 'save it as "CSV UTF-8", or set encoding = "cp1252" under [table] of a mapping file'
UTF16 = UTF8.replace("cp1252", "utf-16")
DAMAGED = "is damaged and cannot be read: open it in its own program and save it again"

WHOLE_FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("c.csv", b"", "the file is empty"),
    "byte order mark only": ("c.csv", b"\xef\xbb\xbf\r\n", "the file is empty"),
    "heading only": ("c.csv", HEADING.encode(), "the file has headings but no rows"),
    "blank heading": (
        "c.csv",
        b"\n" + GOOD.encode(),
        "row 1 must hold the headings of the columns, and is blank",
    ),
    "no heading": (
        "c.csv",
        f"{ROW}\n".replace(",,", ",9,").replace(",1,", ",2,", 1).encode() * 2,
        "the heading names no column of the schema: is the heading missing? "
        "A site's own table needs a mapping file (--mapping)",
    ),
    "zip": (
        "c.csv",
        archive(),
        f"the file is called .csv, but its content is a zip archive or Excel workbook: {AGAIN}",
    ),
    "workbook": (
        "c.csv",
        workbook(["patient_id"], ["secret"]),
        f"the file is called .csv, but its content is a zip archive or Excel workbook: {AGAIN}",
    ),
    "gzip": (
        "c.csv",
        gzip.compress(GOOD.encode()),
        f"the file is called .csv, but its content is a gzip archive: {AGAIN}",
    ),
    "parquet": ("c.csv", parquet(), f"the file is called .csv, but its content is a Parquet file: {AGAIN}"),
    "pdf": (
        "c.csv",
        b"%PDF-1.7\n",
        f"the file is called .csv, but its content is a PDF document: {AGAIN}",
    ),
    "program": (
        "c.csv",
        b"\x7fELF\x02\x01\x01",
        f"the file is called .csv, but its content is a program: {AGAIN}",
    ),
    "web page": (
        "c.csv",
        b"\n<!doctype html><table>",
        f"the file is called .csv, but its content is a web page: {AGAIN}",
    ),
    "text called xlsx": (
        "c.xlsx",
        GOOD.encode(),
        f"the file is called .xlsx, but its content is something else: {AGAIN}",
    ),
    "password": (
        "c.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        f"the file is called .xlsx, but its content is an old or password-protected Excel file: {AGAIN}",
    ),
    "text called parquet": (
        "c.parquet",
        GOOD.encode(),
        f"the file is called .parquet, but its content is something else: {AGAIN}",
    ),
    "damaged workbook": ("c.xlsx", archive(), f"the Excel workbook {DAMAGED}"),
    "damaged parquet": ("c.parquet", b"PAR1" + b"\x00" * 50, f"the Parquet file {DAMAGED}"),
    "formula": (
        "c.xlsx",
        workbook(["patient_id", "age_years"], ["secret", "=30+1"]),
        "a formula has no value (row 2): open the file in Excel, calculate and save it",
    ),
    "old Excel": ("c.xls", b"\xd0\xcf\x11\xe0", f"{KINDS}, got .xls: save it as .xlsx"),
    "unknown extension": (
        "c.docx",
        b"x",
        f"{KINDS}, got .docx",
    ),
    "no extension": ("cohort", b"x", f"{KINDS}, got no extension"),
    "latin-1": (
        "c.csv",
        GOOD.replace("secret-1", "S\u00e9cret").encode("latin-1"),
        f"the file must be UTF-8 text, got byte 0xe9 on line 2: {UTF8}",
    ),
    "utf-16": ("c.csv", GOOD.encode("utf-16"), f"the file must be UTF-8 text, got UTF-16: {UTF16}"),
    "utf-16 without mark": (
        "c.csv",
        GOOD.encode("utf-16-le"),
        f"the file must be text, got a NUL byte on line 1: {UTF16.replace('utf-16', 'utf-16-le')}",
    ),
    "nul": (
        "c.csv",
        GOOD.replace("31", "3\x00").encode(),
        "the file must be text, got a NUL byte on line 2: it may be damaged: export it again as CSV UTF-8",
    ),
    "open quote": (
        "c.csv",
        GOOD.replace("female", '"female').encode(),
        'a quoted cell that begins on or after line 2 never ends (row 2): close it with "',
    ),
    "same heading twice": (
        "c.csv",
        GOOD.replace("crp_mg_l", "sex").encode(),
        "sex is repeated in the heading: two columns cannot share a name: rename one",
    ),
    "column without heading": (
        "c.csv",
        GOOD.replace("crp_mg_l", "").encode(),
        f"column 5 has content but no heading: {UNNAMED}",
    ),
    "short row": (
        "c.csv",
        f"{GOOD}secret-2,1\n".encode(),
        "a row must have as many cells as the heading, 9, got 2 (row 3): is a delimiter or a quote missing?",
    ),
    "long row": (
        "c.csv",
        f"{GOOD}{ROW},\n".encode(),
        "a row must have as many cells as the heading, 9, got 10 (row 3): "
        "is a delimiter inside a cell that is not quoted?",
    ),
    "blank row": (
        "c.csv",
        f"{GOOD}\n{ROW}\n".encode(),
        "a blank row is between rows with data (row 3): delete it, or set skip_blank_rows = true under "
        "[table] of a mapping file",
    ),
    "long cell": (
        "c.csv",
        GOOD.replace("31", "9" * 1_000_000).encode(),
        "age_years must have at most 10000 characters in a cell, got 1000000 characters (row 2)",
    ),
    "labels": (
        "c.csv",
        b"Record ID,Repeat Instrument,Complete?\nsecret,Infusion,Complete\n",
        "the headings are labels of a REDCap export: export it again as "
        '"CSV / Microsoft Excel (raw data)", whose headings are variable names',
    ),
}


@pytest.mark.parametrize(("name", "content", "problem"), WHOLE_FILES.values(), ids=WHOLE_FILES.keys())
def test_whole_files(tmp_path, name, content, problem):
    """What is no table is refused as a whole, with the reason and the way out."""
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == one(name, problem)
    assert list(tmp_path.iterdir()) == [path]


def test_missing_file(tmp_path):
    """A name that is no file."""
    assert refusal(tmp_path / "c.csv") == one("c.csv", "the file does not exist")


def test_folder(tmp_path):
    """A folder of that name."""
    (tmp_path / "c.csv").mkdir()
    assert refusal(tmp_path / "c.csv") == one("c.csv", "the file is a folder: name a file in it")


def test_pipe(tmp_path):
    """Nothing that could be waited for without end."""
    os.mkfifo(tmp_path / "c.csv")
    assert refusal(tmp_path / "c.csv") == one(
        "c.csv", "the file is not a regular file: copy its content to a file and name that"
    )


def test_large_file(tmp_path):
    """The size is looked at before the content."""
    with (tmp_path / "c.csv").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    assert refusal(tmp_path / "c.csv") == one("c.csv", "the file must have at most 50 MB, got 50 MB")


def test_unreadable_file(tmp_path, monkeypatch):
    """Permissions are told as such; the tests may run as a user whom nothing is forbidden."""

    def forbidden(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "c.csv").write_text(GOOD)
    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert refusal(tmp_path / "c.csv") == one(
        "c.csv",
        "the file cannot be read: permission denied: ask its owner for access",
    )


def test_many_defects_of_one_file_at_once(tmp_path):
    """Columns, cells, contradictions and repeats: every one, by column and row."""
    rows = [
        f"{HEADING},surname,ecg",
        "secret-1,1,31,female,7,1,astct_2019,,400,x,1",
        "secret-1,1,31,male,7,1,astct_2019,,400,x,1",
        'secret-2,1,310,Female,"3,5",6,ASTCT,500,400,x,1',
        "secret-2,2,30,female,NA,2,,x,400,x,1",
        ",0,2000-01-01,1,<5,1.5,astct_2019,500,400,x,1",
        "Jane Secret,1,=1+1,unknown,5 mg/L,-99,penn,,-1,x,1",
    ]
    path = tmp_path / "c.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert refusal(path).splitlines()[1:] == [
        f"  {line}"
        for line in [
            "surname is not a column of the schema and may identify a person: remove it; a cohort has "
            "days from infusion, no dates and no names",
            "ecg is not a column of the schema: did you mean ecog? Else remove it, or map it with a "
            "mapping file",
            "infusion_number must be unique among a patient's rows, got 1, and 1 in row 2 (row 3): "
            "number the infusions 1, 2, ...; is a row repeated?",
            "sex must be the same in all rows of a patient, got male, and female in row 2 (row 3): "
            "correct the one that is wrong",
            "age_years must be 0 to 100 years, got 310 (row 4): correct the cell; "
            "if it is in months, divide by 12",
            "sex must be one of female, male, got Female (row 4): write female",
            "crp_mg_l must be 0 to 700 mg/L, got 3,5 (row 4): decimal comma? write 3.5, or set "
            'decimal = "," in a mapping file',
            "crs_grade must be a whole number, 0 to 5, got 6 (row 4): correct the cell",
            "crs_grading_system must be one of astct_2019, lee_2014, penn, ctcae_5, mskcc, got ASTCT "
            "(row 4): did you mean astct_2019?",
            "relapse_day must not be after last_contact_day, got relapse_day 500, last_contact_day 400 (2 "
            "rows: 4, 6): correct the one that is wrong",
            "crp_mg_l must be 0 to 700 mg/L, got NA (row 5): leave the cell blank where the value is unknown",
            "relapse_day must be a whole number, 1 to 20000 days, got x (row 5): write a number, or "
            "leave the cell blank",
            "crs_grading_system is required with crs_grade, got crs_grade 2 (row 5): fill it in, or "
            "blank the others",
            "patient_id is required (row 6)",
            "infusion_number must be a whole number, 1 to 10, got 0 (row 6): correct the cell",
            "age_years must be 0 to 100 years, got 0000-00-00 (row 6): is it a date? Days count "
            "from infusion; a mapping file can convert dates",
            "sex must be one of female, male, got 1 (row 6): is it a code? Define it "
            "under codes in a mapping file",
            "crp_mg_l must be 0 to 700 mg/L, got <5 (row 6): is it beyond a detection "
            "limit? Write the limit, or leave the cell blank",
            "crs_grade must be a whole number, 0 to 5, got 1.5 (row 6): write a whole number",
            "patient_id must be a pseudonym (row 7): it looks like a name; give every patient a code",
            "age_years must be 0 to 100 years, got =1+1 (row 7): a spreadsheet would run it as a formula",
            "sex must be one of female, male, got unknown (row 7): leave the cell blank where the "
            "value is unknown",
            "crp_mg_l must be 0 to 700 mg/L, got 5 mg/L (row 7): write the number alone, in mg/L",
            "crs_grade must be a whole number, 0 to 5, got -99 (row 7): leave the cell blank where "
            "the value is unknown",
            "last_contact_day must be a whole number, 0 to 20000 days, got -1 (row 7): leave the "
            "cell blank where the value is unknown",
        ]
    ]


@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda text: text.replace(",", ";").encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").replace(",", "\t").encode(),
    ],
)
def test_good_files_are_read_whatever_their_delimiter(tmp_path, write: Callable[[str], bytes]):
    """Comma, semicolon with byte order mark, tab with Windows line ends."""
    path = tmp_path / "c.csv"
    path.write_bytes(write(GOOD))
    assert len(read_cohort(path)) == 1


def test_workbook_and_parquet_are_the_same_cohort(tmp_path):
    """The three kinds of file say the same."""
    values = ["p-1", 1, 31.0, "female", 7.5, 1, "astct_2019", None, 400]
    names = HEADING.split(",")
    (tmp_path / "c.xlsx").write_bytes(workbook(names, values))
    pyarrow.parquet.write_table(
        pa.table({name: [value] for name, value in zip(names, values, strict=True)}), tmp_path / "c.parquet"
    )
    (tmp_path / "c.csv").write_text(f"{HEADING}\np-1,1,31,female,7.5,1,astct_2019,,400\n")
    cohorts = [read_cohort(tmp_path / f"c.{kind}") for kind in ("csv", "xlsx", "parquet")]
    assert [cohort.patients.row(0) for cohort in cohorts] == [cohorts[0].patients.row(0)] * 3
    assert [cohort.follow_up.row(0) for cohort in cohorts] == [cohorts[0].follow_up.row(0)] * 3


BAD_MAPPINGS = {
    "no TOML": (
        "[table\n",
        "the mapping file is not TOML: Expected ']' at the end of a table declaration (at line 1, column 7): "
        "quote texts and column names that have spaces, points or letters beyond a-z",
    ),
    "latin-1": ("# S\u00e9", "the mapping file must be UTF-8 text, got byte 0xe9 on line 1"),
    "deep": ("a = " + "[" * 5000, None),
    "empty": ("", "fields must name at least patient_id and its column"),
}


@pytest.mark.parametrize(("text", "problem"), BAD_MAPPINGS.values(), ids=BAD_MAPPINGS.keys())
def test_mapping_files(tmp_path, text, problem):
    """A mapping that cannot be read is refused under its own name."""
    (tmp_path / "c.csv").write_text(GOOD)
    (tmp_path / "m.toml").write_bytes(text.encode("latin-1"))
    message = refusal(tmp_path / "c.csv", tmp_path / "m.toml")
    assert message == one("m.toml", problem) if problem else message.startswith("m.toml: 1 problem")


def test_missing_mapping(tmp_path):
    """A mapping that does not exist."""
    (tmp_path / "c.csv").write_text(GOOD)
    assert refusal(tmp_path / "c.csv", tmp_path / "m.toml") == one(
        "m.toml", "the mapping file does not exist"
    )


def quiet() -> Console:
    """Print nowhere."""
    return Console(quiet=True)


@pytest.fixture
def site(tmp_path) -> tuple[Path, Path]:
    """Give a site's table and its mapping."""
    (tmp_path / "raw.csv").write_text(GOOD)
    (tmp_path / "m.toml").write_text(MAPPING)
    return tmp_path / "raw.csv", tmp_path / "m.toml"


def test_import_writes_the_cohort(site, tmp_path):
    """In schema order, blank where unknown, nothing else beside it."""
    import_table(*site, tmp_path / "out.csv", console=quiet())
    assert (tmp_path / "out.csv").read_text() == GOOD
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.toml", "out.csv", "raw.csv"]


def test_import_that_is_refused_writes_nothing(site, tmp_path):
    """An older file stays as it was."""
    raw, mapping = site
    raw.write_text(GOOD.replace("31", "310"))
    (tmp_path / "out.csv").write_text("older")
    with pytest.raises(DataError, match=r"nothing was written: out.csv is unchanged"):
        import_table(raw, mapping, tmp_path / "out.csv", overwrite=True, console=quiet())
    assert (tmp_path / "out.csv").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.toml", "out.csv", "raw.csv"]


@pytest.mark.parametrize(
    ("out", "problem"),
    [
        ("raw.csv", "the file to write is the file that is read: name another file"),
        ("out.xlsx", "the file to write must be .csv, got .xlsx"),
        ("no/out.csv", "the folder of the file to write does not exist: make it, or name another"),
        ("folder.csv", "the file to write is a folder: name a file in it"),
    ],
)
def test_import_never_overwrites_what_it_reads(site, tmp_path, out, problem):
    """Targets are refused before any work."""
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError) as refused:
        import_table(*site, tmp_path / out, console=quiet())
    assert str(refused.value) == one(str(tmp_path / out), problem)
    assert site[0].read_text() == GOOD


def test_import_finds_its_input_behind_a_link(site, tmp_path):
    """Another name of the same file is the same file."""
    (tmp_path / "link.csv").symlink_to(site[0])
    with pytest.raises(DataError, match="the file to write is the file that is read"):
        import_table(*site, tmp_path / "link.csv", console=quiet())


def test_file_that_cannot_be_written(site, tmp_path, monkeypatch):
    """A full disk is told, and leaves nothing behind."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError) as refused:
        import_table(*site, tmp_path / "out.csv", console=quiet())
    words = "the file cannot be written (No space left on device); nothing was replaced"
    advice = "free some space, or name a file on another disk"
    assert str(refused.value) == one(str(tmp_path / "out.csv"), f"{words}: {advice}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.toml", "raw.csv"]


def test_check_says_what_the_mapping_left_out(site):
    """Columns that were ignored are named."""
    raw, mapping = site
    raw.write_text(GOOD.replace("sex", "gender"))
    mapping.write_text(MAPPING.replace('fields.sex = "sex"', 'table.ignore = ["gender"]'))
    screen = Console(record=True, width=100, file=io.StringIO())
    check(raw, mapping, console=screen)
    assert screen.export_text().endswith("1 column left out: gender\n")


def test_check_prints_a_summary(site):
    """What is in the cohort, what is missing, and what looks odd; no patient."""
    screen = Console(record=True, width=100, file=io.StringIO())
    check(site[0], site[1], console=screen)
    text = screen.export_text()
    assert text.startswith("raw.csv: 1 infusion of 1 patient, 0 centers named, not synthetic\n")
    assert "remark: no row has prior_lines" in text
    assert "secret" not in text
