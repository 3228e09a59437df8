"""A cohort read in blocks is checked as one that is read at once, and is the same cohort."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features import cohort_stream
from features.cohort import Cohort
from features.cohort_stream import check_streams
from features.field import specs
from features.files.row_blocks import Bookmark
from features.open_stream import open_streams
from features.problem_codes import Code
from features.problems import DataError, Refused
from features.read_cohort import read_cohort
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table

N_PATIENTS = 300


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Simulate a cohort."""
    return simulation_table(simulate(N_PATIENTS, rng=np.random.default_rng(5)))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read 64 rows at a time, and report problems as a file that is too large to be read at once."""
    for stream in ("delimited_stream.DelimitedStream", "parquet_stream.ParquetStream"):
        monkeypatch.setattr(f"features.files.{stream}.blocks.__defaults__", (64,))
    monkeypatch.setattr("features.open_stream.Partition.blocks.__defaults__", (64,))
    monkeypatch.setattr(cohort_stream, "MAX_FILE_BYTES", 0)


def texts(table: pd.DataFrame) -> pd.DataFrame:
    """Write every cell as text, blank where it is missing."""
    return table.astype(object).where(table.notna(), "").astype(str)


def streamed(path: Path) -> list[Cohort]:
    """Check and read a cohort in blocks."""
    streams = open_streams(path)
    assert streams is not None
    check_streams(streams)
    return [cohort for stream in streams for cohort, _ in stream.cohorts(Bookmark())]


def written(table: pd.DataFrame, folder: Path, name: str) -> Path:
    """Write a cohort in one of the ways that a site has."""
    file = folder / name
    if file.suffix == ".parquet":
        texts(table).replace("", None).to_parquet(file, index=False)
        return file
    mark, end = (";" if "semicolon" in name else ","), ("\r\n" if "windows" in name else "\n")
    text = table.to_csv(index=False, sep=mark, lineterminator=end, quoting=1 if "quoted" in name else 0)
    file.write_bytes(text.encode("utf-8-sig" if "mark" in name else "utf-8"))
    return file


def assert_same(parts: list[Cohort], whole: Cohort) -> None:
    """Compare every array, and what a message may say of the file."""
    for name in ("patient_id", "infusion_number", "center", "product_name", "rows"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, name))
    for of_model in ("patients", "follow_up"):
        columns = getattr(whole, of_model)
        for name in specs(columns.model):
            joined = np.concatenate([getattr(part, of_model)[name] for part in parts])
            np.testing.assert_array_equal(joined, columns[name])
    assert {(part.name, part.sha256, part.present) for part in parts} == {
        (whole.name, whole.sha256, whole.present)
    }


WAYS = ("c.csv", "semicolon.csv", "windows.csv", "mark.csv", "quoted.csv", "text.parquet")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", WAYS)
def test_blocks_are_the_cohort(name: str, table: pd.DataFrame, tmp_path: Path) -> None:
    """However the site writes it."""
    file = written(table, tmp_path, name)
    parts = streamed(file)
    assert len(parts) > 3
    assert_same(parts, read_cohort(file))


WRONG = {
    "a decimal comma": (150, "ldh_u_l", "3,5"),
    "a formula": (299, "center", "=1+1"),
    "an impossible value": (0, "age_years", "310"),
    "an identifier of another row": (200, "ecog", "synthetic-0007"),
    "another sex": (-1, "sex", "male"),
    "a missing identifier": (130, "patient_id", ""),
    "a name": (131, "patient_id", "Jane Doe"),
    "a contradiction": (140, "crs_grading_system", ""),
}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["c.csv", "text.parquet"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_problem_is_reported_as_of_the_whole(
    wrong: str, name: str, table: pd.DataFrame, tmp_path: Path
) -> None:
    """With its row, and without any identifier; nothing is added or left out."""
    row, column, cell = WRONG[wrong]
    changed = texts(table)
    if wrong == "another sex":
        changed.loc[len(changed) - 1, ["patient_id", "infusion_number"]] = [changed.loc[0, "patient_id"], "9"]
        cell = "male" if changed.loc[0, "sex"] == "female" else "female"
        row = len(changed) - 1
    changed.loc[row, column] = cell
    file = written(changed, tmp_path, name)
    with pytest.raises(DataError) as whole:
        read_cohort(file)
    with pytest.raises(DataError) as in_blocks:
        streamed(file)
    assert str(in_blocks.value) == str(whole.value)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("row", "text"),
    [(190, ""), (190, "1,2"), (302, "x" * 10_001)],
)
def test_a_wrong_row_is_reported_as_of_the_whole(
    row: int, text: str, table: pd.DataFrame, tmp_path: Path
) -> None:
    """A blank row, a short one, and a document in a cell."""
    lines = table.to_csv(index=False).splitlines()
    lines.insert(row, text)
    file = tmp_path / "c.csv"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError) as whole:
        read_cohort(file)
    with pytest.raises(DataError) as in_blocks:
        streamed(file)
    assert str(in_blocks.value) == str(whole.value)


def test_a_file_of_usual_size_is_reported_by_the_whole(table: pd.DataFrame, tmp_path: Path) -> None:
    """So that `score` says what `check` says."""
    changed = texts(table).assign(age_years="310", color="red")
    file = written(changed, tmp_path, "c.csv")
    with pytest.raises(DataError) as whole:
        read_cohort(file)
    with pytest.raises(DataError) as in_blocks:
        streamed(file)
    assert str(in_blocks.value) == str(whole.value)


def test_a_bad_cell_far_down_is_named_by_its_row(tmp_path: Path) -> None:
    """Row 70,001 of a file of 80,000 rows, in a later block; two rows of a patient lie 60,000 apart."""
    lines = ["patient_id,sex,ecog", *(f"P-{number:06},male,1" for number in range(80_000))]
    lines[70_000] = "P-069999,male,9"
    lines[75_000] = "P-000010,female,1"
    file = tmp_path / "c.csv"
    file.write_text("\n".join(lines))
    with pytest.raises(DataError) as refused:
        streamed(file)
    assert [str(problem) for problem in refused.value.problems] == [
        "ecog must be a whole number, 0 to 4, got 9 (row 70001): correct the cell",
        "infusion_number must be unique among a patient's rows, got blank, and blank in row 12 (row 75001): "
        "number the infusions 1, 2, ...; is a row repeated?",
        "sex must be the same in all rows of a patient, got female, and male in row 12 (row 75001): "
        "correct the one that is wrong",
    ]


@pytest.mark.usefixtures("small_blocks")
def test_a_check_ends_after_very_many_problems(tmp_path: Path, monkeypatch) -> None:
    """And says where."""
    monkeypatch.setattr(cohort_stream, "MOST_PROBLEMS", 100)
    lines = ["patient_id,ecog", *(f"P-{number:06},9" for number in range(1_000))]
    file = tmp_path / "c.csv"
    file.write_text("\n".join(lines))
    with pytest.raises(DataError) as refused:
        streamed(file)
    first, second = refused.value.problems
    assert first.code is Code.MORE_PROBLEMS
    assert str(first).startswith("the check stopped at row 129, after more than 100 problems: correct these")
    assert "(128 rows: 2-129)" in str(second)


@pytest.mark.usefixtures("small_blocks")
def test_a_folder_is_one_cohort(table: pd.DataFrame, tmp_path: Path) -> None:
    """The names of its folders are cells; a patient may have rows in two files."""
    text = texts(table).replace("", None)
    for center, rows in text.groupby("center"):
        folder = tmp_path / "parts" / f"center={str(center).replace(' ', '%20')}"
        folder.mkdir(parents=True)
        rows.drop(columns="center").to_parquet(folder / "part-0.parquet", index=False)
    (tmp_path / "parts" / "_metadata.parquet").write_bytes(b"PAR1")
    parts = streamed(tmp_path / "parts")
    whole = read_cohort(written(text.sort_values("center", kind="stable"), tmp_path, "c.parquet"))
    for name in ("patient_id", "center"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, name))
    assert sum(len(part) for part in parts) == len(whole)


def test_problems_of_a_folder_name_the_file(tmp_path: Path) -> None:
    """The first with problems in full, the others by name, and a row of another file with its file."""
    tables = {
        "a": pd.DataFrame({"patient_id": ["P-1", "P-2"], "sex": ["male", "male"]}),
        "b": pd.DataFrame({"patient_id": ["P-3", "P-1"], "sex": ["male", "female"]}),
        "c": pd.DataFrame({"patient_id": ["P-4"], "sex": ["x"]}),
    }
    for name, rows in tables.items():
        rows.assign(ecog="1").to_parquet(tmp_path / f"{name}.parquet", index=False)
    with pytest.raises(DataError) as refused:
        streamed(tmp_path)
    assert str(refused.value).splitlines() == [
        "b.parquet: 3 problems",
        "  infusion_number must be unique among a patient's rows, got blank, and blank in row 2 of a.parquet "
        "(row 3): number the infusions 1, 2, ...; is a row repeated?",
        "  sex must be the same in all rows of a patient, got female, and male in row 2 of a.parquet "
        "(row 3): correct the one that is wrong",
        "  1 other file with problems: c.parquet",
    ]


def test_a_folder_without_parquet_is_refused(tmp_path: Path) -> None:
    """With what it must have."""
    with pytest.raises(DataError, match="the folder has no Parquet file: name a file, or another folder"):
        open_streams(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.xlsx", b"PK\x03\x04"),
        ("missing.csv", None),
        ("empty.csv", b""),
        ("c.csv", b"sep=;\na;b\n"),
        ("latin.csv", "patient_id\nJosé\n".encode("cp1252")),
        ("redcap.csv", b"record_id,redcap_repeat_instrument\n1,\n"),
        ("labels.csv", b"Pseudonymous patient identifier,Sex,Complete?\n1,female,Complete\n"),
        ("page.csv", b"<html>"),
    ],
)
def test_other_files_are_read_as_a_whole(name: str, content: bytes | None, tmp_path: Path) -> None:
    """They need all rows at once, or are refused by what reads them."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    assert open_streams(file) is None


def test_a_large_file_that_is_no_text_is_refused(tmp_path: Path, monkeypatch) -> None:
    """It could not be read as a whole either."""
    monkeypatch.setattr("features.open_stream.MAX_FILE_BYTES", 3)
    file = tmp_path / "c.csv"
    file.write_bytes(b"patient_id\n" + b"P-1\n" * 300_000 + b"\xff\n")
    with pytest.raises(DataError, match="must be UTF-8 text, got an error on line 300002"):
        open_streams(file)
    file.write_bytes(b"patient_id\nP-1\n\x00\n")
    with pytest.raises(DataError, match="must be text, got a NUL byte on line 3"):
        open_streams(file)


def test_a_file_that_changes_meanwhile_is_refused(table: pd.DataFrame, tmp_path: Path) -> None:
    """Its risks would be of two files."""
    file = written(table, tmp_path, "c.csv")
    streams = open_streams(file)
    assert streams is not None
    check_streams(streams)
    file.write_text(file.read_text() + "\n")
    with pytest.raises(Refused, match=r"c\.csv has changed while it was read"):
        list(streams[0].cohorts(Bookmark()))
    file.write_text("patient_id,ecog\nP-1,9\n")
    with pytest.raises(Refused, match=r"c\.csv has changed while it was read"):
        list(open_streams(file)[0].cohorts(Bookmark()))  # type: ignore[index]


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    """As when it is read at once."""
    file = tmp_path / "c.csv"
    file.write_text("patient_id,sex\n\n")
    with pytest.raises(DataError, match="the file has headings but no rows"):
        streamed(file)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("text", ["sex,ecog\nmale,9\n", 'patient_id,ecog\nP-1,9\nP-2,"1\n'])
def test_a_file_whose_identifiers_cannot_be_read(text: str, tmp_path: Path) -> None:
    """It has no such column, or a quote that never ends."""
    file = tmp_path / "c.csv"
    file.write_text(text)
    with pytest.raises(DataError) as whole:
        read_cohort(file)
    with pytest.raises(DataError) as in_blocks:
        streamed(file)
    assert str(in_blocks.value) == str(whole.value)


def test_a_file_too_long_for_the_whole_is_reported_by_blocks(tmp_path: Path, monkeypatch) -> None:
    """Not as too long: its problem is another one."""
    monkeypatch.setattr("features.checking.check_table.MOST_INFUSIONS", 1)
    file = tmp_path / "c.csv"
    file.write_text("patient_id,ecog\nP-1,9\nP-2,1\n")
    with pytest.raises(DataError, match=r"ecog must be a whole number, 0 to 4, got 9 \(row 2\)"):
        streamed(file)


def test_a_file_that_may_not_be_read_is_left_to_the_whole(tmp_path: Path, monkeypatch) -> None:
    """Which says so."""

    def forbidden(path: Path) -> None:
        raise PermissionError(path)

    monkeypatch.setattr("features.open_stream._source", forbidden)
    file = tmp_path / "c.csv"
    file.write_text("patient_id,ecog\nP-1,1\n")
    assert open_streams(file) is None
