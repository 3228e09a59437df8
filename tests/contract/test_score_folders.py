"""`score` reads a partitioned folder as one cohort, and writes a folder with one file for each file of it."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset
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


def test_a_stopped_command_continues(place, monkeypatch, capsys) -> None:
    """The folder has its name only when it is whole, and its files are those of one run."""
    assert run(monkeypatch, capsys, "cohort --out whole")[0] == 0
    add, kept = UnfinishedScores.add, []

    def adding(self: UnfinishedScores, *arguments: object) -> object:
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(1)
        return add(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(UnfinishedScores, "add", adding)
        assert run(patch, capsys, "cohort --out risks")[0] == 130
    assert not (place / "risks").exists()
    status, told = run(monkeypatch, capsys, "cohort --out risks")
    assert status == 0
    assert told[0].endswith("infusions were scored before the interruption: continuing")
    for name in files_of(place / "whole"):
        assert (place / "risks" / name).read_bytes() == (place / "whole" / name).read_bytes()


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
