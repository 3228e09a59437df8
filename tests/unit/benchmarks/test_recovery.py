"""The benchmark's driver: the same cohorts whichever learners run, rows that are kept, runs that go on."""

import numpy as np
import pytest

from tests.benchmarks import recovery, run_cell
from tests.benchmarks.results import COLUMNS, Result, append, finished
from tests.benchmarks.run_cell import Cell

AGAIN = ("again", "training.learners.anchored:Anchored")


def cell(fits, **changed):
    values = {"world": "right", "setting": "plain", "outcome": "relapse", "n": 60, "cohort": 0, "seed": 1}
    return Cell(**{**values, "fits": fits, "replicates": 5, **changed})


def row(cohort=0, learner="ridge"):
    return Result("right", "plain", "relapse", 8, cohort, learner, "own", 0.1, 1.0, 0.0, 0)


def test_own_learner_is_measured_with_its_interval_and_its_sum():
    (measured,) = run_cell.run_cell(cell((("ridge", "own"),)))
    assert 0 < measured.excess < 0.5
    assert 0 < measured.coverage <= 1
    assert 0 < measured.width < 1
    assert measured.additivity < 1e-6
    assert measured.fell_back == 0
    deciles = [float(share) for share in measured.deciles.split()]
    assert len(deciles) == 10
    assert np.mean(deciles) == pytest.approx(measured.coverage, abs=0.006)


def test_without_replicates_there_is_no_interval_and_the_same_excess():
    both = [run_cell.run_cell(cell((("anchored", "own"),), replicates=count))[0] for count in (0, 5)]
    assert both[0].excess == both[1].excess
    assert np.isnan(both[0].coverage)
    assert both[0].deciles == ""


def test_sharing_terms_changes_no_interval(monkeypatch):
    fits = (("anchored", "own"),)
    (shared,) = run_cell.run_cell(cell(fits))
    monkeypatch.setattr(run_cell, "_sharing_terms", lambda training, sets: sets)
    (apart,) = run_cell.run_cell(cell(fits))
    assert (shared.coverage, shared.width, shared.deciles) == (apart.coverage, apart.width, apart.deciles)


def test_cohort_is_the_same_whichever_learners_run():
    """A learner that joins later meets what the others met."""
    together = run_cell.run_cell(
        cell((("prevalence", "terms"), ("ridge_logistic", "terms"), ("ridge", "own")))
    )
    alone = [run_cell.run_cell(cell((fit,)))[0] for fit in (("ridge_logistic", "terms"), ("ridge", "own"))]
    assert [measured.excess for measured in together[1:]] == [measured.excess for measured in alone]


def test_candidate_with_the_same_code_has_the_same_numbers():
    """Names do not matter: not to the cohort, and not to the draws of the learner."""
    fits = (("anchored", "own"), ("again", "own"))
    first, second = run_cell.run_cell(cell(fits, variants=(AGAIN,)))
    assert first.excess == second.excess
    assert (first.coverage, first.width) == (second.coverage, second.width)


def test_effective_sample_size_is_recorded_where_a_learner_states_it(monkeypatch):
    (silent,) = run_cell.run_cell(cell((("anchored", "own"),), replicates=0))
    assert np.isnan(silent.effective_n)
    learner = run_cell.own_learners(())["anchored"]
    monkeypatch.setattr(learner, "parameters", lambda choice: {"effective_sample_size": 31.0}, raising=False)
    (stated,) = run_cell.run_cell(cell((("anchored", "own"),), replicates=0))
    assert stated.effective_n == 31.0


def test_learner_without_trees_is_another_row(tmp_path):
    """Neither takes the place of the other when a run goes on."""
    file = tmp_path / "results.csv"
    (linear,) = run_cell.run_cell(cell((("anchored", "own"),), n=8, replicates=0, linear_only=True))
    assert linear.learner == "anchored_linear"
    append(file, [linear])
    kept = ("--outcomes", "relapse", "--cohorts", "1", "--learners", "anchored")
    assert not list(recovery.cells_of(options(file, *kept, "--linear-only")))
    assert len(list(recovery.cells_of(options(file, *kept)))) == 1


@pytest.mark.parametrize(
    "changed", [{"cohort": 1}, {"n": 61}, {"outcome": "severe_crs"}, {"world": "all_wrong"}]
)
def test_every_cell_has_draws_of_its_own(changed):
    draws = [cell((), **values).rng("cohort").random() for values in ({}, changed)]
    assert draws[0] != draws[1]


def test_settings_share_their_patients():
    draws = [cell((), setting=name).rng("cohort").random() for name in ("plain", "gaps")]
    assert draws[0] == draws[1]


def test_own_learner_that_fails_is_recorded_as_the_prevalence(monkeypatch):
    class Failing:
        name = "failing"

        def choose(self, training, rng):
            raise ValueError

    monkeypatch.setattr(run_cell, "own_learners", lambda variants: {"failing": Failing()})
    prevalence, failed = run_cell.run_cell(cell((("prevalence", "terms"), ("failing", "own"))))
    assert failed.fell_back == 1
    assert failed.excess == prevalence.excess


def options(file, *more):
    small = ("--worlds", "right", "--sizes", "8", "--cohorts", "2", "--out", str(file))
    return recovery.parsed([*small, *more])


def test_finished_rows_are_not_run_again(tmp_path):
    file = tmp_path / "results.csv"
    before = list(recovery.cells_of(options(file, "--learners", "prevalence", "ridge")))
    assert [(one.outcome, one.cohort, one.fits) for one in before][:1] == [
        ("relapse", 0, (("prevalence", "terms"), ("ridge", "own")))
    ]
    append(file, [row()])
    after = list(recovery.cells_of(options(file, "--learners", "prevalence", "ridge")))
    assert next(one.fits for one in after) == (("prevalence", "terms"),)
    assert [one.fits for one in after][1:] == [one.fits for one in before][1:]


def test_rows_of_another_setting_do_not_count(tmp_path):
    file = tmp_path / "results.csv"
    append(file, [row()])
    gaps = list(recovery.cells_of(options(file, "--learners", "ridge", "--settings", "gaps")))
    assert gaps[0].fits == (("ridge", "own"),)


def test_fresh_cohorts_have_other_numbers(tmp_path):
    cells = recovery.cells_of(options(tmp_path / "out.csv", "--from-cohort", "500", "--learners", "ridge"))
    assert {one.cohort for one in cells} == {500, 501}


def test_candidates_run_beside_the_learners(tmp_path):
    text = "=".join(AGAIN)
    cells = list(recovery.cells_of(options(tmp_path / "out.csv", "--quick", "--variant", text)))
    assert [fit for fit in cells[0].fits if fit[1] == "own"] == [("anchored", "own"), ("again", "own")]
    assert cells[0].variants == (AGAIN,)


def test_flags_for_speed_reach_the_cells(tmp_path):
    fast = next(
        iter(recovery.cells_of(options(tmp_path / "out.csv", "--no-intervals", "--linear-only", "--quick")))
    )
    assert fast.replicates == 0
    assert fast.linear_only


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--learners", "oracle"), "no learner oracle"),
        (("--variant", "wide"), "wide is not name=module:attribute"),
        (("--variant", "wide=training.learners.anchored:Wide"), "no candidate at"),
        (("--variant", "ridge=training.learners.ridge:Ridge"), "ridge is a learner already"),
    ],
)
def test_learners_that_do_not_exist_are_refused_before_anything_runs(more, message, tmp_path, capsys):
    with pytest.raises(SystemExit):
        options(tmp_path / "out.csv", *more)
    assert message in capsys.readouterr().err


def test_one_worker_runs_in_this_process(tmp_path):
    file = tmp_path / "results.csv"
    recovery.main(
        ["--worlds", "right", "--outcomes", "relapse", "--sizes", "30", "--cohorts", "1", "--workers", "1"]
        + ["--learners", "prevalence", "evidence_only", "anchored", "--no-intervals", "--out", str(file)]
    )
    assert {key[5] for key in finished(file)} == {"prevalence", "evidence_only", "anchored"}


def test_an_old_file_is_not_added_to_unasked(tmp_path):
    file = tmp_path / "results.csv"
    file.write_text("")
    with pytest.raises(SystemExit, match="exists; add to it with --resume"):
        recovery.main(["--out", str(file)])


def test_row_cut_off_by_a_killed_run_does_not_count_and_goes(tmp_path):
    file = tmp_path / "results.csv"
    rows = [row(cohort) for cohort in (0, 1)]
    append(file, rows)
    file.write_text(file.read_text()[:-2])
    assert finished(file) == {rows[0].key}
    append(file, rows[1:])
    assert finished(file) == {each.key for each in rows}


def test_file_of_another_version_is_refused(tmp_path):
    file = tmp_path / "results.csv"
    file.write_text("world,excess\nright,0.1\n")
    with pytest.raises(ValueError, match="has other columns than this version writes"):
        finished(file)


def test_rows_come_back_as_written(tmp_path):
    file = tmp_path / "results.csv"
    append(file, [row()])
    append(file, [row()])
    assert file.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert len(file.read_text().splitlines()) == 3
    assert finished(file) == {row().key}
