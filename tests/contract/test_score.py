"""`score` writes the same file whatever kind of file it reads, however often it is stopped."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from features.read_cohort import read_cohort
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.command_line import ran
from tests.local_dask import local_dask
from training.commands import score_input
from training.commands.score_notes import score_notes
from training.commands.unfinished_scores import UnfinishedScores

N_PATIENTS = 150
BLOCK = 40


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a cohort in three kinds of file, and a bundle."""
    folder = tmp_path_factory.mktemp("files")
    table = simulation_table(simulate(N_PATIENTS, rng=np.random.default_rng(2)))
    table = table.astype(object).where(table.notna(), "").astype(str)
    table.loc[3, "patient_id"] = 'P-7"x", 1'
    table.to_csv(folder / "c.csv", index=False)
    table.replace("", None).to_parquet(folder / "c.parquet", index=False)
    table.to_excel(folder / "c.xlsx", index=False)
    write_bundle(make_bundle(), folder / "bundle")
    return folder


@pytest.fixture
def place(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where a cohort and a bundle are; read few rows at a time, so that files have several parts."""
    for stream in ("delimited_stream.DelimitedStream", "parquet_stream.ParquetStream"):
        monkeypatch.setattr(f"features.files.{stream}.blocks.__defaults__", (BLOCK,))
    monkeypatch.setattr(score_input, "ROWS_OF_A_BLOCK", BLOCK)
    monkeypatch.setattr("serving.answers.infusion_lines.PREDICTED", 16)
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch, capsys, line: str) -> tuple[object, list[str]]:
    """Run `score` with the bundle: exit status, and what it reported beside warnings on the bundle."""
    status, _, told = ran(monkeypatch, capsys, "score", *line.split(), "--bundle", "bundle")
    return status, [each for each in told.splitlines() if not each.startswith("warning: bundle")]


def expected(place: Path, *, contributions: bool = False) -> pd.DataFrame:
    """Lay out the risks of the whole cohort, by one call of the scorer."""
    cohort = read_cohort(place / "c.csv")
    frames = []
    for name, risks in Scorer(read_bundle(place / "bundle")).risks(cohort.patients).items():
        for horizon, days in sorted(enumerate(risks.horizons_days), key=lambda item: item[1]):
            columns: dict[str, object] = {
                "patient_id": cohort.patient_id,
                "infusion_number": cohort.infusion_number,
                "outcome": name,
                "horizon_days": days,
                "risk": risks.risk[:, horizon],
                "low": risks.low[:, horizon],
                "high": risks.high[:, horizon],
            }
            if contributions:
                columns["risk_among"] = risks.explanation.risk[:, horizon]
                columns["reference_log_odds"] = risks.explanation.reference[horizon]
                for position, field in enumerate(risks.explanation.fields):
                    columns[f"contribution_{field}"] = risks.explanation.contributions[:, position]
            frames.append(pd.DataFrame(columns))
    table = pd.concat(frames, keys=range(len(frames)), names=["part", "infusion"])
    return table.sort_index(level=["infusion", "part"]).reset_index(drop=True)


@pytest.mark.parametrize("cohort", ["c.csv", "c.parquet", "c.xlsx"])
def test_the_file_is_that_of_the_whole_cohort(cohort, place, monkeypatch, capsys) -> None:
    """To the last byte, as pandas writes it; and so are the notes."""
    status, told = run(monkeypatch, capsys, f"{cohort} --out r.csv")
    table = expected(place)
    assert (place / "r.csv").read_text() == table.to_csv(index=False, lineterminator="\n")
    whole, bundle = read_cohort(place / "c.csv"), read_bundle(place / "bundle")
    assert status == 0
    assert told[-len(score_notes(bundle, whole.patients)) - 2 :] == [
        f"{len(whole)} infusions scored by {bundle.named}",
        f"{len(table)} risks in r.csv; the model was trained on a SYNTHETIC cohort",
        *score_notes(bundle, whole.patients),
    ]
    assert sorted(file.name for file in place.iterdir()) == [
        *("bundle", "c.csv", "c.parquet", "c.xlsx", "r.csv")
    ]


@pytest.mark.parametrize("option", ["--contributions", "--detail contributions"])
def test_contributions_are_added(option, place, monkeypatch, capsys) -> None:
    """Blank where an outcome's model does not use a field."""
    assert run(monkeypatch, capsys, f"c.csv --out r.csv {option}")[0] == 0
    table = expected(place, contributions=True)
    assert (place / "r.csv").read_text() == table.to_csv(index=False, lineterminator="\n")


def test_risks_alone_are_the_same_risks(place, monkeypatch, capsys) -> None:
    """Without interval, to the last bit."""
    assert run(monkeypatch, capsys, "c.csv --out r.csv --detail risk")[0] == 0
    table = expected(place).drop(columns=["low", "high"])
    assert (place / "r.csv").read_text() == table.to_csv(index=False, lineterminator="\n")


def test_an_unknown_detail_is_refused(place, monkeypatch, capsys) -> None:
    """With the three that there are."""
    told = run(monkeypatch, capsys, "c.csv --out r.csv --detail all")
    assert told == (1, ["--detail must be risk, interval or contributions, got all"])
    told = run(monkeypatch, capsys, "c.csv --out r.csv --detail risk --contributions")
    assert told == (1, ["--contributions and --detail risk exclude each other: omit one"])


@pytest.mark.parametrize("detail", ["risk", "interval", "contributions"])
def test_parquet_has_the_same_values(detail, place, monkeypatch, capsys) -> None:
    """One row group a part, numbers as numbers, and missing contributions as missing."""
    for out in ("r.csv", "r.parquet"):
        assert run(monkeypatch, capsys, f"c.parquet --out {out} --detail {detail}")[0] == 0
    text = pd.read_csv(place / "r.csv", float_precision="round_trip")
    pd.testing.assert_frame_equal(pd.read_parquet(place / "r.parquet"), text)
    n_parts = -(-len(read_cohort(place / "c.csv")) // BLOCK)
    assert pyarrow.parquet.ParquetFile(place / "r.parquet").metadata.num_row_groups == n_parts
    assert stat.S_IMODE((place / "r.parquet").stat().st_mode) == 0o600


def test_a_folder_of_parquet_files_is_one_cohort(place, monkeypatch, capsys) -> None:
    """In the order of its files."""
    table = pd.read_parquet(place / "c.parquet")
    for number, start in enumerate(range(0, len(table), 70)):
        folder = place / "parts" / f"batch-{number}"
        folder.mkdir(parents=True)
        table[start : start + 70].to_parquet(folder / "part.parquet", index=False)
    assert run(monkeypatch, capsys, "parts --out r.csv")[0] == 0
    assert (place / "r.csv").read_text() == expected(place).to_csv(index=False, lineterminator="\n")


def stopped_after(monkeypatch, n_parts: int, error: BaseException) -> None:
    """Let a command fail when it has kept a number of parts."""
    add, kept = UnfinishedScores.add, [0]

    def adding(self: UnfinishedScores, *arguments: object) -> object:
        if kept[0] == n_parts:
            raise error
        kept[0] += 1
        return add(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(UnfinishedScores, "add", adding)


@pytest.mark.parametrize(
    ("n_parts", "cohort", "out"),
    [
        (2, "c.csv", "r.csv"),
        (0, "c.csv", "r.parquet"),
        (3, "c.parquet", "r.parquet"),
        (1, "c.parquet", "r.csv"),
        (2, "c.xlsx", "r.csv"),
    ],
)
def test_a_stopped_command_continues(n_parts, cohort, out, place, monkeypatch, capsys) -> None:
    """Nothing has the final name before, what is kept is private, and the file is the same."""
    assert run(monkeypatch, capsys, f"{cohort} --out whole{Path(out).suffix}")[0] == 0
    with monkeypatch.context() as patch:
        stopped_after(patch, n_parts, KeyboardInterrupt())
        status, told = run(patch, capsys, f"{cohort} --out {out}")
    assert status == 130
    assert "stopped: run the same command again to continue" in told
    assert not (place / out).exists()
    unfinished = place / f".{out}.unfinished"
    assert stat.S_IMODE(unfinished.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in unfinished.iterdir()} == {0o600}
    # What was written behind the last complete part, as by a process that was killed.
    for file in unfinished.glob("joined"):
        file.write_bytes(file.read_bytes() + b"synth")
    status, told = run(monkeypatch, capsys, f"{cohort} --out {out}")
    n_infusions = len(read_cohort(place / "c.csv"))
    done = f"{n_parts * BLOCK} of {n_infusions} infusions were scored before the interruption: continuing"
    assert (status, told[0]) == (0, done)
    assert (place / out).read_bytes() == (place / f"whole{Path(out).suffix}").read_bytes()
    assert not unfinished.exists()


CHANGES = {
    "the cohort": "c.csv --out r.csv",
    "--detail": "c.csv --out r.csv --detail risk",
    "the model": "c.csv --out r.csv",
}


@pytest.mark.parametrize("changed", CHANGES)
def test_another_input_starts_again(changed, place, monkeypatch, capsys) -> None:
    """And the command says what has changed."""
    with monkeypatch.context() as patch:
        stopped_after(patch, 2, KeyboardInterrupt())
        run(patch, capsys, "c.csv --out r.csv")
    if changed == "the cohort":
        lines = (place / "c.csv").read_text().splitlines()
        (place / "c.csv").write_text("\n".join(lines[:100]) + "\n")
    if changed == "the model":
        shutil.rmtree(place / "bundle")
        write_bundle(make_bundle(synthetic=False), place / "bundle")
    status, told = run(monkeypatch, capsys, CHANGES[changed])
    assert (status, told[0]) == (0, f"{changed} changed since the interrupted run: starting again")
    columns = ["risk"] if changed == "--detail" else ["risk", "low", "high"]
    table = expected(place)[["patient_id", "infusion_number", "outcome", "horizon_days", *columns]]
    assert (place / "r.csv").read_text() == table.to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("damage", ["state", "part"])
def test_what_is_damaged_is_not_used(damage, place, monkeypatch, capsys) -> None:
    """A part that is not whole, or a state that cannot be read: the command starts again."""
    with monkeypatch.context() as patch:
        stopped_after(patch, 2, KeyboardInterrupt())
        run(patch, capsys, "c.csv --out r.csv")
    unfinished = place / ".r.csv.unfinished"
    if damage == "state":
        (unfinished / "state.json").write_text("{}")
    else:
        os.truncate(unfinished / "joined", 10)
    status, told = run(monkeypatch, capsys, "c.csv --out r.csv")
    again = "the interrupted run left nothing that can be used: starting again"
    assert (status, told[0]) == (0, again)
    assert (place / "r.csv").read_text() == expected(place).to_csv(index=False, lineterminator="\n")


def test_a_full_disk_is_named_and_loses_nothing(place, monkeypatch, capsys) -> None:
    """The message says how to go on."""
    with monkeypatch.context() as patch:
        stopped_after(patch, 2, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        told = run(patch, capsys, "c.csv --out r.csv")
    assert told == (
        1,
        [
            "r.csv: 1 problem",
            "  the file cannot be written (No space left on device); the risks so far are kept: free some "
            "space, and run the same command again to continue",
        ],
    )
    assert not (place / "r.csv").exists()
    assert "continuing" in run(monkeypatch, capsys, "c.csv --out r.csv")[1][0]


def test_no_patient_is_in_the_state(place, monkeypatch, capsys) -> None:
    """Counts and digests only."""
    with monkeypatch.context() as patch:
        stopped_after(patch, 2, KeyboardInterrupt())
        told = run(patch, capsys, "c.csv --out r.csv")[1]
    state = (place / ".r.csv.unfinished" / "state.json").read_text()
    assert "synthetic" not in state + "".join(told)
    assert set(json.loads(state)) == {
        *("key", "n_infusions", "done", "n_parts", "n_bytes", "start", "notes", "of_files")
    }


def test_a_refused_cohort_leaves_nothing(place, monkeypatch, capsys) -> None:
    """Every row is checked before the first risk is computed; the report is that of `check`."""
    lines = (place / "c.csv").read_text().splitlines()
    lines[140] = lines[140].replace(",", ",x", 1)
    (place / "c.csv").write_text("\n".join(lines) + "\n")
    status, told = run(monkeypatch, capsys, "c.csv --out r.csv")
    assert (status, told[0]) == (1, "c.csv: 1 problem")
    assert "(row 141)" in told[1]
    assert not list(place.glob("*r.csv*")) + list(place.glob(".r.csv*"))


def test_an_output_that_appears_meanwhile_is_kept(place, monkeypatch, capsys) -> None:
    """The risks are kept too, and get the name when they may."""
    joined = UnfinishedScores.joined

    def appearing(self: UnfinishedScores, state: object) -> Path:
        (place / "r.csv").write_text("mine")
        return joined(self, state)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(UnfinishedScores, "joined", appearing)
        status, told = run(patch, capsys, "c.csv --out r.csv")
    assert (status, (place / "r.csv").read_text()) == (1, "mine")
    assert "the file to write exists" in "".join(told)
    assert run(monkeypatch, capsys, "c.csv --out r.csv --overwrite")[0] == 0
    assert (place / "r.csv").read_text() == expected(place).to_csv(index=False, lineterminator="\n")


def test_two_commands_do_not_write_one_file(place, monkeypatch, capsys) -> None:
    """The second is refused."""
    with UnfinishedScores(place / "r.csv").locked():
        told = run(monkeypatch, capsys, "c.csv --out r.csv")
    refused = "Another command is writing r.csv. Wait for it to finish, or name another file with --out"
    assert told == (1, [refused])


def test_progress_is_shown_for_long_cohorts(place, monkeypatch, capsys) -> None:
    """A line for each tenth where standard error is no terminal."""
    monkeypatch.setattr("training.commands.score_run.SHOWN_FROM", 100)
    told = run(monkeypatch, capsys, "c.csv --out r.csv")[1]
    n_infusions = len(read_cohort(place / "c.csv"))
    assert f"{BLOCK} of {n_infusions} infusions scored" in told
    assert f"{n_infusions} of {n_infusions} infusions scored" in told


def test_a_cluster_needs_parts(place, monkeypatch, capsys) -> None:
    """A file that is read as a whole is named; nothing is kept of it."""
    with local_dask() as cluster:
        told = run(monkeypatch, capsys, f"c.xlsx --out r.csv --dask {cluster.scheduler_address}")
    words = "--dask reads CSV and Parquet with the schema's columns in parts; c.xlsx is neither"
    assert told == (1, [words])
    assert not list(place.glob("*r.csv*"))
