"""Files under ``data/`` are what the code makes, byte for byte."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from features.checking.check_table import check_table
from features.files.read_table import read_table
from features.outcomes import OUTCOMES
from features.problems import DataError
from features.synthetic.simulation import SIMULATED_COLUMNS
from training.commands.schema import documents, schema
from training.commands.simulate import simulate

PROJECT = Path(__file__).parents[2]
DATA = PROJECT / "data"
BUNDLED = {"patients": 200, "seed": 20260101}


@pytest.mark.parametrize("name", documents())
def test_documents_of_the_schema_are_up_to_date(name):
    """``cart-outcomes schema --write`` would change nothing."""
    assert (PROJECT / name).read_bytes() == documents()[name].encode()


def test_schema_is_printed_or_written(tmp_path, capsys):
    """Without ``--write`` it goes to standard output, with it to both files."""
    schema(write=False)
    assert json.loads(capsys.readouterr().out) == json.loads(documents()["data/schema.json"])
    schema(write=True, folder=tmp_path)
    written = {file for file in tmp_path.rglob("*") if file.is_file()}
    found = {file.relative_to(tmp_path).as_posix(): file.read_text(encoding="utf-8") for file in written}
    assert found == documents()


def test_bundled_cohort_is_what_its_command_makes(tmp_path):
    """``cart-outcomes simulate --patients 200 --seed 20260101 --out data/synthetic.csv``."""
    simulate(**BUNDLED, out=tmp_path / "synthetic.csv")
    assert (tmp_path / "synthetic.csv").read_bytes() == (DATA / "synthetic.csv").read_bytes()


def test_bundled_cohort_passes_every_check():
    """About 240 infusions of 200 patients, at three centres, known as synthetic."""
    cohort = check_table(read_table(DATA / "synthetic.csv"))
    assert cohort.synthetic
    assert cohort.n_patients == 200
    assert 230 <= len(cohort) <= 250
    assert len(set(cohort.center)) == 3
    assert cohort.present == frozenset(SIMULATED_COLUMNS)


def test_truth_is_written_beside_the_cohort(tmp_path):
    """One line per infusion, outcome and horizon, with risks between 0 and 1; nothing else is left behind."""
    simulate(30, 5, tmp_path / "c.csv", tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["patient_id", "infusion_number", "outcome", "horizon_days", "risk"]
    assert all(0 < float(row["risk"]) < 1 for row in rows)
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as lines:
        risks = {(row["outcome"], row["horizon_days"]) for row in rows}
        assert len(rows) == len(risks) * len(list(csv.DictReader(lines)))
        assert {outcome for outcome, _ in risks} == set(OUTCOMES) - {"death"}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["c.csv", "t.csv"]


def test_a_cohort_that_cannot_be_written_leaves_nothing(tmp_path):
    """An unwritable place is refused, and the truth is not written either."""
    with pytest.raises(DataError, match="the folder of the file to write does not exist"):
        simulate(5, 1, tmp_path / "absent" / "c.csv", tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []
