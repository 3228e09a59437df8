"""The benchmark's driver: the same cohorts whoever is fitted, rows that are kept, runs that go on."""

import numpy as np
import pytest

from tests.benchmarks import recovery
from tests.benchmarks.recovery import Cell, run_cell
from tests.benchmarks.results import COLUMNS, Result, append, finished


def cell(fits, **changed):
    asked = {"world": "right", "outcome": "relapse", "n": 60, "cohort": 0, "seed": 1, **changed}
    return Cell(**asked, fits=fits, intervals=("ridge",), replicates=5)


def test_own_learner_is_measured_with_its_interval_and_its_sum():
    (row,) = run_cell(cell((("ridge", "own"),)))
    assert 0 < row.excess < 0.5
    assert 0 < row.coverage <= 1
    assert 0 < row.width < 1
    assert row.additivity < 1e-6
    assert row.fell_back == 0


def test_cohort_is_the_same_whichever_learners_run():
    """A learner that joins later meets what the others met."""
    together = run_cell(cell((("prevalence", "terms"), ("ridge_logistic", "terms"), ("ridge", "own"))))
    alone = [run_cell(cell((fit,)))[0] for fit in (("ridge_logistic", "terms"), ("ridge", "own"))]
    assert [row.excess for row in together[1:]] == [row.excess for row in alone]


@pytest.mark.parametrize(
    "changed", [{"cohort": 1}, {"n": 61}, {"outcome": "severe_crs"}, {"world": "all_wrong"}]
)
def test_every_cell_has_draws_of_its_own(changed):
    draws = [cell((), **asked).rng("cohort").random() for asked in ({}, changed)]
    assert draws[0] != draws[1]


def test_own_learner_that_fails_is_recorded_as_the_prevalence(monkeypatch):
    class Failing:
        name = "failing"

        def choose(self, training, rng):
            raise ValueError

    monkeypatch.setattr(recovery, "own_learners", lambda: {"failing": Failing()})
    prevalence, failed = run_cell(cell((("prevalence", "terms"), ("failing", "own"))))
    assert failed.fell_back == 1
    assert failed.excess == prevalence.excess


def asked(file, *more):
    small = ("--worlds", "right", "--sizes", "8", "--cohorts", "2", "--out", str(file))
    return recovery._parser().parse_args([*small, *more])


def test_finished_rows_are_not_run_again(tmp_path):
    file = tmp_path / "results.csv"
    before = list(recovery._cells(asked(file, "--learners", "prevalence", "ridge")))
    assert [(one.outcome, one.cohort, one.fits) for one in before][:1] == [
        ("relapse", 0, (("prevalence", "terms"), ("ridge", "own")))
    ]
    append(file, [Result("right", "relapse", 8, 0, "ridge", "own", 0.1, 1.0, 0.0, 0)])
    after = list(recovery._cells(asked(file, "--learners", "prevalence", "ridge")))
    assert next(one.fits for one in after) == (("prevalence", "terms"),)
    assert [one.fits for one in after][1:] == [one.fits for one in before][1:]


def test_an_old_file_is_not_added_to_unasked(tmp_path):
    file = tmp_path / "results.csv"
    file.write_text("")
    with pytest.raises(SystemExit, match="exists; add to it with --resume"):
        recovery.main(["--out", str(file)])


def test_row_cut_off_by_a_killed_run_does_not_count_and_goes(tmp_path):
    file = tmp_path / "results.csv"
    rows = [Result("right", "relapse", 8, cohort, "ridge", "own", 0.1, 1.0, 0.0, 0) for cohort in (0, 1)]
    append(file, rows)
    file.write_text(file.read_text()[:-2])
    assert finished(file) == {rows[0].key}
    append(file, rows[1:])
    assert finished(file) == {row.key for row in rows}


def test_file_of_another_version_is_refused(tmp_path):
    file = tmp_path / "results.csv"
    file.write_text("world,excess\nright,0.1\n")
    with pytest.raises(ValueError, match="has other columns than this version writes"):
        finished(file)


def test_rows_come_back_as_written(tmp_path):
    file = tmp_path / "results.csv"
    row = Result("right", "relapse", 8, 0, "ridge", "own", 0.1, np.nan, 0.5, 0)
    append(file, [row])
    append(file, [row])
    assert file.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert len(file.read_text().splitlines()) == 3
    assert finished(file) == {row.key}
