"""`score` reads a partitioned folder as one cohort, and writes a folder with one file for each file of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest

from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.command_line import ran
from training.commands.unfinished_scores import UnfinishedScores

BLOCK = 40


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand beside a cohort in one file, and in a folder for each center as other tools write it."""
    monkeypatch.setattr("features.files.parquet_stream.ParquetStream.blocks.__defaults__", (BLOCK,))
    table = simulation_table(simulate(150, rng=np.random.default_rng(2)))
    table = table.astype(object).where(table.notna(), None).astype({"center": str})
    table = table.sort_values("center", kind="stable").map(lambda cell: None if cell is None else str(cell))
    table["center"] = table["center"].where(table["center"] != table["center"].iloc[0], "North / East")
    table = table.sort_values("center", kind="stable")
    table.to_parquet(tmp_path / "c.parquet", index=False)
    table.to_parquet(tmp_path / "cohort", partition_cols=["center"], index=False)
    write_bundle(make_bundle(), tmp_path / "bundle")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch, capsys, line: str) -> tuple[object, list[str]]:
    """Run `score` with the bundle: exit status, and what it reported beside warnings on the bundle."""
    status, _, told = ran(monkeypatch, capsys, "score", *line.split(), "--bundle", "bundle")
    return status, [each for each in told.splitlines() if not each.startswith("warning: bundle")]


def files_of(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    keys = ["patient_id", "infusion_number", "outcome", "horizon_days"]
    return table.sort_values(keys).reset_index(drop=True)


def test_each_file_has_its_own_file_of_risks(place, monkeypatch, capsys) -> None:
    """In the same folders, so that readers add the center; together they are those of the whole cohort."""
    assert run(monkeypatch, capsys, "c.parquet --out whole.parquet")[0] == 0
    assert run(monkeypatch, capsys, "cohort --out risks")[0] == 0
    assert files_of(place / "risks") == files_of(place / "cohort")
    assert not (place / ".risks.unfinished").exists()
    read = pyarrow.dataset.dataset(place / "risks", partitioning="hive").to_table().to_pandas()
    assert "North / East" in set(read["center"])
    whole = in_order(pd.read_parquet(place / "whole.parquet"))
    pd.testing.assert_frame_equal(in_order(read.drop(columns="center")), whole)
    own = pyarrow.dataset.dataset(place / "cohort", partitioning="hive").to_table().to_pandas()
    centers = own.set_index("patient_id")["center"].astype(str).to_dict()
    assert (read["center"].astype(str) == read["patient_id"].map(centers)).all()
    for path in (place / "risks").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def stop_after_two_parts(monkeypatch, capsys) -> None:
    """Interrupt `score` of the folder."""
    add, kept = UnfinishedScores.add, []

    def adding(self: UnfinishedScores, *arguments: object) -> object:
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(1)
        return add(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(UnfinishedScores, "add", adding)
        assert run(patch, capsys, "cohort --out risks")[0] == 130


def test_a_stopped_command_continues(place, monkeypatch, capsys) -> None:
    """The folder has its name only when it is whole, and its files are those of one run."""
    assert run(monkeypatch, capsys, "cohort --out whole")[0] == 0
    stop_after_two_parts(monkeypatch, capsys)
    assert not (place / "risks").exists()
    status, told = run(monkeypatch, capsys, "cohort --out risks")
    assert status == 0
    assert told[0].endswith("infusions were scored before the interruption: continuing")
    for name in files_of(place / "whole"):
        assert (place / "risks" / name).read_bytes() == (place / "whole" / name).read_bytes()


@pytest.mark.parametrize("n_bytes", [0, 1000])
def test_a_part_that_is_not_whole_is_not_used(n_bytes, place, monkeypatch, capsys) -> None:
    """It is noticed before anything is scored, and the command starts again."""
    assert run(monkeypatch, capsys, "cohort --out whole")[0] == 0
    stop_after_two_parts(monkeypatch, capsys)
    os.truncate(place / ".risks.unfinished" / "part-000000.parquet", n_bytes)
    status, told = run(monkeypatch, capsys, "cohort --out risks")
    again = "the interrupted run left nothing that can be used: starting again"
    assert (status, told[0]) == (0, again)
    for name in files_of(place / "whole"):
        assert (place / "risks" / name).read_bytes() == (place / "whole" / name).read_bytes()


def test_files_whose_names_differ_little_stay_apart(place, monkeypatch, capsys) -> None:
    """In case only, or by a second extension; a folder may have the name that a file would get."""
    table = pd.read_parquet(place / "c.parquet")
    names = ["a.PARQUET", "a.PARQUET.parquet", "a.parquet", "b.PARQUET", "b.parquet/c.parquet"]
    (place / "alike" / "b.parquet").mkdir(parents=True)
    for number, name in enumerate(names):
        table[number * 20 : number * 20 + 20].to_parquet(place / "alike" / name, index=False)
    assert run(monkeypatch, capsys, "alike --out risks")[0] == 0
    written = {
        name: set(pd.read_parquet(place / "risks" / name)["patient_id"]) for name in files_of(place / "risks")
    }
    assert written == {
        {
            "a.PARQUET": "a.parquet",
            "a.parquet": "a.parquet.parquet.parquet",
            "b.PARQUET": "b.PARQUET.parquet",
        }.get(name, name): set(table["patient_id"][number * 20 : number * 20 + 20])
        for number, name in enumerate(names)
    }


def test_one_file_gives_a_folder_of_one(place, monkeypatch, capsys) -> None:
    """By the name of the cohort; an empty folder may be there."""
    (place / "risks").mkdir()
    assert run(monkeypatch, capsys, "c.parquet --out risks")[0] == 0
    assert files_of(place / "risks") == ["c.parquet"]


def test_an_earlier_folder_is_replaced_on_request_alone(place, monkeypatch, capsys) -> None:
    """None of its files stays; a folder with anything else in it is never replaced."""
    assert run(monkeypatch, capsys, "cohort --out risks")[0] == 0
    status, told = run(monkeypatch, capsys, "c.parquet --out risks")
    exists = "  the folder to write exists: name another folder, or replace it with --overwrite"
    assert (status, told[1]) == (1, exists)
    assert run(monkeypatch, capsys, "c.parquet --out risks --overwrite")[0] == 0
    assert files_of(place / "risks") == ["c.parquet"]
    others = "  the folder to write holds files that this command did not write: name another folder"
    for name in ("notes.txt", "mine.parquet"):
        (place / "risks" / name).write_text("mine")
        assert run(monkeypatch, capsys, "c.parquet --out risks --overwrite")[1][1] == others
        (place / "risks" / name).unlink()
    assert run(monkeypatch, capsys, "c.parquet --out cohort --overwrite")[1][1] == others


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cohort --out cohort", "is the folder that is read: name another folder"),
        ("cohort --out cohort/risks", "is in the folder that is read: name one elsewhere"),
        ("cohort --out .", "contains what is read: name another folder"),
        ("cohort --out notes", "is a file: name another folder"),
    ],
)
def test_a_folder_that_must_not_be_written_is_refused(line, words, place, monkeypatch, capsys) -> None:
    """Before anything is read."""
    (place / "notes").write_text("mine")
    status, told = run(monkeypatch, capsys, line)
    assert (status, told[1]) == (1, f"  the folder to write {words}")


def test_a_column_in_both_a_file_and_its_folder_is_refused(place, monkeypatch, capsys) -> None:
    """It would be there twice, and might differ."""
    table = pd.read_parquet(place / "c.parquet")
    folder = place / "both" / "center=A"
    folder.mkdir(parents=True)
    table.to_parquet(folder / "part.parquet", index=False)
    status, told = run(monkeypatch, capsys, "both --out risks")
    assert (status, told[0]) == (1, "center=A/part.parquet: 1 problem")
    assert "center" in told[1]
    assert not (place / "risks").exists()


def emptied(place: Path, name: str, **changed: str) -> Path:
    """Write a part without rows, as Spark does, beside the first of the folder."""
    file = next(iter(sorted((place / "cohort").rglob("*.parquet"))))
    table = pyarrow.parquet.read_table(file, partitioning=None).slice(0, 0)
    columns = [changed.get(each, each) for each in table.column_names]
    pyarrow.parquet.write_table(table.rename_columns(columns), file.with_name(name))
    return file.with_name(name)


def test_parts_without_rows_add_nothing(place, monkeypatch, capsys) -> None:
    """First, in between and last; the risks are those without them."""
    assert run(monkeypatch, capsys, "cohort --out without.parquet")[0] == 0
    for name in ("0.parquet", "zz.parquet"):
        emptied(place, name)
    last = place / "cohort" / "center=zz"
    last.mkdir()
    emptied(place, "z.parquet").rename(last / "part.parquet")
    assert run(monkeypatch, capsys, "cohort --out with.parquet")[0] == 0
    assert (place / "with.parquet").read_bytes() == (place / "without.parquet").read_bytes()
    assert run(monkeypatch, capsys, "cohort --out risks")[0] == 0
    assert len(files_of(place / "risks")) == len(files_of(place / "cohort")) - 3


def test_the_headings_of_parts_without_rows_are_checked(place, monkeypatch, capsys) -> None:
    """As those of the others."""
    empty = emptied(place, "0.parquet", ldh_u_l="ldh")
    status, told = run(monkeypatch, capsys, "cohort --out risks.csv")
    assert (status, told[0]) == (1, f"{empty.relative_to(place / 'cohort')}: 1 problem")
    assert told[1].startswith("  ldh is not a column of the schema: did you mean ldh_u_l?")


def test_a_folder_without_any_row_is_refused(place, monkeypatch, capsys) -> None:
    """There is nothing to predict."""
    (place / "empty").mkdir()
    for name in ("0.parquet", "1.parquet"):
        emptied(place, name).rename(place / "empty" / name)
    status, told = run(monkeypatch, capsys, "empty --out risks.csv")
    assert (status, told[:2]) == (1, ["0.parquet: 2 problems", "  the file has headings but no rows"])


@pytest.mark.parametrize(
    ("command", "cohort"), [("score", "c.parquet"), ("score", "cohort"), ("check", "c.parquet")]
)
def test_times_that_cannot_be_read_are_refused_by_column(command, cohort, place, monkeypatch, capsys) -> None:
    """By both commands in the same words, also in a column that the cohort does not need."""
    for file in [place / "c.parquet", *(place / "cohort").rglob("*.parquet")]:
        table = pyarrow.parquet.read_table(file, partitioning=None)
        days = pyarrow.array([10**8] * len(table), pyarrow.date32())
        pyarrow.parquet.write_table(table.append_column("seen", days), file)
    line = (cohort, "--out", "r.csv", "--bundle", "bundle") if command == "score" else (cohort,)
    status, printed, told = ran(monkeypatch, capsys, command, *line)
    assert status == 1
    rule = "seen must be a date of the years 1 to 9999 (row 2): correct it in the program that wrote the file"
    assert rule in printed + told
    assert "damaged" not in printed + told
